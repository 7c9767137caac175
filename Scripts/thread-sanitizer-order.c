// Tells ThreadSanitizer of the order that Swift's runtime keeps between threads.
//
// The sanitizer sees what the program itself does. The toolchain's libraries are not built with it, so of two things that
// they do it would never know, and would report every use of them as a race:
//
// - A `Mutex` that somebody else holds is waited for in libswiftSynchronization; only the quick way, of one that is free,
//   stands in the program.
// - A value shared by copies (an array, a dictionary, a string) is changed in place by the one who holds its last
//   reference, and an object ends with its last reference. That the others are done with it is known from the count of
//   references, which libswiftCore keeps.
//
// So such calls come here first. Each function calls the library's own, and says nothing but what it ensures: who takes a
// lock comes behind who gave it back, and who holds the last reference comes behind who let the others go. A symbol of
// the program goes before the library's of the same name. References are let go inside of libswiftCore too, which calls
// itself without looking for a symbol: there the first instruction is replaced by a jump.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void __tsan_acquire(void *place);
void __tsan_release(void *place);

#define SELF __attribute__((swift_context)) void *lock
#define SWIFT __attribute__((swiftcall))
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

typedef SWIFT void Lock(uint32_t thread, SELF);
typedef SWIFT bool Try(SELF);
typedef SWIFT void Unlock(SELF);
typedef bool IsUnique(const void *object);
typedef void Release(void *object);
typedef void ReleaseMany(void *object, uint32_t count);

// The library's own.
static Lock *lock_slow;
static Try *try_slow;
static Unlock *unlock_slow;
static IsUnique *is_unique;
static Release *release_one;
static ReleaseMany *release_many;

// What `swift_release` and `swift_release_n` do.
extern Release *_swift_release;
extern ReleaseMany *_swift_release_n;

Lock locked __asm__(LOCK);
SWIFT void locked(uint32_t thread, SELF) {
    lock_slow(thread, lock);
    __tsan_acquire(lock);
}

Try tried __asm__(TRY);
SWIFT bool tried(SELF) {
    bool is_taken = try_slow(lock);
    if (is_taken) __tsan_acquire(lock);
    return is_taken;
}

Unlock unlocked __asm__(UNLOCK);
SWIFT void unlocked(SELF) {
    __tsan_release(lock);
    unlock_slow(lock);
}

bool swift_isUniquelyReferenced_nonNull_native(const void *object) {
    bool is = is_unique(object);
    if (is) __tsan_acquire((void *)object);
    return is;
}

// Whether references are counted: it is a pointer, not null nor a short string, and the object does not live for ever.
static bool is_counted(void *object) { return (intptr_t)object > 0 && ((uint32_t *)object)[2] != UINT32_MAX; }

// One thread at a time looks whether it holds the last reference, and lets it go if not: two that did so at once would
// both find that they do not.
static atomic_flag guards[4096];

static void release(void *object) {
    if (!is_counted(object)) return;
    __tsan_release(object);
    atomic_flag *guard = &guards[(uintptr_t)object / 16 % 4096];
    while (atomic_flag_test_and_set_explicit(guard, memory_order_acquire)) sched_yield();
    bool is_last = is_unique(object);
    if (!is_last) release_one(object);
    atomic_flag_clear_explicit(guard, memory_order_release);
    if (is_last) {
        __tsan_acquire(object);
        release_one(object);
    }
}

static void release_several(void *object, uint32_t count) {
    if (!is_counted(object)) return;
    __tsan_release(object);
    __tsan_acquire(object);
    release_many(object, count);
}

#if !defined(__x86_64__)
#error "the jump is known for x86-64 alone"
#endif

// Makes every call of the library's function `name` one of `target`.
static void redirect(const char *name, void *target) {
    char *place = dlsym(RTLD_DEFAULT, name);
    if (!place) abort();
    // jmp *0(%rip), and behind it the address.
    unsigned char jump[14] = {0xff, 0x25};
    memcpy(jump + 6, &target, sizeof target);
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t begin = (uintptr_t)place & ~(page - 1);
    size_t size = (uintptr_t)place + sizeof jump - begin;
    if (mprotect((void *)begin, size, PROT_READ | PROT_WRITE | PROT_EXEC)) abort();
    memcpy(place, jump, sizeof jump);
    if (mprotect((void *)begin, size, PROT_READ | PROT_EXEC)) abort();
}

__attribute__((constructor)) static void begin(void) {
    lock_slow = (Lock *)dlsym(RTLD_NEXT, LOCK);
    try_slow = (Try *)dlsym(RTLD_NEXT, TRY);
    unlock_slow = (Unlock *)dlsym(RTLD_NEXT, UNLOCK);
    is_unique = (IsUnique *)dlsym(RTLD_NEXT, "swift_isUniquelyReferenced_nonNull_native");
    // Another toolchain may name them otherwise; without them every report would be in doubt.
    if (!lock_slow || !try_slow || !unlock_slow || !is_unique) abort();
    release_one = _swift_release;
    release_many = _swift_release_n;
    redirect("swift_release", release);
    redirect("swift_release_n", release_several);
}
