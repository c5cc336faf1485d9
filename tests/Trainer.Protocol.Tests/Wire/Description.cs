using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using LstmCluster.Actors;

namespace LstmCluster.Protocol.Tests;

/// <summary>Everything a message says, in words: two messages with the same description are the same.</summary>
static class Description
{
    public static string Of(object? value) => value switch
    {
        null => "nothing",
        string text => $"\"{text}\"",
        double number => BitConverter.DoubleToInt64Bits(number).ToString("x16", CultureInfo.InvariantCulture),
        ActorRef actor => $"{actor} at {RuntimeHelpers.GetHashCode(actor)}",
        IWirePayload payload => $"{payload.Type} {Convert.ToHexString(payload.Bytes.Span)}",
        IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Of))}]",
        IFormattable plain when value.GetType().IsPrimitive || value is Enum or TimeSpan => plain.ToString(null, CultureInfo.InvariantCulture),
        bool truth => truth.ToString(),
        _ => $"{value.GetType().Name} {{ {string.Join(", ", value.GetType().GetProperties()
            .Where(property => property.CanWrite).Select(property => $"{property.Name} = {Of(property.GetValue(value))}"))} }}",
    };
}
