// The encoder's arithmetic in eight-bit integers: sums of products are exact, so their order is free; what follows them
// is a fixed list of exactly rounded float operations. So every form gives the same bits.
#include "CKernels.h"

#include <math.h>
#include <string.h>

#if defined(__clang__) // GCC does not know the pragma; nothing below leaves it a product to contract
#pragma STDC FP_CONTRACT OFF
#endif

#if defined(__x86_64__)
#include <immintrin.h>
#define CK_X86 1
#else
#define CK_X86 0
#endif

/// The rows of a call: where each one's input, residual and output begin.
typedef struct rows {
    const uint8_t *input;
    const size_t *inputRows;
    /// NULL where nothing is added.
    const uint8_t *residual;
    const size_t *residualRows;
    /// One of both: the outputs are bytes or floats.
    uint8_t *bytes;
    float *floats;
    const size_t *outputRows;
} rows;

// The nearest whole number of a value of 0 to 127, of two the even one. Behind 1.5 x 2^23 a float has no fraction.
static uint8_t nearest(float value) {
    value = value > 0 ? value : 0;
    value = value < CK_BYTE_MAX ? value : CK_BYTE_MAX;
    const float shifted = value + 12582912.0f;
    int32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    return (uint8_t)(bits - 0x4B400000);
}

// This form defines the result.
static void portable_row(const ck_bytes_layer *layer, const rows *p, size_t row) {
    const uint8_t *x = p->input + p->inputRows[row];
    for (size_t first = 0; first < layer->outputs; first += CK_LANES) {
        int32_t sum[CK_LANES] = {0};
        const int8_t *w = layer->weights + first * layer->inputs;
        for (size_t k = 0; k < layer->inputs; k += 4, w += 4 * CK_LANES)
            for (size_t o = 0; o < CK_LANES; o++)
                for (size_t i = 0; i < 4; i++) sum[o] += (int32_t)x[k + i] * w[4 * o + i];
        for (size_t lane = 0; lane < CK_LANES; lane++) {
            const size_t o = first + lane, y = p->outputRows[row] + o;
            float value = fmaf((float)sum[lane], layer->scale[o], layer->bias[o]);
            if (p->residual) {
                const float added = p->residual[p->residualRows[row] + o];
                value = fmaf(added, layer->residualScale[o], value);
            }
            if (p->bytes) p->bytes[y] = nearest(value);
            else p->floats[y] = value > 0 ? value : 0;
        }
    }
}

#if CK_X86

// How many rows one tile computes.
enum { CK_BYTE_ROWS = 4 };

static inline __attribute__((always_inline, target("avx2"))) __m256i four_bytes(const uint8_t *x) {
    int32_t value;
    memcpy(&value, x, sizeof value);
    return _mm256_set1_epi32(value);
}

// Sums of one tile: R rows x one panel of 16 outputs. In each group of 16 k the products of a 16-bit lane are added
// before they are widened; the weights are such that this never overflows, as `ck_bytes_layer` promises.
static inline __attribute__((always_inline, target("avx2"))) void sums_bytes256(
    const int R, const int8_t *w, size_t inputs, const uint8_t *const *x, __m256i sum[CK_BYTE_ROWS][2]) {
    const __m256i ones = _mm256_set1_epi16(1);
    _Pragma("unroll") for (int r = 0; r < R; r++) sum[r][0] = sum[r][1] = _mm256_setzero_si256();
    for (size_t k = 0; k < inputs; k += CK_GROUP, w += CK_GROUP * CK_LANES) {
        _Pragma("unroll") for (int r = 0; r < R; r++) {
            // The compiler must not keep the group's weights for the next row: they would push the sums out of their
            // registers, where the multiplication reads memory for nothing.
            __asm__("" : "+r"(w));
            __m256i part[2];
            _Pragma("unroll") for (int n = 0; n < CK_GROUP / 4; n++) {
                const __m256i value = four_bytes(x[r] + k + 4 * n);
                _Pragma("unroll") for (int v = 0; v < 2; v++) {
                    const __m256i weight = _mm256_loadu_si256((const __m256i *)(w + 64 * n + 32 * v));
                    const __m256i product = _mm256_maddubs_epi16(value, weight);
                    part[v] = n ? _mm256_add_epi16(part[v], product) : product;
                }
            }
            _Pragma("unroll") for (int v = 0; v < 2; v++)
                sum[r][v] = _mm256_add_epi32(sum[r][v], _mm256_madd_epi16(part[v], ones));
        }
    }
}

// One tile from row `row` and output `first` on; R, whether something is added and where the outputs go are constants
// after inlining.
static inline __attribute__((always_inline, target("avx2,fma"))) void tile_bytes256(
    const int R, const int isAdded, const int isBytes, const ck_bytes_layer *layer, const rows *p, size_t first,
    size_t row) {
    __m256i sum[CK_BYTE_ROWS][2];
    const uint8_t *x[CK_BYTE_ROWS];
    _Pragma("unroll") for (int r = 0; r < R; r++) x[r] = p->input + p->inputRows[row + r];
    sums_bytes256(R, layer->weights + first * layer->inputs, layer->inputs, x, sum);
    const __m256 zero = _mm256_setzero_ps(), most = _mm256_set1_ps(CK_BYTE_MAX);
    __m256 scale[2], bias[2], added[2];
    _Pragma("unroll") for (int v = 0; v < 2; v++) {
        scale[v] = _mm256_loadu_ps(layer->scale + first + 8 * v);
        bias[v] = _mm256_loadu_ps(layer->bias + first + 8 * v);
        if (isAdded) added[v] = _mm256_loadu_ps(layer->residualScale + first + 8 * v);
    }
    _Pragma("unroll") for (int r = 0; r < R; r++) {
        __m256 value[2];
        _Pragma("unroll") for (int v = 0; v < 2; v++) {
            value[v] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum[r][v]), scale[v], bias[v]);
            if (isAdded) {
                const uint8_t *bytes = p->residual + p->residualRows[row + r] + first + 8 * v;
                const __m256i wide = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)bytes));
                value[v] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(wide), added[v], value[v]);
            }
            value[v] = _mm256_max_ps(value[v], zero);
        }
        const size_t y = p->outputRows[row + r] + first;
        if (isBytes) {
            const __m256i low = _mm256_cvtps_epi32(_mm256_min_ps(value[0], most));
            const __m256i high = _mm256_cvtps_epi32(_mm256_min_ps(value[1], most));
            const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
            const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
            _mm_storeu_si128((__m128i *)(p->bytes + y), bytes);
        } else {
            _mm256_storeu_ps(p->floats + y, value[0]);
            _mm256_storeu_ps(p->floats + y + 8, value[1]);
        }
    }
}

// Sends 1 to 4 rows through the panel at `first`.
static inline __attribute__((always_inline, target("avx2,fma"))) void rows_bytes256(
    size_t count, const int isAdded, const int isBytes, const ck_bytes_layer *layer, const rows *p, size_t first,
    size_t row) {
    switch (count) {
    case 4: tile_bytes256(4, isAdded, isBytes, layer, p, first, row); return;
    case 3: tile_bytes256(3, isAdded, isBytes, layer, p, first, row); return;
    case 2: tile_bytes256(2, isAdded, isBytes, layer, p, first, row); return;
    default: tile_bytes256(1, isAdded, isBytes, layer, p, first, row);
    }
}

// Each panel goes over all rows before the next one is read, in tiles as even as they can be.
static inline __attribute__((always_inline, target("avx2,fma"))) void panels_bytes256(
    const int isAdded, const int isBytes, const ck_bytes_layer *layer, const rows *p, size_t count) {
    const size_t tiles = (count + CK_BYTE_ROWS - 1) / CK_BYTE_ROWS;
    const size_t least = count / tiles, larger = count % tiles;
    for (size_t first = 0; first < layer->outputs; first += CK_LANES) {
        for (size_t tile = 0, row = 0; tile < tiles; tile++) {
            const size_t size = least + (tile < larger);
            rows_bytes256(size, isAdded, isBytes, layer, p, first, row);
            row += size;
        }
    }
}

__attribute__((target("avx2,fma"))) static void apply_bytes256(const ck_bytes_layer *layer, const rows *p,
                                                               size_t count) {
    if (p->bytes && p->residual) panels_bytes256(1, 1, layer, p, count);
    else if (p->bytes) panels_bytes256(0, 1, layer, p, count);
    else if (p->residual) panels_bytes256(1, 0, layer, p, count);
    else panels_bytes256(0, 0, layer, p, count);
}
#endif

static void apply(ck_form form, const ck_bytes_layer *layer, const rows *p, size_t count) {
    if (count == 0) return;
#if CK_X86
    if (form == CK_AVX2 || form == CK_AVX512) {
        apply_bytes256(layer, p, count);
        return;
    }
#endif
    (void)form;
    for (size_t row = 0; row < count; row++) portable_row(layer, p, row);
}

void ck_apply_bytes(ck_form form, const ck_bytes_layer *layer, size_t rows, const uint8_t *input,
                    const size_t *inputRows, const uint8_t *residual, const size_t *residualRows, uint8_t *output,
                    const size_t *outputRows) {
    const struct rows p = {input, inputRows, residual, residualRows, output, NULL, outputRows};
    apply(form, layer, &p, rows);
}

void ck_apply_bytes_to_floats(ck_form form, const ck_bytes_layer *layer, size_t rows, const uint8_t *input,
                              const size_t *inputRows, const uint8_t *residual, const size_t *residualRows,
                              float *output, const size_t *outputRows) {
    const struct rows p = {input, inputRows, residual, residualRows, NULL, output, outputRows};
    apply(form, layer, &p, rows);
}

void ck_quantise(size_t channels, size_t rows, const float *scale, const float *input, const size_t *inputRows,
                 uint8_t *output, const size_t *outputRows) {
    for (size_t r = 0; r < rows; r++) {
        const float *x = input + inputRows[r];
        uint8_t *y = output + outputRows[r];
        for (size_t c = 0; c < channels; c++) y[c] = nearest(x[c] * scale[c]);
    }
}
