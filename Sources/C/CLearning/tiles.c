#pragma STDC FP_CONTRACT OFF
#include "learning.h"
#include "loops.h"

// Winograd's F(4, 3) over time (Lavin and Gray 2016, in one dimension): four outputs of a convolution of width 3 from six
// inputs with six products instead of twelve. With d the inputs, g the weights and * number by number:
//     y = A' ((G g) * (B' d))
// Backward is the same read the other way: dg = G' ((A dy) * (B' d)) and dd = B ((G g) * (A dy)).

#define REAL float
#define NAME(name) name##_f
#define BODY(name) name##_body_f
#include "tiles.inc"
#undef REAL
#undef NAME
#undef BODY

#define REAL double
#define NAME(name) name##_d
#define BODY(name) name##_body_d
#include "tiles.inc"
