using System.Security.Cryptography;
using System.Text;

namespace LstmCluster.Compute.OpenCl;

/// <summary>Compiled kernels in a folder, so that a driver compiles them once and not at each start.</summary>
/// <remarks>
/// A file's name is the hash of all that its content depends on, and its first bytes are the hash of the rest, so that a torn or damaged one is
/// compiled again. Nothing that fails here fails a computation: without a cache kernels are compiled at each start.
/// </remarks>
/// <param name="folder">Made when it is first written to.</param>
sealed class KernelCache(string folder)
{
    /// <summary>The cache of the calling user: <c>lstm-cluster/kernels</c> in the system's place for caches; null when the user has none.</summary>
    public static KernelCache? OfUser()
    {
        var home = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(home) || !Path.IsPathRooted(home))
        {
            var user = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            if (string.IsNullOrEmpty(user)) return null;
            home = OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData) : Path.Combine(user, ".cache");
        }

        return new KernelCache(Path.Combine(home, "lstm-cluster", "kernels"));
    }

    /// <summary>The key of what was made of these texts.</summary>
    public static string KeyOf(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What was kept; null when there is nothing, or nothing whole.</summary>
    public byte[]? Find(string key)
    {
        try
        {
            var bytes = File.ReadAllBytes(PathOf(key));
            return bytes.Length > SHA256.HashSizeInBytes && SHA256.HashData(bytes.AsSpan(SHA256.HashSizeInBytes)).AsSpan().SequenceEqual(bytes.AsSpan(0, SHA256.HashSizeInBytes))
                ? bytes[SHA256.HashSizeInBytes..]
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps a binary, if the folder lets it: written beside its place and renamed, so that nobody reads half of it.</summary>
    public void Keep(string key, ReadOnlySpan<byte> binary)
    {
        var written = $"{PathOf(key)}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}";
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(written, [.. SHA256.HashData(binary), .. binary]);
            File.Move(written, PathOf(key), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full or read-only disk costs the next start some seconds, and nothing else.
        }
    }

    string PathOf(string key) => Path.Combine(folder, $"{key}.bin");
}
