namespace LstmCluster.Compute.Tests;

/// <summary>What the Cpu device takes from the managed heap once its working memory has grown: nothing.</summary>
public class AllocationTests
{
    [Theory]
    [MemberData(nameof(TestDevices.CpuWidths), MemberType = typeof(TestDevices))]
    public void Attention_and_layer_normalisation_allocate_nothing(string name)
    {
        const int T = 6, N = 3, S = 5, A = 17, M = 9, count = T * N;
        using var device = TestDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        DeviceSpan Zeros(int length) => run.Numbers("zeros", new double[length]);
        var operands = new AttentionOperands(Zeros(T * N * A), Zeros(S * N * A), Zeros(S * N * M), Zeros(T * N * S), Zeros(T * N * M))
        {
            SourceLengths = run.Indices(5, 0, 3),
            ScoreVector = Zeros(A),
        };
        var gradients = new AttentionGradients(Zeros(T * N * M), Zeros(T * N * A), Zeros(S * N * A), Zeros(S * N * M)) { ScoreVector = Zeros(N * A) };
        var (x, y, norm, deviations, tokens, keys) = (Zeros(count * M), Zeros(count * M), Zeros(2 * M), Zeros(count), run.Indices(new int[count]), run.Indices(new int[2 * N]));

        void Step()
        {
            foreach (var score in (ReadOnlySpan<AttentionScore>)[AttentionScore.Dot, AttentionScore.Additive])
            {
                var shape = new AttentionShape(T, N, S, A, M) { Score = score };
                device.AttentionForward(shape, operands);
                device.AttentionBackward(shape, operands, gradients);
            }

            device.NormForward(count, M, x, norm, operands.Context, deviations, y);
            device.NormBackward(count, M, norm, operands.Context, deviations, y, x);
            device.NormWeightGradient(new(T, N), new(0, N), M, y, operands.Context, norm, accumulate: true);
            device.Tanh(x, y);
            device.TanhGradient(y, x);
            device.CopyColumns(count, M, operands.Context, M, 0, y, M, 0, add: true);
            device.ReplaceTokens(new(0.5f, 1, 1), keys, x, M, 1, N, tokens);
            device.EmbeddingForward(norm, M, tokens, N, N, y.Slice(0, N * M));
        }

        Step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Step();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }
}
