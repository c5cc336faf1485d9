namespace LstmCluster.Compute.Tests;

/// <summary>Compares a gradient with central differences of fourth order, in double precision.</summary>
static class FiniteDifferences
{
    const double Tolerance = 1e-6;

    // Below this share of the largest element, an element's own size says nothing about its error.
    const double Floor = 1e-3;

    // Differences that disagree by this share say nothing.
    const double Unknown = 1e-3;

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

    /// <summary>Compares a slope in one direction with differences of several steps, from the one that rounding disturbs least to the one that follows the sharpest bend.</summary>
    /// <remarks>One that agrees is proof enough: a wrong slope meets no difference to six digits, whatever the step.</remarks>
    /// <param name="slope">What backward computed.</param>
    /// <param name="loss">The function, by the distance in that direction.</param>
    /// <param name="scale">Magnitude of slopes beside it.</param>
    /// <param name="label">Names the slope in a failure.</param>
    /// <returns>False when the derivative is not known well enough to tell, because the function bends within the smallest step: then differences do not agree with each other.</returns>
    public static bool ShouldBeTheSlope(this double slope, Func<double, double> loss, double scale, string label)
    {
        double[] steps = [1e-3, 2e-4, 4e-5, 8e-6, 1.6e-6];
        var differences = new List<double>();
        foreach (var step in steps)
        {
            differences.Add(Difference(loss, step));
            if (Math.Abs(slope - differences[^1]) <= Tolerance * Size())
                return true;
        }

        // How well a difference is known: what is left of a bend is far less than what the step before saw of it, and losses carry rounding.
        var rounding = 8 * Math.ScaleB(Math.Abs(loss(0)), -52);
        var (best, doubt) = steps.Index().Skip(1)
            .Select(step => (differences[step.Index], Doubt: (2 * Math.Abs(differences[step.Index] - differences[step.Index - 1])) + (rounding / step.Item)))
            .MinBy(known => known.Doubt);
        if (doubt > Unknown * Size() || Math.Abs(slope - best) <= doubt + (Tolerance * Size()))
            return false;
        Assert.Fail($"{label}: backward says {slope:R}, differences say {string.Join(", ", differences.Select(difference => $"{difference:R}"))} with steps {string.Join(", ", steps)}");
        return true;

        double Size() => Math.Max(Math.Max(Math.Abs(slope), Math.Abs(differences[^1])), Floor * scale);
    }

    static double Derivative(double[] variables, int index, Func<double> loss, double step)
    {
        var here = variables[index];
        return Difference(
            offset =>
            {
                variables[index] = here + offset;
                var value = loss();
                variables[index] = here;
                return value;
            }, step);
    }

    static double Difference(Func<double, double> at, double step) =>
        ((8 * (at(step) - at(-step))) - (at(2 * step) - at(-2 * step))) / (12 * step);
}
