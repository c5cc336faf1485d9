using System.Text.Encodings.Web;
using System.Text.Json;

namespace LstmCluster.Cli;

/// <summary>Results of the verbs other than train, as one JSON object a line, with names as in a run's events.</summary>
static class Json
{
    static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes one line to standard output.</summary>
    public static void Write<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, s_options));
}
