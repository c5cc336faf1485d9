namespace LstmCluster.Protocol;

/// <summary>One endpoint did not answer, or not as etcd does; another one may.</summary>
sealed class EndpointException(string message) : Exception(message);

/// <summary>etcd says no; every endpoint would say the same.</summary>
/// <param name="code">Status code of gRPC.</param>
/// <param name="message">What etcd said, with who said it.</param>
sealed class EtcdRefusedException(int code, string message) : RegistryException(message)
{
    /// <summary>The key or lease is not there (gRPC's NOT_FOUND).</summary>
    public bool IsNotFound => code == 5;

    /// <summary>
    /// Whether a status is of the moment and the endpoint: cancelled, unknown, time limit, exhausted, aborted, internal, unavailable (gRPC's numbers). The other ones
    /// are about the request: wrong arguments, no permission.
    /// </summary>
    public static bool Passes(int code) => code is 1 or 2 or 4 or 8 or 10 or 13 or 14;
}
