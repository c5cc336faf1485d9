namespace LstmCluster.Actors;

/// <summary>What one process tells another by itself: watches, ends, stops, lookups, and that it is connected or hangs up.</summary>
/// <param name="direction">The way.</param>
/// <param name="arrive">What happens there.</param>
/// <param name="opens">True for what makes the connection.</param>
sealed class ControlFlight(LinkDirection direction, Action arrive, bool opens = false) : Flight(direction)
{
    public override bool Opens => opens;

    public override void Deliver() => arrive();

    public override void Lose()
    {
    }
}
