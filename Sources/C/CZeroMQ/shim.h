#pragma once
#include <sys/eventfd.h> /* a poll waits for an eventfd beside sockets, and Swift's Glibc module leaves it out */
#include <zmq.h>
