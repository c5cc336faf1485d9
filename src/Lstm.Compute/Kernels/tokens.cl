// Operations on tokens: embedding and what a model feeds back to itself.

// output [count,width] = rows of a table [V,width].
kernel void token_gather(SPAN(float, table), SPAN(int, tokens), SPAN(float, output), const int width, const int count)
{
    OPEN(float, table);
    OPEN(int, tokens);
    OPEN(float, output);
    const int index = get_global_id(0);
    if (index < count) output[index] = table[(size_t)tokens[index / width] * width + index % width];
}

// For the k-th position of a shard, in the order t, then n: the next one with the same token, or -1; firsts[k] is 1 when none is before it.
// So each token's positions are a list in that order, which one work-item a feature walks: a scatter-add without atomics.
kernel void token_links(
    SPAN(int, tokens), SPAN(int, nexts), SPAN(int, firsts), const int batch_rows, const int first_row, const int row_count, const int count)
{
    OPEN(int, tokens);
    OPEN(int, nexts);
    OPEN(int, firsts);
    const int k = get_global_id(0);
    if (k >= count) return;
    const int token = tokens[k / row_count * batch_rows + first_row + k % row_count];
    int next = k + 1;
    while (next < count && tokens[next / row_count * batch_rows + first_row + next % row_count] != token) next++;
    nexts[k] = next < count ? next : -1;
    int before = k - 1;
    while (before >= 0 && tokens[before / row_count * batch_rows + first_row + before % row_count] != token) before--;
    firsts[k] = before < 0;
}

// table_gradient [V,width]: rows of tokens that are there; the others hold zeros already. dy [T,N,width].
kernel void token_scatter(
    SPAN(int, tokens), SPAN(int, nexts), SPAN(int, firsts), SPAN(float, dy), SPAN(float, table_gradient),
    const int batch_rows, const int first_row, const int row_count, const int width, const int count)
{
    OPEN(int, tokens);
    OPEN(int, nexts);
    OPEN(int, firsts);
    OPEN(float, dy);
    OPEN(float, table_gradient);
    const int index = get_global_id(0);
    if (index >= count) return;
    int k = index / width;
    const int feature = index % width;
    if (!firsts[k]) return;
    const int token = tokens[k / row_count * batch_rows + first_row + k % row_count];
    float sum = 0.0f;
    for (; k >= 0; k = nexts[k])
        sum += dy[(size_t)(k / row_count * batch_rows + first_row + k % row_count) * width + feature];
    table_gradient[(size_t)token * width + feature] = sum;
}

// Scheduled sampling: tokens [N] of one step become the first class with the largest score where the row's word says so. One group a row.
kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void token_replace(
    SPAN(float, scores), const int classes, SPAN(int, keys), SPAN(int, tokens), const uint key_low, const uint key_high, const uint stream,
    const uint threshold, const int always, const int step)
{
    OPEN(float, scores);
    OPEN(int, keys);
    OPEN(int, tokens);
    local float best[LANES];
    local int best_index[LANES];
    const int n = get_group_id(0), lane = get_local_id(0);
    float largest = -INFINITY;
    int first = INT_MAX;
    FOR_LANE(index, classes)
    {
        const float score = scores[(size_t)n * classes + index];
        if (score > largest)
        {
            largest = score;
            first = index;
        }
    }

    best[lane] = largest;
    best_index[lane] = first;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane > 0) return;
    for (int other = 1; other < LANES; other++)
    {
        if (best[other] > largest || (best[other] == largest && best_index[other] < first))
        {
            largest = best[other];
            first = best_index[other];
        }
    }

    const uint word = philox_word(key_low, key_high, stream, (uint)keys[2 * n], (uint)keys[2 * n + 1], (ulong)step);
    if (always || word < threshold) tokens[n] = first == INT_MAX ? 0 : first;
}
