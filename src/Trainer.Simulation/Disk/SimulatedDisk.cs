using LstmCluster.Protocol;

namespace LstmCluster.Simulation;

/// <summary>The file system of a machine, in memory, with a disk below that only gets what is flushed.</summary>
/// <remarks>Any operation can be made to fail, a write also half-way; a crash leaves what the disk has. For one caller at a time.</remarks>
public sealed class SimulatedDisk : IRunFiles
{
    DiskFolder _root = new();

    /// <summary>Operations so far that change something; each chunk of a write is one.</summary>
    public int Operations { get; private set; }

    /// <summary>The operation, counted from 0, at which everything begins to fail; null for never.</summary>
    public int? FailsAt { get; set; }

    /// <summary>With false only that one operation fails, as when a disk is full for a moment.</summary>
    public bool StaysDown { get; set; } = true;

    /// <summary>A disk that says that it has flushed, and has not.</summary>
    public bool IgnoresFlushes { get; set; }

    /// <summary>Asked at each operation, reading ones too: why it fails, in words; null where it does not. Nothing fails when null.</summary>
    public Func<string?>? Failure { get; set; }

    /// <summary>Power is lost and comes back: what was not flushed is gone, and <see cref="FailsAt"/> is forgotten.</summary>
    public void Crash()
    {
        _root = _root.OnDisk(null);
        FailsAt = null;
    }

    /// <summary>The same, but of what was not flushed any part may have reached the disk, in any order: sectors of a file, names in a directory.</summary>
    /// <param name="random">Draws which.</param>
    public void Crash(Random random)
    {
        _root = _root.OnDisk(random);
        FailsAt = null;
    }

    /// <summary>A disk with the same content, which goes its own way from here.</summary>
    public SimulatedDisk Copy() => new() { _root = _root.Copy() };

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        Count();
        var folder = _root;
        foreach (var name in Split(path))
        {
            if (!folder.Now.TryGetValue(name, out var child))
                folder.Change(new NameChange(null, name, child = new DiskFolder()));
            folder = (DiskFolder)child;
        }
    }

    /// <inheritdoc/>
    public void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        Count();
        var file = new DiskFile();
        Parent(path).Change(new NameChange(null, Path.GetFileName(path), file));
        using var stream = new CountingStream(this, file);
        write(stream);
        Count();
        if (!IgnoresFlushes) file.Disk = file.Now;
    }

    /// <inheritdoc/>
    public Stream OpenRead(string path)
    {
        Fail();
        return new MemoryStream(Find(path) is DiskFile file ? file.Now : throw new FileNotFoundException(path), writable: false);
    }

    /// <inheritdoc/>
    public void MoveFile(string from, string to)
    {
        Count();
        Rename(from, to);
    }

    /// <inheritdoc/>
    public void MoveDirectory(string from, string to)
    {
        Count();
        if (Find(to) is not null)
            throw new IOException($"{to} exists.");
        Rename(from, to);
    }

    /// <inheritdoc/>
    public void FlushDirectory(string path)
    {
        Count();
        var folder = Find(path) as DiskFolder ?? throw new DirectoryNotFoundException(path);
        if (!IgnoresFlushes) folder.Flush();
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string path)
    {
        Fail();
        return Find(path) is DiskFolder folder ? [.. folder.Now.Keys] : [];
    }

    /// <inheritdoc/>
    public void Delete(string path)
    {
        // One by one, as the operating system does it, so that it can stop in the middle.
        if (Find(path) is DiskFolder folder)
        {
            foreach (var name in folder.Now.Keys.ToList())
                Delete(Path.Combine(path, name));
        }

        if (Find(path) is null)
            return;
        Count();
        Parent(path).Change(new NameChange(Path.GetFileName(path), null, null));
    }

    /// <summary>The content of a file, as a program sees it.</summary>
    /// <param name="path">A file that exists.</param>
    public byte[] Read(string path) => ((DiskFile)Find(path)!).Now;

    /// <summary>Changes the content of a file behind everybody's back.</summary>
    /// <param name="path">A file that exists.</param>
    /// <param name="bytes">The new content.</param>
    public void Set(string path, byte[] bytes) => ((DiskFile)Find(path)!).Now = bytes;

    void Count()
    {
        var operation = Operations++;
        if (FailsAt is { } at && (StaysDown ? operation >= at : operation == at))
            throw new IOException($"Simulated failure of operation {operation}.");
        Fail();
    }

    void Fail()
    {
        if (Failure?.Invoke() is { } reason) throw new IOException(reason);
    }

    void Rename(string from, string to)
    {
        var node = Find(from) ?? throw new FileNotFoundException(from);
        if (Parent(from) != Parent(to)) throw new NotSupportedException("a run's files are renamed within their directory only");
        Parent(from).Change(new NameChange(Path.GetFileName(from), Path.GetFileName(to), node));
    }

    DiskFolder Parent(string path) => Find(Path.GetDirectoryName(path)!) as DiskFolder ?? throw new DirectoryNotFoundException(path);

    object? Find(string path)
    {
        object? node = _root;
        foreach (var name in Split(path))
            node = (node as DiskFolder)?.Now.GetValueOrDefault(name);
        return node;
    }

    static string[] Split(string path) => path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);

    sealed class CountingStream(SimulatedDisk disk, DiskFile file) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);

        public override void Write(byte[] buffer, int offset, int count)
        {
            disk.Count();
            base.Write(buffer, offset, count);
            file.Now = ToArray();
        }
    }
}
