namespace LstmCluster.Compute.Tests;

/// <summary>Compares a gradient with central differences of fourth order, in double precision.</summary>
static class FiniteDifferences
{
    const double Tolerance = 1e-6;

    // Below this share of the largest element, an element's own size says nothing about its error.
    const double Floor = 1e-3;

    /// <summary>Moves each variable in place, asks for the loss, and puts it back.</summary>
    /// <param name="gradient">What backward computed.</param>
    /// <param name="variables">Where, read by <paramref name="loss"/>.</param>
    /// <param name="loss">The function that was differentiated.</param>
    /// <param name="label">Names the variables in a failure.</param>
    /// <param name="leastMagnitude">Magnitude of the terms where they cancel, so that the gradient says too little about them.</param>
    /// <param name="step">How far a variable is moved: less where the function bends more.</param>
    public static void ShouldBeTheDerivative(this double[] gradient, double[] variables, Func<double> loss, string label, double leastMagnitude = 0, double step = 1e-3)
    {
        gradient.Length.ShouldBe(variables.Length, label);
        double[] differences = [.. variables.Select((_, index) => Derivative(variables, index, loss, step))];
        var scale = differences.Concat(gradient).Select(Math.Abs).Append(leastMagnitude).Max();
        for (var index = 0; index < gradient.Length; index++)
        {
            var size = Math.Max(Math.Max(Math.Abs(gradient[index]), Math.Abs(differences[index])), Floor * scale);
            if (!(Math.Abs(gradient[index] - differences[index]) <= Tolerance * size))
                Assert.Fail($"{label}[{index}]: backward says {gradient[index]:R}, differences say {differences[index]:R}");
        }
    }

    static double Derivative(double[] variables, int index, Func<double> loss, double step)
    {
        var here = variables[index];
        double At(double offset)
        {
            variables[index] = here + offset;
            var value = loss();
            variables[index] = here;
            return value;
        }

        return ((8 * (At(step) - At(-step))) - (At(2 * step) - At(-2 * step))) / (12 * step);
    }
}
