using System.Text.Json;

namespace LstmCluster.Protocol;

/// <summary>A tensor as a header describes it, checked against itself and against the length of the file's data.</summary>
sealed record SafetensorsEntry(string Name, TensorType Type, int[] Shape, int Count, long Begin, long End)
{
    public static SafetensorsEntry Parse(string name, JsonElement value, long dataLength)
    {
        if (name.Length == 0)
            throw new CorruptFileException("a tensor has no name");
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Count() != 3
            || !value.TryGetProperty("dtype", out var dtype) || !value.TryGetProperty("shape", out var sizes) || !value.TryGetProperty("data_offsets", out var offsets))
            throw new CorruptFileException($"tensor {name} must have exactly dtype, shape and data_offsets");

        var type = ParseType(name, dtype);
        var shape = ParseNumbers(name, "shape", sizes, int.MaxValue).Select(n => (int)n).ToArray();
        if (ParseNumbers(name, "data_offsets", offsets, dataLength) is not [var begin, var end] || begin > end)
            throw new CorruptFileException($"tensor {name} has data_offsets that are not a range");

        var count = (end - begin) / type.Size();
        if (count > Array.MaxLength || !HasElements(shape, count) || count * type.Size() != end - begin)
            throw new CorruptFileException($"tensor {name} of shape [{string.Join(',', shape)}] and type {type} does not fit {end - begin} bytes");
        if (type != TensorType.F32 && end - begin > Array.MaxLength)
            throw new CorruptFileException($"tensor {name} of {end - begin} bytes is larger than this program reads");
        return new SafetensorsEntry(name, type, shape, (int)count, begin, end);
    }

    static TensorType ParseType(string name, JsonElement dtype)
    {
        var text = dtype.ValueKind == JsonValueKind.String ? dtype.GetString() : null;
        return text switch
        {
            "F32" => TensorType.F32,
            "I64" => TensorType.I64,
            "I32" => TensorType.I32,
            "U8" => TensorType.U8,
            _ => throw new CorruptFileException($"tensor {name} has dtype {text ?? "nothing"}, expected F32, I64, I32 or U8"),
        };
    }

    static long[] ParseNumbers(string name, string property, JsonElement value, long maximum)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw new CorruptFileException($"tensor {name} has a {property} that is not a list");
        return [.. value.EnumerateArray().Select(item =>
            item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var number) && number >= 0 && number <= maximum
                ? number
                : throw new CorruptFileException($"tensor {name} has a {property} out of range"))];
    }

    static bool HasElements(int[] shape, long count)
    {
        if (shape.Contains(0))
            return count == 0;
        Int128 product = 1;
        foreach (var size in shape)
        {
            product *= size;
            if (product > count)
                return false;
        }

        return product == count;
    }
}
