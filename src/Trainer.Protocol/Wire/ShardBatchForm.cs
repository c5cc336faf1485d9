using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Protocol;

/// <summary>A shard's batch: a part that it may have is one line in each direction, and an optional field of its own in the form.</summary>
static class ShardBatchForm
{
    public static Wire.ShardBatch Write(ShardBatch batch, MessageWriter writer)
    {
        var form = new Wire.ShardBatch
        {
            Shard = batch.Shard,
            Steps = batch.Shape.Steps,
            Rows = batch.Shape.Rows,
            TargetSteps = batch.TargetSteps,
            CarriesState = batch.CarriesState,
        };
        if (batch.Tokens is { } tokens) form.Tokens = writer.Attach(tokens);
        if (batch.Characters is { } characters) form.Characters = writer.Attach(characters);
        if (batch.Features is { } features) form.Features = writer.Attach(features);
        if (batch.Lengths is { } lengths) form.Lengths = writer.Attach(lengths);
        if (batch.Classes is { } classes) form.Classes = writer.Attach(classes);
        if (batch.Values is { } values) form.Values = writer.Attach(values);
        if (batch.State is { } state) form.State = writer.Attach(state);
        return form;
    }

    public static ShardBatch Read(Wire.ShardBatch form, MessageReader reader)
    {
        var (inputs, targets) = (Positions(form, form.Steps), Positions(form, form.TargetSteps));
        Forms.Require(form.HasTokens || form.HasFeatures, $"shard {form.Shard} has no inputs");
        return new ShardBatch(form.Shard, new BatchShape(form.Steps, form.Rows), form.TargetSteps)
        {
            Tokens = form.HasTokens ? Take<int>("tokens", form.Tokens, inputs, oneEach: true) : null,
            Characters = form.HasCharacters ? Take<int>("characters", form.Characters, inputs, oneEach: false) : null,
            Features = form.HasFeatures ? Take<float>("features", form.Features, inputs, oneEach: false) : null,
            Lengths = form.HasLengths ? Take<int>("lengths", form.Lengths, form.Rows, oneEach: true) : null,
            Classes = form.HasClasses ? Take<int>("classes", form.Classes, targets, oneEach: true) : null,
            Values = form.HasValues ? Take<float>("values", form.Values, targets, oneEach: false) : null,
            State = form.HasState ? Take<float>("numbers of state", form.State, form.Rows, oneEach: false) : null,
            CarriesState = form.CarriesState,
        };

        Payload<T> Take<T>(string part, int index, int places, bool oneEach)
            where T : unmanaged
        {
            var payload = reader.Take<T>(index);
            var fits = oneEach || places == 0 ? payload.Length == places : payload.Length % places == 0;
            Forms.Require(fits, $"{payload.Length} {part} for {places} places of shard {form.Shard}");
            return payload;
        }
    }

    static int Positions(Wire.ShardBatch form, int steps)
    {
        Forms.Require(
            form.Shard >= 0 && steps >= 0 && form.Rows >= 0 && (long)steps * form.Rows <= int.MaxValue,
            $"[{steps},{form.Rows}] of shard {form.Shard} is no shape");
        return steps * form.Rows;
    }
}
