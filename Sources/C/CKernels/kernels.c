#include "CKernels.h"

#include <math.h>
#include <stdint.h>

#if defined(__clang__) // GCC does not know the pragma; nothing below leaves it a product to contract
#pragma STDC FP_CONTRACT OFF
#endif

#if defined(__x86_64__)
#include <immintrin.h>
#define CK_X86 1
#else
#define CK_X86 0
#endif

int ck_has_form(ck_form form) {
    switch (form) {
    case CK_PORTABLE: return 1;
#if CK_X86
    case CK_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case CK_AVX512: return __builtin_cpu_supports("avx512f") != 0;
#endif
    default: return 0;
    }
}

ck_form ck_best_form(void) {
    if (ck_has_form(CK_AVX512)) return CK_AVX512;
    return ck_has_form(CK_AVX2) ? CK_AVX2 : CK_PORTABLE;
}

// How many rows one tile computes, and how many bytes a cache line has.
enum { CK_TILE_ROWS = 6, CK_LINE = 64 };

/// A panel and the rows that go through it: what every form's tile reads.
typedef struct panel {
    const float *weights; // [inputs][width]
    const float *bias;    // [width]
    size_t inputs, width;
    int relu;
} panel;

// This form defines the result: every output is one chain of its own. Sixteen chains are computed side by side, which
// changes none of them.
static void portable_row(const panel *p, const float *x, const float *residual, float *y) {
    for (size_t first = 0; first < p->width; first += CK_LANES) {
        float sum[CK_LANES];
        for (size_t o = 0; o < CK_LANES; o++) sum[o] = p->bias[first + o];
        for (size_t k = 0; k < p->inputs; k++) {
            const float *w = p->weights + k * p->width + first;
            for (size_t o = 0; o < CK_LANES; o++) sum[o] = fmaf(x[k], w[o], sum[o]);
        }
        for (size_t o = 0; o < CK_LANES; o++) {
            float value = residual ? sum[o] + residual[first + o] : sum[o];
            y[first + o] = p->relu && !(value > 0) ? 0 : value;
        }
    }
}

static void portable_weighted_sum(size_t channels, size_t rows, const float *weights, const float *input,
                                  const size_t *inputRows, float *output) {
    for (size_t c = 0; c < channels; c++) output[c] = 0;
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < channels; c++) output[c] = fmaf(weights[r], input[inputRows[r] + c], output[c]);
}

#if CK_X86

// One tile: R rows x V vectors of outputs, all sums in registers. R and V are constants after inlining, so the loops
// over them unroll. `w` advances by `width`, `first` is the tile's first output within the panel.
#define CK_TILE(NAME, TARGET, ROWS, VECTORS, LANES, VECTOR, LOAD, STORE, SET1, FMADD, ADD, MAX, ZERO)                  \
    static inline __attribute__((always_inline, target(TARGET))) void NAME(                                            \
        const int R, const int V, const panel *p, size_t first, const float *const *x, const float *const *residual,   \
        float *const *y, uintptr_t ahead) {                                                                         \
        VECTOR sum[ROWS][VECTORS];                                                                                     \
        const size_t inputs = p->inputs, width = p->width;                                                             \
        const float *w = p->weights + first;                                                                           \
        _Pragma("unroll") for (int v = 0; v < V; v++) {                                                                \
            const VECTOR bias = LOAD(p->bias + first + LANES * v);                                                     \
            _Pragma("unroll") for (int r = 0; r < R; r++) sum[r][v] = bias;                                            \
        }                                                                                                              \
        for (size_t k = 0; k < inputs; k++, w += width, ahead += 2 * CK_LINE) {                                        \
            __builtin_prefetch((const void *)ahead, 0, 2);                                                             \
            __builtin_prefetch((const void *)(ahead + CK_LINE), 0, 2);                                                 \
            VECTOR weight[VECTORS];                                                                                    \
            _Pragma("unroll") for (int v = 0; v < V; v++) weight[v] = LOAD(w + LANES * v);                             \
            _Pragma("unroll") for (int r = 0; r < R; r++) {                                                            \
                const VECTOR value = SET1(x[r][k]);                                                                    \
                _Pragma("unroll") for (int v = 0; v < V; v++) sum[r][v] = FMADD(value, weight[v], sum[r][v]);          \
            }                                                                                                          \
        }                                                                                                              \
        _Pragma("unroll") for (int r = 0; r < R; r++) {                                                                \
            _Pragma("unroll") for (int v = 0; v < V; v++) {                                                            \
                VECTOR value = sum[r][v];                                                                              \
                if (residual) value = ADD(value, LOAD(residual[r] + first + LANES * v));                               \
                if (p->relu) value = MAX(value, ZERO()); /* of two equal zeros it takes the second, +0 */              \
                STORE(y[r] + first + LANES * v, value);                                                                \
            }                                                                                                          \
        }                                                                                                              \
    }

CK_TILE(tile512, "avx512f", 6, 4, 16, __m512, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_set1_ps, _mm512_fmadd_ps,
        _mm512_add_ps, _mm512_max_ps, _mm512_setzero_ps)
CK_TILE(tile256, "avx2,fma", 6, 2, 8, __m256, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_set1_ps, _mm256_fmadd_ps,
        _mm256_add_ps, _mm256_max_ps, _mm256_setzero_ps)

// Sends 1 to 6 rows through the panel, in tiles whose size the compiler knows.
__attribute__((target("avx512f"))) static void rows512(int rows, const panel *p, const float *const *x,
                                                       const float *const *residual, float *const *y,
                                                       uintptr_t ahead) {
    if (p->width == 64) {
        switch (rows) {
        case 6: tile512(6, 4, p, 0, x, residual, y, ahead); return;
        case 5: tile512(5, 4, p, 0, x, residual, y, ahead); return;
        case 4: tile512(4, 4, p, 0, x, residual, y, ahead); return;
        case 3: tile512(3, 4, p, 0, x, residual, y, ahead); return;
        case 2: tile512(2, 4, p, 0, x, residual, y, ahead); return;
        default: tile512(1, 4, p, 0, x, residual, y, ahead); return;
        }
    }
    for (size_t first = 0; first < p->width; first += 16) {
        switch (rows) {
        case 6: tile512(6, 1, p, first, x, residual, y, ahead); break;
        case 5: tile512(5, 1, p, first, x, residual, y, ahead); break;
        case 4: tile512(4, 1, p, first, x, residual, y, ahead); break;
        case 3: tile512(3, 1, p, first, x, residual, y, ahead); break;
        case 2: tile512(2, 1, p, first, x, residual, y, ahead); break;
        default: tile512(1, 1, p, first, x, residual, y, ahead); break;
        }
    }
}

__attribute__((target("avx2,fma"))) static void rows256(int rows, const panel *p, const float *const *x,
                                                        const float *const *residual, float *const *y,
                                                        uintptr_t ahead) {
    for (size_t first = 0; first < p->width; first += 16) {
        switch (rows) {
        case 6: tile256(6, 2, p, first, x, residual, y, ahead); break;
        case 5: tile256(5, 2, p, first, x, residual, y, ahead); break;
        case 4: tile256(4, 2, p, first, x, residual, y, ahead); break;
        case 3: tile256(3, 2, p, first, x, residual, y, ahead); break;
        case 2: tile256(2, 2, p, first, x, residual, y, ahead); break;
        default: tile256(1, 2, p, first, x, residual, y, ahead); break;
        }
    }
}

__attribute__((target("avx512f"))) static void weighted_sum512(size_t channels, size_t rows, const float *weights,
                                                               const float *input, const size_t *inputRows,
                                                               float *output) {
    for (size_t c = 0; c < channels; c += 16) {
        __m512 sum = _mm512_setzero_ps();
        for (size_t r = 0; r < rows; r++)
            sum = _mm512_fmadd_ps(_mm512_set1_ps(weights[r]), _mm512_loadu_ps(input + inputRows[r] + c), sum);
        _mm512_storeu_ps(output + c, sum);
    }
}

__attribute__((target("avx2,fma"))) static void weighted_sum256(size_t channels, size_t rows, const float *weights,
                                                                const float *input, const size_t *inputRows,
                                                                float *output) {
    for (size_t c = 0; c < channels; c += 8) {
        __m256 sum = _mm256_setzero_ps();
        for (size_t r = 0; r < rows; r++)
            sum = _mm256_fmadd_ps(_mm256_set1_ps(weights[r]), _mm256_loadu_ps(input + inputRows[r] + c), sum);
        _mm256_storeu_ps(output + c, sum);
    }
}
#endif

void ck_apply(ck_form form, const ck_layer *layer, size_t rows, const float *input, const size_t *inputRows,
              const float *residual, const size_t *residualRows, float *output, const size_t *outputRows) {
    for (size_t first = 0; first < layer->outputs; first += CK_PANEL) {
        const size_t left = layer->outputs - first;
        const panel p = {layer->weights + first * layer->inputs, layer->bias + first, layer->inputs,
                         left < CK_PANEL ? left : CK_PANEL, layer->relu};
        for (size_t row = 0; row < rows; row += CK_TILE_ROWS) {
            const int count = rows - row < CK_TILE_ROWS ? (int)(rows - row) : CK_TILE_ROWS;
            const float *x[CK_TILE_ROWS], *added[CK_TILE_ROWS];
            float *y[CK_TILE_ROWS];
            for (int r = 0; r < count; r++) {
                x[r] = input + inputRows[row + r];
                y[r] = output + outputRows[row + r] + first;
                if (residual) added[r] = residual + residualRows[row + r] + first;
            }
#if CK_X86
            // While the first two tiles run, the panel that follows in memory comes into the second-level cache, two
            // lines for each k: a hop with cold weights takes 0.86 instead of 1.04 ms. Later tiles name lines that are
            // there already. A prefetch beyond the last panel is harmless: an address, never read.
            const size_t tile = row / CK_TILE_ROWS;
            const size_t skipped = tile < 2 ? p.width * p.inputs * sizeof(float) + tile * 2 * CK_LINE * p.inputs : 0;
            const uintptr_t ahead = (uintptr_t)p.weights + skipped;
#endif
            switch (form) {
#if CK_X86
            case CK_AVX512: rows512(count, &p, x, residual ? added : NULL, y, ahead); break;
            case CK_AVX2: rows256(count, &p, x, residual ? added : NULL, y, ahead); break;
#endif
            default:
                for (int r = 0; r < count; r++) portable_row(&p, x[r], residual ? added[r] : NULL, y[r]);
            }
        }
    }
}

void ck_weighted_sum(ck_form form, size_t channels, size_t rows, const float *weights, const float *input,
                     const size_t *inputRows, float *output) {
    switch (form) {
#if CK_X86
    case CK_AVX512: weighted_sum512(channels, rows, weights, input, inputRows, output); return;
    case CK_AVX2: weighted_sum256(channels, rows, weights, input, inputRows, output); return;
#endif
    default: portable_weighted_sum(channels, rows, weights, input, inputRows, output);
    }
}

void ck_max(size_t width, size_t channels, size_t rows, const float *input, const size_t *inputRows, float *output,
            const size_t *outputRows) {
    for (size_t r = 0; r < rows; r++) {
        float *y = output + outputRows[r];
        for (size_t c = 0; c < channels; c++) y[c] = input[inputRows[r] + c];
        for (size_t i = 1; i < width; i++) {
            const float *x = input + inputRows[r] + i * channels;
            for (size_t c = 0; c < channels; c++) y[c] = x[c] > y[c] ? x[c] : y[c];
        }
    }
}
