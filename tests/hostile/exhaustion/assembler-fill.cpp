// The assembler writes what one line asks for.
asm(".section .data\n.fill 0x7fffffff, 8, 0x55\n");
int main() {}
