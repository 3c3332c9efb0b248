// A loop that the compiler itself must run.
constexpr unsigned long turn() {
    unsigned long sum = 0;
    for (unsigned long i = 0; i < 1UL << 40; i++) sum += i;
    return sum;
}
static_assert(turn() != 1);
int main() {}
