using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

/// <summary>Endpoints that other processes have told.</summary>
public class EndPointTextTests
{
    [Theory]
    [InlineData("127.0.0.1:4242", true)]
    [InlineData("[::1]:4242", true)]
    [InlineData("10.0.0.7:1", false)]
    [InlineData("[fe80::1]:65535", false)]
    [InlineData("trainer.example.org:4242", false)]
    [InlineData("localhost:4242", false)]
    public void An_endpoint_keeps_its_words_and_only_an_address_of_loopback_is_certainly_this_machine(string text, bool isThisMachine)
    {
        EndPointText.TryParse(text, out var endpoint).ShouldBeTrue();
        endpoint!.ToString().ShouldBe(text);
        EndPointText.IsThisMachine(endpoint).ShouldBe(isThisMachine);
    }

    [Theory]
    [InlineData("")]
    [InlineData("trainer")]
    [InlineData(":4242")]
    [InlineData("trainer:")]
    [InlineData("trainer:0")]
    [InlineData("trainer:65536")]
    [InlineData("trainer:-1")]
    [InlineData("::1:4242")]
    [InlineData("[trainer]:4242")]
    [InlineData("one,two:4242")]
    [InlineData("one two:4242")]
    public void What_cannot_be_connected_to_is_none(string text) => EndPointText.TryParse(text, out _).ShouldBeFalse();
}
