using System.Security.Cryptography;

namespace LstmCluster.Protocol;

/// <summary>Writes and reads the files of one checkpoint's directory.</summary>
sealed class CheckpointFiles(IRunFiles files)
{
    const string Weights = "weights.safetensors";
    const string Optimizer = "optimizer.safetensors";
    const string State = "state.safetensors";

    /// <summary>Writes every file into a new directory, the manifest last, each flushed.</summary>
    public CheckpointManifest Write(string directory, Checkpoint checkpoint)
    {
        files.CreateDirectory(directory);
        var entries = new SortedDictionary<string, ManifestFile.Entry>(StringComparer.Ordinal);
        var weightsSha256 = WriteTensors(Weights, checkpoint.Weights, checkpoint.Metadata);
        WriteTensors(Optimizer, checkpoint.Optimizer, null);
        WriteTensors(State, checkpoint.State, null);

        var manifest = checkpoint.Manifest with { WeightsSha256 = weightsSha256 };
        var bytes = new ManifestFile(ManifestFile.CurrentFormat, manifest, entries).ToBytes();
        files.Write(Path.Combine(directory, ManifestFile.Name), stream => stream.Write(bytes));
        files.FlushDirectory(directory);
        return manifest;

        string WriteTensors(string name, IReadOnlyList<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata)
        {
            var dataSha256 = "";
            files.Write(Path.Combine(directory, name), stream =>
            {
                using var hashing = new HashingStream(stream);
                dataSha256 = Safetensors.Write(hashing, tensors, metadata);
                entries[name] = new ManifestFile.Entry(hashing.BytesWritten, hashing.Sha256());
            });
            return dataSha256;
        }
    }

    /// <summary>Says of a whole checkpoint what validations have shown since it was written: its manifest is exchanged in one step.</summary>
    /// <remarks>What a crash leaves beside it is no part of the checkpoint, and goes away with it.</remarks>
    /// <param name="directory">The checkpoint.</param>
    /// <param name="manifest">What it is to say.</param>
    /// <param name="writer">Tells this store's unfinished work from that of others.</param>
    public void Exchange(string directory, CheckpointManifest manifest, string writer)
    {
        var bytes = (Open(directory, ManifestFile.Name, ManifestFile.Read) with { Checkpoint = manifest }).ToBytes();
        files.Replace(Path.Combine(directory, ManifestFile.Name), stream => stream.Write(bytes), writer);
    }

    /// <summary>Reads a checkpoint, every byte of it checked.</summary>
    /// <exception cref="CorruptFileException">Something is missing or changed; names the file.</exception>
    /// <exception cref="IOException">Something cannot be read, now or ever: it may be whole. Names the file.</exception>
    public Checkpoint Read(string directory)
    {
        var manifest = Open(directory, ManifestFile.Name, ManifestFile.Read);
        var weights = ReadTensors(Weights);
        if (weights.DataSha256 != manifest.Checkpoint.WeightsSha256)
            throw new CorruptFileException($"{Weights}: SHA-256 of the data differs");
        return new Checkpoint
        {
            Manifest = manifest.Checkpoint,
            Weights = weights.Tensors,
            Metadata = weights.Metadata,
            Optimizer = ReadTensors(Optimizer).Tensors,
            State = ReadTensors(State).Tensors,
        };

        Safetensors ReadTensors(string name) => Open(directory, name, stream =>
        {
            if (!manifest.Files.TryGetValue(name, out var entry))
                throw new CorruptFileException("not in the manifest");
            if (stream.Length != entry.Bytes)
                throw new CorruptFileException($"{stream.Length} bytes, the manifest says {entry.Bytes}");
            if (Convert.ToHexStringLower(SHA256.HashData(stream)) != entry.Sha256)
                throw new CorruptFileException("SHA-256 differs");
            stream.Position = 0;
            return Safetensors.Read(stream);
        });
    }

    T Open<T>(string directory, string name, Func<Stream, T> read)
    {
        try
        {
            using var stream = files.OpenRead(Path.Combine(directory, name));
            return read(stream);
        }
        catch (CorruptFileException error)
        {
            throw new CorruptFileException($"{name}: {error.Message}", error);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CorruptFileException($"{name}: missing", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{name}: cannot be read: {error.Message}", error);
        }
    }
}
