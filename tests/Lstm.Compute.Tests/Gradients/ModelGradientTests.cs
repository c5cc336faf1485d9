using FsCheck;
using FsCheck.Fluent;

namespace LstmCluster.Compute.Tests;

public class ModelGradientTests
{
    [Fact]
    public void Every_gradient_of_a_model_is_the_derivative_of_the_sum_of_losses()
    {
        var cases =
            from steps in Gen.Choose(1, 4)
            from shardRows in Gen.Choose(1, 2).ListOf(3)
            from vocabulary in Gen.Choose(2, 5)
            from embedding in Gen.Choose(1, 3)
            from units in Gen.Choose(1, 3).ListOf(2)
            from kinds in Gen.Choose(0, 4).ListOf(2)
            from dropout in Gen.Elements(0f, 0.3f)
            from seed in Gen.Choose(0, 1000)
            select new Case(steps, [.. shardRows], vocabulary, embedding, [.. units], [.. kinds], dropout, seed);

        Prop.ForAll(cases.ToArbitrary(), Check).Check(Config.QuickThrowOnFailure.WithMaxTest(20));
    }

    static void Check(Case chosen)
    {
        using var device = new ReferenceDevice<double>();
        var draw = new Draw(chosen.Seed);
        var model = Model(chosen);
        var shape = new BatchShape(chosen.Steps, chosen.ShardRows.Sum());
        var (tokens, targets) = (draw.Integers(shape.Positions, 0, chosen.Vocabulary), draw.Integers(shape.Positions, -1, chosen.Vocabulary));
        var parameters = draw.Uniform(model.Parameters.Length);
        var key = Philox.KeyOf((ulong)chosen.Seed, 1);
        ShardRows[] shards = [.. chosen.ShardRows.Select((rows, shard) => new ShardRows(shard, new(chosen.ShardRows.Take(shard).Sum(), rows)))];

        Gradient().ShouldBeTheDerivative(parameters, Loss, $"{chosen}");

        double[] Gradient()
        {
            using var operands = new Operands(device, Placement.BetweenNotNumbers);
            using var weights = new ModelWeights(model, device, training: true);
            using var run = new SequenceRun(model, device);
            var gradient = operands.Unwritten("gradient", parameters.Length);
            weights.Load(operands.Numbers("parameters", parameters));
            run.Load(shape, tokens, targets, shards);
            for (var row = 0; row < shape.Rows; row++)
                run.WriteState(row, new float[model.StateSize]);
            run.Forward(weights, training: true, key);
            run.Losses(new float[shape.Positions]);
            run.Backward(weights, [new GradientTarget(new(0, shards.Length), gradient)]);
            return operands.Read(gradient);
        }

        // Layer by layer, because a run hands its losses out in single precision.
        double Loss()
        {
            using var operands = new Operands(device, Placement.BetweenNotNumbers);
            var vector = operands.Numbers("parameters", parameters);
            int[] keys = [.. shards.SelectMany(shard => Enumerable.Range(0, shard.Rows.Count).SelectMany(row => new[] { shard.Shard, row }))];
            var pass = new Pass(shape, Training: true, key, operands.Indices(keys));
            var owned = new List<IDisposable>();
            var x = default(DeviceSpan);
            for (var index = 0; index < model.Layers.Count; index++)
            {
                var (weights, run) = (model.Layers[index].CreateWeights(device, training: true), model.Layers[index].CreateRun(device));
                owned.AddRange([weights, run]);
                weights.Load(model.Ranges[index].Of(vector));
                run.Reserve(shape, training: true);
                if (run is EmbeddingRun embedding)
                    embedding.Tokens = operands.Indices(tokens);
                x = run.Forward(weights, pass, x);
            }

            var losses = operands.Unwritten("losses", shape.Positions);
            device.SoftmaxCrossEntropy(x, model.Classes, operands.Indices(targets), shape.Positions, losses, gradient: false);
            var sum = operands.Read(losses).Sum();
            owned.ForEach(one => one.Dispose());
            return sum;
        }
    }

    /// <summary>Recurrent layers of every kind, each followed by dropout if there is any.</summary>
    static SequenceModel Model(Case chosen)
    {
        var body = new List<Layer>();
        var features = chosen.Embedding;
        foreach (var (kind, units) in chosen.Kinds.Zip(chosen.Units))
        {
            body.Add(kind switch
            {
                0 => new Lstm(features, units),
                1 => new Gru(features, units),
                2 => new Gru(features, units, reverse: true),
                3 => new Rnn(features, units),
                _ => new Rnn(features, units, reverse: true),
            });
            if (chosen.Dropout > 0)
                body.Add(new Dropout(units, chosen.Dropout, (uint)body.Count));
            features = units;
        }

        return new SequenceModel(new Embedding(chosen.Vocabulary, chosen.Embedding), body, new Linear(features, chosen.Vocabulary));
    }

    sealed record Case(int Steps, int[] ShardRows, int Vocabulary, int Embedding, int[] Units, int[] Kinds, float Dropout, int Seed);
}
