// Preloaded into the JVM of the compiler that waits: asks for huge pages for its memory. When it ends, the kernel takes
// thousands of small ones back before anybody hears of the end, which takes a third as long as the compiling. The JVM's own
// switch for that looks into /sys, which a sandbox does not have.
#define _GNU_SOURCE
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum { HUGE_PAGE = 2 << 20 };

// Nobody shall see how it was started.
__attribute__((constructor)) static void start(void) { unsetenv("LD_PRELOAD"); }

void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset) {
    void *at = (void *)syscall(SYS_mmap, address, length, protection, flags, file, offset);
    if (at != MAP_FAILED && (flags & MAP_ANONYMOUS) && (protection & PROT_WRITE) && length >= HUGE_PAGE)
        (void)madvise(at, length, MADV_HUGEPAGE); // without them it is slower and otherwise the same
    return at;
}

// The name by which whatever was compiled for large files calls it.
void *mmap64(void *address, size_t length, int protection, int flags, int file, off_t offset)
    __attribute__((alias("mmap")));
