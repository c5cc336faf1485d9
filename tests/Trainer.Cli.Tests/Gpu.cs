using LstmCluster.Compute.OpenCl;

namespace Trainer.Cli.Tests;

/// <summary>The GPU that tests of the command line run on: the first of OpenCL, in software where nothing else is installed.</summary>
static class Gpu
{
    public const string Name = "opencl:0";

    /// <summary>Skips the test, and says so, where there is none.</summary>
    public static void Require()
    {
        if (OpenClDevices.Absence is { } reason)
            Assert.Skip($"NOT TESTED ON OPENCL: {reason}. Install pocl-opencl-icd and ocl-icd-libopencl1 to train on it.");
    }
}
