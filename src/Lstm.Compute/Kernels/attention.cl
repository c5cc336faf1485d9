// Attention: weights = softmax(scores), context = sum over s of weights*values. T decoder steps, N rows, S source steps, A key size, M value size.
// queries [T,N,A], keys [S,N,A], values [S,N,M], weights and scores [T,N,S], lengths [N].

#define LENGTH_OF(n) (GIVEN(lengths) ? lengths[n] : sources)

// dots [T,N,S] = x . y with x [T,N,width], y [S,N,width], or v . tanh(x + y) with a vector. One group a dot; beyond a row's length there is none.
kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void attention_dots(
    SPAN(float, x), SPAN(float, y), SPAN(float, vector), SPAN(int, lengths), SPAN(float, dots), const int rows, const int sources, const int width)
{
    OPEN(float, x);
    OPEN(float, y);
    OPEN(float, vector);
    OPEN(int, lengths);
    OPEN(float, dots);
    local float lanes[LANES];
    const int s = get_group_id(0) % sources, position = get_group_id(0) / sources, n = position % rows, lane = get_local_id(0);
    const int features = s < LENGTH_OF(n) ? width : 0;
    global const float* const a = x + (size_t)position * width;
    global const float* const b = y + ((size_t)s * rows + n) * width;
    float sum = 0.0f;
    FOR_LANE(index, features)
        sum = GIVEN(vector) ? fma(vector[index], tanh_of(a[index] + b[index]), sum) : fma(a[index], b[index], sum);
    sum = fold(lanes, lane, sum);
    if (lane == 0 && s < LENGTH_OF(n)) dots[(size_t)position * sources + s] = sum;
}

// Scores to weights in place; beyond the length there are only zeros, whatever the memory held. One group a decoder step of a row.
kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void attention_softmax(SPAN(float, weights), SPAN(int, lengths), const int rows, const int sources)
{
    OPEN(float, weights);
    OPEN(int, lengths);
    local float lanes[LANES];
    const int position = get_group_id(0), lane = get_local_id(0), length = LENGTH_OF(position % rows);
    global float* const row = weights + (size_t)position * sources;
    float largest = -INFINITY, sum = 0.0f;
    FOR_LANE(s, length) largest = largest < row[s] ? row[s] : largest;
    lanes[lane] = largest;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int other = 0; other < LANES; other++) largest = largest < lanes[other] ? lanes[other] : largest;
    barrier(CLK_LOCAL_MEM_FENCE);
    FOR_LANE(s, length)
    {
        row[s] = exp_of(row[s] - largest);
        sum += row[s];
    }

    const float factor = 1.0f / fold(lanes, lane, sum);
    FOR_LANE(s, sources) row[s] = s < length ? row[s] * factor : 0.0f;
}

// ds = w*(dw - sum(w*dw)) in place of dw.
kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void attention_softmax_gradient(
    SPAN(float, weights), SPAN(float, gradient), SPAN(int, lengths), const int rows, const int sources)
{
    OPEN(float, weights);
    OPEN(float, gradient);
    OPEN(int, lengths);
    local float lanes[LANES];
    const int position = get_group_id(0), lane = get_local_id(0), length = LENGTH_OF(position % rows);
    const size_t at = (size_t)position * sources;
    float sum = 0.0f;
    FOR_LANE(s, length) sum = fma(weights[at + s], gradient[at + s], sum);
    sum = fold(lanes, lane, sum);
    FOR_LANE(s, length) gradient[at + s] = weights[at + s] * (gradient[at + s] - sum);
}

// sums [T,N,width] = sum over s of factors*vectors, from the first source step to the last. One work-item a feature.
kernel void attention_sum_sources(
    SPAN(float, factors), SPAN(float, vectors), SPAN(int, lengths), SPAN(float, sums), const int rows, const int sources, const int width, const int count)
{
    OPEN(float, factors);
    OPEN(float, vectors);
    OPEN(int, lengths);
    OPEN(float, sums);
    const int index = get_global_id(0);
    if (index >= count) return;
    const int position = index / width, n = position % rows, length = LENGTH_OF(n);
    float sum = 0.0f;
    for (int s = 0; s < length; s++) sum = fma(factors[(size_t)position * sources + s], vectors[((size_t)s * rows + n) * width + index % width], sum);
    sums[index] = sum;
}

// sums [S,N,width] += sum over t of factors*vectors, from the last decoder step to the first; vectors [T,N,width].
kernel void attention_sum_targets(
    SPAN(float, factors), SPAN(float, vectors), SPAN(int, lengths), SPAN(float, sums), const int steps, const int rows, const int sources,
    const int width, const int count)
{
    OPEN(float, factors);
    OPEN(float, vectors);
    OPEN(int, lengths);
    OPEN(float, sums);
    const int index = get_global_id(0);
    if (index >= count) return;
    const int n = index / width % rows, s = index / width / rows;
    if (s >= LENGTH_OF(n)) return;
    float sum = sums[index];
    for (int t = steps - 1; t >= 0; t--)
    {
        const size_t position = (size_t)t * rows + n;
        sum = fma(factors[position * sources + s], vectors[position * width + index % width], sum);
    }

    sums[index] = sum;
}

// Gradient of one query and one key through the additive score, before it is summed.
static float additive_gradient(const float energy, const float score_gradient, const float v)
{
    return score_gradient * v * (1.0f - energy * energy);
}

// dqueries [T,N,A] of the additive score: over s ascending.
kernel void attention_additive_queries(
    SPAN(float, queries), SPAN(float, keys), SPAN(float, vector), SPAN(float, dscores), SPAN(int, lengths), SPAN(float, dqueries), const int rows,
    const int sources, const int width, const int count)
{
    OPEN(float, queries);
    OPEN(float, keys);
    OPEN(float, vector);
    OPEN(float, dscores);
    OPEN(int, lengths);
    OPEN(float, dqueries);
    const int index = get_global_id(0);
    if (index >= count) return;
    const int position = index / width, n = position % rows, feature = index % width, length = LENGTH_OF(n);
    const float query = queries[index], v = vector[feature];
    float sum = 0.0f;
    for (int s = 0; s < length; s++)
    {
        const float energy = tanh_of(query + keys[((size_t)s * rows + n) * width + feature]);
        sum += additive_gradient(energy, dscores[(size_t)position * sources + s], v);
    }

    dqueries[index] = sum;
}

// dkeys [S,N,A] of the additive score: added to, over t descending.
kernel void attention_additive_keys(
    SPAN(float, queries), SPAN(float, keys), SPAN(float, vector), SPAN(float, dscores), SPAN(int, lengths), SPAN(float, dkeys), const int steps,
    const int rows, const int sources, const int width, const int count)
{
    OPEN(float, queries);
    OPEN(float, keys);
    OPEN(float, vector);
    OPEN(float, dscores);
    OPEN(int, lengths);
    OPEN(float, dkeys);
    const int index = get_global_id(0);
    if (index >= count) return;
    const int feature = index % width, n = index / width % rows, s = index / width / rows;
    if (s >= LENGTH_OF(n)) return;
    const float key = keys[index], v = vector[feature];
    float sum = dkeys[index];
    for (int t = steps - 1; t >= 0; t--)
    {
        const size_t position = (size_t)t * rows + n;
        sum += additive_gradient(tanh_of(queries[position * width + feature] + key), dscores[position * sources + s], v);
    }

    dkeys[index] = sum;
}

// dvector [N,A] of the additive score: added to, over t descending, within it over s ascending.
kernel void attention_additive_vector(
    SPAN(float, queries), SPAN(float, keys), SPAN(float, dscores), SPAN(int, lengths), SPAN(float, dvector), const int steps, const int rows,
    const int sources, const int width, const int count)
{
    OPEN(float, queries);
    OPEN(float, keys);
    OPEN(float, dscores);
    OPEN(int, lengths);
    OPEN(float, dvector);
    const int index = get_global_id(0);
    if (index >= count) return;
    const int feature = index % width, n = index / width, length = LENGTH_OF(n);
    float sum = dvector[index];
    for (int t = steps - 1; t >= 0; t--)
    {
        const size_t position = (size_t)t * rows + n;
        for (int s = 0; s < length; s++)
        {
            const float energy = tanh_of(queries[position * width + feature] + keys[((size_t)s * rows + n) * width + feature]);
            sum = fma(dscores[position * sources + s], energy, sum);
        }
    }

    dvector[index] = sum;
}
