// What a step of an LSTM without options does with a unit's gates, for the kernels that also make them. Rows n, units H; gates [N,4H] in the order
// i, f, g, o, states [N,H].

// Activated gates at a unit's first gate z, and the states after the step.
static void lstm_cell(
    global float* const z, const int units, const float z_i, const float z_f, const float z_g, const float z_o, const float cell,
    global float* const next_cell, global float* const next_hidden)
{
    const float i = sigmoid_of(z_i), f = sigmoid_of(z_f), g = tanh_of(z_g), o = sigmoid_of(z_o);
    z[0] = i;
    z[units] = f;
    z[2 * units] = g;
    z[3 * units] = o;
    const float c = fma(f, cell, i * g);
    *next_cell = c;
    *next_hidden = o * tanh_of(c);
}

// Backward of lstm_cell: the gates at z become dz, and dc that of the step before.
static void lstm_cell_gradient(
    global float* const z, const int units, const float cell, const float next_cell, const float dhidden, global float* const dc)
{
    const float i = z[0], f = z[units], g = z[2 * units], o = z[3 * units];
    const float tanh_cell = tanh_of(next_cell);
    const float doutput = dhidden * tanh_cell;
    const float dcell = fma(dhidden * o, 1.0f - tanh_cell * tanh_cell, *dc);
    z[0] = dcell * g * (i * (1.0f - i));
    z[units] = dcell * cell * (f * (1.0f - f));
    z[2 * units] = dcell * i * (1.0f - g * g);
    z[3 * units] = doutput * (o * (1.0f - o));
    *dc = dcell * f;
}
