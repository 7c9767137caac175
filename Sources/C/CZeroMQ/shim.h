#pragma once
#include <sys/eventfd.h> /* what a poll waits on beside sockets; Swift's Glibc module leaves it out */
#include <zmq.h>
