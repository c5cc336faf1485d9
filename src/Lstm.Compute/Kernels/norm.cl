// Layer normalisation of rows [count,width]. One group of 16 work-items a row.

// y = gain*normalized + shift (+ addend). x may be normalized itself, and y may be x or the addend. The inverse deviation of row r stands at
// r/rows_per_step*step_stride + r%rows_per_step; addend_stride is 0 for one addend for all rows.
kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void norm_forward(
    SPAN(float, x), SPAN(float, gain_and_shift), SPAN(float, addend), const int addend_stride, SPAN(float, normalized), SPAN(float, inverses),
    SPAN(float, y), const int width, const int rows_per_step, const int step_stride, const float epsilon)
{
    OPEN(float, x);
    OPEN(float, gain_and_shift);
    OPEN(float, addend);
    OPEN(float, normalized);
    OPEN(float, inverses);
    OPEN(float, y);
    local float lanes[LANES];
    const int row = get_group_id(0), lane = get_local_id(0);
    const size_t at = (size_t)row * width;
    FOR_LANE(index, width) normalized[at + index] = x[at + index];
    const float inverse = normalize_row(normalized + at, width, lanes, lane, epsilon);
    if (lane == 0) inverses[(size_t)(row / rows_per_step) * step_stride + row % rows_per_step] = inverse;
    FOR_LANE(index, width)
    {
        const float scaled = fma(gain_and_shift[index], normalized[at + index], gain_and_shift[width + index]);
        y[at + index] = GIVEN(addend) ? scaled + addend[(size_t)row * addend_stride + index] : scaled;
    }
}

// dx of each row; other memory than dy. Inverse deviations stand as in norm_forward.
kernel __attribute__((reqd_work_group_size(LANES, 1, 1))) void norm_backward(
    SPAN(float, normalized), SPAN(float, inverses), SPAN(float, gain), SPAN(float, dy), SPAN(float, dx), const int width,
    const int rows_per_step, const int step_stride)
{
    OPEN(float, normalized);
    OPEN(float, inverses);
    OPEN(float, gain);
    OPEN(float, dy);
    OPEN(float, dx);
    local float lanes[LANES];
    const int row = get_group_id(0), lane = get_local_id(0);
    const size_t at = (size_t)row * width;
    const float inverse = inverses[(size_t)(row / rows_per_step) * step_stride + row % rows_per_step];
    normalize_row_gradient(normalized + at, inverse, gain, dy + at, dx + at, width, lanes, lane);
}
