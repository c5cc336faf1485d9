using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

public class RegistryAddressTests
{
    [Fact]
    public void Embedded_is_the_registry_within_the_process() => RegistryAddress.Parse("--registry", "embedded").ShouldBeOfType<EmbeddedAddress>();

    [Theory]
    [InlineData("etcd://127.0.0.1:2379/moby-dick", "127.0.0.1:2379", "moby-dick", false)]
    [InlineData("etcd://a:1,b.example.org:65535,[::1]:2379/Run_1.2", "a:1|b.example.org:65535|[::1]:2379", "Run_1.2", false)]
    [InlineData("etcds://etcd-0.etcd:2379/x", "etcd-0.etcd:2379", "x", true)]
    public void An_address_of_etcd_has_endpoints_and_a_name(string text, string endpoints, string name, bool secure)
    {
        var address = RegistryAddress.Parse("--registry", text).ShouldBeOfType<EtcdAddress>();

        address.Endpoints.ShouldBe(endpoints.Split('|'));
        (address.Name, address.Secure).ShouldBe((name, secure));
        address.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("", "it has neither form")]
    [InlineData("Embedded", "it has neither form")]
    [InlineData("http://a:1/x", "it has neither form")]
    [InlineData("etcd:a:1/x", "it has neither form")]
    [InlineData("etcd://a:1", "the name is missing")]
    [InlineData("etcd://a:1/", "the name is missing")]
    [InlineData("etcd://a:1/x/y", "a name has")]
    [InlineData("etcd://a:1/x y", "a name has")]
    [InlineData("etcd://a:1/x\n", "a name has")]
    [InlineData("etcd:///x", "\"\" is not HOST:PORT")]
    [InlineData("etcd://a/x", "\"a\" is not HOST:PORT")]
    [InlineData("etcd://a:0/x", "\"a:0\" is not HOST:PORT")]
    [InlineData("etcd://a:65536/x", "\"a:65536\" is not HOST:PORT")]
    [InlineData("etcd://a:1,/x", "\"\" is not HOST:PORT")]
    [InlineData("etcd://::1:2379/x", "\"::1:2379\" is not HOST:PORT")]
    [InlineData("etcd://a b:1/x", "\"a b:1\" is not HOST:PORT")]
    [InlineData("etcd://user@a:1/x", "\"user@a:1\" is not HOST:PORT")]
    [InlineData("etcd://a:1,A:1/x", "an endpoint is given twice")]
    public void What_is_no_address_is_refused_in_one_line(string text, string reason)
    {
        var error = Should.Throw<UserErrorException>(() => RegistryAddress.Parse("--registry", text));

        error.Message.ShouldStartWith("--registry must be embedded or etcd://HOST:PORT[,HOST:PORT...]/NAME, such as etcd://10.0.0.1:2379/moby-dick, got ");
        error.Message.ShouldContain(reason);
        error.Message.ShouldNotContain('\n');
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(2.5)]
    [InlineData(3601.0)]
    public void A_lease_is_whole_seconds_within_its_range(double seconds) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new EtcdAddress(["a:1"], "x").Open(new RegistryOptions { LeaseTime = TimeSpan.FromSeconds(seconds) }))
            .ParamName.ShouldBe("LeaseTime");

    [Fact]
    public void Looks_have_an_interval() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new EtcdAddress(["a:1"], "x").Open(new RegistryOptions { PollInterval = TimeSpan.Zero }))
            .ParamName.ShouldBe("PollInterval");
}
