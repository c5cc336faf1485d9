using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Protocol;

/// <summary>A part of a gradient vector as it travels: single-precision numbers, or <see cref="Bf16"/> ones in half the bytes.</summary>
public readonly record struct GradientPart
{
    /// <summary>Single-precision numbers; their reference is handed over.</summary>
    public GradientPart(Payload<float> singles) => Singles = singles ?? throw new ArgumentNullException(nameof(singles));

    /// <summary>The 16-bit forms of numbers; their reference is handed over.</summary>
    public GradientPart(Payload<ushort> halves) => Halves = halves ?? throw new ArgumentNullException(nameof(halves));

    /// <summary>The numbers; null where it is made of <see cref="Halves"/>.</summary>
    public Payload<float>? Singles { get; private init; }

    /// <summary>The 16-bit forms; null where it is made of <see cref="Singles"/>.</summary>
    public Payload<ushort>? Halves { get; private init; }

    /// <summary>Elements.</summary>
    public int Length => Singles?.Length ?? Halves?.Length ?? 0;

    /// <summary>Numbers as they are.</summary>
    public static implicit operator GradientPart(Payload<float> singles) => new(singles);

    /// <summary>Rounds numbers into half the bytes.</summary>
    /// <param name="singles">The numbers; the reference is taken over.</param>
    /// <param name="pool">Where the 16-bit forms are rented.</param>
    public static GradientPart Narrow(Payload<float> singles, PayloadPool pool)
    {
        ArgumentNullException.ThrowIfNull(singles);
        ArgumentNullException.ThrowIfNull(pool);
        var halves = pool.Rent<ushort>(singles.Length);
        Bf16.Narrow(singles.Span, halves.Span);
        singles.Release();
        return new GradientPart(halves);
    }

    /// <summary>Its numbers in single precision. This part's reference is taken over: nothing else is to be done with it.</summary>
    /// <param name="pool">Where they are rented unless they are there.</param>
    public Payload<float> Expand(PayloadPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        if (Halves is not { } halves) return Singles ?? throw new InvalidOperationException("a gradient without numbers");
        var singles = pool.Rent<float>(halves.Length);
        Bf16.Widen(halves.Span, singles.Span);
        halves.Release();
        return singles;
    }

    /// <summary>Gives its reference back.</summary>
    public void Release()
    {
        Singles?.Release();
        Halves?.Release();
    }
}
