// What every kernel file begins with. Letters as in Lstm.Compute: T time steps, N batch rows, D input features, H units, V classes.

// Every fused multiply-add is written as one, so that no compiler decides where numbers are rounded.
#pragma OPENCL FP_CONTRACT OFF

// An operand is memory and the index of its first element: OpenCL 1.2 has no arithmetic on memory outside of a kernel.
#define SPAN(type, name) global type* name##_memory, const int name##_first
#define OPEN(type, name) global type* const name = name##_memory + name##_first

// What takes structures or arrays must become part of its kernel: they are registers only there.
#define INLINED static inline __attribute__((always_inline))

// An operand that is left out begins at -1.
#define GIVEN(name) (name##_first >= 0)

// Work-items that share a row in reductions: the virtual lanes of Cpu/VectorKernels.cs. Element e belongs to lane e mod 16.
#define LANES 16

// The elements of one lane. All lanes of a group take the same number of turns, so that the group stays together.
#define FOR_LANE(index, count)                                                                          \
    for (int index##_turn = 0, index = lane; index##_turn < (count); index##_turn += LANES, index += LANES) \
        if (index < (count))

// Sum of the lanes: the upper half onto the lower one until one is left. Every work-item of the group gets it.
static float fold(local float* lanes, const int lane, const float value)
{
    lanes[lane] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane < 8) lanes[lane] += lanes[lane + 8];
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane < 4) lanes[lane] += lanes[lane + 4];
    barrier(CLK_LOCAL_MEM_FENCE);
    const float sum = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
    barrier(CLK_LOCAL_MEM_FENCE);
    return sum;
}

// True when a row's sequence does not reach a time step of the batch.
#define PADDED(lengths, step, row) (GIVEN(lengths) && (step) >= lengths[row])
