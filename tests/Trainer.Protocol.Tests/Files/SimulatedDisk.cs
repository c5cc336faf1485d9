using LstmCluster.Protocol;

namespace Trainer.Protocol.Tests;

/// <summary>
/// Files in memory, with a disk below that only gets what is flushed. Any operation can be made to fail, a write also half-way;
/// a crash leaves the disk.
/// </summary>
sealed class SimulatedDisk : IRunFiles
{
    Folder _root = new();

    /// <summary>Operations so far; each chunk of a write is one.</summary>
    public int Operations { get; private set; }

    /// <summary>The operation, counted from 0, at which everything begins to fail; null for never.</summary>
    public int? FailsAt { get; set; }

    /// <summary>With false only that one operation fails, as when a disk is full for a moment.</summary>
    public bool StaysDown { get; set; } = true;

    /// <summary>Power is lost and comes back: what was not flushed is gone, and nothing fails any more.</summary>
    public void Crash()
    {
        _root = _root.OnDisk();
        FailsAt = null;
    }

    public void CreateDirectory(string path)
    {
        Count();
        var folder = _root;
        foreach (var name in Split(path))
        {
            if (!folder.Now.TryGetValue(name, out var child))
                folder.Now[name] = child = new Folder();
            folder = (Folder)child;
        }
    }

    public void Write(string path, Action<Stream> write)
    {
        Count();
        var file = new Content();
        Parent(path).Now[Path.GetFileName(path)] = file;
        using var stream = new CountingStream(this, file);
        write(stream);
        Count();
        file.Disk = file.Now;
    }

    public Stream OpenRead(string path) => new MemoryStream(Find(path) is Content file ? file.Now : throw new FileNotFoundException(path), writable: false);

    public void MoveFile(string from, string to)
    {
        Count();
        Rename(from, to);
    }

    public void MoveDirectory(string from, string to)
    {
        Count();
        if (Find(to) is not null)
            throw new IOException($"{to} exists.");
        Rename(from, to);
    }

    public void FlushDirectory(string path)
    {
        Count();
        var folder = Find(path) as Folder ?? throw new DirectoryNotFoundException(path);
        folder.Disk = new Dictionary<string, object>(folder.Now);
    }

    public IReadOnlyList<string> List(string path) => Find(path) is Folder folder ? [.. folder.Now.Keys] : [];

    public void Delete(string path)
    {
        // One by one, as the operating system does it, so that it can stop in the middle.
        if (Find(path) is Folder folder)
        {
            foreach (var name in folder.Now.Keys.ToList())
                Delete(Path.Combine(path, name));
        }

        if (Find(path) is null)
            return;
        Count();
        Parent(path).Now.Remove(Path.GetFileName(path));
    }

    public byte[] Read(string path) => ((Content)Find(path)!).Now;

    public void Set(string path, byte[] bytes) => ((Content)Find(path)!).Now = bytes;

    void Count()
    {
        var operation = Operations++;
        if (FailsAt is { } at && (StaysDown ? operation >= at : operation == at))
            throw new IOException($"Simulated failure of operation {operation}.");
    }

    void Rename(string from, string to)
    {
        var node = Find(from) ?? throw new FileNotFoundException(from);
        Parent(from).Now.Remove(Path.GetFileName(from));
        Parent(to).Now[Path.GetFileName(to)] = node;
    }

    Folder Parent(string path) => Find(Path.GetDirectoryName(path)!) as Folder ?? throw new DirectoryNotFoundException(path);

    object? Find(string path)
    {
        object? node = _root;
        foreach (var name in Split(path))
            node = (node as Folder)?.Now.GetValueOrDefault(name);
        return node;
    }

    static string[] Split(string path) => path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);

    sealed class Content
    {
        public byte[] Now { get; set; } = [];

        public byte[] Disk { get; set; } = [];
    }

    sealed class Folder
    {
        public Dictionary<string, object> Now { get; init; } = [];

        public Dictionary<string, object> Disk { get; set; } = [];

        public Folder OnDisk()
        {
            var kept = Disk.ToDictionary(e => e.Key, e => e.Value is Folder folder ? folder.OnDisk() : (object)new Content { Now = ((Content)e.Value).Disk, Disk = ((Content)e.Value).Disk });
            return new Folder { Now = kept, Disk = new Dictionary<string, object>(kept) };
        }
    }

    sealed class CountingStream(SimulatedDisk disk, Content file) : MemoryStream
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
