// OpenBLAS starts threads of its own as it is loaded, before the program's first line, and they take every signal that
// nobody has blocked yet. A program that blocks Ctrl-C or SIGTERM, to finish its step or drain first, would still be ended
// in one of those threads. So all signals are blocked before the first library starts, which its threads inherit, and the
// program's own thread gets its signals back after the last one has started.
#if defined(__linux__)
#include <signal.h>

static sigset_t before;

static void block(int count, char **arguments, char **environment) {
    (void)count, (void)arguments, (void)environment;
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
}

__attribute__((section(".preinit_array"), used)) static void (*const first)(int, char **, char **) = block;

__attribute__((constructor)) static void restore(void) { sigprocmask(SIG_SETMASK, &before, 0); }
#endif
