// Losses of each position and their gradients. One group of 16 work-items a position.

// Softmax cross-entropy with label smoothing. logits [count,classes], with gradients overwritten by softmax - target distribution.
kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void loss_cross_entropy(
    SPAN(float, logits), const int classes, SPAN(int, targets), const float smoothing, SPAN(float, losses), const int gradient)
{
    OPEN(float, logits);
    OPEN(int, targets);
    OPEN(float, losses);
    local float lanes[LANES];
    const int position = get_group_id(0), lane = get_local_id(0), target = targets[position];
    global float* const row = logits + (size_t)position * classes;

    // The whole group goes the same way through the barriers: an ignored position sums over nothing.
    const int count = target < 0 ? 0 : classes;
    float max_logit = -INFINITY;
    FOR_LANE(index, count) max_logit = max_logit < row[index] ? row[index] : max_logit;
    lanes[lane] = max_logit;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int other = 0; other < LANES; other++) max_logit = max_logit < lanes[other] ? lanes[other] : max_logit;
    barrier(CLK_LOCAL_MEM_FENCE);

    float exponentials = 0.0f, logit_sum = 0.0f;
    FOR_LANE(index, count)
    {
        exponentials += exp_of(row[index] - max_logit);
        logit_sum += row[index];
    }

    const float sum = fold(lanes, lane, exponentials);
    logit_sum = fold(lanes, lane, logit_sum);
    if (lane == 0 && target < 0) losses[position] = 0.0f;
    if (lane == 0 && target >= 0)
    {
        const float loss = log_of(sum) + (max_logit - row[target]);
        losses[position] = smoothing > 0.0f ? loss + smoothing * (row[target] - logit_sum / classes) : loss;
    }

    barrier(CLK_GLOBAL_MEM_FENCE);
    const float factor = 1.0f / sum, share = smoothing / classes, on_target = 1.0f - smoothing;
    FOR_LANE(index, gradient ? classes : 0)
    {
        const float exponential = exp_of(row[index] - max_logit);
        const float slope = smoothing > 0.0f ? fma(exponential, factor, -share) : exponential * factor;
        row[index] = target < 0 ? 0.0f : index == target ? slope - on_target : slope;
    }
}

// Which dense loss.
#define BINARY_CROSS_ENTROPY 0
#define SQUARED_ERROR 1
#define HUBER 2

// output [count,width], with gradients overwritten by the slopes; target [count,width]; mask [count], 0 for an ignored position.
kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void loss_dense(
    const int kind, const float delta, SPAN(float, output), SPAN(float, target), const int width, SPAN(int, mask), SPAN(float, losses),
    const int gradient)
{
    OPEN(float, output);
    OPEN(float, target);
    OPEN(int, mask);
    OPEN(float, losses);
    local float lanes[LANES];
    const int position = get_group_id(0), lane = get_local_id(0);
    const int ignored = GIVEN(mask) && mask[position] == 0;
    float sum = 0.0f;
    FOR_LANE(index, width)
    {
        const size_t at = (size_t)position * width + index;
        const float x = output[at], t = target[at], difference = x - t;
        float loss, slope;
        if (kind == BINARY_CROSS_ENTROPY)
        {
            loss = fma(0.0f - t, x, x < 0.0f ? 0.0f : x) + log_one_plus_exp_of_negative(fabs(x));
            slope = sigmoid_of(x) - t;
        }
        else if (kind == SQUARED_ERROR)
        {
            loss = difference * difference;
            slope = difference + difference;
        }
        else
        {
            const float magnitude = fabs(difference);
            loss = delta < magnitude ? delta * (magnitude - 0.5f * delta) : 0.5f * difference * difference;
            slope = clamped(difference, -delta, delta);
        }

        if (!ignored) sum += loss;
        if (gradient) output[at] = ignored ? 0.0f : slope;
    }

    sum = fold(lanes, lane, sum);
    if (lane == 0) losses[position] = sum;
}
