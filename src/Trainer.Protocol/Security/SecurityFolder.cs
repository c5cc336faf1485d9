using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LstmCluster.Protocol;

/// <summary>The folder in which a cluster's authority is kept and its nodes are made (<see cref="SecurityFiles"/> has its layout).</summary>
public sealed class SecurityFolder
{
    const int TokenBytes = 32;

    readonly string _path;
    readonly TimeProvider _time;

    SecurityFolder(string path, TimeProvider time) => (_path, _time) = (path, time);

    /// <summary>Makes an authority, a join token and the first certificate, that of this machine, in a folder that is not there or empty.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="ownName">Name of this machine's node.</param>
    /// <param name="lifetime">How long the certificate is valid.</param>
    /// <param name="time">Where time comes from.</param>
    /// <exception cref="UserErrorException">The folder is in use or cannot be written, or the name is none.</exception>
    public static SecurityFolder Create(string path, string ownName, TimeSpan lifetime, TimeProvider time)
    {
        RequireName(ownName);
        if (File.Exists(Path.Combine(path, SecurityFiles.AuthorityKey)))
            throw UserErrorException.At(path, $"has an authority already, and nothing is overwritten; \"lstm-cluster security add-node {path} NAME\" makes another node");
        if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
            throw UserErrorException.At(path, "is in use by something else, expected a folder that is empty or not there");
        var folder = new SecurityFolder(path, time);
        using var authority = CertificateAuthority.Create(time.GetUtcNow());
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes)) + "\n";
        folder.Write(files =>
        {
            files.Folder(path);
            files.Secret(Path.Combine(path, SecurityFiles.AuthorityKey), KeyPem(authority.Certificate));
            folder.WriteNode(files, path, authority, authority.Certificate.ExportCertificatePem() + "\n", token, ownName, lifetime);
        });
        return folder;
    }

    /// <summary>Opens a folder that has an authority.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="time">Where time comes from.</param>
    /// <exception cref="UserErrorException">There is none.</exception>
    public static SecurityFolder Open(string path, TimeProvider time)
    {
        if (!Directory.Exists(path)) throw UserErrorException.At(path, "no such folder, expected one that \"lstm-cluster security init\" made");
        return new SecurityFolder(path, time);
    }

    /// <summary>Makes all that another machine needs, in a folder below <see cref="SecurityFiles.Nodes"/>.</summary>
    /// <param name="name">Name of the node and of the folder.</param>
    /// <param name="lifetime">How long the certificate is valid; at most as long as the authority.</param>
    /// <returns>The folder, to be copied to that machine.</returns>
    /// <exception cref="UserErrorException">The node exists, the name is none, or the authority's files cannot be read or used.</exception>
    public string AddNode(string name, TimeSpan lifetime)
    {
        RequireName(name);
        var folder = Path.Combine(_path, SecurityFiles.Nodes, name);
        if (Directory.Exists(folder))
            throw UserErrorException.At(folder, "exists, and nothing is overwritten; move it away to renew the certificate");
        using var authority = ReadAuthority(out var certificates);
        var token = SecurityFiles.ReadSecret(_path, SecurityFiles.Token, "the join token");
        Write(files =>
        {
            files.Folder(folder);
            WriteNode(files, folder, authority, certificates, token, name, lifetime);
        });
        return folder;
    }

    /// <summary>Checks the name of a node, which is the name of a folder too.</summary>
    /// <exception cref="UserErrorException">It is none.</exception>
    public static void RequireName(string name)
    {
        if (name.Length is 0 or > SecurityFiles.MaxNameLength || !char.IsAsciiLetterOrDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw new UserErrorException(
                $"the name of a node must begin with a letter or digit and have at most {SecurityFiles.MaxNameLength} letters, digits, '-', '_' and '.', got \"{name}\"");
        }
    }

    CertificateAuthority ReadAuthority(out string certificates)
    {
        certificates = SecurityFiles.Read(_path, SecurityFiles.Authority, "the authority's certificate");
        var key = SecurityFiles.ReadSecret(_path, SecurityFiles.AuthorityKey, "the authority's private key");
        var authority = PemFiles.WithKey(_path, SecurityFiles.Authority, certificates, SecurityFiles.AuthorityKey, key);
        if (authority.NotAfter <= _time.GetUtcNow().LocalDateTime)
            throw UserErrorException.At(Path.Combine(_path, SecurityFiles.Authority), $"has expired on {PemFiles.Day(authority.NotAfter)}; make another authority (docs/security.md, \"Rotation\")");
        return new CertificateAuthority(authority);
    }

    void WriteNode(NewFiles files, string folder, CertificateAuthority authority, string authorities, string token, string name, TimeSpan lifetime)
    {
        using var node = authority.Issue(name, _time.GetUtcNow(), lifetime);
        files.Open(Path.Combine(folder, SecurityFiles.Authority), authorities);
        files.Secret(Path.Combine(folder, SecurityFiles.Token), token);
        files.Secret(Path.Combine(folder, SecurityFiles.Key), KeyPem(node));
        files.Open(Path.Combine(folder, SecurityFiles.Certificate), node.ExportCertificatePem() + "\n");
    }

    void Write(Action<NewFiles> write)
    {
        using var files = new NewFiles();
        try
        {
            write(files);
            files.Keep();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw UserErrorException.At(_path, $"cannot be written: {failed.Message}");
        }
    }

    static string KeyPem(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }
}
