// A giant array without content in the file: nothing is refused until it is written to.
#include <cstdio>

static volatile char giant[1L << 30];

int main() {
    std::puts("started");
    std::fflush(stdout);
    for (long i = 0; i < 1L << 30; i += 4096) giant[i] = 1;
    std::puts("WRITTEN");
}
