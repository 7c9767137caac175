#include "CPeak.h"

#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// 12 chains: the most that any processor so far needs is 10 (two additions begin in each cycle and take five).
enum { CP_CHAINS = 12 };

// The chains tend to 0.5 / (1 - 0.999), so no step meets a slow, tiny or infinite number.
static const float factor = 0.999f, addend = 0.5f;
static volatile float sink;

// The empty statement makes the compiler believe that something reads and changes the chains, so it keeps each step.
#define CP_KEEP(CHAINS, LETTER)                                                                                        \
    for (int c = 0; c < CP_CHAINS; c++) __asm__ volatile("" : "+" LETTER(CHAINS[c]))

static void run_portable(long steps) {
    float chain[CP_CHAINS] = {0};
    for (long step = 0; step < steps; step++)
        for (int c = 0; c < CP_CHAINS; c++) chain[c] = fmaf(chain[c], factor, addend);
    for (int c = 0; c < CP_CHAINS; c++) sink = chain[c];
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static void run_avx2(long steps) {
    __m256 chain[CP_CHAINS];
    for (int c = 0; c < CP_CHAINS; c++) chain[c] = _mm256_setzero_ps();
    const __m256 a = _mm256_set1_ps(factor), b = _mm256_set1_ps(addend);
    for (long step = 0; step < steps; step++) {
        for (int c = 0; c < CP_CHAINS; c++) chain[c] = _mm256_fmadd_ps(chain[c], a, b);
        CP_KEEP(chain, "x");
    }
}

__attribute__((target("avx512f"))) static void run_avx512(long steps) {
    __m512 chain[CP_CHAINS];
    for (int c = 0; c < CP_CHAINS; c++) chain[c] = _mm512_setzero_ps();
    const __m512 a = _mm512_set1_ps(factor), b = _mm512_set1_ps(addend);
    for (long step = 0; step < steps; step++) {
        for (int c = 0; c < CP_CHAINS; c++) chain[c] = _mm512_fmadd_ps(chain[c], a, b);
        CP_KEEP(chain, "v");
    }
}
#elif defined(__aarch64__)
static void run_neon(long steps) {
    float32x4_t chain[CP_CHAINS];
    for (int c = 0; c < CP_CHAINS; c++) chain[c] = vdupq_n_f32(0);
    const float32x4_t a = vdupq_n_f32(factor), b = vdupq_n_f32(addend);
    for (long step = 0; step < steps; step++) {
        for (int c = 0; c < CP_CHAINS; c++) chain[c] = vfmaq_f32(b, chain[c], a);
        CP_KEEP(chain, "w");
    }
}
#endif

double cp_run(int form, long steps) {
    int lanes = 1;
    switch (form) {
#if defined(__x86_64__)
    case 1: run_avx2(steps); lanes = 8; break;
    case 2: run_avx512(steps); lanes = 16; break;
#elif defined(__aarch64__)
    case 3: run_neon(steps); lanes = 4; break;
#endif
    default: run_portable(steps);
    }
    return (double)lanes * CP_CHAINS * (double)steps;
}
