// Prints a digest of what the encoder's kernels give on made numbers, a line for each work and form of this machine.
//
// Arm64Tests builds it for this machine and for 64-bit Arm and runs both, the second one under an emulator: each work's
// digest must be the same in every line of both.
#include "CKernels.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

static uint32_t next(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33);
}

// A float of -1 to 1 whose bits are all used.
static float number(void) { return (float)((int32_t)(next() << 1)) / 2147483648.0f; }

static uint64_t digest(uint64_t hash, const void *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) hash = (hash ^ ((const uint8_t *)bytes)[i]) * 1099511628211u;
    return hash;
}

static void *allocate(size_t bytes) {
    void *memory = calloc(bytes > 0 ? bytes : 1, 1);
    if (!memory) exit(70);
    return memory;
}

enum { ROWS_MAX = 32, MEMORY = 7700 };

static const size_t inputs[] = {1, 3, 84, 85, 191, 192}, outputs[] = {16, 64, 80, 112};
static const size_t rowCounts[] = {0, 1, 2, 3, 4, 5, 6, 7, 13, 32};
#define COUNT(LIST) (sizeof(LIST) / sizeof *(LIST))

static uint64_t floats(ck_form form) {
    uint64_t hash = 14695981039346656037u;
    float *memory = allocate(MEMORY * sizeof(float));
    size_t in[ROWS_MAX], added[ROWS_MAX], out[ROWS_MAX];
    state = 1;
    for (size_t i = 0; i < COUNT(inputs); i++)
        for (size_t o = 0; o < COUNT(outputs); o++) {
            const size_t K = inputs[i], N = outputs[o], panel = ck_panel(form);
            float *weights = allocate(K * N * sizeof(float)), *bias = allocate(N * sizeof(float));
            for (size_t n = 0; n < N; n++) {
                const size_t first = n / panel * panel, width = N - first < panel ? N - first : panel;
                for (size_t k = 0; k < K; k++) weights[first * K + k * width + n - first] = number();
                bias[n] = number();
            }
            for (size_t c = 0; c < COUNT(rowCounts); c++)
                for (int kind = 0; kind < 4; kind++) {
                    for (size_t m = 0; m < MEMORY; m++) memory[m] = number();
                    for (size_t r = 0; r < rowCounts[c]; r++) {
                        in[r] = 5 * r;
                        added[r] = 400 + r * N;
                        out[r] = 4000 + r * (N + 1);
                    }
                    const ck_layer layer = {weights, bias, K, N, kind % 2};
                    ck_apply(form, &layer, rowCounts[c], memory, in, kind / 2 ? memory : NULL, kind / 2 ? added : NULL,
                             memory, out);
                    hash = digest(hash, memory, MEMORY * sizeof(float));
                }
            free(weights);
            free(bias);
        }
    free(memory);
    return hash;
}

static uint64_t sums(ck_form form) {
    uint64_t hash = 14695981039346656037u;
    float memory[ROWS_MAX * 112], weights[ROWS_MAX], sum[112];
    size_t rows[ROWS_MAX];
    state = 2;
    for (size_t o = 0; o < COUNT(outputs); o++)
        for (size_t c = 0; c < COUNT(rowCounts); c++) {
            for (size_t m = 0; m < COUNT(memory); m++) memory[m] = number();
            for (size_t r = 0; r < rowCounts[c]; r++) {
                weights[r] = number();
                rows[r] = (rowCounts[c] - 1 - r) * outputs[o];
            }
            memset(sum, 0, sizeof sum);
            ck_weighted_sum(form, outputs[o], rowCounts[c], weights, memory, rows, sum);
            hash = digest(hash, sum, sizeof sum);
        }
    return hash;
}

static uint64_t bytes(ck_form form) {
    uint64_t hash = 14695981039346656037u;
    uint8_t *memory = allocate(MEMORY);
    float *values = allocate(MEMORY * sizeof(float));
    size_t in[ROWS_MAX], added[ROWS_MAX], out[ROWS_MAX];
    state = 3;
    for (size_t K = 16; K <= 208; K += 48)
        for (size_t o = 0; o < COUNT(outputs); o++) {
            const size_t N = outputs[o];
            int8_t *weights = allocate(K * N);
            float *factors = allocate(3 * N * sizeof(float));
            // Of 8 weights of a 16-bit lane none is above 32, so that their sum is at most 256.
            for (size_t w = 0; w < K * N; w++) weights[w] = (int8_t)((int)(next() % 65) - 32);
            for (size_t f = 0; f < N; f++) {
                factors[f] = number() / 5000;
                factors[N + f] = 60 * number();
                factors[2 * N + f] = number();
            }
            const ck_bytes_layer layer = {weights, factors, factors + N, factors + 2 * N, K, N};
            for (size_t c = 0; c < COUNT(rowCounts); c++)
                for (int kind = 0; kind < 4; kind++) {
                    for (size_t m = 0; m < MEMORY; m++) {
                        memory[m] = next() % 128;
                        values[m] = 0;
                    }
                    for (size_t r = 0; r < rowCounts[c]; r++) {
                        in[r] = 5 * r;
                        added[r] = 400 + r * N;
                        out[r] = 4000 + r * (N + 1);
                    }
                    const uint8_t *second = kind / 2 ? memory : NULL;
                    const size_t *secondRows = kind / 2 ? added : NULL;
                    if (kind % 2)
                        ck_apply_bytes(form, &layer, rowCounts[c], memory, in, second, secondRows, memory, out);
                    else
                        ck_apply_bytes_to_floats(form, &layer, rowCounts[c], memory, in, second, secondRows, values,
                                                 out);
                    hash = digest(digest(hash, memory, MEMORY), values, MEMORY * sizeof(float));
                }
            free(weights);
            free(factors);
        }
    free(memory);
    free(values);
    return hash;
}

int main(void) {
    const char *names[] = {"portable", "avx2", "avx512", "neon"};
    for (int form = CK_PORTABLE; form <= CK_NEON; form++) {
        if (!ck_has_form((ck_form)form)) continue;
        printf("floats %s %016" PRIx64 "\n", names[form], floats((ck_form)form));
        printf("sums %s %016" PRIx64 "\n", names[form], sums((ck_form)form));
        printf("bytes %s %016" PRIx64 "\n", names[form], bytes((ck_form)form));
    }
    return 0;
}
