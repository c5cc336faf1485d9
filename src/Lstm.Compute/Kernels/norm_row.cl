// Layer normalisation of one row by a group of 16 work-items, without gain and shift (Cpu/LayerNormRow.cs).

// Makes x, which lies in normalized already, a row without mean and deviation. Returns the inverse deviation.
static float normalize_row(global float* normalized, const int width, local float* lanes, const int lane, const float epsilon)
{
    float sum = 0.0f, squares = 0.0f;
    FOR_LANE(index, width) sum += normalized[index];
    const float shift = -(fold(lanes, lane, sum) / width);
    FOR_LANE(index, width)
    {
        const float centered = normalized[index] + shift;
        normalized[index] = centered;
        squares = fma(centered, centered, squares);
    }

    const float inverse = 1.0f / sqrt(fold(lanes, lane, squares) / width + epsilon);
    FOR_LANE(index, width) normalized[index] *= inverse;
    return inverse;
}

// dx = inverse*(d - mean(d) - x*mean(d*x)) with d = gain*dy.
static void normalize_row_gradient(
    global const float* normalized, const float inverse, global const float* gain, global const float* dy, global float* dx, const int width,
    local float* lanes, const int lane)
{
    float sum = 0.0f, products = 0.0f;
    FOR_LANE(index, width)
    {
        const float d = gain[index] * dy[index];
        dx[index] = d;
        sum += d;
        products = fma(d, normalized[index], products);
    }

    const float mean = fold(lanes, lane, sum) / width, correlation = fold(lanes, lane, products) / width;
    FOR_LANE(index, width)
        dx[index] = inverse * fma(normalized[index], -correlation, dx[index] - mean);
}
