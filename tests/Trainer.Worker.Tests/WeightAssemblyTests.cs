using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Actors;
using LstmCluster.Compute;
using LstmCluster.Protocol;
using LstmCluster.Training;

namespace Trainer.Worker.Tests;

public sealed class WeightAssemblyTests : IDisposable
{
    const int Length = 10;

    static readonly ParameterRange[] s_slices = [new(0, 4), new(4, 1), new(5, 5)];

    readonly PayloadPool _pool = new();
    readonly WeightAssembly _assembly;

    public WeightAssemblyTests() => _assembly = new(Length, _pool);

    public void Dispose()
    {
        _assembly.Dispose();
        _pool.Rented.ShouldBe(0);
        _pool.Dispose();
    }

    [Fact]
    public void Weights_that_come_whole_are_used_as_they_are()
    {
        var whole = Part(3, new ParameterRange(0, Length));
        var taken = _assembly.Take(whole)!;
        taken.Weights.ShouldBeSameAs(whole.Weights);
        taken.Weights.References.ShouldBe(1);
        taken.Release();
    }

    [Fact]
    public void Parts_make_a_whole_with_the_last_of_them()
    {
        _assembly.Take(Part(3, s_slices[2])).ShouldBeNull();
        _assembly.Take(Part(3, s_slices[0])).ShouldBeNull();
        ShouldBeWhole(_assembly.Take(Part(3, s_slices[1])), 3);
    }

    [Fact]
    public void A_part_that_comes_again_changes_nothing_and_brings_the_whole_to_who_brings_it()
    {
        _assembly.Take(Part(3, s_slices[0])).ShouldBeNull();
        _assembly.Take(Part(3, s_slices[0])).ShouldBeNull();
        _assembly.Take(Part(3, s_slices[1])).ShouldBeNull();
        var first = _assembly.Take(Part(3, s_slices[2]));
        var second = _assembly.Take(Part(3, s_slices[0]));
        second!.Weights.ShouldBeSameAs(first!.Weights, "each process copies once");
        ShouldBeWhole(first, 3);
        ShouldBeWhole(second, 3);
    }

    [Fact]
    public void Whoever_missed_a_part_that_reached_another_finds_the_whole()
    {
        _assembly.Take(Part(3, s_slices[0])).ShouldBeNull();
        _assembly.Take(Part(3, s_slices[1])).ShouldBeNull();
        _assembly.Find(new WeightVersion(3)).ShouldBeNull();
        _assembly.Take(Part(3, s_slices[2]))!.Release();
        ShouldBeWhole(_assembly.Find(new WeightVersion(3)), 3);
        _assembly.Find(new WeightVersion(2)).ShouldBeNull();
        _assembly.Find(new WeightVersion(3, Averaged: true)).ShouldBeNull();
    }

    [Fact]
    public void Parts_of_older_weights_than_those_that_are_whole_are_dropped()
    {
        _assembly.Take(Part(2, s_slices[0])).ShouldBeNull();
        foreach (var slice in s_slices) _assembly.Take(Part(3, slice))?.Release();
        _assembly.Take(Part(2, s_slices[1])).ShouldBeNull();
        _assembly.Take(Part(2, s_slices[2])).ShouldBeNull();
        _pool.Rented.ShouldBe(1, "the whole of version 3");
    }

    [Fact]
    public void An_average_is_put_together_beside_the_weights_and_goes_with_the_next_ones()
    {
        foreach (var slice in s_slices[..2])
        {
            _assembly.Take(Part(3, slice)).ShouldBeNull();
            _assembly.Take(Part(3, slice, averaged: true)).ShouldBeNull();
        }

        ShouldBeWhole(_assembly.Take(Part(3, s_slices[2], averaged: true)), 3, averaged: true);
        ShouldBeWhole(_assembly.Take(Part(3, s_slices[2])), 3);
        _pool.Rented.ShouldBe(2);
        foreach (var slice in s_slices) _assembly.Take(Part(4, slice))?.Release();
        _pool.Rented.ShouldBe(1);
    }

    [Fact]
    public void What_is_missing_is_known_by_part()
    {
        var version = new WeightVersion(3);
        _assembly.Take(Part(3, s_slices[1])).ShouldBeNull();
        s_slices.Select(slice => _assembly.IsMissing(version, slice)).ShouldBe([true, false, true]);
        _assembly.IsMissing(version with { Averaged = true }, s_slices[1]).ShouldBeTrue();
        _assembly.IsMissing(new WeightVersion(4), s_slices[1]).ShouldBeTrue();
        _assembly.Take(Part(3, s_slices[0])).ShouldBeNull();
        _assembly.Take(Part(3, s_slices[2]))!.Release();
        s_slices.ShouldAllBe(slice => !_assembly.IsMissing(version, slice));
    }

    [Fact]
    public void A_part_that_overlaps_another_or_leaves_the_vector_is_refused_and_given_back()
    {
        _assembly.Take(Part(3, s_slices[0])).ShouldBeNull();
        Should.Throw<ArgumentException>(() => _assembly.Take(Part(3, new ParameterRange(3, 2))));
        Should.Throw<ArgumentException>(() => _assembly.Take(Part(3, new ParameterRange(8, 3))));
        _pool.Rented.ShouldBe(1);
    }

    [Fact]
    public void However_parts_of_several_versions_are_mixed_doubled_and_lost_a_whole_is_of_one_version_and_none_goes_back() =>
        Prop.ForAll(Gen.Choose(0, (5 * 3) - 1).ListOf().ToArbitrary(), arrivals =>
        {
            using var pool = new PayloadPool();
            using (var assembly = new WeightAssembly(Length, pool))
            {
                var newest = -1L;
                foreach (var arrival in arrivals)
                {
                    var whole = assembly.Take(Part(arrival / 3, s_slices[arrival % 3], pool: pool));
                    if (whole is null) continue;
                    whole.Version.Value.ShouldBeGreaterThanOrEqualTo(newest);
                    newest = whole.Version.Value;
                    ShouldBeWhole(whole, newest);
                }

                // At most two versions that are incomplete, and the last whole one.
                pool.Rented.ShouldBeLessThanOrEqualTo(3);
            }

            pool.Rented.ShouldBe(0);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Workers_that_bring_the_same_parts_at_once_all_get_the_one_whole()
    {
        var wholes = new System.Collections.Concurrent.ConcurrentBag<Payload<float>>();
        Parallel.For(0, 8, _ =>
        {
            WeightsPublished? last = null;
            foreach (var slice in s_slices)
            {
                last?.Release();
                last = _assembly.Take(Part(7, slice));
            }

            wholes.Add(last.ShouldNotBeNull().Weights);
        });
        wholes.Distinct().ShouldHaveSingleItem();
        foreach (var whole in wholes) whole.Release();
        _pool.Rented.ShouldBe(1);
    }

    WeightsPublished Part(long version, ParameterRange slice, bool averaged = false, PayloadPool? pool = null)
    {
        var part = (pool ?? _pool).Rent<float>(slice.Length);
        for (var index = 0; index < slice.Length; index++) part.Span[index] = Element(version, averaged, slice.Offset + index);
        return new WeightsPublished(new WeightVersion(version, averaged), slice, part);
    }

    static float Element(long version, bool averaged, int index) => (version * 100) + index + (averaged ? 0.5f : 0);

    static void ShouldBeWhole(WeightsPublished? whole, long version, bool averaged = false)
    {
        whole.ShouldNotBeNull().Version.ShouldBe(new WeightVersion(version, averaged));
        whole.Slice.ShouldBe(new ParameterRange(0, Length));
        whole.Weights.Span.ToArray().ShouldBe(Enumerable.Range(0, Length).Select(index => Element(version, averaged, index)));
        whole.Release();
    }
}
