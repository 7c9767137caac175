#pragma once

/// What the processor can do at most: 12 independent chains of fused multiply-adds that never leave the registers.
///
/// A form is named by its place in the encoder's list: 0 portable, 1 AVX2, 2 AVX-512, 3 NEON. The machine must have it.

/// Runs `steps` steps of a form and returns how many fused multiply-adds of single numbers these were.
double cp_run(int form, long steps);
