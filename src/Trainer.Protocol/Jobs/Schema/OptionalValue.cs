namespace LstmCluster.Protocol;

/// <summary>A value that may be absent from the record until it is resolved.</summary>
sealed class OptionalValue<T>(JobValue<T> inner) : JobValue<T?>
    where T : struct
{
    public override string Type => inner.Type;

    public override string Range => inner.Range;

    public override T? Read(JobNode node, string path) => inner.Read(node, path);

    public override JobNode Write(T? value) => inner.Write(value!.Value);
}
