using System.Diagnostics;
using LstmCluster.Actors;

namespace LstmCluster.Cli.Bench;

/// <summary>The other side: sends every message back, and takes tensors.</summary>
sealed class Mirror : IActor
{
    ActorRef? _caller;

    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        switch (message)
        {
            case Introduction m:
                _caller = m.Caller;
                break;
            case Ball when _caller is not null:
                context.Send(_caller, message);
                break;
            case Parcel m when _caller is not null:
                m.Release();
                context.Send(_caller, new Receipt());
                break;
            default:
                return context.Unhandled(message);
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>A measurement that the caller is asked for.</summary>
/// <param name="Count">Round trips, or tensors.</param>
/// <param name="Done">Is given the ticks of each round trip, or of all tensors together.</param>
abstract record Order(int Count, TaskCompletionSource<long[]> Done) : Message;

sealed record OrderTrips(int Count, TaskCompletionSource<long[]> Done) : Order(Count, Done);

sealed record OrderParcels(int Count, int Bytes, TaskCompletionSource<long[]> Done) : Order(Count, Done);

/// <summary>This side: one message at a time, or as many tensors as the window allows.</summary>
sealed class Caller(ActorRef mirror, PayloadPool pool) : IActor
{
    Order? _order;
    long[] _ticks = [];
    long _start;
    int _sent, _answered;

    public ValueTask StartedAsync(IActorContext context)
    {
        context.Send(mirror, new Introduction(context.Self));
        return ValueTask.CompletedTask;
    }

    public ValueTask ReceiveAsync(Message message, IActorContext context)
    {
        switch (message)
        {
            case OrderTrips m:
                Begin(m, m.Count);
                Throw(context);
                break;
            case OrderParcels m:
                Begin(m, 1);
                for (var i = 0; i < Math.Min(WireLoad.Window, m.Count); i++) Send(m, context);
                break;
            case Ball:
                _ticks[_answered++] = Stopwatch.GetTimestamp() - _start;
                if (_answered < _order!.Count) Throw(context);
                else _order.Done.SetResult(_ticks);
                break;
            case Receipt when ++_answered < _order!.Count:
                if (_sent < _order.Count) Send((OrderParcels)_order, context);
                break;
            case Receipt:
                _ticks[0] = Stopwatch.GetTimestamp() - _start;
                _order.Done.SetResult(_ticks);
                break;
            default:
                return context.Unhandled(message);
        }

        return ValueTask.CompletedTask;
    }

    void Begin(Order order, int figures) => (_order, _ticks, _sent, _answered, _start) = (order, new long[figures], 0, 0, Stopwatch.GetTimestamp());

    void Throw(IActorContext context)
    {
        _start = Stopwatch.GetTimestamp();
        context.Send(mirror, new Ball(_answered));
    }

    void Send(OrderParcels order, IActorContext context)
    {
        _sent++;
        context.Send(mirror, new Parcel(pool.Rent<byte>(order.Bytes)));
    }
}
