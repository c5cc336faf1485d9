using System.Buffers;
using System.Runtime.InteropServices;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>Takes the samples of rows as they are read: in memory as long as they are few, and then all in files. What is kept of a sample in memory then is nothing.</summary>
/// <param name="place">Where the files are, and how much memory there is.</param>
sealed class SampleSpool(SpoolPlace place)
{
    // A record, its arrays, and its place in a list that grows by doubling.
    const int BytesOfSample = 200;

    readonly List<Sample>[] _inMemory = [[], [], []];
    readonly Run[] _runs = new Run[3];
    readonly ArrayBufferWriter<byte> _buffer = new();
    SpoolFile? _records;
    long _taken;

    /// <summary>Number of samples.</summary>
    public int Count { get; private set; }

    /// <summary>Takes a sample.</summary>
    /// <exception cref="UserErrorException">There are more than can be counted, or the files cannot be written.</exception>
    public void Add(Sample sample, DataPart part)
    {
        if (Count == int.MaxValue) throw new UserErrorException($"the data have more than {int.MaxValue} rows, which is more than can be counted; split the files (data.source)");
        Count++;
        if (_records is null)
        {
            var bytes = BytesOfSample + ((long)sizeof(int) * (sample.Tokens.Length + sample.Features.Length + sample.Classes.Length + sample.Values.Length));
            if (place.TryTake(bytes))
            {
                _taken += bytes;
                _inMemory[(int)part].Add(sample);
                return;
            }

            MoveToFiles();
        }

        Write(sample, part);
    }

    /// <summary>Hands the last of the samples, which were all taken to train on, to the other parts.</summary>
    public void Cut(TextCut cut)
    {
        if (_records is null)
        {
            var all = _inMemory[0];
            _inMemory[1].AddRange(all[cut.Training..(cut.Training + cut.Validation)]);
            _inMemory[2].AddRange(all[(cut.Training + cut.Validation)..]);
            all.RemoveRange(cut.Training, all.Count - cut.Training);
        }
        else
        {
            // The parts stand one behind the other, so that more can be added to the last one.
            var entries = _runs[0].Entries;
            (_runs[0], _runs[1], _runs[2]) = (
                new Run(entries, 0, cut.Training), new Run(entries, cut.Training, cut.Validation), new Run(entries, cut.Training + cut.Validation, cut.Test));
        }
    }

    /// <summary>The samples of a part in their order. In files, each is made when it is asked for.</summary>
    /// <param name="part">The part.</param>
    /// <param name="finish">Makes of a sample as it was taken what it shall be, and may change its arrays; null to leave it. Called once for each sample in memory, at each use for those in files.</param>
    /// <exception cref="UserErrorException">The files cannot be written.</exception>
    public IReadOnlyList<Sample> Part(DataPart part, Func<Sample, Sample>? finish = null)
    {
        if (_records is not null)
        {
            var (entries, first, count) = _runs[(int)part];
            _records.Flush();
            entries.Flush();
            return new SpooledSamples(_records, entries, first, count, finish);
        }

        var samples = _inMemory[(int)part];
        if (finish is not null)
            foreach (ref var sample in CollectionsMarshal.AsSpan(samples)) sample = finish(sample);
        return samples;
    }

    void MoveToFiles()
    {
        _records = place.NewFile();
        for (var part = 0; part < _runs.Length; part++)
        {
            _runs[part] = new Run(place.NewFile(), 0, 0);
            foreach (var sample in _inMemory[part]) Write(sample, (DataPart)part);
            _inMemory[part] = [];
        }

        place.GiveBack(_taken);
    }

    void Write(Sample sample, DataPart part)
    {
        _buffer.ResetWrittenCount();
        SampleCodec.Write(sample, _buffer);
        var entry = new SampleEntry(_records!.Length, _buffer.WrittenCount, sample.Steps, sample.Classes.Length);
        ref var run = ref _runs[(int)part];
        run.Entries.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<SampleEntry>(in entry)));
        _records.Append(_buffer.WrittenSpan);
        run = run with { Count = run.Count + 1 };
    }

    /// <summary>The samples of a part: consecutive ones of those that a file has the entries of.</summary>
    readonly record struct Run(SpoolFile Entries, int First, int Count);
}
