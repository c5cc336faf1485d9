using System.Globalization;
using System.Security.Cryptography;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>From IDX files to a classifier's samples.</summary>
static class IdxReader
{
    /// <summary>Reads images and their labels.</summary>
    /// <param name="files">The image files, each with its labels and what it is for; null where the split decides.</param>
    /// <param name="job">The job, a classifier of numbers.</param>
    /// <param name="place">Says what is held in memory.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">A file is malformed or does not belong to its labels, or the images are too few.</exception>
    public static SampleData Read(IReadOnlyList<(string Images, string Labels, DataPart? Part)> files, Job job, SpoolPlace place, CancellationToken cancellation = default)
    {
        var map = NameMap.Read(job.Data.TargetMap);
        var (all, names, parts) = (new LabelledImages(), new string?[byte.MaxValue + 1], new List<int>[] { [], [], [] });
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (imagePath, labelPath, part) in files)
        {
            var (images, labels) = (IdxFile.Open(imagePath, place, cancellation), IdxFile.Open(labelPath, place, cancellation));
            Require(images, labels, imagePath, labelPath, job);
            if (all.Count + images.Count > int.MaxValue) throw UserErrorException.At(imagePath, $"there are more than {int.MaxValue} images, which is more than can be counted");
            var first = all.Add(images, labels);
            foreach (var block in images.Blocks())
            {
                cancellation.ThrowIfCancellationRequested();
                hash.AppendData(block.Span);
            }

            var item = 0;
            foreach (var block in labels.Blocks())
            {
                hash.AppendData(block.Span);
                foreach (var label in block.Span)
                {
                    item++;
                    names[label] ??= NameOf(label, new Cell(labelPath, item, "label", label.ToString(CultureInfo.InvariantCulture)), map);
                }
            }

            var (cut, numbers) = (TextCut.ByOrder(images.Count, job.Data.Validation, job.Data.Test), new byte[images.ItemSize]);
            for (item = 0; item < images.Count; item++) parts[(int)(part ?? PartOf(item))].Add(first + item);

            DataPart PartOf(int at)
            {
                if (job.Data.Split == SplitKind.Order) return cut.PartAt(at);
                images.Read(at, numbers);
                return HeldOut.PartOf(numbers, job.Data);
            }
        }

        var classes = new LabelSet(names.OfType<string>().Distinct());
        var ids = Array.ConvertAll(names, name => name is null ? -1 : classes.IdOf(name));
        var isTested = job.Data.Test > 0 || files.Any(file => file.Part == DataPart.Test);
        return new SampleData(
            new DataEncoding(null, classes), Set(DataPart.Training, "to train on", true)!,
            Set(DataPart.Validation, "to validate on", job.Data.Validation > 0), Set(DataPart.Test, "to test on", isTested))
        {
            RowsSha256 = Convert.ToHexStringLower(hash.GetHashAndReset()),
        };

        SampleSet? Set(DataPart part, string purpose, bool isWanted)
        {
            if (!isWanted) return null;
            SampleReader.RequireEnough(parts[(int)part].Count, purpose, "give it more images, lower training.shards, or change data.validation or data.test", job, files[0].Images);
            return new SampleSet(new IdxSamples(all, parts[(int)part], ids, job.Data.Features!.Value), job);
        }
    }

    static string NameOf(byte label, in Cell cell, NameMap? map) => map is null ? label.ToString(CultureInfo.InvariantCulture) : map.Of(cell.Text, cell);

    static void Require(IdxFile images, IdxFile labels, string imagePath, string labelPath, Job job)
    {
        if (labels.Extents.Length != 1) throw UserErrorException.At(labelPath, $"has {labels.Extents.Length} dimensions, expected one: a label for each image");
        if (labels.Count != images.Count) throw UserErrorException.At(labelPath, $"has {labels.Count} labels for the {images.Count} images of {imagePath}, expected one for each");
        if (images.ItemSize % job.Data.Features!.Value != 0)
            throw UserErrorException.At(imagePath, $"has images of {string.Join(" x ", images.Extents.Skip(1))} = {images.ItemSize} numbers, expected a multiple of data.features {job.Data.Features}");
        var steps = images.ItemSize / job.Data.Features.Value;
        if (steps > job.Training.Length) throw UserErrorException.At(imagePath, $"has images of {steps} time steps, expected at most training.length {job.Training.Length}; raise it");
    }
}
