// A parent that sleeps in the kernel until its child calls exec, which it never does.
#include <unistd.h>

int main() {
    write(1, "waiting\n", 8);
    if (vfork() == 0)
        for (;;) pause();
}
