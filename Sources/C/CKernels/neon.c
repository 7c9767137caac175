// The arm64 form of the encoder's arithmetic: NEON, which every 64-bit Arm processor has.
//
// A lane of `vfmaq_f32` is the same exactly rounded multiply-add as C's `fmaf`, so the bits are those of the portable
// form. Not tuned on a processor of its own: its bits are checked under an emulator, its speed is not.
#include "neon.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#define CK_UNROLL _Pragma("unroll")
#else // GCC, which unrolls loops of a constant length by itself at -O3
#define CK_UNROLL
#endif

// Six rows by a panel of 16 outputs: 24 of the 32 registers are sums, four hold weights.
enum { CK_NEON_ROWS = 6, CK_VECTORS = CK_LANES / 4 };

// One tile: R rows x one panel, all sums in registers; R is a constant after inlining.
static inline __attribute__((always_inline)) void tile_neon(
    const int R, const ck_layer *layer, size_t first, const float *const *x, const float *const *residual,
    float *const *y) {
    float32x4_t sum[CK_NEON_ROWS][CK_VECTORS];
    const float *w = layer->weights + first * layer->inputs;
    CK_UNROLL for (int r = 0; r < R; r++)
        CK_UNROLL for (int v = 0; v < CK_VECTORS; v++) sum[r][v] = vld1q_f32(layer->bias + first + 4 * v);
    for (size_t k = 0; k < layer->inputs; k++, w += CK_LANES) {
        float32x4_t weight[CK_VECTORS];
        CK_UNROLL for (int v = 0; v < CK_VECTORS; v++) weight[v] = vld1q_f32(w + 4 * v);
        CK_UNROLL for (int r = 0; r < R; r++) {
            const float32x4_t value = vld1q_dup_f32(x[r] + k);
            CK_UNROLL for (int v = 0; v < CK_VECTORS; v++) sum[r][v] = vfmaq_f32(sum[r][v], value, weight[v]);
        }
    }
    CK_UNROLL for (int r = 0; r < R; r++) {
        CK_UNROLL for (int v = 0; v < CK_VECTORS; v++) {
            float32x4_t value = sum[r][v];
            if (residual) value = vaddq_f32(value, vld1q_f32(residual[r] + first + 4 * v));
            // Of -0 and +0 the greater is +0 here, and of a number and no number the number.
            if (layer->relu) value = vmaxnmq_f32(value, vdupq_n_f32(0));
            vst1q_f32(y[r] + first + 4 * v, value);
        }
    }
}

static void rows_neon(int rows, const ck_layer *layer, size_t first, const float *const *x,
                      const float *const *residual, float *const *y) {
    switch (rows) {
    case 6: tile_neon(6, layer, first, x, residual, y); return;
    case 5: tile_neon(5, layer, first, x, residual, y); return;
    case 4: tile_neon(4, layer, first, x, residual, y); return;
    case 3: tile_neon(3, layer, first, x, residual, y); return;
    case 2: tile_neon(2, layer, first, x, residual, y); return;
    default: tile_neon(1, layer, first, x, residual, y); return;
    }
}

// Each panel goes over all rows before the next one is read, in tiles as even as they can be, as in the AVX2 form.
void ck_apply_neon(const ck_layer *layer, size_t rows, const float *input, const size_t *inputRows,
                   const float *residual, const size_t *residualRows, float *output, const size_t *outputRows) {
    const size_t tiles = (rows + CK_NEON_ROWS - 1) / CK_NEON_ROWS;
    for (size_t first = 0; first < layer->outputs; first += CK_LANES) {
        for (size_t tile = 0, row = 0; tile < tiles; tile++) {
            const int count = (int)((rows - row + tiles - tile - 1) / (tiles - tile));
            const float *x[CK_NEON_ROWS], *added[CK_NEON_ROWS];
            float *y[CK_NEON_ROWS];
            for (int r = 0; r < count; r++, row++) {
                x[r] = input + inputRows[row];
                y[r] = output + outputRows[row];
                if (residual) added[r] = residual + residualRows[row];
            }
            rows_neon(count, layer, first, x, residual ? added : 0, y);
        }
    }
}

void ck_weighted_sum_neon(size_t channels, size_t rows, const float *weights, const float *input,
                          const size_t *inputRows, float *output) {
    for (size_t c = 0; c < channels; c += CK_LANES) {
        float32x4_t sum[CK_VECTORS];
        CK_UNROLL for (int v = 0; v < CK_VECTORS; v++) sum[v] = vdupq_n_f32(0);
        for (size_t r = 0; r < rows; r++) {
            const float32x4_t weight = vld1q_dup_f32(weights + r);
            CK_UNROLL for (int v = 0; v < CK_VECTORS; v++)
                sum[v] = vfmaq_f32(sum[v], weight, vld1q_f32(input + inputRows[r] + c + 4 * v));
        }
        CK_UNROLL for (int v = 0; v < CK_VECTORS; v++) vst1q_f32(output + c + 4 * v, sum[v]);
    }
}
#endif
