#include "CKernels.h"
typedef int ck_empty;
