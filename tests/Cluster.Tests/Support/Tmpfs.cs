using System.Globalization;

namespace Cluster.Tests;

/// <summary>A small file system of its own, which only root can make.</summary>
sealed class Tmpfs : IDisposable
{
    const string Ballast = "ballast";

    readonly Stack<string> _mounts = [];

    Tmpfs(string path) => Path = path;

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Mounts one; skips the test, with the reason, where that is not allowed.</summary>
    /// <param name="path">A directory that does not exist yet.</param>
    /// <param name="bytes">Its size.</param>
    public static Tmpfs MountOrSkip(string path, long bytes)
    {
        Directory.CreateDirectory(path);
        var (exit, errors) = Shell.Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={bytes}"), "tmpfs", path);
        if (exit != 0) Directory.Delete(path);
        Assert.SkipWhen(exit != 0, $"a tmpfs cannot be mounted here (root with CAP_SYS_ADMIN can): {errors}");
        var tmpfs = new Tmpfs(path);
        tmpfs._mounts.Push(path);
        return tmpfs;
    }

    /// <summary>Writes until there is no space left.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(System.IO.Path.Combine(Path, Ballast), FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var page = new byte[4096];
        try
        {
            while (true) ballast.Write(page);
        }
        catch (IOException)
        {
            // Full, which was the purpose.
        }
    }

    /// <summary>Gives the space back.</summary>
    public void Free() => File.Delete(System.IO.Path.Combine(Path, Ballast));

    /// <summary>From now on nothing below a directory can be changed under its path. Files that are open stay open, which is why it is a mount over it.</summary>
    public void MakeReadOnly(string directory)
    {
        Shell.Require("mount", "--bind", directory, directory);
        _mounts.Push(directory);
        Shell.Require("mount", "-o", "remount,bind,ro", directory);
    }

    /// <summary>The last directory that was made read-only can be changed again.</summary>
    public void MakeWritable() => Shell.Require("umount", _mounts.Pop());

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_mounts.Count > 0) Shell.Require("umount", "--lazy", _mounts.Pop());
    }
}
