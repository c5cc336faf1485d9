// Pooling over time of ragged sequences. One work-item a feature of a row. x [T,N,width], y [N,width], lengths [N].

#define LAST 0
#define MEAN 1
#define MAX 2

kernel void pooling_forward(
    const int kind, SPAN(int, lengths), SPAN(float, x), SPAN(float, y), const int width, const int count)
{
    OPEN(int, lengths);
    OPEN(float, x);
    OPEN(float, y);
    const int index = get_global_id(0);
    if (index >= count) return;
    const int length = lengths[index / width];
    if (length == 0)
    {
        y[index] = 0.0f;
        return;
    }

    float pooled = x[(kind == LAST ? (size_t)(length - 1) * count : 0) + index];
    for (int t = 1; t < length && kind != LAST; t++)
    {
        const float value = x[(size_t)t * count + index];

        // Neither is less where they are equal, and then so is their mean, or where one is NaN, and then so is their mean.
        if (kind == MEAN) pooled += value;
        else pooled = value < pooled ? pooled : pooled < value ? value : (pooled + value) * 0.5f;
    }

    y[index] = kind == MEAN ? pooled / (float)length : pooled;
}

kernel void pooling_backward(
    const int kind, SPAN(int, lengths), SPAN(float, x), SPAN(float, y), SPAN(float, dy), SPAN(float, dx), const int steps, const int width, const int count)
{
    OPEN(int, lengths);
    OPEN(float, x);
    OPEN(float, y);
    OPEN(float, dy);
    OPEN(float, dx);
    const int index = get_global_id(0);
    if (index >= count) return;
    const int length = lengths[index / width];
    float remaining = dy[index];
    for (int t = 0; t < steps; t++)
    {
        const size_t at = (size_t)t * count + index;
        float gradient = 0.0f;
        if (t >= length)
        {
        }
        else if (kind == LAST)
        {
            gradient = t == length - 1 ? remaining : 0.0f;
        }
        else if (kind == MEAN)
        {
            gradient = remaining / (float)length;
        }
        else if (!(x[at] < y[index]))
        {
            // To the first of the largest; nothing remains for equal ones after it.
            gradient = remaining;
            remaining = 0.0f;
        }

        dx[at] = gradient;
    }
}
