// The x32 table: the same architecture, the same calls under numbers with one more bit.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

static long raw(long number, long a, long b, long c) {
    long result;
    asm volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return result;
}

int main() {
    const long X32 = 0x40000000;
    const struct { const char* name; long number; } calls[] = {
        {"getpid", SYS_getpid}, {"mount", SYS_mount}, {"unshare", SYS_unshare}, {"ptrace", 521}, {"socket", SYS_socket},
        {"keyctl", SYS_keyctl}, {"process_vm_readv", 539}, {"bpf", SYS_bpf}, {"execve", 520}, {"setns", SYS_setns},
        {"io_uring_setup", 425}, {"clone3", 435},
    };
    for (auto& call : calls) {
        long result = raw(X32 | call.number, 0, 0, 0);
        std::printf("%s: %s\n", call.name, result == -ENOSYS ? "ENOSYS" : result < 0 ? strerror(-result) : "BREACH");
    }
    // More upper bits: the kernel takes 32 of them.
    long result = raw((1L << 32) | X32 | SYS_getpid, 0, 0, 0);
    std::printf("getpid with upper bits: %s\n", result == -ENOSYS ? "ENOSYS" : "BREACH");
    std::printf("numbers that nobody has: %s\n", raw(4095, 0, 0, 0) < 0 && raw(-1, 0, 0, 0) < 0 ? "refused" : "BREACH");
    std::puts("done");
}
