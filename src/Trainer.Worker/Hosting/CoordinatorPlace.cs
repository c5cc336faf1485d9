using System.Net;

namespace LstmCluster.Training;

/// <summary>Where a coordinator is to be found.</summary>
/// <param name="EndPoint">Its process.</param>
/// <param name="Moved">Fires when another one reigns elsewhere, so that this one is not to be waited for any more.</param>
sealed record CoordinatorPlace(EndPoint EndPoint, CancellationToken Moved);
