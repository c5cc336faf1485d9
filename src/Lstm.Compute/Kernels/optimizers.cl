// Optimizer steps, out of place. One work-item a weight. Scalars stand in Devices/OptimizerSteps.cs.

kernel void optimizer_sgd(
    SPAN(float, gradient), SPAN(float, weights), SPAN(float, velocity), SPAN(float, updated), const float scale, const float rate, const float momentum,
    const float decay, const int count)
{
    OPEN(float, gradient);
    OPEN(float, weights);
    OPEN(float, velocity);
    OPEN(float, updated);
    const int index = get_global_id(0);
    if (index >= count) return;
    const float w = weights[index];
    float g = fma(decay, w, gradient[index] * scale);
    if (GIVEN(velocity))
    {
        g = fma(momentum, velocity[index], g);
        velocity[index] = g;
    }

    updated[index] = fma(-rate, g, w);
}

kernel void optimizer_adam(
    SPAN(float, gradient), SPAN(float, weights), SPAN(float, first), SPAN(float, second), SPAN(float, updated), const float scale, const float beta1,
    const float beta2, const float step_size, const float inverse_root_correction, const float epsilon, const float keep, const int count)
{
    OPEN(float, gradient);
    OPEN(float, weights);
    OPEN(float, first);
    OPEN(float, second);
    OPEN(float, updated);
    const int index = get_global_id(0);
    if (index >= count) return;
    const float g = gradient[index] * scale;
    const float m = fma(beta1, first[index], (1.0f - beta1) * g);
    const float v = fma(beta2, second[index], (1.0f - beta2) * (g * g));
    first[index] = m;
    second[index] = v;
    const float denominator = fma(sqrt(v), inverse_root_correction, epsilon);
    updated[index] = fma(-step_size, m / denominator, weights[index] * keep);
}

kernel void optimizer_rmsprop(
    SPAN(float, gradient), SPAN(float, weights), SPAN(float, squares), SPAN(float, mean), SPAN(float, velocity), SPAN(float, updated), const float scale,
    const float rate, const float alpha, const float epsilon, const float momentum, const float decay, const int count)
{
    OPEN(float, gradient);
    OPEN(float, weights);
    OPEN(float, squares);
    OPEN(float, mean);
    OPEN(float, velocity);
    OPEN(float, updated);
    const int index = get_global_id(0);
    if (index >= count) return;
    const float w = weights[index], rest = 1.0f - alpha;
    const float g = fma(decay, w, gradient[index] * scale);
    float s = fma(alpha, squares[index], rest * (g * g));
    squares[index] = s;
    if (GIVEN(mean))
    {
        const float a = fma(alpha, mean[index], rest * g);
        mean[index] = a;
        s = fma(0.0f - a, a, s);
        s = s < 0.0f ? 0.0f : s;
    }

    float change = g / (sqrt(s) + epsilon);
    if (GIVEN(velocity))
    {
        change = fma(momentum, velocity[index], change);
        velocity[index] = change;
    }

    updated[index] = fma(-rate, change, w);
}

kernel void optimizer_adagrad(
    SPAN(float, gradient), SPAN(float, weights), SPAN(float, squares), SPAN(float, updated), const float scale, const float rate, const float epsilon,
    const float decay, const int count)
{
    OPEN(float, gradient);
    OPEN(float, weights);
    OPEN(float, squares);
    OPEN(float, updated);
    const int index = get_global_id(0);
    if (index >= count) return;
    const float w = weights[index];
    const float g = fma(decay, w, gradient[index] * scale);
    const float s = fma(g, g, squares[index]);
    squares[index] = s;
    updated[index] = fma(-rate, g / (sqrt(s) + epsilon), w);
}

kernel void optimizer_nadam(
    SPAN(float, gradient), SPAN(float, weights), SPAN(float, first), SPAN(float, second), SPAN(float, updated), const float scale, const float beta1,
    const float beta2, const float gradient_step, const float moment_step, const float inverse_root_correction, const float epsilon, const float decay,
    const int count)
{
    OPEN(float, gradient);
    OPEN(float, weights);
    OPEN(float, first);
    OPEN(float, second);
    OPEN(float, updated);
    const int index = get_global_id(0);
    if (index >= count) return;
    const float w = weights[index];
    const float g = fma(decay, w, gradient[index] * scale);
    const float m = fma(beta1, first[index], (1.0f - beta1) * g);
    const float v = fma(beta2, second[index], (1.0f - beta2) * (g * g));
    first[index] = m;
    second[index] = v;
    const float denominator = fma(sqrt(v), inverse_root_correction, epsilon);
    updated[index] = w - fma(gradient_step, g, moment_step * m) / denominator;
}

kernel void optimizer_move_average(SPAN(float, weights), SPAN(float, average), const float share, const int count)
{
    OPEN(float, weights);
    OPEN(float, average);
    const int index = get_global_id(0);
    if (index >= count) return;
    const float kept = average[index];
    average[index] = fma(share, weights[index] - kept, kept);
}
