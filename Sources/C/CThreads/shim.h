#pragma once
#include <pthread.h>

/* glibc hides it without _GNU_SOURCE, which a module map cannot set. */
int pthread_setname_np(pthread_t thread, const char *name);
