namespace LstmCluster.Actors;

/// <summary>What a <see cref="PayloadPool"/> does with its idle payloads, whatever their element type.</summary>
interface IPooled
{
    /// <summary>Gives an idle payload its first reference again.</summary>
    void Revive();

    /// <summary>Gives the memory of an idle payload back to the system.</summary>
    void Free();
}
