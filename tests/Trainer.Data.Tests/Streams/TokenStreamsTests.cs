using FsCheck;
using FsCheck.Fluent;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace Trainer.Data.Tests;

public class TokenStreamsTests
{
    /// <summary>Streams over tokens that are all different: batch, length, tokens in the part.</summary>
    static readonly Gen<(int Batch, int Length, int Count)> s_shapes =
        from batch in Gen.Choose(1, 7)
        from length in Gen.Choose(1, 9)
        from extra in Gen.Choose(0, 200)
        select (batch, length, (batch * length) + 1 + extra);

    static TokenSequence Counting(int count) => TokenSequence.Of([.. Enumerable.Range(0, count)], count);

    static (int[] Inputs, int[] Targets) Filled(TokenStreams streams, int position, int length, int firstRow, int rows)
    {
        var (inputs, targets) = (new int[length * rows], new int[length * rows]);
        streams.Fill(position, length, firstRow, rows, inputs, targets);
        return (inputs, targets);
    }

    /// <summary>The slicing of the PyTorch peer, written out: t[:n*batch].view(batch, n).t() and the same one token on.</summary>
    static (int[,] X, int[,] Y) Peer(int[] t, int batch)
    {
        var n = (t.Length - 1) / batch;
        var (x, y) = (new int[n, batch], new int[n, batch]);
        for (var i = 0; i < n * batch; i++)
            (x[i % n, i / n], y[i % n, i / n]) = (t[i], t[i + 1]);
        return (x, y);
    }

    [Fact]
    public void Training_steps_are_those_of_the_peer() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(s_shapes.ToArbitrary(), shape =>
        {
            var tokens = Enumerable.Range(0, shape.Count).Select(i => (i * 7919) % 251).ToArray();
            var streams = new TokenStreams(TokenSequence.Of(tokens, 251), 0, shape.Count, shape.Batch, shape.Length);
            var (x, y) = Peer(tokens, shape.Batch);
            var (at, reset) = (0, true);
            var position = default(DataPosition);
            for (var step = 0; step < (3 * streams.StepsPerEpoch) + 1; step++)
            {
                if (at + shape.Length > x.GetLength(0))
                    (at, reset) = (0, true);
                streams.PositionOf(step).ShouldBe(position);
                position.Offset.ShouldBe(at);
                var (inputs, targets) = Filled(streams, position.Offset, shape.Length, 0, shape.Batch);
                for (var t = 0; t < shape.Length; t++)
                {
                    for (var row = 0; row < shape.Batch; row++)
                    {
                        inputs[(t * shape.Batch) + row].ShouldBe(x[at + t, row]);
                        targets[(t * shape.Batch) + row].ShouldBe(y[at + t, row]);
                    }
                }

                position.BeginsPass.ShouldBe(reset);
                position = streams.After(position);
                (at, reset) = (at + shape.Length, false);
            }
        }));

    [Fact]
    public void The_validation_pieces_are_those_of_the_peer() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(s_shapes.ToArbitrary(), shape =>
        {
            var streams = new TokenStreams(Counting(shape.Count), 0, shape.Count, shape.Batch, shape.Length);
            var n = (shape.Count - 1) / shape.Batch;

            streams.Pieces().ShouldBe(Enumerable.Range(0, (n + shape.Length - 1) / shape.Length).Select(i => (i * shape.Length, Math.Min(shape.Length, n - (i * shape.Length)))));
        }));

    [Fact]
    public void Every_token_that_fits_a_whole_step_is_used_exactly_once_in_an_epoch() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(s_shapes.ToArbitrary(), shape =>
        {
            var streams = new TokenStreams(Counting(shape.Count), 0, shape.Count, shape.Batch, shape.Length);
            var used = new List<int>();
            for (var step = 0; step < streams.StepsPerEpoch; step++)
                used.AddRange(Filled(streams, streams.PositionOf(step).Offset, shape.Length, 0, shape.Batch).Inputs);

            var whole = streams.StepsPerEpoch * shape.Length;
            used.Order().ShouldBe(Enumerable.Range(0, shape.Batch * streams.StreamLength).Where(i => i % streams.StreamLength < whole));
            (streams.StreamLength - whole).ShouldBeLessThan(shape.Length);
        }));

    [Fact]
    public void A_run_resumed_at_any_step_sees_the_same_batches() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(s_shapes.ToArbitrary(), Gen.Choose(0, 500).ToArbitrary(), (shape, stopped) =>
        {
            var streams = new TokenStreams(Counting(shape.Count), 0, shape.Count, shape.Batch, shape.Length);
            var undisturbed = default(DataPosition);
            for (var step = 0; step < stopped; step++)
                undisturbed = streams.After(undisturbed);
            var resumed = streams.PositionOf(stopped);
            for (var step = 0; step < streams.StepsPerEpoch + 2; step++)
            {
                resumed.ShouldBe(undisturbed);
                resumed.BeginsPass.ShouldBe((stopped + step) % streams.StepsPerEpoch == 0);
                (resumed, undisturbed) = (streams.After(resumed), streams.After(undisturbed));
            }
        }));

    [Fact]
    public void The_shards_of_a_batch_are_its_rows_cut_evenly() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Gen.Choose(1, 5).ToArbitrary(), Gen.Choose(1, 5).ToArbitrary(), (shards, rowsPerShard) =>
        {
            var batch = shards * rowsPerShard;
            var streams = new TokenStreams(Counting(500), 3, 400, batch, 4);
            var whole = Filled(streams, 4, 4, 0, batch);
            for (var shard = 0; shard < shards; shard++)
            {
                var rows = BatchRows.OfShard(shard, shards, batch);
                var part = Filled(streams, 4, 4, rows.First, rows.Count);
                for (var i = 0; i < part.Inputs.Length; i++)
                {
                    var inWhole = (i / rowsPerShard * batch) + (shard * rowsPerShard) + (i % rowsPerShard);
                    part.Inputs[i].ShouldBe(whole.Inputs[inWhole]);
                    part.Targets[i].ShouldBe(whole.Targets[inWhole]);
                }
            }
        }));

    [Fact]
    public void Shards_that_do_not_divide_the_batch_differ_by_one_row_and_are_its_rows_in_order() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Gen.Choose(1, 9).ToArbitrary(), Gen.Choose(0, 30).ToArbitrary(), (shards, more) =>
        {
            var rows = Enumerable.Range(0, shards).Select(shard => BatchRows.OfShard(shard, shards, shards + more)).ToList();
            rows.SelectMany(part => Enumerable.Range(part.First, part.Count)).ShouldBe(Enumerable.Range(0, shards + more));
            (rows.Max(part => part.Count) - rows.Min(part => part.Count)).ShouldBeLessThanOrEqualTo(1);
        }));

    [Fact]
    public void A_batch_without_a_row_for_each_shard_is_refused() =>
        Should.Throw<ArgumentException>(() => BatchRows.OfShard(0, 9, 8));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, -4)]
    [InlineData(0, 100)]
    [InlineData(-1, 0)]
    public void A_position_at_which_no_step_begins_is_refused(long epoch, int position)
    {
        var streams = new TokenStreams(Counting(100), 0, 100, 3, 4);

        Should.Throw<ArgumentException>(() => streams.After(new DataPosition(epoch, position)));
    }

    [Fact]
    public void Tokens_outside_the_streams_are_never_touched()
    {
        var streams = new TokenStreams(Counting(100), 10, 50, 3, 4);

        Filled(streams, 0, streams.StreamLength, 0, 3).Inputs.ShouldAllBe(token => token >= 10 && token < 60);
        Filled(streams, 0, streams.StreamLength, 0, 3).Targets.ShouldAllBe(token => token > 10 && token < 60);
        Should.Throw<ArgumentOutOfRangeException>(() => Filled(streams, streams.StreamLength - 3, 4, 0, 3));
        Should.Throw<ArgumentOutOfRangeException>(() => Filled(streams, 0, 4, 1, 3));
        Should.Throw<ArgumentException>(() => new TokenStreams(Counting(100), 60, 50, 3, 4));
    }

    [Fact]
    public void Ids_keep_their_value_whatever_the_size_of_the_vocabulary()
    {
        foreach (var size in new[] { 1, 256, 257, 65536, 65537, 1 << 20 })
        {
            var sequence = TokenSequence.Of([0, size - 1, size / 2], size);
            new[] { sequence[0], sequence[1], sequence[2] }.ShouldBe([0, size - 1, size / 2]);
            Should.Throw<ArgumentOutOfRangeException>(() => TokenSequence.Of([size], size));
        }
    }
}
