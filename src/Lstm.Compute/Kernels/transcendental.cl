// exp, sigmoid, tanh: the polynomials of Cpu/Transcendental.cs, so that no device's mathematics library enters a result.

static float clamped(float x, const float low, const float high)
{
    // Comparisons rather than min and max: a NaN must stay NaN.
    x = x < low ? low : x;
    return high < x ? high : x;
}

static float exp_of(float x)
{
    x = clamped(x, -86.6f, 88.3f);
    const float shift = 12582912.0f;
    const float shifted = fma(x, 1.44269504088896341f, shift);
    const float n = shifted - shift;
    float r = fma(n, -0.693359375f, x);
    r = fma(n, 2.12194440e-4f, r);
    float p = 1.9875691500e-4f;
    p = fma(p, r, 1.3981999507e-3f);
    p = fma(p, r, 8.3334519073e-3f);
    p = fma(p, r, 4.1665795894e-2f);
    p = fma(p, r, 1.6666665459e-1f);
    p = fma(p, r, 5.0000001201e-1f);
    p = fma(p, r * r, r);
    const float scale = as_float(as_uint(1.0f) + (as_uint(shifted) << 23));
    return fma(p, scale, scale);
}

static float sigmoid_of(const float x)
{
    return 1.0f / (1.0f + exp_of(0.0f - x));
}

static float tanh_of(const float x)
{
    const float magnitude = fabs(x);
    const float large = copysign(1.0f - 2.0f / (exp_of(magnitude + magnitude) + 1.0f), x);
    const float square = x * x;
    float p = -5.70498872745e-3f;
    p = fma(p, square, 2.06390887954e-2f);
    p = fma(p, square, -5.37397155531e-2f);
    p = fma(p, square, 1.33314422036e-1f);
    p = fma(p, square, -3.33332819422e-1f);
    const float small = fma(p * square, x, x);
    return magnitude < 0.625f ? small : large;
}

// log(1 + e^-x) for x of at least 0: 2 artanh(z) with z = e^-x/(2 + e^-x).
static float log_one_plus_exp_of_negative(const float x)
{
    const float power = exp_of(0.0f - x);
    const float z = power / (2.0f + power);
    const float square = z * z;
    float p = 1.0f / 15;
    p = fma(p, square, 1.0f / 13);
    p = fma(p, square, 1.0f / 11);
    p = fma(p, square, 1.0f / 9);
    p = fma(p, square, 1.0f / 7);
    p = fma(p, square, 1.0f / 5);
    p = fma(p, square, 1.0f / 3);
    const float twice = z + z;
    return fma(p * square, twice, twice);
}

// Natural logarithm of a positive normal number: 2 artanh((m-1)/(m+1)) + e ln 2 with m within [sqrt(1/2), sqrt(2)). NaN stays NaN.
static float log_of(const float x)
{
    if (!(x < INFINITY)) return x;
    const uint bits = as_uint(x);
    int exponent = (int)(bits >> 23) - 127;
    float m = as_float((bits & 0x007FFFFFu) | 0x3F800000u);
    if (m > 1.41421356f)
    {
        m *= 0.5f;
        exponent++;
    }

    const float z = (m - 1.0f) / (m + 1.0f);
    const float square = z * z;
    float p = 1.0f / 9;
    p = fma(p, square, 1.0f / 7);
    p = fma(p, square, 1.0f / 5);
    p = fma(p, square, 1.0f / 3);
    const float twice = z + z;
    return fma((float)exponent, 0.693147181f, fma(p * square, twice, twice));
}
