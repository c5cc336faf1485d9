using System.Runtime.ExceptionServices;
using LstmCluster.Data;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Tells of readings, as they come, how far out of the ordinary they are.</summary>
/// <param name="job">The job that trained the model, an anomaly's.</param>
/// <param name="encoding">What was learned of the columns.</param>
/// <param name="thresholds">Above which score a reading is out of the ordinary; null where that is not known.</param>
/// <param name="predict">What the model tells of windows.</param>
sealed class AnomalyWatch(Job job, TableEncoding encoding, AnomalyThresholds? thresholds, Func<IReadOnlyList<Sample>, IReadOnlyList<Prediction>> predict)
{
    readonly AnomalyTask _task = (AnomalyTask)job.Task;
    readonly AnomalyInputs _inputs = new(job, encoding);
    readonly ColumnFit[] _targets = [.. encoding.Targets];

    /// <summary>Tells of each reading; of those before one that cannot be read before the error about it.</summary>
    /// <param name="rows">The readings.</param>
    /// <param name="batch">So many are read before they are told of.</param>
    /// <param name="leftOut">Hears of each reading that is left out because something is missing in it; null where that is an error.</param>
    public IEnumerable<AnomalyReading> Of(IEnumerable<TableInput> rows, int batch, Action<string>? leftOut = null)
    {
        var waiting = new List<(TableInput Row, Sample? Window)>();
        using var source = rows.GetEnumerator();
        for (var goesOn = true; goesOn;)
        {
            UserErrorException? failure = null;
            try
            {
                goesOn = source.MoveNext();
                if (goesOn && !IsLeftOut(source.Current)) waiting.Add((source.Current, _inputs.Take(source.Current)));
            }
            catch (UserErrorException error)
            {
                (failure, goesOn) = (error, false);
            }

            if (goesOn && waiting.Count < batch) continue;
            foreach (var reading in Tell(waiting)) yield return reading;
            waiting.Clear();
            if (failure is not null) ExceptionDispatchInfo.Throw(failure);
        }

        bool IsLeftOut(TableInput row)
        {
            if (leftOut is null || row.Flaw is not { } flaw) return false;
            leftOut(flaw.Message);
            return true;
        }
    }

    List<AnomalyReading> Tell(List<(TableInput Row, Sample? Window)> waiting)
    {
        Sample[] windows = [.. waiting.Where(each => each.Window is not null).Select(each => each.Window!)];
        var told = windows.Length == 0 ? [] : predict(windows);
        var (readings, next) = (new List<AnomalyReading>(waiting.Count), 0);
        foreach (var (row, window) in waiting)
        {
            double? threshold = thresholds?.Of(row.Series);
            readings.Add(window is null
                ? new AnomalyReading(row.Line, row.Series, null, threshold, new Dictionary<string, double>())
                : Tell(row, window, (ValuePrediction)told[next++], threshold));
        }

        return readings;
    }

    AnomalyReading Tell(TableInput row, Sample window, ValuePrediction told, double? threshold)
    {
        var numbers = told.Values[_task.Rows - 1];
        var score = new WindowScore();
        for (var step = _task.Context; step < _task.Rows; step++)
            score.Add([.. told.Values[step].Select(number => (float)number)], window.Values.AsSpan(step * numbers.Length, numbers.Length));
        var expected = new OrderedDictionary<string, double>();
        var bases = window.Bases.AsSpan((_task.Rows - 1) * numbers.Length, numbers.Length);
        foreach (var (output, column) in _targets.Index()) expected.Add(column.Name, column.Decode(numbers[output] + bases[output]));
        return new AnomalyReading(row.Line, row.Series, score.Value, threshold, expected);
    }
}
