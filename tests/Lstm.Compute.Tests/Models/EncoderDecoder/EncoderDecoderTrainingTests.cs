using LstmCluster.Compute.Cpu;

namespace LstmCluster.Compute.Tests;

/// <summary>Training in process: what is learned, and what a step allocates.</summary>
public class EncoderDecoderTrainingTests
{
    const int Start = 0, End = 1, Letters = 2, Vocabulary = 10, Longest = 6;

    /// <summary>To say a word backwards, of letters never seen in that order.</summary>
    [Theory]
    [InlineData(AttentionKind.General, false)]
    [InlineData(AttentionKind.Additive, true)]
    public void A_small_model_learns_to_say_words_backwards(AttentionKind kind, bool feeds)
    {
        const int units = 32, rows = 32, steps = 600;
        var (source, target) = (new Embedding(Vocabulary, 16), new Embedding(Vocabulary, 16));
        var model = new EncoderDecoder(
            source, [Bidirectional.OfGru(16, units)], target, [new Gru(16 + (feeds ? units : 0), units)], new Linear(units, Vocabulary), new EncoderDecoderOptions
            {
                StartToken = Start,
                EndToken = End,
                Attention = new Attention(kind, 2 * units, units),
                InputFeeding = feeds,
            });
        using var device = CpuDevice.Create();
        using var training = new Training(model, device);
        var random = new Random(1);
        for (var step = 0; step < steps; step++) training.Step(Words(random, rows), rate: 0.01 * (steps - step) / steps);

        var unseen = Words(new Random(2), 100);
        using var translator = new Translator(model, device);
        foreach (var options in (BeamSearchOptions[])[new() { MaxSteps = 10 }, new() { Beams = 5, MaxSteps = 10, LengthPenalty = 0.6 }])
        {
            var found = translator.Translate(training.Weights, unseen.Batch, options);
            for (var row = 0; row < unseen.Shape.Rows; row++)
            {
                int[] wanted = [.. Enumerable.Range(0, unseen.TargetSteps).Select(step => unseen.Classes[(step * unseen.Shape.Rows) + row]).TakeWhile(token => token != End)];
                found[row][0].Tokens.ShouldBe(wanted, $"row {row}");
            }
        }
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(AttentionKind.Dot, false)]
    [InlineData(AttentionKind.Additive, true)]
    public void A_step_allocates_no_managed_memory(AttentionKind? kind, bool feeds)
    {
        var chosen = new EncoderDecoderCase(new(["gru", "lstm"], ["lstm", "gru"], 5, 5, kind) { Feeds = feeds, IsRagged = true, Dropout = 0.2f, Sampling = 0.3f, Smoothing = 0.1f });
        using var device = CpuDevice.Create();
        using var training = new Training(chosen.Model, device);
        for (var warmUp = 0; warmUp < 30; warmUp++) training.Run(chosen.Batch, chosen.Shards.Length);
        var before = GC.GetAllocatedBytesForCurrentThread();
        training.Run(chosen.Batch, chosen.Shards.Length);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    /// <summary>Words of random letters and lengths, and the same backwards.</summary>
    static PairBatch Words(Random random, int rows)
    {
        var (tokens, classes, lengths) = (new int[Longest * rows], new int[(Longest + 1) * rows], new int[rows]);
        Array.Fill(classes, -1);
        for (var row = 0; row < rows; row++)
        {
            var length = lengths[row] = random.Next(1, Longest + 1);
            for (var step = 0; step < length; step++)
            {
                var letter = random.Next(Letters, Vocabulary);
                tokens[(step * rows) + row] = classes[((length - 1 - step) * rows) + row] = letter;
            }

            classes[(length * rows) + row] = End;
        }

        return new PairBatch(new BatchShape(Longest, rows), tokens, [], lengths, Longest + 1, classes, [new ShardRows(0, new(0, rows))]);
    }

    /// <summary>A model in training with Adam.</summary>
    sealed class Training : IDisposable
    {
        readonly IDevice _device;
        readonly EncoderDecoderRun _run;
        readonly DeviceBuffer _parameters, _gradient;
        readonly DeviceBuffer[] _moments;
        readonly Adam _adam = new();
        readonly GradientTarget[] _targets = new GradientTarget[1];
        readonly double[] _norm = new double[1];
        float[] _losses = [];
        int _step;

        public Training(EncoderDecoder model, IDevice device)
        {
            _device = device;
            _run = new EncoderDecoderRun(model, device);
            var length = model.Parameters.Length;
            (_parameters, _gradient) = (device.Allocate(length), device.Allocate(length));
            _moments = [.. _adam.StateNames.Select(_ => device.Allocate(length))];
            var initial = new float[length];
            model.Parameters.Initialize(7, initial);
            device.Write(_parameters.All, initial);
            Weights = new ModelWeights(model, device, training: true);
            Weights.Load(_parameters.All);
        }

        public ModelWeights Weights { get; }

        public void Run(in Batch batch, int shards)
        {
            _run.Load(batch);
            _run.Forward(Weights, training: true, Philox.KeyOf(1, _step));
            if (_losses.Length != _run.LossShape.Positions) _losses = new float[_run.LossShape.Positions];
            _run.Losses(_losses);
            _targets[0] = new GradientTarget(new(0, shards), _gradient.All);
            _run.Backward(Weights, _targets);
        }

        public void Step(PairBatch pairs, double rate)
        {
            Run(pairs.Batch, shards: 1);
            _device.SumSquares(_gradient.All, _gradient.Length, _norm);
            var mean = 1.0 / _run.CountTargets(new(0, pairs.Shape.Rows));
            var scale = (float)(mean * Math.Min(1, 1 / (mean * Math.Sqrt(_norm[0]))));
            _adam.Apply(_device, ++_step, rate, scale, _gradient.All, _parameters.All, [.. _moments.Select(moment => moment.All)], _parameters.All);
            Weights.Load(_parameters.All);
        }

        public void Dispose()
        {
            _run.Dispose();
            Weights.Dispose();
            foreach (var moment in _moments) moment.Dispose();
            _parameters.Dispose();
            _gradient.Dispose();
        }
    }
}
