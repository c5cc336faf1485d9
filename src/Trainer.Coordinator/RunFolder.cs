using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>A run directory, held by one process at a time.</summary>
public sealed class RunFolder : IDisposable
{
    const string LockFile = ".lock";

    readonly FileStream _lock;

    RunFolder(string path, bool isNew, FileStream held) => (Path, IsNew, _lock) = (path, isNew, held);

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>True when the run begins with this process.</summary>
    public bool IsNew { get; }

    /// <summary>metrics.jsonl of the run.</summary>
    public string Metrics => System.IO.Path.Combine(Path, RunDirectory.MetricsFile);

    /// <summary>Opens the run directory of a job. A new one gets the resolved job at once; one that exists keeps its own until <see cref="KeepJob"/>.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="job">The job.</param>
    /// <param name="resume">True to go on with a run that exists.</param>
    /// <exception cref="UserErrorException">The directory exists and is not to be resumed, holds another job, is in use, or cannot be written.</exception>
    public static RunFolder Open(string path, Job job, bool resume)
    {
        var jobFile = System.IO.Path.Combine(path, RunDirectory.JobFile);
        if (File.Exists(path)) throw UserErrorException.At(path, "is a file; --run names the directory of the run");
        return Writing(path, () =>
        {
            CheckMayBegin(path, jobFile, resume);
            Directory.CreateDirectory(path);
            var held = Hold(path);
            try
            {
                // Once more, now that nobody else can begin a run here.
                CheckMayBegin(path, jobFile, resume);
                var folder = new RunFolder(path, !File.Exists(jobFile), held);
                if (folder.IsNew) folder.KeepJob(job);
                else JobDifference.RequireResumable(job, JobReader.ReadFile(jobFile), jobFile);
                return folder;
            }
            catch
            {
                held.Dispose();
                throw;
            }
        });
    }

    /// <summary>Leaves the resolved job in the directory, once it is known that the run can go on with it.</summary>
    /// <exception cref="UserErrorException">The directory cannot be written.</exception>
    public void KeepJob(Job job) => Writing(Path, () =>
    {
        new DiskRunFiles().Replace(
            System.IO.Path.Combine(Path, RunDirectory.JobFile), stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(JobWriter.Write(job))));
        return true;
    });

    /// <summary>Lets another process have the directory.</summary>
    public void Dispose() => _lock.Dispose();

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
    static bool IsFromBeginning(string name) => name is LockFile or $".{RunDirectory.JobFile}.tmp";

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
