namespace LstmCluster.Compute.Tests;

/// <summary>Compares an operation on a device with the same operation on the reference device in double precision.</summary>
static class Agreement
{
    /// <summary>Largest accepted error, as a fraction of an operand's largest magnitude.</summary>
    public const double Tolerance = 1e-5;

    /// <summary>Runs the operation on both devices and compares every operand it was given, inputs included.</summary>
    /// <param name="device">The device under test.</param>
    /// <param name="placement">Where its operands lie.</param>
    /// <param name="label">Names the case in a failure.</param>
    /// <param name="operation">The operation, on whichever device the operands belong to.</param>
    /// <param name="tolerance">Fraction of the operand's magnitude.</param>
    /// <param name="leastMagnitude">Magnitude of the terms where they cancel, so that the result says too little about them.</param>
    /// <param name="precision">What both round operands of matrix products to.</param>
    public static void ShouldAgreeWithReference(
        this IDevice device, Placement placement, string label, Action<Operands> operation, double tolerance = Tolerance,
        double leastMagnitude = 0, ComputePrecision precision = ComputePrecision.Fp32)
    {
        using var reference = new ReferenceDevice<double>();
        reference.Use(precision);
        device.Use(precision);
        using var expected = new Operands(reference, Placement.BetweenNotNumbers);
        using var actual = new Operands(device, placement);
        operation(expected);
        operation(actual);
        foreach (var ((name, wanted), (_, found)) in expected.ReadAll().Zip(actual.ReadAll()))
            ShouldBeClose(found, wanted, tolerance, $"{device.Name}, {label}, {name}", leastMagnitude);
    }

    /// <summary>The largest error, as a fraction of an operand's magnitude, that the scalar reference makes in single precision.</summary>
    public static double SinglePrecisionError(Action<Operands> operation, double leastMagnitude)
    {
        using var reference = new ReferenceDevice<double>();
        using var single = new ReferenceDevice<float>();
        using var wanted = new Operands(reference, Placement.BetweenNotNumbers);
        using var found = new Operands(single, Placement.BetweenNotNumbers);
        operation(wanted);
        operation(found);
        var largest = 0.0;
        foreach (var ((_, exact), (_, rounded)) in wanted.ReadAll().Zip(found.ReadAll()))
        {
            var finite = exact.Zip(rounded).Where(pair => double.IsFinite(pair.First)).ToList();
            if (finite.Count == 0) continue;
            var scale = Math.Max(leastMagnitude, finite.Max(pair => Math.Abs(pair.First)));
            largest = scale > 0 ? Math.Max(largest, finite.Max(pair => Math.Abs(pair.First - pair.Second)) / scale) : largest;
        }

        return largest;
    }

    /// <summary>Compares element by element, relative to the largest finite magnitude that is expected; what is not finite must be the same.</summary>
    public static void ShouldBeClose(double[] found, double[] wanted, double tolerance, string label, double leastMagnitude = 0)
    {
        found.Length.ShouldBe(wanted.Length, label);
        var scale = leastMagnitude;
        foreach (var value in wanted)
            scale = double.IsFinite(value) ? Math.Max(scale, Math.Abs(value)) : scale;
        for (var index = 0; index < wanted.Length; index++)
        {
            var same = double.IsFinite(wanted[index])
                ? Math.Abs(found[index] - wanted[index]) <= tolerance * scale
                : found[index].Equals(wanted[index]);
            if (!same)
                Assert.Fail($"{label}[{index}] is {found[index]:R}, should be {wanted[index]:R} (largest: {scale:g3}, tolerance {tolerance:g1} of it)");
        }
    }

    /// <summary>Compares bit by bit: NaN is NaN, and zero has a sign.</summary>
    public static void ShouldHaveTheBitsOf(this double[] found, double[] wanted, string label)
    {
        found.Length.ShouldBe(wanted.Length, label);
        for (var index = 0; index < wanted.Length; index++)
        {
            if (BitConverter.DoubleToInt64Bits(found[index]) != BitConverter.DoubleToInt64Bits(wanted[index]))
                Assert.Fail($"{label}[{index}] is {found[index]:R}, should be {wanted[index]:R} to the last bit");
        }
    }
}
