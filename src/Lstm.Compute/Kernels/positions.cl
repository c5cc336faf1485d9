// Over which positions of a batch the gradient of a weight matrix is summed, in which order, and what becomes of the sum.

// The k-th position of a sum over the rows of one shard. In time: t, then n. In segments of 64 steps from the last one to the first
// (Devices/Summation.cs): the last, shorter one comes first.
static int position_of(const int k, const int steps, const int batch_rows, const int first_row, const int row_count, const int last_first)
{
    int t = k / row_count;
    const int n = k % row_count;
    if (last_first)
    {
        const int last = (steps - 1) / 64 * 64, last_count = steps - last;
        if (t < last_count) t += last;
        else t = last - 64 - (t - last_count) / 64 * 64 + (t - last_count) % 64;
    }

    return t * batch_rows + first_row + n;
}

// Positions of the shorter segment that comes first: no block of the inner index goes beyond it, so that blocks are the same in a pass in windows of time.
static int head_of(const int steps, const int row_count, const int last_first)
{
    return last_first ? (steps - (steps - 1) / 64 * 64) * row_count : 0;
}

// What becomes of a finished sum and its target: Summation.Write, Add, Continue.
#define WRITE 0
#define ADD 1
#define CONTINUE 2
