namespace LstmCluster.Compute.Tests;

/// <summary>The C# of README.md, to the letter: <see cref="ReadmeTests"/> compares the regions with the page and runs them.</summary>
static class Examples
{
    public static int Classifier()
    {
        #region A classifier
        // Which of two tones is in the noise? Batches of 64 sequences, each of 25 steps with one feature.
        const int Steps = 25, Rows = 64;
        var random = new Random(1);
        var features = new float[Steps * Rows]; // [T,N,D]: time first
        var classes = new int[Rows];

        var model = new SequenceModel([new Lstm(inputSize: 1, units: 16)], new Linear(16, 2), Pooling.Last);
        using var network = new Network(model, seed: 1);
        using var trainer = new InProcessTrainer(network, new Adam(), rate: 0.01) { ClipNorm = 1 };
        for (var step = 1; step <= 150; step++)
        {
            for (var position = 0; position < features.Length; position++)
            {
                var (t, row) = (position / Rows, position % Rows);
                if (t == 0) classes[row] = random.Next(2);
                features[position] = MathF.Sin(t * (classes[row] == 0 ? 0.5f : 0.8f)) + random.NextSingle() - 0.5f;
            }

            var done = trainer.Step(new Batch { Shape = new(Steps, Rows), Features = features, Classes = classes });
            if (step % 50 == 0) Console.WriteLine($"step {step}: loss {done.MeanLoss:F3}");
        }

        var answers = network.Classify(new Batch { Shape = new(Steps, Rows), Features = features });
        Console.WriteLine($"{answers.Zip(classes).Count(pair => pair.First == pair.Second)} of {Rows} are right");
        #endregion
        return answers.Zip(classes).Count(pair => pair.First == pair.Second);
    }

    public static (float[] Streamed, float[] AtOnce) Streaming()
    {
        var streamed = new List<float>();
        float[] samples = [0.5f, -1f, 2f, 0.25f];
        #region A stream
        // One value comes in at a time; the answer is there one pass over the weights later.
        var model = new SequenceModel([new Lstm(inputSize: 1, units: 16)], new Linear(16, 1), loss: new SquaredError());
        using var network = new Network(model, seed: 1);
        using var stream = network.OpenStream();
        foreach (var sample in samples)
        {
            var forecast = stream.Next(sample)[0]; // the state stays in the stream
            streamed.Add(forecast);
        }

        var state = new float[model.StateSize];
        stream.ReadState(row: 0, state); // to go on later: stream.WriteState(0, state)
        #endregion
        return ([.. streamed], network.Predict(new Batch { Shape = new(samples.Length, 1), Features = samples }));
    }
}
