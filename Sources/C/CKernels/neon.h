#pragma once
#include "CKernels.h"

// The arm64 form, which kernels.c calls; panels of CK_LANES outputs, as AVX2 reads them.
#if defined(__aarch64__)
void ck_apply_neon(const ck_layer *_Nonnull layer, size_t rows, const float *_Nonnull input,
                   const size_t *_Nonnull inputRows, const float *_Nullable residual,
                   const size_t *_Nullable residualRows, float *_Nonnull output, const size_t *_Nonnull outputRows);

void ck_weighted_sum_neon(size_t channels, size_t rows, const float *_Nonnull weights, const float *_Nonnull input,
                          const size_t *_Nonnull inputRows, float *_Nonnull output);
#endif
