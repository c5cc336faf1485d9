// Element by element operations. One work-item an element.

kernel void vector_add(SPAN(float, target), SPAN(float, other), const int count)
{
    OPEN(float, target);
    OPEN(float, other);
    const int index = get_global_id(0);
    if (index < count) target[index] += other[index];
}

kernel void vector_scale(SPAN(float, target), const float factor, const int count)
{
    OPEN(float, target);
    const int index = get_global_id(0);
    if (index < count) target[index] *= factor;
}

kernel void vector_clamp(SPAN(float, target), const float limit, const int count)
{
    OPEN(float, target);
    const int index = get_global_id(0);
    if (index < count) target[index] = clamped(target[index], -limit, limit);
}

// To the nearest number that has a 16-bit form, ties to even; NaN stays NaN (Devices/Bf16.cs).
kernel void vector_round_to_bf16(SPAN(float, target), const int count)
{
    OPEN(float, target);
    const int index = get_global_id(0);
    if (index >= count) return;
    const uint bits = as_uint(target[index]);
    const uint nearest = (bits + 0x7FFFu + ((bits >> 16) & 1u)) & 0xFFFF0000u;
    target[index] = as_float((bits & 0x7FFFFFFFu) > 0x7F800000u ? (bits | 0x00400000u) & 0xFFFF0000u : nearest);
}

kernel void vector_tanh(SPAN(float, x), SPAN(float, y), const int count)
{
    OPEN(float, x);
    OPEN(float, y);
    const int index = get_global_id(0);
    if (index < count) y[index] = tanh_of(x[index]);
}

// dy *= 1 - y^2
kernel void vector_tanh_gradient(SPAN(float, y), SPAN(float, dy), const int count)
{
    OPEN(float, y);
    OPEN(float, dy);
    const int index = get_global_id(0);
    if (index < count) dy[index] = dy[index] * (1.0f - y[index] * y[index]);
}

// target = a*b
kernel void vector_multiply(SPAN(float, a), SPAN(float, b), SPAN(float, target), const int count)
{
    OPEN(float, a);
    OPEN(float, b);
    OPEN(float, target);
    const int index = get_global_id(0);
    if (index < count) target[index] = a[index] * b[index];
}

// target += a*b
kernel void vector_multiply_added(SPAN(float, a), SPAN(float, b), SPAN(float, target), const int count)
{
    OPEN(float, a);
    OPEN(float, b);
    OPEN(float, target);
    const int index = get_global_id(0);
    if (index < count) target[index] = fma(a[index], b[index], target[index]);
}

// Columns of source [rows,source_width] into columns of target [rows,target_width].
kernel void vector_copy_columns(
    SPAN(float, source), const int source_width, const int source_column, SPAN(float, target), const int target_width, const int target_column,
    const int width, const int adds, const int count)
{
    OPEN(float, source);
    OPEN(float, target);
    const int index = get_global_id(0);
    if (index >= count) return;
    const int row = index / width, column = index % width;
    const float value = source[(size_t)row * source_width + source_column + column];
    const size_t at = (size_t)row * target_width + target_column + column;
    target[at] = adds ? target[at] + value : value;
}

// Inverted dropout of x [T,N,width]; keys [N,2]: shard, row (Randomness/DropoutMask.cs).
kernel void vector_dropout(
    SPAN(float, x), SPAN(float, y), SPAN(int, keys), const uint key_low, const uint key_high, const uint stream, const uint threshold, const float scale,
    const int first_step, const int rows, const int width, const int count)
{
    OPEN(float, x);
    OPEN(float, y);
    OPEN(int, keys);
    const int index = get_global_id(0);
    if (index >= count) return;
    const int position = index / width;
    const int n = position % rows;
    const ulong element = ((ulong)first_step + position / rows) * width + index % width;
    const uint word = philox_word(key_low, key_high, stream, (uint)keys[2 * n], (uint)keys[2 * n + 1], element);
    y[index] = word < threshold ? 0.0f : x[index] * scale;
}
