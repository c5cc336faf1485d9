// All steps of an LSTM without options over full rows in one launch. Every work-group keeps the weights of its eight units in local memory for the whole
// sequence, and reads of the step before only the states that the other groups made. Sums are those of lstm_plain.cl: one chain of fused multiply-adds
// over the inner index in ascending order.
//
// The groups wait for each other after every step, so they must all run at the same time: with CUDA a cooperative launch sees to it. OpenCL has no such
// launch: there one group does all steps, or each step is a launch of its own.
//
// A work-item has one unit of the group and EACH rows, SLOTS apart.
#define UNITS 8
#define SLOTS 16
#define ITEMS (UNITS * SLOTS)
#define MOST_ROWS 4

// Floats of the states, or of dz, that a group has in local memory at once, twice: what comes next is on its way while the present is used. Rows are
// four floats longer than what they hold, so that different rows lie in different banks.
#define PART 2048
#define AHEAD (PART / ITEMS)
#define LENGTH(each) (PART / (SLOTS * (each)))
#define STRIDE(each) (LENGTH(each) + 4)
#define PART_STRIDE(each) (SLOTS * (each) * STRIDE(each))

// Local memory of a launch: two parts, then the weights (GpuDevice.LstmSequence.cs takes as much).
#define PARTS (2 * PART_STRIDE(MOST_ROWS))

#ifdef __NVPTX__

// Local memory whose size a launch decides has no other name in PTX; the driver takes no address of it as an argument.
__asm__(".extern .shared .align 16 .b8 sequence_memory[];");

INLINED local float* memory_of_launch(local float* const argument)
{
    ulong at;
    __asm__("mov.u64 %0, sequence_memory;" : "=l"(at));
    return (local float*)at;
}

#define ALL_GROUPS_RUN
#define FENCE_FOR_GROUPS __asm__ volatile("fence.acq_rel.gpu;" ::: "memory")
#define ADD_FOR_GROUPS(counter, adds, before) \
    __asm__ volatile("atom.acq_rel.gpu.global.add.u32 %0, [%1], %2;" : "=r"(before) : "l"((ulong)(counter)), "r"(adds) : "memory")
#define READ_OF_GROUPS(counter, now) __asm__ volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(now) : "l"((ulong)(counter)) : "memory")

#else

INLINED local float* memory_of_launch(local float* const argument)
{
    return argument;
}

#endif

// Returns when all groups are here, and lets them see what each of them wrote. Each group adds 1 to a counter, and the first one so much that all of them
// together flip its highest bit; so it is ready for the next time.
static void wait_for_groups(global uint* const arrived)
{
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
#ifdef ALL_GROUPS_RUN
    if (get_local_id(0) == 0)
    {
        const uint others = (uint)(get_num_groups(0) * get_num_groups(1)) - 1;
        const uint adds = get_group_id(0) == 0 && get_group_id(1) == 0 ? 0x80000000u - others : 1u;
        uint before, now;
        FENCE_FOR_GROUPS;
        ADD_FOR_GROUPS(arrived, adds, before);
        do READ_OF_GROUPS(arrived, now);
        while (((before ^ now) & 0x80000000u) == 0);
        FENCE_FOR_GROUPS;
    }

    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
#endif
}

// Where a work-item is: its unit of the layer and of the group, and its row among SLOTS.
typedef struct
{
    int item, unit, place, slot, first_unit;
} Place;

INLINED Place place_of_item()
{
    Place at;
    at.item = get_local_id(0);
    at.place = at.item % UNITS;
    at.slot = at.item / UNITS;
    at.first_unit = get_group_id(0) * UNITS;
    at.unit = at.first_unit + at.place;
    return at;
}

// The weights of the group's units, [rows of u / 4,UNITS] of four: those of a unit's gates where u is [H,4H], four rows of its column where u is [4H,H].
INLINED void keep_weights(local float4* const kept, global const float* const u, const int units, const Place at)
{
    for (int index = at.item; index < units * UNITS; index += ITEMS)
    {
        const int unit = at.first_unit + index % UNITS;
        global const float* const from = u + (size_t)(index / UNITS) * 4 * units + unit;
        kept[index] = unit < units ? (float4)(from[0], from[units], from[2 * units], from[3 * units]) : (float4)(0.0f);
    }
}

// The part of x [rows,width] that begins at a row and a column; what lies beyond is some number of x that nobody looks at.
INLINED void read_part(
    float* const ahead, global const float* const x, const int rows, const int width, const int first_row, const int column, const int item,
    const int each)
{
    if (width == 0) return;
#pragma unroll AHEAD
    for (int i = 0; i < AHEAD; i++)
    {
        const int at = item + i * ITEMS, row = min(first_row + at / LENGTH(each), rows - 1), from = min(column + at % LENGTH(each), width - 1);
        ahead[i] = x[(size_t)row * width + from];
    }
}

INLINED void keep_part(local float* const part, const float* const ahead, const int item, const int each)
{
#pragma unroll AHEAD
    for (int i = 0; i < AHEAD; i++)
    {
        const int at = item + i * ITEMS;
        part[at / LENGTH(each) * STRIDE(each) + at % LENGTH(each)] = ahead[i];
    }
}

// USE(part, column, count) for every part of x [rows,width], in local memory: so many columns from one on.
#define FOR_PARTS(x, rows, width, USE)                                                              \
    {                                                                                               \
        float ahead[AHEAD];                                                                         \
        read_part(ahead, x, rows, width, first_row, 0, at.item, each);                              \
        keep_part(parts, ahead, at.item, each);                                                     \
        barrier(CLK_LOCAL_MEM_FENCE);                                                               \
        int present = 0;                                                                            \
        for (int column = 0; column < (width); column += LENGTH(each))                              \
        {                                                                                           \
            const int next = column + LENGTH(each), more = next < (width);                          \
            if (more) read_part(ahead, x, rows, width, first_row, next, at.item, each);             \
            USE(parts + present, column, min(LENGTH(each), (width) - column))                       \
            present = PART_STRIDE(each) - present;                                                  \
            if (more) keep_part(parts + present, ahead, at.item, each);                             \
            barrier(CLK_LOCAL_MEM_FENCE);                                                           \
        }                                                                                           \
    }

// States of each row times the weights of a unit's four gates, kept as [H,UNITS]: sixteen states at a time, whose reads then go on at once.
#define ADD_STATES(part, column, count)                                                                        \
    {                                                                                                          \
        local const float4* const w = kept + (column) * UNITS + at.place;                                      \
        local const float* const h = (part) + at.slot * STRIDE(each);                                          \
        const int whole = (count) & ~15;                                                                       \
        for (int first_k = 0; first_k < whole; first_k += 16)                                                  \
        {                                                                                                      \
            _Pragma("unroll 4") for (int k = first_k; k < first_k + 16; k += 4)                                \
            {                                                                                                  \
                const float4 w0 = w[k * UNITS], w1 = w[(k + 1) * UNITS], w2 = w[(k + 2) * UNITS], w3 = w[(k + 3) * UNITS]; \
                _Pragma("unroll 4") for (int r = 0; r < each; r++)                                             \
                {                                                                                              \
                    const float4 four = *(local const float4*)(h + r * SLOTS * STRIDE(each) + k);              \
                    sum[r] = fma((float4)(four.x), w0, sum[r]);                                                \
                    sum[r] = fma((float4)(four.y), w1, sum[r]);                                                \
                    sum[r] = fma((float4)(four.z), w2, sum[r]);                                                \
                    sum[r] = fma((float4)(four.w), w3, sum[r]);                                                \
                }                                                                                              \
            }                                                                                                  \
        }                                                                                                      \
                                                                                                               \
        for (int k = whole; k < (count); k++)                                                                  \
            _Pragma("unroll 4") for (int r = 0; r < each; r++)                                                 \
                sum[r] = fma((float4)(h[r * SLOTS * STRIDE(each) + k]), w[k * UNITS], sum[r]);                 \
    }

// Steps first..last-1 in the order of the loop. u [H,4H]; hidden and cells [T+1,N,H], gates [T,N,4H].
INLINED void sequence(
    global float* const hidden, global const float* const u, global float* const gates, global float* const cells, global uint* const arrived,
    local float* const memory, const int rows, const int units, const int steps, const int first, const int last, const int reverse, const int each)
{
    const Place at = place_of_item();
    local float* const parts = memory_of_launch(memory);
    local float4* const kept = (local float4*)(parts + PARTS);
    const size_t count = (size_t)rows * units;
    keep_weights(kept, u, units, at);
    for (int turn = first; turn < last; turn++)
    {
        const int t = reverse ? steps - 1 - turn : turn, before = reverse ? t + 1 : t, after = reverse ? t : t + 1;
        global const float* const h = hidden + before * count;
        global float* const z = gates + 4 * t * count;
        for (int first_row = get_group_id(1) * SLOTS * each; first_row < rows; first_row += get_num_groups(1) * SLOTS * each)
        {
            float4 sum[MOST_ROWS];
#pragma unroll MOST_ROWS
            for (int r = 0; r < each; r++)
            {
                const int row = first_row + r * SLOTS + at.slot;
                global const float* const from = z + (size_t)row * 4 * units + at.unit;
                sum[r] = row < rows && at.unit < units ? (float4)(from[0], from[units], from[2 * units], from[3 * units]) : (float4)(0.0f);
            }

            FOR_PARTS(h, rows, units, ADD_STATES)
#pragma unroll MOST_ROWS
            for (int r = 0; r < each; r++)
            {
                const int row = first_row + r * SLOTS + at.slot;
                if (row >= rows || at.unit >= units) continue;
                const size_t own = (size_t)row * units + at.unit;
                lstm_cell(
                    z + (size_t)row * 4 * units + at.unit, units, sum[r].x, sum[r].y, sum[r].z, sum[r].w, cells[before * count + own],
                    cells + after * count + own, hidden + after * count + own);
            }
        }

        if (turn + 1 < last) wait_for_groups(arrived);
    }
}

// Elements of dz of each row times the weights of a unit, kept as [4H/4,UNITS] of four.
#define ADD_GRADIENTS(part, column, count)                                                                     \
    {                                                                                                          \
        local const float4* const w = kept + (column) / 4 * UNITS + at.place;                                  \
        local const float* const dz = (part) + at.slot * STRIDE(each);                                         \
        const int whole = (count) & ~15;                                                                       \
        for (int first_k = 0; first_k < whole; first_k += 16)                                                  \
        {                                                                                                      \
            _Pragma("unroll 4") for (int k = first_k; k < first_k + 16; k += 4)                                \
            {                                                                                                  \
                const float4 weights = w[k / 4 * UNITS];                                                       \
                _Pragma("unroll 4") for (int r = 0; r < each; r++)                                             \
                {                                                                                              \
                    const float4 four = *(local const float4*)(dz + r * SLOTS * STRIDE(each) + k);             \
                    sum[r] = fma(four.x, weights.x, sum[r]);                                                   \
                    sum[r] = fma(four.y, weights.y, sum[r]);                                                   \
                    sum[r] = fma(four.z, weights.z, sum[r]);                                                   \
                    sum[r] = fma(four.w, weights.w, sum[r]);                                                   \
                }                                                                                              \
            }                                                                                                  \
        }                                                                                                      \
                                                                                                               \
        for (int k = whole; k < (count); k++)                                                                  \
            _Pragma("unroll 4") for (int r = 0; r < each; r++)                                                 \
                sum[r] = fma(dz[r * SLOTS * STRIDE(each) + k], ((local const float*)(w + k / 4 * UNITS))[k % 4], sum[r]); \
    }

// Backward of steps first..last-1 in the order of the loop, the last of them first: dh += dz U with dz [N,4H] of the step after it, then the gates. u [4H,H].
INLINED void sequence_gradient(
    const int has_later, global const float* const later_of_last, global const float* const u, global float* const gates, global const float* const cells,
    global float* const dh, global float* const dc, global uint* const arrived, local float* const memory, const int rows, const int units,
    const int steps, const int first, const int last, const int reverse, const int each)
{
    const Place at = place_of_item();
    local float* const parts = memory_of_launch(memory);
    local float4* const kept = (local float4*)(parts + PARTS);
    const size_t count = (size_t)rows * units;
    keep_weights(kept, u, units, at);
    for (int turn = last - 1; turn >= first; turn--)
    {
        const int t = reverse ? steps - 1 - turn : turn, before = reverse ? t + 1 : t, after = reverse ? t : t + 1;
        const int is_last = turn == last - 1, inner = is_last && !has_later ? 0 : 4 * units;
        global const float* const later = is_last ? later_of_last : gates + 4 * (reverse ? t - 1 : t + 1) * count;
        for (int first_row = get_group_id(1) * SLOTS * each; first_row < rows; first_row += get_num_groups(1) * SLOTS * each)
        {
            float sum[MOST_ROWS];
#pragma unroll MOST_ROWS
            for (int r = 0; r < each; r++)
            {
                const int row = first_row + r * SLOTS + at.slot;
                sum[r] = row < rows && at.unit < units ? dh[t * count + (size_t)row * units + at.unit] : 0.0f;
            }

            FOR_PARTS(later, rows, inner, ADD_GRADIENTS)
#pragma unroll MOST_ROWS
            for (int r = 0; r < each; r++)
            {
                const int row = first_row + r * SLOTS + at.slot;
                if (row >= rows || at.unit >= units) continue;
                const size_t own = (size_t)row * units + at.unit;
                dh[t * count + own] = sum[r];
                lstm_cell_gradient(
                    gates + 4 * t * count + (size_t)row * 4 * units + at.unit, units, cells[before * count + own], cells[after * count + own], sum[r],
                    dc + own);
            }
        }

        if (turn > first) wait_for_groups(arrived);
    }
}

#define SEQUENCE_PARAMETERS                                                                                                                            \
    SPAN(float, u), SPAN(float, gates), SPAN(float, cells), SPAN(uint, arrived), local float* const memory, const int rows, const int units, \
        const int steps, const int first, const int last, const int reverse
#define SEQUENCE(each)     \
    OPEN(float, hidden);   \
    OPEN(float, u);        \
    OPEN(float, gates);    \
    OPEN(float, cells);    \
    OPEN(uint, arrived);   \
    sequence(hidden, u, gates, cells, arrived, memory, rows, units, steps, first, last, reverse, each);
#define GRADIENT_PARAMETERS                                                                                                                       \
    SPAN(float, u), SPAN(float, gates), SPAN(float, cells), SPAN(float, dh), SPAN(float, dc), SPAN(uint, arrived), \
        local float* const memory, const int rows, const int units, const int steps, const int first, const int last, const int reverse
#define SEQUENCE_GRADIENT(each) \
    OPEN(float, later);         \
    OPEN(float, u);             \
    OPEN(float, gates);         \
    OPEN(float, cells);         \
    OPEN(float, dh);            \
    OPEN(float, dc);            \
    OPEN(uint, arrived);        \
    sequence_gradient(GIVEN(later), later, u, gates, cells, dh, dc, arrived, memory, rows, units, steps, first, last, reverse, each);

// Few rows: every work-item has one of sixteen.
kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void lstm_sequence_narrow(SPAN(float, hidden), SEQUENCE_PARAMETERS)
{
    SEQUENCE(1)
}

// Many rows: every work-item has four of 64, and each of its weights serves all four.
kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void lstm_sequence_wide(SPAN(float, hidden), SEQUENCE_PARAMETERS)
{
    SEQUENCE(MOST_ROWS)
}

kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void lstm_sequence_narrow_gradient(SPAN(float, later), GRADIENT_PARAMETERS)
{
    SEQUENCE_GRADIENT(1)
}

kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void lstm_sequence_wide_gradient(SPAN(float, later), GRADIENT_PARAMETERS)
{
    SEQUENCE_GRADIENT(MOST_ROWS)
}
