// A 32-bit system call from a 64-bit program: another table of calls, whose numbers no filter of this architecture means.
#include <cstdio>
#include <unistd.h>

int main() {
    std::printf("before\n");
    std::fflush(stdout);
    long result = 20; // getpid there, writev here
    asm volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    std::printf("BREACH: int 0x80 gave %ld, the process is %d\n", result, getpid());
}
