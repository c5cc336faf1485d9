using System.Net;

namespace LstmCluster.Training;

/// <summary>Where a coordinator is to be found.</summary>
/// <param name="EndPoint">Its process.</param>
/// <param name="Moved">Fires when another one reigns elsewhere, or the run has ended, so that this one is not to be waited for any more.</param>
sealed record CoordinatorPlace(EndPoint EndPoint, CancellationToken Moved);

/// <summary>What is known of the coordinator: where it is, or that there will be none.</summary>
/// <param name="Place">Where; null when the run has ended.</param>
/// <param name="End">How it has ended; null while it has not.</param>
sealed record CoordinatorNews(CoordinatorPlace? Place, HostEnd? End);
