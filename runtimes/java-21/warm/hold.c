/* Holds a process the first time that it looks at the file $POLYGROUND_HOLD, until it is told to go on by a line on
 * descriptor 3. Loaded with LD_PRELOAD: everything before that moment can happen before the file is there, and what comes
 * afterwards is the program's own way to start. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONTROL = 3 };

static char path[4096];
static atomic_flag held = ATOMIC_FLAG_INIT;

__attribute__((constructor)) static void start(void) {
  const char *wanted = getenv("POLYGROUND_HOLD");
  if (wanted && strlen(wanted) < sizeof path) strcpy(path, wanted);
  /* Neither the program nor those that it starts shall see how they were started. */
  unsetenv("POLYGROUND_HOLD");
  unsetenv("LD_PRELOAD");
}

static void hold_at(const char *name) {
  if (!path[0] || !name || strcmp(name, path) != 0 || atomic_flag_test_and_set(&held)) return;
  char byte = '\n';
  if (write(CONTROL, &byte, 1) != 1) _exit(1);
  do {
    if (read(CONTROL, &byte, 1) != 1) _exit(1); /* the agent has gone */
  } while (byte != '\n');
  close(CONTROL);
}

#define REAL(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

#define STAT(function, type)                                   \
  int function(const char *name, struct type *result) {        \
    static __typeof__(&function) real;                         \
    if (!real) real = REAL(function);                          \
    hold_at(name);                                             \
    return real(name, result);                                 \
  }

#define OPEN(function)                                         \
  int function(const char *name, int flags, ...) {             \
    static __typeof__(&function) real;                         \
    if (!real) real = REAL(function);                          \
    va_list rest;                                              \
    va_start(rest, flags);                                     \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                              \
    hold_at(name);                                             \
    return real(name, flags, mode);                            \
  }

STAT(stat, stat)
STAT(stat64, stat64)
OPEN(open)
OPEN(open64)
