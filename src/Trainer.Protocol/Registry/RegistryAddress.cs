using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace LstmCluster.Protocol;

/// <summary>Where a registry is, as a person writes it: <c>embedded</c>, or <c>etcd://HOST:PORT[,HOST:PORT...]/NAME</c>.</summary>
public abstract partial record RegistryAddress
{
    const string Scheme = "etcd://", SecureScheme = "etcds://";

    /// <summary>Opens the registry; nothing is asked of it yet.</summary>
    /// <param name="options">How to take part.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public abstract IRegistry Open(RegistryOptions options);

    /// <summary>Reads an address.</summary>
    /// <param name="option">The option that it was given by, for errors.</param>
    /// <param name="text">What was given.</param>
    /// <exception cref="UserErrorException">It is none.</exception>
    public static RegistryAddress Parse(string option, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == "embedded") return new EmbeddedAddress();
        var secure = text.StartsWith(SecureScheme, StringComparison.Ordinal);
        if (!secure && !text.StartsWith(Scheme, StringComparison.Ordinal)) throw Wrong("it has neither form");

        var rest = text[(secure ? SecureScheme : Scheme).Length..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || slash == rest.Length - 1) throw Wrong("the name is missing");
        var name = rest[(slash + 1)..];
        if (!Names().IsMatch(name)) throw Wrong("a name has 1 to 100 letters, digits, dots, underscores or hyphens");

        var endpoints = rest[..slash].Split(',');
        foreach (var endpoint in endpoints)
            if (!IsHostAndPort(endpoint)) throw Wrong($"\"{endpoint}\" is not HOST:PORT");
        if (endpoints.Distinct(StringComparer.OrdinalIgnoreCase).Count() != endpoints.Length) throw Wrong("an endpoint is given twice");
        return new EtcdAddress([.. endpoints], name, secure);

        UserErrorException Wrong(string reason) => new(
            $"{option} must be embedded or etcd://HOST:PORT[,HOST:PORT...]/NAME, such as etcd://10.0.0.1:2379/moby-dick, got \"{text}\": {reason}");
    }

    static bool IsHostAndPort(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return false;
        if (port is < 1 or > IPEndPoint.MaxPort) return false;
        var host = text[..colon];
        return host is ['[', .. var inner, ']']
            ? Uri.CheckHostName(inner) == UriHostNameType.IPv6
            : Uri.CheckHostName(host) is UriHostNameType.IPv4 or UriHostNameType.Dns;
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,100}\z")]
    private static partial Regex Names();
}

/// <summary>A registry within the process, for a run without standbys.</summary>
public sealed record EmbeddedAddress : RegistryAddress
{
    /// <inheritdoc/>
    public override IRegistry Open(RegistryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new EmbeddedRegistry(() => options.HighestTermKnown().Next);
    }

    /// <inheritdoc/>
    public override string ToString() => "embedded";
}

/// <summary>A run's entry in etcd, 3.4 or later.</summary>
/// <param name="Endpoints">Addresses of its nodes, <c>host:port</c> each.</param>
/// <param name="Name">Name of the run, the same for all its processes.</param>
/// <param name="Secure">Whether over TLS (<c>etcds://</c>).</param>
public sealed record EtcdAddress(IReadOnlyList<string> Endpoints, string Name, bool Secure = false) : RegistryAddress
{
    /// <inheritdoc/>
    public override IRegistry Open(RegistryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new EtcdRegistry(this, options.Validated());
    }

    /// <inheritdoc/>
    public override string ToString() => $"{(Secure ? "etcds" : "etcd")}://{string.Join(',', Endpoints)}/{Name}";
}
