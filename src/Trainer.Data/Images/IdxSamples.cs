using System.Collections;

namespace LstmCluster.Data;

/// <summary>Images of an IDX file as sequences of their lines, each made when it is asked for; a number is a byte divided by 255.</summary>
/// <param name="items">For each sample its file and place.</param>
/// <param name="classes">The classes of the items of each file.</param>
/// <param name="features">Numbers of a time step.</param>
sealed class IdxSamples(IReadOnlyList<(IdxFile File, int Place)> items, IReadOnlyDictionary<IdxFile, int[]> classes, int features) : IMadeSamples
{
    public int Count => items.Count;

    public Sample this[int index]
    {
        get
        {
            var (file, place) = items[index];
            var numbers = new float[file.ItemSize];
            var bytes = file[place];
            for (var at = 0; at < numbers.Length; at++) numbers[at] = bytes[at] / 255f;
            return new Sample { Steps = file.ItemSize / features, Features = numbers, Classes = [classes[file][place]] };
        }
    }

    public int StepsOf(int index) => items[index].File.ItemSize / features;

    public IEnumerator<Sample> GetEnumerator() => Enumerable.Range(0, Count).Select(index => this[index]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
