#pragma once
#include <stddef.h>

/// The element-wise loops of training, for float and for double.
///
/// Rows are `[row][channel]` without holes; a loop takes `rows` rows of `channels` numbers. Each runs with AVX2 where
/// the machine has it and else as plain C; both give the same bits, since no form fuses a multiplication with an
/// addition and sums run over rows in order. No state, no allocation; the caller has checked every bound, and outputs
/// overlap inputs only where it is said.

/// Adam's numbers of one step (Kingma and Ba 2015; decay apart from the gradient as Loshchilov and Hutter 2019).
typedef struct cl_adam {
    double rate;
    double beta1;
    double beta2;
    double epsilon;
    double decay;
    /// 1 - beta1^step.
    double correction1;
    /// sqrt(1 - beta2^step).
    double root_correction2;
} cl_adam;

#define CL_DECLARE(R, S)                                                                                               \
    /* sum1[c] += sum of x - origin[c]; sum2[c] += sum of (x - origin[c])^2, over the rows. */                         \
    void cl_sums_##S(size_t rows, size_t channels, const R *_Nonnull x, const R *_Nonnull origin,                      \
                     double *_Nonnull sum1, double *_Nonnull sum2);                                                    \
    /* y = x * scale[c] + shift[c], then + residual where there is one, then negative values to 0 where rectified. */  \
    void cl_normalise_##S(size_t rows, size_t channels, const R *_Nonnull x, const R *_Nonnull scale,                  \
                          const R *_Nonnull shift, const R *_Nullable residual, int rectified, R *_Nonnull y);         \
    /* gradient = 0 where y (if there is one) is not above 0; sum1[c] += gradient;                                     \
       sum2[c] += gradient * (x - mean[c]). */                                                                         \
    void cl_gradient_sums_##S(size_t rows, size_t channels, R *_Nonnull gradient, const R *_Nullable y,                \
                              const R *_Nonnull x, const R *_Nonnull mean, double *_Nonnull sum1,                      \
                              double *_Nonnull sum2);                                                                  \
    /* out = gradient * a[c] + (x - mean[c]) * b[c] + k[c]. */                                                         \
    void cl_norm_gradient_##S(size_t rows, size_t channels, const R *_Nonnull gradient, const R *_Nonnull x,           \
                              const R *_Nonnull mean, const R *_Nonnull a, const R *_Nonnull b, const R *_Nonnull k,   \
                              R *_Nonnull out);                                                                        \
    /* y[r] = the largest of x[2r], x[2r + 1], x[2r + 2]; x has 2 * rows + 1 rows. */                                  \
    void cl_maximum_##S(size_t rows, size_t channels, const R *_Nonnull x, R *_Nonnull y);                             \
    /* Adds gradient[r] to that row of out, 2r, 2r + 1 or 2r + 2, whose x is the first to equal y[r]. */               \
    void cl_maximum_gradient_##S(size_t rows, size_t channels, const R *_Nonnull x, const R *_Nonnull y,               \
                                 const R *_Nonnull gradient, R *_Nonnull out);                                         \
    /* turned[o][i] = x[i][o]; x is [inputs][outputs]. */                                                              \
    void cl_turn_##S(size_t inputs, size_t outputs, const R *_Nonnull x, R *_Nonnull turned);                          \
    /* x = 0. */                                                                                                       \
    void cl_clear_##S(size_t count, R *_Nonnull x);                                                                    \
    /* y = x. */                                                                                                       \
    void cl_convert_##S(size_t count, const float *_Nonnull x, R *_Nonnull y);                                         \
    /* y += x. */                                                                                                      \
    void cl_add_##S(size_t count, const R *_Nonnull x, R *_Nonnull y);                                                 \
    /* y += (x - y) * share. */                                                                                        \
    void cl_follow_##S(size_t count, const R *_Nonnull x, double share, R *_Nonnull y);                                \
    /* One step of AdamW: values, first and second moments. */                                                         \
    void cl_adam_##S(size_t count, cl_adam numbers, const R *_Nonnull gradient, R *_Nonnull first,                     \
                     R *_Nonnull second, R *_Nonnull values);

CL_DECLARE(float, f)
CL_DECLARE(double, d)
#undef CL_DECLARE
