using System.Text;

namespace LstmCluster.Protocol;

/// <summary>Reads job files (docs/job-file.md).</summary>
public static class JobReader
{
    const int LargestFileBytes = 1 << 20;

    /// <summary>Reads a job file.</summary>
    /// <param name="path">The file, as the person named it: errors name it the same.</param>
    /// <param name="overrides">Arguments of <c>--set</c>, each <c>key.path=value</c>, applied in order.</param>
    /// <exception cref="UserErrorException">The file cannot be read, or something in it or in an override is wrong.</exception>
    public static Job ReadFile(string path, IReadOnlyList<string>? overrides = null) => Parse(ReadText(path), path, overrides);

    /// <summary>Reads a job from text.</summary>
    /// <param name="yaml">The job file's content.</param>
    /// <param name="fileName">What errors call it.</param>
    /// <param name="overrides">Arguments of <c>--set</c>, each <c>key.path=value</c>, applied in order.</param>
    /// <exception cref="UserErrorException">Something in it or in an override is wrong.</exception>
    public static Job Parse(string yaml, string fileName, IReadOnlyList<string>? overrides = null)
    {
        var root = JobYaml.Parse(yaml, line => $"{fileName}:{line}")
            ?? throw UserErrorException.At(fileName, "the job file is empty, expected at least name, task, data, model and training");
        foreach (var argument in overrides ?? [])
            root = JobOverride.Parse(argument).Apply(root);
        return JobSchema.Job.Read(root, "");
    }

    static string ReadText(string path)
    {
        if (Directory.Exists(path))
            throw UserErrorException.At(path, "is a directory, expected a job file");
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > LargestFileBytes)
                throw UserErrorException.At(path, $"has {file.Length} bytes, expected a job file of at most {LargestFileBytes}");
            using var reader = new StreamReader(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false);
            return reader.ReadToEnd();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserErrorException($"{path}: no such job file", error);
        }
        catch (DecoderFallbackException error)
        {
            throw new UserErrorException($"{path}: is not UTF-8 text, expected a job file", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UserErrorException($"{path}: the job file cannot be read: {error.Message}", error);
        }
    }
}
