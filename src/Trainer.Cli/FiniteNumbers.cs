using System.Text.Json;
using System.Text.Json.Serialization;

namespace LstmCluster.Cli;

/// <summary>Numbers in JSON, which has neither infinity nor NaN: these are written as null.</summary>
sealed class FiniteNumbers : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value)) writer.WriteNumberValue(value);
        else writer.WriteNullValue();
    }
}
