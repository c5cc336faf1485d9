using System.Security.Cryptography.X509Certificates;
using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

/// <summary>A folder with an authority, for one test.</summary>
sealed class SecurityCase : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("lstm-cluster-test-").FullName;

    public SecurityCase() => Folder = SecurityFolder.Create(Path, "own", TimeSpan.FromDays(30), TimeProvider.System);

    public SecurityFolder Folder { get; }

    public string Path => this["security"];

    public string this[string name] => System.IO.Path.Combine(_root, name);

    public string Node(string name) => Folder.AddNode(name, TimeSpan.FromDays(30));

    public static X509Certificate2 Certificate(string folder, string name) =>
        X509CertificateLoader.LoadCertificateFromFile(System.IO.Path.Combine(folder, name));

    /// <summary>Puts a file in place of another.</summary>
    public static void Replace(string folder, string name, string text)
    {
        var path = System.IO.Path.Combine(folder, name);
        File.Delete(path);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Gives the machine's own node a certificate of another time.</summary>
    public void Reissue(DateTimeOffset now, TimeSpan lifetime)
    {
        using var root = X509Certificate2.CreateFromPemFile(System.IO.Path.Combine(Path, SecurityFiles.Authority), System.IO.Path.Combine(Path, SecurityFiles.AuthorityKey));
        using var authority = new CertificateAuthority(root);
        using var issued = authority.Issue("own", now, lifetime);
        using var key = issued.GetECDsaPrivateKey()!;
        Replace(Path, SecurityFiles.Certificate, issued.ExportCertificatePem());
        Replace(Path, SecurityFiles.Key, key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
