// Fills memory that belongs to no process, as small processes that the kernel should not prefer to the agent.
#include <cstdio>
#include <cstring>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

int main() {
    if (FILE* file = std::fopen("/proc/self/oom_score_adj", "w")) {
        std::fputs("500", file);
        std::fclose(file);
    }
    for (int child = 0; child < 20; child++)
        if (fork() == 0) {
            sleep(5);
            _exit(0);
        }
    for (int segment = 0; segment < 64; segment++) {
        int id = shmget(IPC_PRIVATE, 16 << 20, 0600 | IPC_CREAT);
        void* area = shmat(id, nullptr, 0);
        std::memset(area, 1, 16 << 20);
        shmdt(area);
    }
    std::puts("BREACH: a GiB of shared memory");
}
