// Every use is an error, with the whole way of the macros to it.
#define A nowhere; nowhere; nowhere; nowhere; nowhere; nowhere; nowhere; nowhere;
#define B A A A A A A A A
#define C B B B B B B B B
#define D C C C C C C C C
template <class T> void f() { typename T::nowhere x; D }
#pragma GCC diagnostic warning "-Wunused-value"
#define W 1 == 2; 3 == 4; 5 == 6; 7 == 8; 9 == 10; 11 == 12; 13 == 14;
#define X W W W W W W W W
#define Y X X X X X X X X
#define Z Y Y Y Y Y Y Y Y
int main() { Z D }
