#pragma STDC FP_CONTRACT OFF
#include "learning.h"
#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

// Each loop is written once, as `BODY(name)`; LOOP makes the public function that runs it with AVX2 or without.
#if defined(__x86_64__)
#define LOOP_NAMED(name, params, args, body)                                                                           \
    static __attribute__((target("avx2"))) void name##_avx2 params { body args; }                                      \
    void name params {                                                                                                 \
        if (__builtin_cpu_supports("avx2"))                                                                            \
            name##_avx2 args;                                                                                          \
        else                                                                                                           \
            body args;                                                                                                 \
    }
#else
#define LOOP_NAMED(name, params, args, body)                                                                           \
    void name params { body args; }
#endif
#define LOOP(name, params, args, body) LOOP_NAMED(name, params, args, body)

// Rows summed in the type itself before the sum goes into a double: the error of 64 float additions is below 1e-6.
enum { BLOCK = 64, TILE = 32 };

#define REAL float
#define NAME(name) name##_f
#define BODY(name) name##_body_f
#define ROOT sqrtf
#include "loops.inc"
#undef REAL
#undef NAME
#undef BODY
#undef ROOT

#define REAL double
#define NAME(name) name##_d
#define BODY(name) name##_body_d
#define ROOT sqrt
#include "loops.inc"
