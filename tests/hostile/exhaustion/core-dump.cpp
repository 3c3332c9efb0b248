// Asks for core files, then crashes.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

int main() {
    rlimit all{RLIM_INFINITY, RLIM_INFINITY};
    std::puts(setrlimit(RLIMIT_CORE, &all) < 0 ? "refused" : "ALLOWED");
    std::fflush(stdout);
    prctl(PR_SET_DUMPABLE, 1);
    std::abort();
}
