// Every way to ask for a new namespace, flag by flag and together, by raw calls.
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct Flag { const char* name; unsigned long bit; };
static const Flag FLAGS[] = {
    {"time", 0x80}, {"mnt", CLONE_NEWNS}, {"cgroup", CLONE_NEWCGROUP}, {"uts", CLONE_NEWUTS}, {"ipc", CLONE_NEWIPC},
    {"user", CLONE_NEWUSER}, {"pid", CLONE_NEWPID}, {"net", CLONE_NEWNET},
};

struct Arguments { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup; };

static const char* answer(long result) {
    static char text[32];
    if (result == 0) _exit(0);
    if (result > 0) {
        waitpid(static_cast<pid_t>(result), nullptr, 0);
        return "BREACH";
    }
    if (errno == EPERM) return "EPERM";
    if (errno == ENOSYS) return "ENOSYS";
    std::snprintf(text, sizeof text, "errno %d", errno);
    return text;
}

int main() {
    int granted = 0, tried = 0;
    for (unsigned set = 1; set < 256; set++) {
        unsigned long bits = 0;
        for (int index = 0; index < 8; index++) bits |= set >> index & 1 ? FLAGS[index].bit : 0;
        for (unsigned long extra : {0UL, static_cast<unsigned long>(CLONE_FS), static_cast<unsigned long>(CLONE_PARENT)}) {
            const unsigned long signal = bits & 0x80 ? 0 : SIGCHLD;
            tried++;
            if (std::strcmp(answer(syscall(SYS_clone, bits | extra | signal, 0, 0, 0, 0)), "EPERM") != 0) granted++;
        }
        tried++;
        if (std::strcmp(answer(syscall(SYS_unshare, bits)), "EPERM") != 0) granted++;
        Arguments arguments{};
        arguments.flags = bits;
        arguments.exit_signal = SIGCHLD;
        tried++;
        if (std::strcmp(answer(syscall(SYS_clone3, &arguments, sizeof arguments)), "ENOSYS") != 0) granted++;
    }
    std::printf("%d of %d attempts granted or answered otherwise\n", granted, tried);
    Arguments arguments{};
    arguments.exit_signal = SIGCHLD;
    std::printf("clone3 of a plain process: %s\n", answer(syscall(SYS_clone3, &arguments, sizeof arguments)));
    long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0) _exit(0);
    std::printf("clone of a plain process: %s\n", child > 0 && waitpid(static_cast<pid_t>(child), nullptr, 0) == child ? "works" : "fails");
    std::puts("done");
}
