#pragma once
#include <stddef.h>

/// The encoder's arithmetic: one microkernel in three forms that give the same bits, and two small loops.
///
/// Every output is one chain of fused multiply-adds over k = 0, 1, ... that starts at the bias; then the residual is
/// added, then negative values become 0. A fused multiply-add is exactly rounded, so neither the form, nor the tile,
/// nor the rows beside it can change a bit. The calls keep no state and allocate nothing. Rows are named by their
/// offset from a base pointer, so that the rows of several streams go through in one call. The caller has checked every
/// bound; inputs hold no NaN.

/// Which of the machine's instructions a call uses; all forms give the same bits.
typedef enum ck_form { CK_PORTABLE = 0, CK_AVX2 = 1, CK_AVX512 = 2 } ck_form;

/// Returns 1 where this machine has the form's instructions, else 0.
int ck_has_form(ck_form form);

/// Returns the fastest form that this machine can run.
ck_form ck_best_form(void);

/// How many outputs the forms compute side by side, and the widest panel's outputs.
enum { CK_LANES = 16, CK_PANEL = 64 };

/// Returns how many outputs a panel of packed weights has in a form, CK_LANES or CK_PANEL; the last panel of a layer
/// may have only 16, 32 or 48.
size_t ck_panel(ck_form form);

/// The layer that a call applies; all counts are counts of floats.
typedef struct ck_layer {
    /// `[panel][k][width of the panel]`, in the panels of the form that applies the layer; 64-byte aligned for speed
    /// (not for correctness).
    const float *_Nonnull weights;
    /// `[outputs]`, where each output's chain starts.
    const float *_Nonnull bias;
    /// The length of an input row.
    size_t inputs;
    /// The length of an output row, a multiple of CK_LANES.
    size_t outputs;
    /// Whether negative outputs become 0.
    int relu;
} ck_layer;

/// Applies one layer to rows: output[outputRows[r] + o] =
///     relu(chain(bias[o], input[inputRows[r] + k] * weight[o][k]) + residual[residualRows[r] + o]).
///
/// `residual` and `residualRows` are NULL where nothing is added. Output rows overlap no input or residual row.
void ck_apply(ck_form form, const ck_layer *_Nonnull layer, size_t rows, const float *_Nonnull input,
              const size_t *_Nonnull inputRows, const float *_Nullable residual, const size_t *_Nullable residualRows,
              float *_Nonnull output, const size_t *_Nonnull outputRows);

/// Takes maxima: output[outputRows[r] + c] = the largest of input[inputRows[r] + i * channels + c], i = 0 ... width -
/// 1; exact.
void ck_max(size_t width, size_t channels, size_t rows, const float *_Nonnull input, const size_t *_Nonnull inputRows,
            float *_Nonnull output, const size_t *_Nonnull outputRows);

/// Adds weighted rows: output[c] = chain(0, weights[r] * input[inputRows[r] + c]) over r in order; `channels` is a
/// multiple of CK_LANES.
void ck_weighted_sum(ck_form form, size_t channels, size_t rows, const float *_Nonnull weights,
                     const float *_Nonnull input, const size_t *_Nonnull inputRows, float *_Nonnull output);
