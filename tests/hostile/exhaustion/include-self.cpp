// Without a guard, and twice: the compiler's bound on depth alone leaves 2^200 of them.
#include "main.cpp"
#include "main.cpp"
int main() {}
