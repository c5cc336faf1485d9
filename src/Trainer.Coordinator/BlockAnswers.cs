using LstmCluster.Actors;
using LstmCluster.Compute;

namespace LstmCluster.Training;

/// <summary>The sums of squares by block that parameter servers answer with, one answer of each.</summary>
/// <param name="servers">Who answer.</param>
sealed class BlockAnswers(ParameterServerGroup servers)
{
    readonly Payload<double>?[] _answers = new Payload<double>?[servers.Count];
    int _count;

    /// <summary>True when all have answered.</summary>
    public bool IsComplete => _count == _answers.Length;

    /// <summary>The sum of squares of the whole vector: blocks are added in order over all servers, so that its bits do not depend on how many there are.</summary>
    public double Sum
    {
        get
        {
            double sum = 0;
            foreach (var answer in _answers) sum = BlockNorm.Sum(answer!.Span, sum);
            return sum;
        }
    }

    /// <summary>True when a server has answered.</summary>
    public bool Has(int server) => _answers[server] is not null;

    /// <summary>Takes in an answer; the reference is taken over. One that is there already is given back.</summary>
    /// <returns>Which server has answered; -1 when nobody keeps that slice.</returns>
    public int Take(ParameterRange slice, Payload<double> squares)
    {
        var server = servers.IndexOf(slice);
        if (server < 0 || _answers[server] is not null)
        {
            squares.Release();
            return server;
        }

        _answers[server] = squares;
        _count++;
        return server;
    }

    /// <summary>Forgets the answers.</summary>
    public void Clear()
    {
        for (var server = 0; server < _answers.Length; server++)
        {
            _answers[server]?.Release();
            _answers[server] = null;
        }

        _count = 0;
    }
}
