#pragma once
#include <stddef.h>

#define MIN(a, b) ((a) < (b) ? (a) : (b))

// Channels that a loop takes at once, so that what it sums stays in registers and both sides of a turn in the cache.
enum { TILE = 32 };

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
