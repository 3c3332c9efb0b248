// Takes memory from the heap and writes to every page of it.
#include <cstdio>
#include <cstdlib>
#include <cstring>

int main() {
    std::puts("started");
    std::fflush(stdout);
    for (;;) {
        void *block = std::malloc(4 << 20);
        if (block) std::memset(block, 1, 4 << 20);
    }
}
