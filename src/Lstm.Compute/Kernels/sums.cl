// Reductions in double precision, for devices that have it. One group of 16 work-items a block.
#pragma OPENCL EXTENSION cl_khr_fp64 : enable

// The sum of squares of each block of x, in the order of Cpu/VectorKernels.cs: sixteen lanes, folded, then what does not fill all of them.
// The square of a float is exact in double precision.
kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void sum_squares(
    SPAN(float, x), SPAN(double, sums), const int block_length, const int count)
{
    OPEN(float, x);
    OPEN(double, sums);
    local double lanes[LANES];
    const int block = get_group_id(0), lane = get_local_id(0), first = block * block_length;
    const int length = min(block_length, count - first), whole = length - length % LANES;
    double sum = 0.0;
    for (int turn = 0; turn < whole; turn += LANES)
    {
        const double value = x[first + turn + lane];
        sum += value * value;
    }

    lanes[lane] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane == 0)
    {
        double total = 0.0, tail = 0.0;
        for (int other = 0; other < LANES / 2; other++) total += lanes[other] + lanes[other + LANES / 2];
        for (int index = whole; index < length; index++)
        {
            const double value = x[first + index];
            tail += value * value;
        }

        sums[block] = total + tail;
    }
}
