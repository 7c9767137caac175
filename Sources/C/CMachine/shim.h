#pragma once
#include <gnu/libc-version.h>
#include <stddef.h>
#include <malloc.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <unistd.h>

/* Swift's Glibc module has these calls with types that differ by release, or not at all. */

/* Open files that this process may have now and at most; 0 where the system told. */
static inline int machine_open_files(uint64_t *now, uint64_t *most) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
    *now = limit.rlim_cur;
    *most = limit.rlim_max;
    return 0;
}

/* Lets this process have so many open files; 0 where the system did. */
static inline int machine_allow_open_files(uint64_t count) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
    limit.rlim_cur = count;
    return setrlimit(RLIMIT_NOFILE, &limit);
}

/* Gives free pages of the heap back to the system. */
static inline void machine_give_back_memory(void) { (void)malloc_trim(0); }

/* 1 where something keeps the wall clock right, 0 where nothing does, -1 where the system does not tell. */
static inline int machine_clock_is_kept(void) {
    struct timex state = {0};
    if (adjtimex(&state) < 0) return -1;
    return (state.status & STA_UNSYNC) == 0;
}

/* Bytes that a program without special rights may still write below a path; 0 where the system told. */
static inline int machine_free_bytes(const char *path, uint64_t *bytes) {
    struct statvfs facts;
    if (statvfs(path, &facts) != 0) return -1;
    *bytes = (uint64_t)facts.f_bavail * facts.f_frsize;
    return 0;
}

/* Sends one datagram to a Unix socket, whose name is a path or, after a NUL, an abstract one; 0 where it was taken.

   It never waits: where the socket's queue is full the datagram is lost. */
static inline int machine_send_datagram(const char *name, size_t name_length, const void *bytes, size_t count) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (name_length == 0 || name_length >= sizeof address.sun_path) return -1;
    memcpy(address.sun_path, name, name_length);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + name_length + (name[0] != 0));
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -1;
    ssize_t sent = sendto(descriptor, bytes, count, MSG_NOSIGNAL, (const struct sockaddr *)&address, length);
    close(descriptor);
    return sent == (ssize_t)count ? 0 : -1;
}
