// What GRU and RNN do between their matrix products, and what all recurrent layers share. One work-item a unit of a row.

// Nothing comes from an output beyond a row's length, whatever stands there. x [T,N,width].
kernel void recurrent_clear_padding(SPAN(float, x), SPAN(int, lengths), const int first_step, const int rows, const int width, const int count)
{
    OPEN(float, x);
    OPEN(int, lengths);
    const int index = get_global_id(0);
    if (index >= count) return;
    const int position = index / width;
    if (first_step + position / rows >= lengths[position % rows]) x[index] = 0.0f;
}

// GRU: gates [N,3H] in the order r, z, n, in: x W^T + b; product [N,3H]: h U^T + c. A row that has ended keeps its state.
kernel void recurrent_gru(
    SPAN(float, gates), SPAN(float, product), SPAN(float, candidate_product), SPAN(float, hidden), SPAN(float, next_hidden), SPAN(int, lengths),
    const int batch_step, const int units, const int count)
{
    OPEN(float, gates);
    OPEN(float, product);
    OPEN(float, candidate_product);
    OPEN(float, hidden);
    OPEN(float, next_hidden);
    OPEN(int, lengths);
    const int index = get_global_id(0);
    if (index >= count) return;
    const int row = index / units;
    global float* const a = gates + (size_t)row * 3 * units + index % units;
    global const float* const p = product + (size_t)row * 3 * units + index % units;
    float r = 0.0f, z = 0.0f, n = 0.0f, m = 0.0f, h = hidden[index];
    if (!PADDED(lengths, batch_step, row))
    {
        r = sigmoid_of(a[0] + p[0]);
        z = sigmoid_of(a[units] + p[units]);
        m = p[2 * units];
        n = tanh_of(fma(r, m, a[2 * units]));
        h = fma(z, h - n, n);
    }

    a[0] = r;
    a[units] = z;
    a[2 * units] = n;
    candidate_product[index] = m;
    next_hidden[index] = h;
}

// Backward of recurrent_gru: the gradient of x W^T in place of the gates, that of h U^T in product; dh_before is added to.
kernel void recurrent_gru_gradient(
    SPAN(float, gates), SPAN(float, product), SPAN(float, candidate_product), SPAN(float, hidden), SPAN(float, dh), SPAN(float, dh_before),
    SPAN(int, lengths), const int batch_step, const int units, const int count)
{
    OPEN(float, gates);
    OPEN(float, product);
    OPEN(float, candidate_product);
    OPEN(float, hidden);
    OPEN(float, dh);
    OPEN(float, dh_before);
    OPEN(int, lengths);
    const int index = get_global_id(0);
    if (index >= count) return;
    const int row = index / units;
    global float* const a = gates + (size_t)row * 3 * units + index % units;
    global float* const p = product + (size_t)row * 3 * units + index % units;
    const float dhidden = dh[index];
    if (PADDED(lengths, batch_step, row))
    {
        // Forward left zeros in place of the gates.
        dh_before[index] += dhidden;
        dh[index] = 0.0f;
        p[0] = 0.0f;
        p[units] = 0.0f;
        p[2 * units] = 0.0f;
        return;
    }

    const float r = a[0], z = a[units], n = a[2 * units];
    dh_before[index] = dhidden * z + dh_before[index];
    const float dz = dhidden * (hidden[index] - n) * (z * (1.0f - z));
    const float dn = dhidden * (1.0f - z) * (1.0f - n * n);
    const float dr = dn * candidate_product[index] * (r * (1.0f - r));
    a[0] = dr;
    a[units] = dz;
    a[2 * units] = dn;
    p[0] = dr;
    p[units] = dz;
    p[2 * units] = dn * r;
}

// RNN: tanh in place, or the state of before for a row that has ended.
kernel void recurrent_rnn(SPAN(float, before), SPAN(float, after), SPAN(int, lengths), const int batch_step, const int units, const int count)
{
    OPEN(float, before);
    OPEN(float, after);
    OPEN(int, lengths);
    const int index = get_global_id(0);
    if (index < count) after[index] = PADDED(lengths, batch_step, index / units) ? before[index] : tanh_of(after[index]);
}

// Backward of recurrent_rnn, in place of dh.
kernel void recurrent_rnn_gradient(
    SPAN(float, after), SPAN(float, dh), SPAN(float, dh_before), SPAN(int, lengths), const int batch_step, const int units, const int count)
{
    OPEN(float, after);
    OPEN(float, dh);
    OPEN(float, dh_before);
    OPEN(int, lengths);
    const int index = get_global_id(0);
    if (index >= count) return;
    const float gradient = dh[index], h = after[index];
    if (PADDED(lengths, batch_step, index / units))
    {
        dh_before[index] += gradient;
        dh[index] = 0.0f;
    }
    else
    {
        dh[index] = gradient * (1.0f - h * h);
    }
}
