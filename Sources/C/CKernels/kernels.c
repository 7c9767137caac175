#include "neon.h"

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
#elif defined(__aarch64__)
    case CK_NEON: return 1;
#endif
    default: return 0;
    }
}

size_t ck_panel(ck_form form) { return form == CK_AVX2 || form == CK_NEON ? CK_LANES : CK_PANEL; }

ck_form ck_best_form(void) {
    for (ck_form form = CK_NEON; form > CK_PORTABLE; form--)
        if (ck_has_form(form)) return form;
    return CK_PORTABLE;
}

// How many rows one tile computes, and how many bytes a cache line has.
enum { CK_TILE_ROWS = 6, CK_LINE = 64 };

/// A panel of up to CK_PANEL outputs, as the portable form and AVX-512 read it.
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

// One tile of AVX-512: R rows x V vectors of outputs, all sums in registers. R and V are constants after inlining, so
// the loops over them unroll. `w` advances by `width`, `first` is the tile's first output within the panel.
static inline __attribute__((always_inline, target("avx512f"))) void tile512(
    const int R, const int V, const panel *p, size_t first, const float *const *x, const float *const *residual,
    float *const *y, uintptr_t ahead) {
    __m512 sum[CK_TILE_ROWS][4];
    const size_t inputs = p->inputs, width = p->width;
    const float *w = p->weights + first;
    _Pragma("unroll") for (int v = 0; v < V; v++) {
        const __m512 bias = _mm512_loadu_ps(p->bias + first + 16 * v);
        _Pragma("unroll") for (int r = 0; r < R; r++) sum[r][v] = bias;
    }
    for (size_t k = 0; k < inputs; k++, w += width, ahead += 2 * CK_LINE) {
        __builtin_prefetch((const void *)ahead, 0, 2);
        __builtin_prefetch((const void *)(ahead + CK_LINE), 0, 2);
        __m512 weight[4];
        _Pragma("unroll") for (int v = 0; v < V; v++) weight[v] = _mm512_loadu_ps(w + 16 * v);
        _Pragma("unroll") for (int r = 0; r < R; r++) {
            const __m512 value = _mm512_set1_ps(x[r][k]);
            _Pragma("unroll") for (int v = 0; v < V; v++) sum[r][v] = _mm512_fmadd_ps(value, weight[v], sum[r][v]);
        }
    }
    _Pragma("unroll") for (int r = 0; r < R; r++) {
        _Pragma("unroll") for (int v = 0; v < V; v++) {
            __m512 value = sum[r][v];
            if (residual) value = _mm512_add_ps(value, _mm512_loadu_ps(residual[r] + first + 16 * v));
            // Of two equal zeros the maximum is the second one, +0.
            if (p->relu) value = _mm512_max_ps(value, _mm512_setzero_ps());
            _mm512_storeu_ps(y[r] + first + 16 * v, value);
        }
    }
}

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

/// What comes into the second-level cache while a tile runs: `lines` cache lines for each CK_FETCH k, from `next` on.
typedef struct fetch {
    uintptr_t next;
    size_t lines;
} fetch;

enum { CK_FETCH = 16 };

/// How many k a loop of a tile takes at once, and how far before their use weights come into the first-level cache.
enum { CK_STEPS = 4, CK_AHEAD = 32 };

// One k of a tile: R rows x V panels.
static inline __attribute__((always_inline, target("avx2,fma"))) void step256(
    const int R, const int V, const float *w, size_t panel, const float *const *x, size_t k,
    __m256 sum[CK_TILE_ROWS][8]) {
    __m256 weight[8];
    _Pragma("unroll") for (int v = 0; v < 2 * V; v++) weight[v] = _mm256_loadu_ps(w + v / 2 * panel + v % 2 * 8);
    _Pragma("unroll") for (int r = 0; r < R; r++) {
        const __m256 value = _mm256_set1_ps(x[r][k]);
        _Pragma("unroll") for (int v = 0; v < 2 * V; v++) sum[r][v] = _mm256_fmadd_ps(value, weight[v], sum[r][v]);
    }
}

// CK_STEPS k of a tile, written out: six rows take 20.5 instructions a k then instead of 23. A processor whose other
// thread works for somebody else decodes about 3.4 a cycle, where the 12 multiply-adds of a k want to be done in six
// cycles. Beside such a neighbour a hop of one stream takes 0.86 of the time on a Zen 3, one of 16 streams 0.90. Eight k
// at once are no faster.
static inline __attribute__((always_inline, target("avx2,fma"))) void steps256(
    const int R, const int V, const float *w, size_t panel, const float *const *x, size_t k,
    __m256 sum[CK_TILE_ROWS][8]) {
    _Pragma("unroll") for (size_t i = 0; i < CK_STEPS; i++) {
        __builtin_prefetch(w + (i + CK_AHEAD) * CK_LANES, 0, 3);
        step256(R, V, w + i * CK_LANES, panel, x, k + i, sum);
    }
}

// One tile of AVX2: R rows x V panels of 16 outputs from output `first` on, all sums in registers; R and V are
// constants after inlining. Six rows by one panel take 15 of the 16 registers and reach 99.5 % of a Zen 1's FMA peak
// where the weights stand in its second-level cache (four rows by 24 outputs reach 88 %, three by 32 82 %), and 97 % of a
// Zen 3's whose other thread is idle. A panel's lines follow each other in the order in which they are read, so the
// processor fetches them by itself.
static inline __attribute__((always_inline, target("avx2,fma"))) void tile256(
    const int R, const int V, const ck_layer *layer, size_t first, const float *const *x, const float *const *residual,
    float *const *y, fetch f) {
    __m256 sum[CK_TILE_ROWS][8];
    const float *rows[CK_TILE_ROWS];
    const size_t inputs = layer->inputs, panel = inputs * CK_LANES;
    const float *w = layer->weights + first * inputs;
    _Pragma("unroll") for (int r = 0; r < R; r++) {
        rows[r] = x[r];
        _Pragma("unroll") for (int v = 0; v < 2 * V; v++) sum[r][v] = _mm256_loadu_ps(layer->bias + first + 8 * v);
    }
    size_t k = 0;
    while (f.lines > 0 && k + CK_FETCH <= inputs) {
        for (size_t line = 0; line < f.lines; line++, f.next += CK_LINE) __builtin_prefetch((const void *)f.next, 0, 2);
        for (const size_t end = k + CK_FETCH; k < end; k += CK_STEPS, w += CK_STEPS * CK_LANES)
            steps256(R, V, w, panel, rows, k, sum);
    }
    for (; k + CK_STEPS <= inputs; k += CK_STEPS, w += CK_STEPS * CK_LANES) steps256(R, V, w, panel, rows, k, sum);
    for (; k < inputs; k++, w += CK_LANES) step256(R, V, w, panel, rows, k, sum);
    if (residual) {
        _Pragma("unroll") for (int r = 0; r < R; r++) _Pragma("unroll") for (int v = 0; v < 2 * V; v++)
            sum[r][v] = _mm256_add_ps(sum[r][v], _mm256_loadu_ps(residual[r] + first + 8 * v));
    }
    if (layer->relu) { // Of two equal zeros the maximum is the second one, +0.
        _Pragma("unroll") for (int r = 0; r < R; r++) _Pragma("unroll") for (int v = 0; v < 2 * V; v++)
            sum[r][v] = _mm256_max_ps(sum[r][v], _mm256_setzero_ps());
    }
    _Pragma("unroll") for (int r = 0; r < R; r++) _Pragma("unroll") for (int v = 0; v < 2 * V; v++)
        _mm256_storeu_ps(y[r] + first + 8 * v, sum[r][v]);
}

// Sends 1 to 6 rows through the panels at `first`; `panels` is 1, or what panels256 gives for 1 and 2 rows.
__attribute__((target("avx2,fma"))) static void rows256(int rows, size_t panels, const ck_layer *layer, size_t first,
                                                        const float *const *x, const float *const *residual,
                                                        float *const *y, fetch f) {
    switch (rows) {
    case 6: tile256(6, 1, layer, first, x, residual, y, f); return;
    case 5: tile256(5, 1, layer, first, x, residual, y, f); return;
    case 4: tile256(4, 1, layer, first, x, residual, y, f); return;
    case 3: tile256(3, 1, layer, first, x, residual, y, f); return;
    case 2:
        if (panels == 2) tile256(2, 2, layer, first, x, residual, y, f);
        else tile256(2, 1, layer, first, x, residual, y, f);
        return;
    default:
        if (panels == 4) tile256(1, 4, layer, first, x, residual, y, f);
        else if (panels == 2) tile256(1, 2, layer, first, x, residual, y, f);
        else tile256(1, 1, layer, first, x, residual, y, f);
    }
}

// How many panels are read side by side where `left` outputs are still to be computed. One or two rows have too few
// sums in one panel to hide how long an addition takes, and one stream of weights does not fill the way to the memory:
// with four panels one row of the last stage reads its weights at 1.6 times the rate.
static size_t panels256(size_t rows, size_t left) {
    if (rows == 1 && left >= 4 * CK_LANES) return 4;
    return rows <= 2 && left >= 2 * CK_LANES ? 2 : 1;
}

// What tile `tile` of `tiles` fetches of the panel that begins at `next`. The first tile brings its own panel from
// memory; the later ones find it in the cache and share the next one. This took a hop with cold weights from 78 to 86 %
// of the FMA peak. When the first tile fetched as well, or each tile a line for each k, hops and windows became slower.
// A prefetch beyond the last panel is harmless: an address, never read.
static fetch fetch256(size_t tile, size_t tiles, const float *next, size_t inputs) {
    if (tile == 0) return (fetch){0, 0};
    const size_t lines = (CK_FETCH + tiles - 2) / (tiles - 1);
    if ((tile - 1) * lines >= CK_FETCH) return (fetch){0, 0};
    return (fetch){(uintptr_t)next + (tile - 1) * lines * (inputs / CK_FETCH) * CK_LINE, lines};
}

// Each panel goes over all rows before the next one is read, so it comes from memory once. The tiles are as even as
// they can be: 16 rows are 6, 5 and 5, and 32 are not 5 x 6 and a slow rest of 2.
static void apply256(const ck_layer *layer, size_t rows, const float *input, const size_t *inputRows,
                     const float *residual, const size_t *residualRows, float *output, const size_t *outputRows) {
    if (rows == 0) return;
    const size_t tiles = (rows + CK_TILE_ROWS - 1) / CK_TILE_ROWS;
    const size_t least = rows / tiles, larger = rows % tiles;
    // The lists are always filled as if a tile had all its rows and a residual: no loop, no branch.
    const float *const second = residual ? residual : output;
    const size_t *const secondRows = residual ? residualRows : outputRows;
    for (size_t first = 0, panels; first < layer->outputs; first += panels * CK_LANES) {
        panels = panels256(rows, layer->outputs - first);
        const float *next = layer->weights + (first + panels * CK_LANES) * layer->inputs;
        for (size_t tile = 0, row = 0; tile < tiles; tile++) {
            const size_t count = least + (tile < larger);
            const float *x[CK_TILE_ROWS], *added[CK_TILE_ROWS];
            float *y[CK_TILE_ROWS];
            _Pragma("unroll") for (size_t r = 0; r < CK_TILE_ROWS; r++) {
                const size_t at = row + r < rows ? row + r : rows - 1;
                x[r] = input + inputRows[at];
                y[r] = output + outputRows[at];
                added[r] = second + secondRows[at];
            }
            rows256((int)count, panels, layer, first, x, residual ? added : NULL, y,
                    fetch256(tile, tiles, next, layer->inputs));
            row += count;
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

// Adds V vectors of channels from `c` on.
static inline __attribute__((always_inline, target("avx2,fma"))) void sums256(
    const int V, size_t c, size_t rows, const float *weights, const float *input, const size_t *inputRows,
    float *output) {
    __m256 sum[8];
    _Pragma("unroll") for (int v = 0; v < V; v++) sum[v] = _mm256_setzero_ps();
    for (size_t r = 0; r < rows; r++) {
        const float *x = input + inputRows[r] + c;
        const __m256 weight = _mm256_set1_ps(weights[r]);
        _Pragma("unroll") for (int v = 0; v < V; v++)
            sum[v] = _mm256_fmadd_ps(weight, _mm256_loadu_ps(x + 8 * v), sum[v]);
    }
    _Pragma("unroll") for (int v = 0; v < V; v++) _mm256_storeu_ps(output + c + 8 * v, sum[v]);
}

// 64 channels at once: a row is read by whole lines, and eight sums hide how long an addition takes.
__attribute__((target("avx2,fma"))) static void weighted_sum256(size_t channels, size_t rows, const float *weights,
                                                                const float *input, const size_t *inputRows,
                                                                float *output) {
    size_t c = 0;
    for (; c + 64 <= channels; c += 64) sums256(8, c, rows, weights, input, inputRows, output);
    for (; c < channels; c += CK_LANES) sums256(2, c, rows, weights, input, inputRows, output);
}
#endif

void ck_apply(ck_form form, const ck_layer *layer, size_t rows, const float *input, const size_t *inputRows,
              const float *residual, const size_t *residualRows, float *output, const size_t *outputRows) {
#if CK_X86
    if (form == CK_AVX2) {
        apply256(layer, rows, input, inputRows, residual, residualRows, output, outputRows);
        return;
    }
#elif defined(__aarch64__)
    if (form == CK_NEON) {
        ck_apply_neon(layer, rows, input, inputRows, residual, residualRows, output, outputRows);
        return;
    }
#endif
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
#elif defined(__aarch64__)
    case CK_NEON: ck_weighted_sum_neon(channels, rows, weights, input, inputRows, output); return;
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
