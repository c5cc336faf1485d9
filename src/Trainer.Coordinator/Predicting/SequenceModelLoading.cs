using LstmCluster.Compute;
using LstmCluster.Protocol;

namespace LstmCluster.Training;

/// <summary>Loading trained models by the name that people look for.</summary>
public static class SequenceModelLoading
{
    /// <summary>Models of sequences.</summary>
    extension(SequenceModel)
    {
        /// <summary>Loads what a run has learned, ready to predict.</summary>
        /// <param name="run">The run directory.</param>
        /// <exception cref="UserErrorException">It is no run directory, or holds no weights that can be used.</exception>
        public static Predictor Load(string run) => Predictor.Load(run);
    }
}
