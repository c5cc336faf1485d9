namespace LstmCluster.Compute.Tests;

public class OptimizerGoldenTests
{
    static readonly GoldenFile Golden = new("optimizers");

    static readonly string[] Kinds =
    [
        "sgd", "sgd-momentum", "sgd-momentum-decay", "adam", "adamw", "rmsprop", "rmsprop-centered", "rmsprop-momentum", "rmsprop-all", "adagrad",
        "adagrad-all", "nadam", "nadam-all",
    ];

    public static TheoryData<string, string, string> Cases =>
    [
        .. from device in GoldenDevices.AllNames
           from kind in Kinds
           from clip in new[] { "unclipped", "norm", "value" }
           select (device, kind, clip),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Ten_steps_are_those_of_PyTorch(string name, string kind, string clip)
    {
        var (weights, gradients, trace) = (Golden.Numbers("weights"), Golden.Numbers("gradients"), Golden.Numbers($"{kind}.{clip}"));
        var optimizer = Create(kind);
        using var device = GoldenDevices.Open(name);
        using var run = new Operands(device, Placement.BetweenNotNumbers);
        var w = run.Numbers("weights", weights);
        DeviceSpan[] state =
        [
            .. optimizer.StateNames.Select((stateName, index) =>
                run.Numbers(stateName, [.. Enumerable.Repeat((double)optimizer.InitialState(index), weights.Length)])),
        ];
        for (var step = 0; step < gradients.Length / weights.Length; step++)
        {
            var steps = new Range(step * weights.Length, (step + 1) * weights.Length);
            var gradient = run.Numbers("gradient", gradients[steps]);
            var scale = clip == "norm" ? Clipping.ScaleByNorm(device, gradient, factor: 1, Golden.Number("norm")).Scale : 1;
            if (clip == "value")
                device.Clamp(gradient, (float)Golden.Number("value"));

            optimizer.Apply(device, step + 1, Golden.Number("rate"), scale, gradient, w, state, w);

            // The step's scalars reach every device in single precision, so double does not go below their rounding.
            Agreement.ShouldBeClose(run.Read(w), trace[steps], 2e-6, $"{name}, {kind}, {clip}, step {step + 1}");
        }
    }

    static Optimizer Create(string kind)
    {
        var (beta1, beta2, epsilon) = (Golden.Number("beta1"), Golden.Number("beta2"), Golden.Number("epsilon"));
        var (momentum, decay) = (Golden.Number("momentum"), Golden.Number("decay"));
        return kind switch
        {
            "sgd" => new Sgd(),
            "sgd-momentum" => new Sgd(momentum),
            "sgd-momentum-decay" => new Sgd(momentum, decay),
            "adam" => new Adam(beta1, beta2, epsilon),
            "adamw" => new Adam(beta1, beta2, epsilon, decay),
            "rmsprop" => new RmsProp(beta2, epsilon),
            "rmsprop-centered" => new RmsProp(beta2, epsilon, Centered: true),
            "rmsprop-momentum" => new RmsProp(beta2, epsilon, momentum),
            "rmsprop-all" => new RmsProp(beta2, epsilon, momentum, Centered: true, decay),
            "adagrad" => new Adagrad(Epsilon: epsilon),
            "adagrad-all" => new Adagrad(decay, Golden.Number("accumulator"), epsilon, decay),
            "nadam" => new Nadam(beta1, beta2, epsilon),
            "nadam-all" => new Nadam(beta1, beta2, epsilon, Golden.Number("momentumDecay"), decay),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such optimizer"),
        };
    }
}
