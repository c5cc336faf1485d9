namespace LstmCluster.Protocol;

/// <summary>
/// The checkpoints of a run, in <c>checkpoints/step-00000100</c> and so on. Each is one transaction: written beside its place, flushed,
/// renamed once. At every moment, crashes included, the newest complete one loads. For one caller at a time; that of a higher term may begin while one of
/// before is paused or still at work.
/// </summary>
/// <param name="files">The file system.</param>
/// <param name="runDirectory">Directory of the run, which exists.</param>
/// <param name="refused">Hears of every checkpoint that is passed over because it is damaged, in one line that names it and says why.</param>
/// <param name="writer">Tells this store's unfinished work from that of another process of the same term; letters and digits. Default: random.</param>
/// <param name="term">Term of the coordinator that writes; unfinished work of higher ones is left alone.</param>
public sealed class CheckpointStore(IRunFiles files, string runDirectory, Action<string>? refused = null, string? writer = null, Term term = default)
{
    const string FolderName = "checkpoints";

    readonly string _folder = Path.Combine(runDirectory, FolderName);
    readonly string _writer = writer ?? Guid.NewGuid().ToString("N")[..8];
    readonly CheckpointFiles _content = new(files);

    // What this store wrote or has read is known to be whole; it is not read again at every removal. With the step of the one that has to stay with it.
    readonly Dictionary<string, long?> _whole = new(StringComparer.Ordinal);

    /// <summary>The directory of a step's checkpoint.</summary>
    /// <param name="step">The step.</param>
    public string PathOf(long step) => Path.Combine(_folder, CheckpointFolder.NameOf(step));

    /// <summary>
    /// Saves a checkpoint. One of the same step that is whole is kept as it is, but for what validations have shown since; a damaged one gives way; one that cannot be read stays, since it may be
    /// whole.
    /// </summary>
    /// <param name="checkpoint">What to save.</param>
    /// <returns>The manifest as it stands on disk, with the hash of the weights.</returns>
    /// <exception cref="IOException">The file system failed; the checkpoints before are untouched.</exception>
    /// <exception cref="UnauthorizedAccessException">The run directory may not be written.</exception>
    public CheckpointManifest Save(Checkpoint checkpoint)
    {
        var name = CheckpointFolder.NameOf(checkpoint.Manifest.Step);
        var place = Path.Combine(_folder, name);
        files.CreateDirectory(_folder);
        files.FlushDirectory(runDirectory);
        if (files.List(_folder).Contains(name))
        {
            if (LoadOrRefuse(name) is { } present)
            {
                files.FlushDirectory(_folder);
                return Supplement(name, present.Manifest, checkpoint.Manifest);
            }

            Remove(name);
        }

        var temporary = Path.Combine(_folder, CheckpointFolder.TemporaryNameOf(name, "tmp", term, _writer));
        files.Delete(temporary);
        var manifest = _content.Write(temporary, checkpoint);
        files.MoveDirectory(temporary, place);
        files.FlushDirectory(_folder);
        _whole[name] = manifest.BestStep;
        return manifest;
    }

    /// <summary>The checkpoint of a step; null where there is none that is whole.</summary>
    /// <param name="step">The step.</param>
    /// <exception cref="IOException">It cannot be read, and may be whole.</exception>
    public Checkpoint? Load(long step)
    {
        var name = CheckpointFolder.NameOf(step);
        return files.List(_folder).Contains(name) ? LoadOrRefuse(name) : null;
    }

    /// <summary>True when the checkpoint of a step is whole.</summary>
    /// <param name="step">The step.</param>
    public bool Holds(long step)
    {
        var name = CheckpointFolder.NameOf(step);
        return files.List(_folder).Contains(name) && TryLoad(name) is not null;
    }

    /// <summary>The newest checkpoint that is whole, or null when there is none. Newer ones that are damaged or cannot be read are reported and left in place.</summary>
    public Checkpoint? Newest() => Names().Select(TryLoad).FirstOrDefault(checkpoint => checkpoint is not null);

    /// <summary>Deletes a checkpoint that is no place to go on from, if an older whole one is left.</summary>
    /// <param name="step">Its step.</param>
    /// <returns>True when it is gone.</returns>
    /// <exception cref="IOException">The file system failed.</exception>
    public bool SetAside(long step)
    {
        var name = CheckpointFolder.NameOf(step);
        if (!files.List(_folder).Contains(name)) return false;
        if (!Names().SkipWhile(candidate => candidate != name).Skip(1).Any(older => TryLoad(older) is not null)) return false;
        Remove(name);
        return true;
    }

    /// <summary>
    /// Deletes all but the newest whole checkpoints and those with the best weights that these name, and what interrupted writes of this and earlier terms have left. A damaged one counts for
    /// nothing.
    /// </summary>
    /// <param name="keep">How many to keep, at least 1.</param>
    /// <exception cref="IOException">The file system failed; at least as many as asked for are still there.</exception>
    /// <exception cref="UnauthorizedAccessException">The run directory may not be written.</exception>
    public void Prune(int keep)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        foreach (var leftover in files.List(_folder).Where(name => CheckpointFolder.TermOfTemporary(name) <= term))
            files.Delete(Path.Combine(_folder, leftover));

        // The best one so far is never newer than who names it, so that it comes later here.
        var (kept, best) = (0, new HashSet<string>(StringComparer.Ordinal));
        foreach (var name in Names())
        {
            if (kept < keep)
            {
                if (!_whole.ContainsKey(name) && TryLoad(name) is null) continue;
                kept++;
                if (_whole[name] is { } step) best.Add(CheckpointFolder.NameOf(step));
            }
            else if (!best.Contains(name))
            {
                Remove(name);
            }
        }
    }

    /// <summary>Complete checkpoints by name, the newest first.</summary>
    IEnumerable<string> Names() =>
        files.List(_folder).Select(name => (Name: name, Step: CheckpointFolder.StepOf(name))).Where(x => x.Step is not null).OrderByDescending(x => x.Step).Select(x => x.Name);

    Checkpoint? TryLoad(string name)
    {
        try
        {
            return LoadOrRefuse(name);
        }
        catch (IOException error)
        {
            Refuse(name, error);
            return null;
        }
    }

    /// <returns>Null for one that is damaged.</returns>
    Checkpoint? LoadOrRefuse(string name)
    {
        try
        {
            var checkpoint = _content.Read(Path.Combine(_folder, name));
            if (CheckpointFolder.NameOf(checkpoint.Manifest.Step) != name)
                throw new CorruptFileException($"{ManifestFile.Name}: is of step {checkpoint.Manifest.Step}");
            _whole[name] = checkpoint.Manifest.BestStep;
            return checkpoint;
        }
        catch (CorruptFileException error)
        {
            Refuse(name, error);
            return null;
        }
    }

    void Refuse(string name, Exception error)
    {
        _whole.Remove(name);
        refused?.Invoke($"{FolderName}/{name} refused: {error.Message}");
    }

    /// <summary>What validations have shown after a checkpoint's step may be known only after it was written: where its run was stopped between the two.</summary>
    CheckpointManifest Supplement(string name, CheckpointManifest present, CheckpointManifest given)
    {
        if (given.Validations?.Supersedes(present.Validations) != true) return present;
        var manifest = present with { Validations = given.Validations, BestStep = given.BestStep };
        _content.Exchange(Path.Combine(_folder, name), manifest, $"t{term.Value}-{_writer}");
        _whole[name] = manifest.BestStep;
        return manifest;
    }

    /// <summary>Takes the name away first, so that a half-deleted checkpoint never looks complete.</summary>
    void Remove(string name)
    {
        var temporary = Path.Combine(_folder, CheckpointFolder.TemporaryNameOf(name, "old", term, _writer));
        files.Delete(temporary);
        files.MoveDirectory(Path.Combine(_folder, name), temporary);
        files.FlushDirectory(_folder);
        _whole.Remove(name);
        files.Delete(temporary);
    }
}
