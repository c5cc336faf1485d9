using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LstmCluster.Cli;

/// <summary>Results of the verbs other than train, as one JSON object a line, with names as in a run's events.</summary>
static class Json
{
    static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new FiniteNumbers() },
    };

    static readonly JsonSerializerOptions s_withoutNulls = new(s_options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Writes one line to standard output.</summary>
    /// <param name="value">What to write.</param>
    /// <param name="leaveOutNulls">True to leave out what is null instead of saying so.</param>
    public static void Write<T>(T value, bool leaveOutNulls = false) => Console.Out.WriteLine(JsonSerializer.Serialize(value, leaveOutNulls ? s_withoutNulls : s_options));

    /// <summary>A value as one line, without its end.</summary>
    public static string Text(object value) => JsonSerializer.Serialize(value, s_options);
}
