#pragma once
#include <pthread.h>
#include <sys/eventfd.h> /* what a poll waits on beside sockets; Swift's Glibc module leaves it out */
#include <zmq.h>

/* glibc hides it without _GNU_SOURCE, which a module map cannot set. */
int pthread_setname_np(pthread_t thread, const char *name);
