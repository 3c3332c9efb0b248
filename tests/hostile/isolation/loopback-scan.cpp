// The server that runs this program listens on the machine's loopback: here, no port of it answers.
#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

template <typename Address> static int scan(Address address, in_port_t& port) {
    int refused = 0;
    for (int number = 1; number < 65536; number++) {
        port = htons(static_cast<in_port_t>(number));
        int fd = socket(address->sa_family, SOCK_STREAM, 0);
        socklen_t length = address->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
        if (connect(fd, address, length) == 0) {
            // A connection to itself: the port that the kernel chose was the one asked for.
            sockaddr_storage own{};
            socklen_t own_length = sizeof own;
            getsockname(fd, reinterpret_cast<sockaddr*>(&own), &own_length);
            in_port_t chosen = reinterpret_cast<sockaddr_in*>(&own)->sin_port;
            if (chosen != port) std::printf("BREACH: port %d answers\n", number);
            else refused++;
        } else if (errno == ECONNREFUSED || errno == EADDRNOTAVAIL || errno == ENETUNREACH)
            refused++;
        else
            std::printf("BREACH: port %d: errno %d\n", number, errno);
        close(fd);
    }
    return refused;
}

int main() {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    inet_pton(AF_INET, "127.0.0.1", &four.sin_addr);
    std::printf("127.0.0.1: %d closed\n", scan(reinterpret_cast<sockaddr*>(&four), four.sin_port));
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    inet_pton(AF_INET6, "::1", &six.sin6_addr);
    std::printf("::1: %d closed\n", scan(reinterpret_cast<sockaddr*>(&six), six.sin6_port));
    std::puts("done");
}
