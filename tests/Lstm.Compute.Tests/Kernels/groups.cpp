// The host of check-groups.sh: OpenCL's functions for work-items that are threads, and the comparison.
#include <pthread.h>
#include <sched.h>
#include <cstdio>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

typedef float float4 __attribute__((ext_vector_type(4)));

constexpr int items = 128, units_of_group = 8, parts_bytes = 2 * 64 * 36 * 4;

// Where a thread is: its item, group and number of groups, and what its group meets at.
thread_local struct { int item, x, y, groups_x, groups_y; pthread_barrier_t* meeting; } here;

size_t get_local_id(unsigned) { return here.item; }
size_t get_group_id(unsigned axis) { return axis ? here.y : here.x; }
size_t get_num_groups(unsigned axis) { return axis ? here.groups_y : here.groups_x; }
void barrier(unsigned) { pthread_barrier_wait(here.meeting); }
int min(int a, int b) { return a < b ? a : b; }

// By the names that OpenCL gives them, which C's mathematics has for others.
float multiply_add(float a, float b, float c) __asm__("_Z3fmafff");
float multiply_add(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
float magnitude(float x) __asm__("_Z4fabsf");
float magnitude(float x) { return __builtin_fabsf(x); }
float signed_as(float a, float b) __asm__("_Z8copysignff");
float signed_as(float a, float b) { return __builtin_copysignf(a, b); }

float4 multiply_add_four(float4 a, float4 b, float4 c) __asm__("_Z3fmaDv4_fS_S_");
float4 multiply_add_four(float4 a, float4 b, float4 c)
{
    for (int i = 0; i < 4; i++) c[i] = __builtin_fmaf(a[i], b[i], c[i]);
    return c;
}

#define SPAN(type, name) type *name, int name##_first
#define FORWARD(name) void name(SPAN(float, hidden), SPAN(float, u), SPAN(float, gates), SPAN(float, cells), SPAN(unsigned, arrived), float* memory, \
                                int rows, int units, int steps, int first, int last, int reverse)
#define BACKWARD(name) void name(SPAN(float, later), SPAN(float, u), SPAN(float, gates), SPAN(float, cells), SPAN(float, dh), SPAN(float, dc), \
                                 SPAN(unsigned, arrived), float* memory, int rows, int units, int steps, int first, int last, int reverse)
extern "C" {
void next_thread() { sched_yield(); }
FORWARD(lstm_sequence_narrow);
FORWARD(lstm_sequence_wide);
BACKWARD(lstm_sequence_narrow_gradient);
BACKWARD(lstm_sequence_wide_gradient);
}

struct Layer { int steps, rows, units, reverse; bool wide; };

template <class Kernel> void launch(int groups_x, int groups_y, int units, Kernel kernel)
{
    struct Group { pthread_barrier_t meeting; std::vector<float4> memory; };
    std::vector<Group> groups(groups_x * groups_y);
    std::vector<std::thread> threads;
    for (int at = 0; at < (int)groups.size(); at++)
    {
        pthread_barrier_init(&groups[at].meeting, nullptr, items);
        groups[at].memory.assign((parts_bytes + units * units_of_group * 16) / 16, __builtin_nanf(""));
        for (int item = 0; item < items; item++)
            threads.emplace_back([&, at, item] {
                here = {item, at % groups_x, at / groups_x, groups_x, groups_y, &groups[at].meeting};
                kernel((float*)groups[at].memory.data());
            });
    }

    for (auto& thread : threads) thread.join();
    for (auto& group : groups) pthread_barrier_destroy(&group.meeting);
}

// Forward and backward; everything that they leave behind.
std::vector<float> run(const Layer& layer, bool in_one_launch)
{
    const auto [T, N, H, reverse, wide] = layer;
    std::mt19937 random(7);
    std::uniform_real_distribution<float> uniform(-1, 1);
    auto numbers = [&](size_t count) { std::vector<float> v(count); for (auto& x : v) x = uniform(random); return v; };
    auto u = numbers(4 * H * H), transposed = u, gates = numbers(4 * T * N * H), hidden = numbers((T + 1) * N * H), cells = numbers((T + 1) * N * H);
    auto dh = numbers(T * N * H), dc = numbers(N * H), later = numbers(4 * N * H);
    for (int k = 0; k < H; k++)
        for (int j = 0; j < 4 * H; j++) transposed[j * H + k] = u[k * 4 * H + j];
    unsigned arrived = 0;
    const int groups_x = (H + units_of_group - 1) / units_of_group, groups_y = wide ? 1 : (N + 15) / 16, length = in_one_launch ? T : 1;
    auto forward = wide ? lstm_sequence_wide : lstm_sequence_narrow;
    auto backward = wide ? lstm_sequence_wide_gradient : lstm_sequence_narrow_gradient;
    for (int first = 0; first < T; first += length)
        launch(groups_x, groups_y, H, [&](float* memory) {
            forward(hidden.data(), 0, u.data(), 0, gates.data(), 0, cells.data(), 0, &arrived, 0, memory, N, H, T, first, first + length, reverse);
        });
    float* after = later.data();
    for (int last = T; last > 0; last -= length)
    {
        launch(groups_x, groups_y, H, [&](float* memory) {
            backward(after, 0, transposed.data(), 0, gates.data(), 0, cells.data(), 0, dh.data(), 0, dc.data(), 0, &arrived, 0, memory, N, H, T, last - length, last, reverse);
        });
        const int turn = last - length;
        after = gates.data() + 4 * (reverse ? T - 1 - turn : turn) * N * H;
    }

    for (auto* more : {&hidden, &cells, &dh, &dc}) gates.insert(gates.end(), more->begin(), more->end());
    return gates;
}

int main()
{
    // Units of several groups; rows of one block and of several.
    const Layer layers[] = {{5, 5, 20, 0, false}, {3, 17, 17, 1, false}, {4, 5, 20, 1, true}, {2, 66, 12, 0, true}};
    int different = 0;
    for (const auto& layer : layers)
    {
        const auto together = run(layer, true), apart = run(layer, false);
        const bool same = !memcmp(together.data(), apart.data(), apart.size() * sizeof(float));
        different += !same;
        printf("T=%d N=%d H=%d reverse=%d %s: %s\n", layer.steps, layer.rows, layer.units, layer.reverse, layer.wide ? "wide" : "narrow", same ? "same bits" : "DIFFERENT");
    }

    return different;
}
