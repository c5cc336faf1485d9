using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

/// <summary>What must hold of any model and any batch.</summary>
static class ModelExactness
{
    // A tensor whose gradient is a smaller share of the largest one is judged as if it were this share of it.
    const double LeastShare = 1e-2;

    // Losses and what begins with their gradients are what is left of terms of about one.
    const double LeastMagnitude = 0.1;

    // In 40,000 models no error was more than five times the change by the worst of these probes.
    const int Probes = 3;
    const double Roundings = 8;

    /// <summary>
    /// The gradient of every tensor agrees with finite differences in double precision: some of its elements one by one, or all where they are few, and all of them at once
    /// in a random direction.
    /// </summary>
    /// <returns>How many slopes were compared, and how many could not be because the loss bends too sharply there.</returns>
    public static (int Compared, int TooSharp) GradientsShouldBeDerivatives(ModelSample sample, int elements)
    {
        var (compared, tooSharp) = (0, 0);
        using var device = new ReferenceDevice<double>();
        using var operands = new Operands(device, Placement.BetweenNotNumbers);
        using var weights = new ModelWeights(sample.Model, device, training: true);
        using var run = sample.Model.CreateRun(device);
        var gradient = ModelOutcome.Of(sample, device).Gradients.Single();
        var parameters = operands.Numbers("parameters", sample.Parameters);
        var losses = new float[sample.Whole.LossSteps * sample.Whole.Shape.Rows];
        var largest = gradient.Max(Math.Abs);
        var draw = new Draw(sample.Parameters.Length);

        foreach (var tensor in sample.Model.Parameters.Parameters)
        {
            var own = gradient.AsSpan(tensor.Offset, tensor.Length).ToArray();
            var scale = Math.Max(own.Max(Math.Abs), largest * LeastShare);
            foreach (var element in tensor.Length <= elements ? Enumerable.Range(0, tensor.Length) : draw.Integers(elements, 0, tensor.Length))
            {
                double[] direction = new double[tensor.Length];
                direction[element] = 1;
                ShouldBeTheDerivative(tensor, direction, own[element], scale, $"{tensor.Name}[{element}]");
            }

            var all = draw.Uniform(tensor.Length);
            ShouldBeTheDerivative(tensor, all, LstmGradientTests.Dot(own, all), scale, $"{tensor.Name} in a random direction");
        }

        return (compared, tooSharp);

        void ShouldBeTheDerivative(Parameter tensor, double[] direction, double slope, double scale, string label)
        {
            var moved = (double[])[.. sample.Parameters];
            var isMeasured = slope.ShouldBeTheSlope(
                offset =>
                {
                    for (var index = 0; index < tensor.Length; index++)
                        moved[tensor.Offset + index] = sample.Parameters[tensor.Offset + index] + (offset * direction[index]);
                    return Loss(moved);
                }, scale, label);
            (compared, tooSharp) = isMeasured ? (compared + 1, tooSharp) : (compared, tooSharp + 1);
        }

        double Loss(double[] values)
        {
            device.Write(parameters, values);
            weights.Load(parameters);
            ModelSample.Load(run, sample.Whole);
            run.Forward(weights, training: true, sample.MaskKey);
            run.Losses(losses);
            return operands.Read(ModelSample.LossesOf(run)).Sum();
        }
    }

    /// <summary>
    /// The Cpu device is as near to the model in double precision as the suite asks; or, where the model enlarges every rounding, as the scalar reference in single
    /// precision and models with rounded weights are.
    /// </summary>
    public static void CpuShouldAgreeWithTheReference(ModelSample sample)
    {
        using var exactDevice = new ReferenceDevice<double>();
        using var scalarDevice = new ReferenceDevice<float>();
        using var cpu = CpuDevice.Create();
        var (exact, found) = (ModelOutcome.Of(sample, exactDevice), ModelOutcome.Of(sample, cpu));
        ModelOutcome[] rounded =
        [
            ModelOutcome.Of(sample, scalarDevice),
            .. Enumerable.Range(0, Probes).Select(probe => ModelOutcome.Of(sample.WithRoundedWeights(probe), exactDevice)),
        ];
        foreach (var (part, (name, wanted)) in exact.Parts.Index())
        {
            if (wanted.Length == 0)
                continue;
            var least = name.Contains("losses", StringComparison.Ordinal) || name.Contains("gradient", StringComparison.Ordinal) ? LeastMagnitude : double.Epsilon;
            var scale = Math.Max(least, wanted.Max(Math.Abs));
            var change = rounded.Max(outcome => outcome.Parts.ElementAt(part).Values.Zip(wanted, (x, y) => Math.Abs(x - y)).Max()) / scale;
            Agreement.ShouldBeClose(
                found.Parts.ElementAt(part).Values, wanted, Math.Max(Agreement.Tolerance, Roundings * change), $"{name}, which roundings change by {change:g2}", least);
        }
    }

    /// <summary>4, 8 and 16 lanes have the same bits.</summary>
    public static void EveryWidthShouldHaveTheSameBits(ModelSample sample)
    {
        using var narrow = new CpuDevice<Lanes4>();
        var wanted = ModelOutcome.Of(sample, narrow);
        foreach (var created in (IDevice[])[new CpuDevice<Lanes8>(), new CpuDevice<Lanes16>()])
        {
            using var device = created;
            ModelOutcome.Of(sample, device).ShouldHaveTheBitsOf(wanted, device.Name);
        }
    }

    /// <summary>No kernel touches what lies beside its operands, its indices, its prepared matrices or its working memory: one that does ends the process.</summary>
    public static void NoKernelShouldLeaveItsMemory(ModelSample sample, Placement placement)
    {
        using var unguarded = new CpuDevice<Lanes4>();
        var wanted = ModelOutcome.Of(sample, unguarded);
        foreach (var created in (IDevice[])[new CpuDevice<Lanes4>(Guarded(), Guarded()), new CpuDevice<Lanes8>(Guarded(), Guarded()), new CpuDevice<Lanes16>(Guarded(), Guarded())])
        {
            using var device = created;
            ModelOutcome.Of(sample, device).ShouldHaveTheBitsOf(wanted, device.Name);
        }

        GuardedHostMemory Guarded() => new(placement);
    }

    /// <summary>Shards spread over workers in any way, and their gradients summed along the tree, have the bits of one worker with all of them; so has a row by itself.</summary>
    public static void ASpreadOfShardsShouldHaveTheSameBits(ModelSample sample, int seed, GradientPrecision precision = GradientPrecision.Fp32)
    {
        using var device = CpuDevice.Create();
        var (whole, tree) = (sample.Whole, new ShardTree(sample.Whole.Shards.Length));
        var together = ModelOutcome.Of(sample, device, whole, [tree.Root], precision);
        var draw = new Draw(seed);
        foreach (var workers in new[] { 1, 2, 3, tree.Shards })
        {
            var owner = workers == tree.Shards ? [.. Enumerable.Range(0, workers)] : draw.Integers(tree.Shards, 0, workers);
            var sums = new Dictionary<ShardRange, double[]>();
            for (var worker = 0; worker < workers; worker++)
            {
                int[] shards = [.. Enumerable.Range(0, tree.Shards).Where(shard => owner[shard] == worker)];
                if (shards.Length == 0)
                    continue;
                var (batch, nodes) = (whole.Of(shards), new List<ShardRange>());
                tree.Cover(shards, nodes);
                var found = ModelOutcome.Of(sample, device, batch, nodes, precision);
                ShouldHaveTheirBits(found, batch, $"shards {string.Join('+', shards)} by themselves");
                foreach (var (node, gradient) in nodes.Zip(found.Gradients))
                    sums.Add(node, gradient);
            }

            Sum(tree.Root).ShouldHaveTheBitsOf(together.Gradients.Single(), $"gradient of {workers} workers");

            double[] Sum(ShardRange node)
            {
                if (sums.TryGetValue(node, out var sum))
                    return sum;
                var (left, right) = ShardTree.Split(node);
                return [.. Sum(left).Zip(Sum(right), (a, b) => (double)Rounded((float)a + (float)b))];
            }
        }

        float Rounded(float sum) => precision == GradientPrecision.Bf16 ? Bf16.Round(sum) : sum;

        foreach (var (shard, rows) in whole.Shards)
        {
            var alone = whole.Row(rows.First);
            ShouldHaveTheirBits(ModelOutcome.Of(sample, device, alone, [new(shard, 1)]), alone, $"row {rows.First} by itself");
        }

        void ShouldHaveTheirBits(ModelOutcome found, SampleBatch batch, string label)
        {
            found.Inferred.ShouldHaveTheBitsOf(Of(together.Inferred, batch.LossSteps, sample.Outputs), $"inferred outputs of {label}");
            found.Outputs.ShouldHaveTheBitsOf(Of(together.Outputs, batch.LossSteps, sample.Outputs), $"outputs of {label}");
            found.Losses.ShouldHaveTheBitsOf(Of(together.Losses, batch.LossSteps, 1), $"losses of {label}");
            found.States.ShouldHaveTheBitsOf(Of(together.States, 1, sample.Model.StateSize), $"states of {label}");

            double[] Of(double[] values, int steps, int width) => whole.ColumnsOf(values, batch.Rows, steps, width);
        }
    }
}
