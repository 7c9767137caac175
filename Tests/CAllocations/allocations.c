// Counts what each thread asks of the allocator, for the tests that promise how little the sample path takes.
//
// The functions below stand in for glibc's and call its own by their internal names. A sanitizer brings its own
// allocator, which these would break, so with one nothing is counted.
#include "CAllocations.h"
#include <errno.h>
#include <stddef.h>

#define CA_SANITIZER 0
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#undef CA_SANITIZER
#define CA_SANITIZER 1
#elif __has_feature(thread_sanitizer)
#undef CA_SANITIZER
#define CA_SANITIZER 2
#endif
#endif

static _Thread_local long count;
static _Thread_local long bytes;

long ca_count(void) { return count; }
long ca_bytes(void) { return bytes; }
int ca_sanitizer(void) { return CA_SANITIZER; }

#if CA_SANITIZER == 0
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

static void note(size_t size) {
    count += 1;
    bytes += (long)size;
}

void *malloc(size_t size) {
    note(size);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    note(number * size);
    return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
    note(size);
    return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
    note(size);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    note(size);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    note(size);
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}

void free(void *memory) { __libc_free(memory); }
#endif
