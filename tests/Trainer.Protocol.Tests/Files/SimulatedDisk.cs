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

    /// <summary>A disk that says that it has flushed, and has not.</summary>
    public bool IgnoresFlushes { get; set; }

    /// <summary>Power is lost and comes back: what was not flushed is gone, and nothing fails any more.</summary>
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

    public void CreateDirectory(string path)
    {
        Count();
        var folder = _root;
        foreach (var name in Split(path))
        {
            if (!folder.Now.TryGetValue(name, out var child))
                folder.Change(new Change(null, name, child = new Folder()));
            folder = (Folder)child;
        }
    }

    public void Write(string path, Action<Stream> write)
    {
        Count();
        var file = new Content();
        Parent(path).Change(new Change(null, Path.GetFileName(path), file));
        using var stream = new CountingStream(this, file);
        write(stream);
        Count();
        if (!IgnoresFlushes) file.Disk = file.Now;
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
        if (!IgnoresFlushes) folder.Flush();
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
        Parent(path).Change(new Change(Path.GetFileName(path), null, null));
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
        if (Parent(from) != Parent(to)) throw new NotSupportedException("a run's files are renamed within their directory only");
        Parent(from).Change(new Change(Path.GetFileName(from), Path.GetFileName(to), node));
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

    /// <summary>A change of the names in a directory: one appears, one disappears, or both at once.</summary>
    sealed record Change(string? From, string? To, object? Node)
    {
        public void ApplyTo(Dictionary<string, object> names)
        {
            if (From is not null) names.Remove(From);
            if (To is not null) names[To] = Node!;
        }

        public bool Touches(HashSet<string> names) => (From is not null && names.Contains(From)) || (To is not null && names.Contains(To));
    }

    sealed class Content
    {
        const int SectorBytes = 64;

        public byte[] Now { get; set; } = [];

        public byte[] Disk { get; set; } = [];

        public Content OnDisk(Random? random)
        {
            var kept = random is null || Now == Disk ? Disk : Torn(random);
            return new Content { Now = kept, Disk = kept };
        }

        /// <summary>A length between the two, and each sector either new, old or never written.</summary>
        byte[] Torn(Random random)
        {
            var torn = new byte[random.Next(Math.Min(Now.Length, Disk.Length), Math.Max(Now.Length, Disk.Length) + 1)];
            for (var at = 0; at < torn.Length; at += SectorBytes)
            {
                var from = random.Next(3) switch { 0 => Disk, 1 => [], _ => Now };
                var count = Math.Min(Math.Min(SectorBytes, torn.Length - at), from.Length - at);
                if (count > 0) Array.Copy(from, at, torn, at, count);
            }

            return torn;
        }
    }

    sealed class Folder
    {
        readonly Dictionary<string, object> _disk = [];
        readonly List<Change> _unflushed = [];

        public Dictionary<string, object> Now { get; } = [];

        public void Change(Change change)
        {
            change.ApplyTo(Now);
            _unflushed.Add(change);
        }

        public void Flush()
        {
            foreach (var change in _unflushed) change.ApplyTo(_disk);
            _unflushed.Clear();
        }

        public Folder OnDisk(Random? random)
        {
            var names = new Dictionary<string, object>(_disk);
            if (random is not null) Reorder(names, random);
            var kept = new Folder();
            foreach (var (name, node) in names)
                kept.Now[name] = kept._disk[name] = node is Folder folder ? folder.OnDisk(random) : ((Content)node).OnDisk(random);
            return kept;
        }

        /// <summary>Any of the changes may be missing; but what happened to a name after a change that is missing is missing as well.</summary>
        void Reorder(Dictionary<string, object> names, Random random)
        {
            var lost = new HashSet<string>();
            foreach (var change in _unflushed)
            {
                if (random.Next(2) == 0 && !change.Touches(lost))
                {
                    change.ApplyTo(names);
                    continue;
                }

                if (change.From is not null) lost.Add(change.From);
                if (change.To is not null) lost.Add(change.To);
            }
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
