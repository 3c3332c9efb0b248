// A function that calls itself without end.
#include <cstdio>

static long deep(volatile long n) {
    volatile char pad[1000];
    pad[0] = static_cast<char>(n);
    return deep(n + 1) + pad[0];
}

int main() { std::printf("%ld\n", deep(0)); }
