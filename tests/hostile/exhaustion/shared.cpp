// Memory that may not be swapped out, shared by System V and by POSIX.
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

int main() {
    std::puts(mlockall(MCL_CURRENT | MCL_FUTURE) < 0 ? "lock refused" : "LOCKED");
    std::fflush(stdout);
    for (int i = 0; i < 1000; i++) {
        int id = shmget(IPC_PRIVATE, 4 << 20, IPC_CREAT | 0600);
        if (id < 0) break;
        void *area = shmat(id, nullptr, 0);
        if (area == reinterpret_cast<void *>(-1)) break;
        std::memset(area, 1, 4 << 20);
    }
    std::puts("THE END");
}
