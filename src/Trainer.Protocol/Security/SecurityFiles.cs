namespace LstmCluster.Protocol;

/// <summary>Names of the files of a cluster's security.</summary>
/// <remarks>
/// <code>
/// DIR/ca.crt ca.key          the authority; ca.key stays where it is
/// DIR/token                  what every node of the cluster knows
/// DIR/node.crt node.key      the node of the machine on which all this is kept
/// DIR/nodes/NAME/            ca.crt token node.crt node.key: all that the machine NAME needs
/// </code>
/// So DIR is itself what <c>--security</c> takes, and so is each folder below <c>nodes</c>.
/// </remarks>
public static class SecurityFiles
{
    /// <summary>Certificate of the authority, PEM; several one after the other while one takes the place of another.</summary>
    public const string Authority = "ca.crt";

    /// <summary>Private key of the authority, PEM.</summary>
    public const string AuthorityKey = "ca.key";

    /// <summary>Certificate of a node, PEM.</summary>
    public const string Certificate = "node.crt";

    /// <summary>Private key of a node, PEM.</summary>
    public const string Key = "node.key";

    /// <summary>The join token, one line.</summary>
    public const string Token = "token";

    /// <summary>Folder with a folder for each machine that gets a copy of it.</summary>
    public const string Nodes = "nodes";

    /// <summary>Longest name of a node, characters.</summary>
    public const int MaxNameLength = 63;

    /// <summary>Reads a file that everybody may know.</summary>
    /// <param name="directory">Its folder.</param>
    /// <param name="name">Its name.</param>
    /// <param name="what">What it should be, for errors.</param>
    /// <exception cref="UserErrorException">It is not there, or cannot be read.</exception>
    internal static string Read(string directory, string name, string what) => Read(Path.Combine(directory, name), what, _ => true);

    /// <summary>Reads a file that must be kept from others.</summary>
    /// <inheritdoc cref="Read(string, string, string)"/>
    /// <exception cref="UserErrorException">It is not there, cannot be read, or everybody on the machine can read it.</exception>
    internal static string ReadSecret(string directory, string name, string what) => Read(Path.Combine(directory, name), what, IsKept);

    /// <summary>A group may read it: that is how an orchestrator hands a secret to a process that is not root.</summary>
    static bool IsKept(FileStream file)
    {
        const UnixFileMode others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        return OperatingSystem.IsWindows() || (File.GetUnixFileMode(file.SafeFileHandle) & others) == 0;
    }

    static string Read(string path, string what, Func<FileStream, bool> isKept)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (!isKept(file)) throw UserErrorException.At(path, $"every user of this machine can read or write {what}, expected a file for its owner alone (chmod 600)");
            using var reader = new StreamReader(file);
            return reader.ReadToEnd();
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw UserErrorException.At(path, $"no such file, expected {what} as \"lstm-cluster security init\" makes it");
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw UserErrorException.At(path, $"{what} cannot be read: {failed.Message}");
        }
    }
}
