// Which socket families open: each with each type, plain and with the argument's upper half set, which the kernel ignores
// and a filter that compares 64 bits does not.
#include <cerrno>
#include <cstdio>
#include <set>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const long UPPER[] = {0, 1L << 32, 0x7fffffffL << 32, -1L << 32};

int main() {
    for (long family = 0; family <= 50; family++) {
        bool plain = false, upper = false;
        for (long bits : UPPER)
            for (long type : {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET, SOCK_PACKET})
                for (long protocol : {0L, 1L, 6L, 17L, 255L}) {
                    long fd = syscall(SYS_socket, bits | family, type, protocol);
                    if (fd < 0) continue;
                    (bits ? upper : plain) = true;
                    close(static_cast<int>(fd));
                }
        if (plain || upper) std::printf("family %ld opens%s\n", family, plain ? "" : " with upper bits only: BREACH");
        int pair[2];
        if (socketpair(static_cast<int>(family), SOCK_STREAM, 0, pair) == 0 && family != AF_UNIX) std::printf("BREACH: a pair of family %ld\n", family);
    }
    std::set<long> netlink;
    for (long bits : UPPER)
        for (long protocol = 0; protocol < 32; protocol++)
            for (long type : {SOCK_RAW, SOCK_DGRAM}) {
                long fd = syscall(SYS_socket, AF_NETLINK, type, bits | protocol);
                if (fd >= 0) {
                    netlink.insert(protocol);
                    close(static_cast<int>(fd));
                }
            }
    for (long protocol : netlink) std::printf("netlink %ld opens%s\n", protocol, protocol ? ": BREACH" : "");
    for (auto [family, name] : {std::pair{AF_INET, "IPv4"}, {AF_INET6, "IPv6"}, {AF_PACKET, "packet"}})
        for (int protocol : {1, 6, 17, 58, 255})
            if (int fd = socket(family, SOCK_RAW, protocol); fd >= 0) std::printf("BREACH: a raw socket of %s\n", name);
    for (auto [family, name] : {std::pair{38, "AF_ALG"}, {40, "AF_VSOCK"}, {17, "AF_PACKET"}, {31, "AF_BLUETOOTH"}, {29, "AF_CAN"}, {44, "AF_XDP"}})
        std::printf("%s: %s\n", name, socket(family, SOCK_DGRAM, 0) >= 0 ? "BREACH" : errno == EPERM ? "EPERM" : "other");
    std::puts("done");
}
