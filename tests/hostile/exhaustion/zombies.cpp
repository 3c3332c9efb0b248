// Children that end at once and that nobody waits for.
#include <sys/types.h>
#include <unistd.h>

#include <cstdio>

int main() {
    int made = 0;
    for (int i = 0; i < 10000; i++) {
        pid_t child = fork();
        if (child == 0) _exit(0);
        if (child < 0) break;
        made++;
    }
    std::puts(made < 1000 ? "refused" : "MANY");
}
