using System.Runtime.InteropServices;
using System.Text.Json;

namespace LstmCluster.Compute.Tests;

/// <summary>One file of this folder; README.md describes the format.</summary>
sealed class GoldenFile
{
    readonly JsonElement _root;

    public GoldenFile(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", $"{name}.json")));
        _root = document.RootElement.Clone();
    }

    public IEnumerable<string> Tensors => _root.GetProperty("tensors").EnumerateObject().Select(tensor => tensor.Name);

    public double Number(string name) => _root.GetProperty(name).GetDouble();

    public int Integer(string name) => _root.GetProperty(name).GetInt32();

    public string Text(string name) => _root.GetProperty(name).GetString()!;

    public double[] Numbers(string name) => [.. MemoryMarshal.Cast<byte, double>(Data(name))];

    public int[] Integers(string name) => [.. MemoryMarshal.Cast<byte, int>(Data(name))];

    byte[] Data(string name) => _root.GetProperty("tensors").GetProperty(name).GetProperty("data").GetBytesFromBase64();
}
