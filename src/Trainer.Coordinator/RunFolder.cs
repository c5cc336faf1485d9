using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>A run directory, held by one process at a time: by a lock, or by an election of which the terms tell.</summary>
public sealed class RunFolder : IDisposable
{
    const string LockFile = ".lock";

    static readonly DiskRunFiles s_files = new();

    readonly FileStream? _lock;

    RunFolder(string path, bool isNew, FileStream? held) => (Path, IsNew, _lock, Terms) = (path, isNew, held, new RunTerms(s_files, path));

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>True when the run begins with this process.</summary>
    public bool IsNew { get; }

    /// <summary>The terms of the run.</summary>
    public RunTerms Terms { get; }

    /// <summary>metrics.jsonl of the run.</summary>
    public string Metrics => System.IO.Path.Combine(Path, RunDirectory.MetricsFile);

    /// <summary>Opens the run directory of a job. A new one gets the resolved job at once; one that exists keeps its own until <see cref="KeepJob"/>.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="job">The job.</param>
    /// <param name="resume">True to go on with a run that exists.</param>
    /// <param name="isElected">True where an election tells who may use the directory, so that it is not locked: on a shared disk the lock of a process that is gone may stay.</param>
    /// <exception cref="UserErrorException">The directory exists and is not to be resumed, holds another job, is in use, or cannot be written.</exception>
    public static RunFolder Open(string path, Job job, bool resume, bool isElected = false)
    {
        var jobFile = System.IO.Path.Combine(path, RunDirectory.JobFile);
        if (File.Exists(path)) throw UserErrorException.At(path, "is a file; --run names the directory of the run");
        return Writing(path, () =>
        {
            CheckMayBegin(path, jobFile, resume);
            s_files.MakeDirectory(System.IO.Path.TrimEndingDirectorySeparator(path));
            var held = isElected ? null : Hold(path);
            try
            {
                // Once more, now that nobody else can begin a run here.
                CheckMayBegin(path, jobFile, resume);
                var folder = new RunFolder(path, !File.Exists(jobFile), held);
                if (folder.IsNew) folder.KeepJob(job, s_files);
                else JobDifference.RequireResumable(job, JobReader.ReadFile(jobFile), jobFile);
                return folder;
            }
            catch
            {
                held?.Dispose();
                throw;
            }
        });
    }

    /// <summary>Begins a term.</summary>
    /// <param name="elected">What an election says; null where the next one is taken.</param>
    /// <param name="lost">Says why the leadership may have ended by now; null while it has not.</param>
    /// <exception cref="UserErrorException">The directory cannot be written.</exception>
    /// <exception cref="DeposedException">Since the election, while the run was read, another process was elected.</exception>
    public Term BeginTerm(Term? elected = null, Func<string?>? lost = null) => Writing(Path, () =>
    {
        if (elected is not { } term) return Terms.BeginNext();
        new RunFence(Terms, term, lost).Check();
        Terms.Raise(term);
        return term;
    });

    /// <summary>Leaves the resolved job in the directory, once it is known that the run can go on with it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="files">Behind the fence of the term, or what was just opened.</param>
    /// <exception cref="UserErrorException">The directory cannot be written.</exception>
    /// <exception cref="DeposedException">Another process is coordinator.</exception>
    public void KeepJob(Job job, IRunFiles files) => Writing(Path, () =>
    {
        var text = System.Text.Encoding.UTF8.GetBytes(JobWriter.Write(job));
        files.Replace(System.IO.Path.Combine(Path, RunDirectory.JobFile), stream => stream.Write(text), Guid.NewGuid().ToString("N")[..8]);
        return true;
    });

    /// <summary>Lets another process have the directory.</summary>
    public void Dispose() => _lock?.Dispose();

    static T Writing<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw UserErrorException.At(path, $"the run directory must be writable: {error.Message}");
        }
    }

    static void CheckMayBegin(string path, string jobFile, bool resume)
    {
        var exists = File.Exists(jobFile);
        if (exists && !resume) throw UserErrorException.At(path, "this run exists; give --resume to go on with it, or --run DIR for another one");
        if (!exists && Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any(entry => !IsFromBeginning(System.IO.Path.GetFileName(entry))))
            throw UserErrorException.At(path, $"this directory holds something else than a run (it has no {RunDirectory.JobFile}); --run names a new directory");
    }

    /// <summary>What a process that was killed while it began the run may have left.</summary>
    static bool IsFromBeginning(string name) => name == LockFile || name.StartsWith($".{RunDirectory.JobFile}.tmp", StringComparison.Ordinal);

    /// <summary>The lock goes with the process, however it ends.</summary>
    static FileStream Hold(string path)
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(path, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (error is not (DirectoryNotFoundException or FileNotFoundException) && File.Exists(System.IO.Path.Combine(path, LockFile)))
        {
            throw new UserErrorException($"{path}: another process is training in this run directory", error);
        }
    }
}
