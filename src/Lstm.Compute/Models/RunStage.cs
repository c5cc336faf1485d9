namespace LstmCluster.Compute;

/// <summary>What was last called on a run, as far as it decides what may be called next.</summary>
sealed class RunStage
{
    enum Call
    {
        None,
        Load,
        Forward,
        Losses,
        Backward,
    }

    Call _last;
    bool _isTraining;

    /// <summary>Gives up what was loaded and run, because something else takes its place: should that fail, there is no batch.</summary>
    public void Clear() => (_last, _isTraining) = (Call.None, false);

    /// <summary>Notes that a batch was loaded.</summary>
    public void Loaded() => (_last, _isTraining) = (Call.Load, false);

    /// <summary>Checks that a batch can be run from its beginning, and gives up what it gave before.</summary>
    public void GoForward()
    {
        RequireBatch();
        Loaded();
    }

    /// <summary>Checks that something can be run.</summary>
    public void RequireBatch() => Require(_last >= Call.Load, "there is no batch: call Load first");

    /// <summary>Notes a forward pass.</summary>
    public void RanForward(bool training) => (_last, _isTraining) = (Call.Forward, training);

    /// <summary>Checks that rows have final states.</summary>
    public void RequireForward() => Require(_last >= Call.Forward, "a row has no end yet: call Forward first");

    /// <summary>Checks that the outputs are there and not overwritten.</summary>
    public void RequireOutputs() => Require(
        _last == Call.Forward || (_last == Call.Losses && !_isTraining), "there are no outputs: call Forward first, and Losses in training afterwards");

    /// <summary>Checks that losses can be taken, and notes that they are.</summary>
    public void TakeLosses(bool hasTargets)
    {
        Require(_last == Call.Forward && hasTargets, "losses need a batch with targets and a Forward of its own");
        _last = Call.Losses;
    }

    /// <summary>Checks that it can go backward.</summary>
    public void RequireLosses() => Require(_last == Call.Losses && _isTraining, "backward needs a Forward in training and its Losses");

    /// <summary>Notes that it goes backward: once, because layers go backward in place.</summary>
    public void GoBackward() => _last = Call.Backward;

    static void Require(bool condition, string what)
    {
        if (!condition) throw new InvalidOperationException(what);
    }
}
