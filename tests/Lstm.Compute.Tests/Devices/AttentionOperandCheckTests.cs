namespace LstmCluster.Compute.Tests;

/// <summary>What <see cref="OperandCheckTests"/> checks, of attention and of what joins encoder and decoder.</summary>
public class AttentionOperandCheckTests
{
    public static TheoryData<string> Devices => TestDevices.Names;

    [Theory]
    [MemberData(nameof(Devices))]
    public void Attention_refuses_operands_that_do_not_fit(string name) => OperandCheckTests.Refuses(name, run =>
    {
        const int T = 2, N = 3, S = 4, A = 5, M = 6;
        DeviceSpan Zeros(int length) => run.Numbers("zeros", new double[length]);
        var additive = new AttentionShape(T, N, S, A, M) { Score = AttentionScore.Additive };
        var dot = additive with { Score = AttentionScore.Dot };
        var operands = new AttentionOperands(Zeros(T * N * A), Zeros(S * N * A), Zeros(S * N * M), Zeros(T * N * S), Zeros(T * N * M));
        var withVector = operands with { ScoreVector = Zeros(A) };
        var gradients = new AttentionGradients(Zeros(T * N * M), Zeros(T * N * A), Zeros(S * N * A), Zeros(S * N * M));
        var withSums = gradients with { ScoreVector = Zeros(N * A) };
        AttentionOperands[] bad =
        [
            operands with { Queries = Shorter(operands.Queries) },
            operands with { Keys = Shorter(operands.Keys) },
            operands with { Values = Shorter(operands.Values) },
            operands with { Weights = Shorter(operands.Weights) },
            operands with { SourceLengths = run.Indices(1, 1) },
            operands with { SourceLengths = run.Indices(0, S + 1, 0) },
            operands with { SourceLengths = run.Indices(0, 0, -1) },
        ];
        AttentionGradients[] badGradients =
        [
            gradients with { Context = Shorter(gradients.Context) },
            gradients with { Queries = Shorter(gradients.Queries) },
            gradients with { Keys = Shorter(gradients.Keys) },
            gradients with { Values = Shorter(gradients.Values) },
        ];
        run.Device.AttentionForward(dot, operands);
        run.Device.AttentionBackward(dot, operands, gradients);
        run.Device.AttentionForward(additive, withVector);
        run.Device.AttentionBackward(additive, withVector, withSums);
        return
        [
            .. bad.Select<AttentionOperands, Action>(one => () => run.Device.AttentionForward(dot, one)),
            .. bad.Select<AttentionOperands, Action>(one => () => run.Device.AttentionBackward(dot, one, gradients)),
            .. badGradients.Select<AttentionGradients, Action>(one => () => run.Device.AttentionBackward(dot, operands, one)),
            () => run.Device.AttentionForward(dot, operands with { Context = Shorter(operands.Context) }),
            () => run.Device.AttentionForward(additive, operands),
            () => run.Device.AttentionForward(additive, operands with { ScoreVector = Zeros(A - 1) }),
            () => run.Device.AttentionBackward(additive, operands, withSums),
            () => run.Device.AttentionBackward(additive, withVector, gradients),
            () => run.Device.AttentionForward(dot with { Steps = -1 }, operands),
            () => run.Device.AttentionForward(dot with { SourceSteps = -1 }, operands),
        ];
    });

    [Theory]
    [MemberData(nameof(Devices))]
    public void Layer_normalisation_refuses_operands_that_do_not_fit(string name) => OperandCheckTests.Refuses(name, run =>
    {
        const int T = 2, N = 3, count = T * N, width = 5;
        var (x, norm, deviations) = (run.Numbers("x", new double[count * width]), run.Numbers("norm", new double[2 * width]), run.Numbers("d", new double[count]));
        var shape = new BatchShape(T, N);
        return
        [
            () => run.Device.NormForward(count, width, Shorter(x), norm, x, deviations, x),
            () => run.Device.NormForward(count, width, x, Shorter(norm), x, deviations, x),
            () => run.Device.NormForward(count, width, x, norm, Shorter(x), deviations, x),
            () => run.Device.NormForward(count, width, x, norm, x, Shorter(deviations), x),
            () => run.Device.NormForward(count, width, x, norm, x, deviations, Shorter(x)),
            () => run.Device.NormBackward(count, width, Shorter(norm), x, deviations, x, x),
            () => run.Device.NormBackward(count, width, norm, Shorter(x), deviations, x, x),
            () => run.Device.NormBackward(count, width, norm, x, Shorter(deviations), x, x),
            () => run.Device.NormBackward(count, width, norm, x, deviations, Shorter(x), x),
            () => run.Device.NormBackward(count, width, norm, x, deviations, x, Shorter(x)),
            () => run.Device.NormWeightGradient(shape, new(0, N), width, Shorter(x), x, norm, false),
            () => run.Device.NormWeightGradient(shape, new(0, N), width, x, Shorter(x), norm, false),
            () => run.Device.NormWeightGradient(shape, new(0, N), width, x, x, Shorter(norm), false),
            () => run.Device.NormWeightGradient(shape, new(1, N), width, x, x, norm, false),
        ];
    });

    [Theory]
    [MemberData(nameof(Devices))]
    public void Copied_columns_tanh_and_replaced_tokens_refuse_operands_that_do_not_fit(string name) => OperandCheckTests.Refuses(name, run =>
    {
        const int rows = 3, classes = 4;
        var (x, y) = (run.Numbers("x", new double[rows * 5]), run.Numbers("y", new double[rows * 7]));
        var (scores, keys, tokens) = (run.Numbers("scores", new double[rows * classes]), run.Indices(new int[2 * rows]), run.Indices(new int[2 * rows]));
        var mask = new DropoutMask(0.5f, 1, 1);
        return
        [
            () => run.Device.CopyColumns(rows, 5, Shorter(x), 5, 0, y, 7, 0, false),
            () => run.Device.CopyColumns(rows, 5, x, 5, 0, Shorter(y), 7, 0, false),
            () => run.Device.CopyColumns(rows, 5, x, 5, 1, y, 7, 0, false),
            () => run.Device.CopyColumns(rows, 5, x, 5, 0, y, 7, 3, false),
            () => run.Device.CopyColumns(rows, 6, x, 5, 0, y, 7, 0, true),
            () => run.Device.CopyColumns(rows, 5, x, 5, -1, y, 7, 0, true),
            () => run.Device.CopyColumns(rows, -1, x, 5, 0, y, 7, 0, true),
            () => run.Device.Tanh(Shorter(x), x),
            () => run.Device.TanhGradient(Shorter(x), x),
            () => run.Device.ReplaceTokens(mask, run.Indices(new int[(2 * rows) - 1]), scores, classes, 0, rows, tokens),
            () => run.Device.ReplaceTokens(mask, keys, Shorter(scores), classes, 0, rows, tokens),
            () => run.Device.ReplaceTokens(mask, keys, scores, classes, 2, rows, tokens),
            () => run.Device.ReplaceTokens(mask, keys, scores, classes, -1, rows, tokens),
            () => run.Device.ReplaceTokens(mask, keys, scores, classes, int.MaxValue, rows, tokens),
        ];
    });

    static DeviceSpan Shorter(DeviceSpan span) => span.Slice(0, span.Length - 1);
}
