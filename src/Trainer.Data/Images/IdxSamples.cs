using System.Buffers;
using System.Collections;

namespace LstmCluster.Data;

/// <summary>Images of IDX files as sequences of their lines, each made when it is asked for; a number is a byte divided by 255.</summary>
/// <param name="images">All images there are.</param>
/// <param name="numbers">For each sample the number of its image.</param>
/// <param name="classes">The class of each byte that is a label.</param>
/// <param name="features">Numbers of a time step.</param>
sealed class IdxSamples(LabelledImages images, IReadOnlyList<int> numbers, int[] classes, int features) : IMadeSamples
{
    public int Count => numbers.Count;

    public Sample this[int index]
    {
        get
        {
            var (file, labels, place) = images[numbers[index]];
            var values = new float[file.ItemSize];
            var bytes = ArrayPool<byte>.Shared.Rent(values.Length);
            try
            {
                file.Read(place, bytes.AsSpan(0, values.Length));
                for (var at = 0; at < values.Length; at++) values[at] = bytes[at] / 255f;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }

            Span<byte> label = stackalloc byte[1];
            labels.Read(place, label);
            return new Sample { Steps = file.ItemSize / features, Features = values, Classes = [classes[label[0]]] };
        }
    }

    public int StepsOf(int index) => images[numbers[index]].Images.ItemSize / features;

    public int ClassesOf(int index) => 1;

    public IEnumerator<Sample> GetEnumerator() => Enumerable.Range(0, Count).Select(index => this[index]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>The images of some files with their labels, numbered through.</summary>
sealed class LabelledImages
{
    readonly List<(IdxFile Images, IdxFile Labels, int First)> _files = [];

    /// <summary>Number of images.</summary>
    public long Count { get; private set; }

    /// <summary>An image: its file, that of its label, and its place in both.</summary>
    public (IdxFile Images, IdxFile Labels, int Place) this[int number]
    {
        get
        {
            // Seldom more than two.
            var file = _files.Count - 1;
            while (_files[file].First > number) file--;
            return (_files[file].Images, _files[file].Labels, number - _files[file].First);
        }
    }

    /// <summary>Adds files that belong together.</summary>
    /// <returns>Number of the first of their images.</returns>
    /// <exception cref="OverflowException">They are more than can be counted.</exception>
    public int Add(IdxFile images, IdxFile labels)
    {
        var first = (int)Count;
        Count = checked(first + images.Count);
        _files.Add((images, labels, first));
        return first;
    }
}
