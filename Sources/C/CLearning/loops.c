#pragma STDC FP_CONTRACT OFF
#include "learning.h"
#include "loops.h"
#include <math.h>
#include <string.h>

// Rows summed in the type itself before the sum goes into a double: the error of 64 float additions is below 1e-6.
enum { BLOCK = 64 };

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
