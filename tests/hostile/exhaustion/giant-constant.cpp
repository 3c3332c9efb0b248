// A program file of 16 GiB.
char giant[1L << 34] = {1};
int main() { return giant[5]; }
