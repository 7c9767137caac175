#pragma once
#include <stddef.h>
#include <stdint.h>

/// The encoder's arithmetic: one microkernel in four forms that give the same bits, and two small loops.
///
/// Every output is one chain of fused multiply-adds over k = 0, 1, ... that starts at the bias; then the residual is
/// added, then negative values become 0. A fused multiply-add is exactly rounded, so neither the form, nor the tile,
/// nor the rows beside it can change a bit. The calls keep no state and allocate nothing. Rows are named by their
/// offset from a base pointer, so that the rows of several streams go through in one call. The caller has checked every
/// bound; inputs hold no NaN.

/// Which of the machine's instructions a call uses; all forms give the same bits.
typedef enum ck_form { CK_PORTABLE = 0, CK_AVX2 = 1, CK_AVX512 = 2, CK_NEON = 3 } ck_form;

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

// MARK: Eight-bit integers

/// The largest byte that stands for a value, and how many inputs a layer's sums take at once.
enum { CK_BYTE_MAX = 127, CK_GROUP = 16 };

/// A layer whose inputs and weights are integers: bytes of 0 to CK_BYTE_MAX, and weights of -127 to 127.
///
/// Of the 16 weights of a group k = 16 g ... 16 g + 15 an output adds those eight of k mod 4 < 2 and those eight of k
/// mod 4 >= 2 in 16 bits each: of both the positive ones sum to at most 258 and the negative ones to at least -258, so
/// that no partial sum of products leaves -32,766 ... 32,766. The caller has checked it.
typedef struct ck_bytes_layer {
    /// `[outputs / CK_LANES][inputs / 4][CK_LANES][4]`.
    const int8_t *_Nonnull weights;
    /// `[outputs]`: what the sum is multiplied with, and what is added then.
    const float *_Nonnull scale;
    const float *_Nonnull bias;
    /// `[outputs]`: what a residual byte is multiplied with before it is added.
    const float *_Nonnull residualScale;
    /// The length of an input row, a multiple of CK_GROUP, and that of an output row, a multiple of CK_LANES.
    size_t inputs, outputs;
} ck_bytes_layer;

/// Applies one layer to rows: output[outputRows[r] + o] = the nearest of 0 ... CK_BYTE_MAX to
///     fma(residual[residualRows[r] + o], residualScale[o], fma(sum of input[inputRows[r] + k] * weight[o][k],
///     scale[o], bias[o])).
///
/// The sum is exact, each fused multiply-add is rounded once, of two nearest numbers the even one is taken: all forms
/// give the same bits. `residual` and `residualRows` are NULL where nothing is added.
void ck_apply_bytes(ck_form form, const ck_bytes_layer *_Nonnull layer, size_t rows, const uint8_t *_Nonnull input,
                    const size_t *_Nonnull inputRows, const uint8_t *_Nullable residual,
                    const size_t *_Nullable residualRows, uint8_t *_Nonnull output, const size_t *_Nonnull outputRows);

/// The same with the value itself as output, 0 where it is negative.
void ck_apply_bytes_to_floats(ck_form form, const ck_bytes_layer *_Nonnull layer, size_t rows,
                              const uint8_t *_Nonnull input, const size_t *_Nonnull inputRows,
                              const uint8_t *_Nullable residual, const size_t *_Nullable residualRows,
                              float *_Nonnull output, const size_t *_Nonnull outputRows);

/// Makes bytes of floats: output[outputRows[r] + c] = the nearest of 0 ... CK_BYTE_MAX to input[inputRows[r] + c] *
/// scale[c]; one plain loop for all forms.
void ck_quantise(size_t channels, size_t rows, const float *_Nonnull scale, const float *_Nonnull input,
                 const size_t *_Nonnull inputRows, uint8_t *_Nonnull output, const size_t *_Nonnull outputRows);
