// A template that needs two larger ones, each of which needs two larger ones.
template <int Depth, long Path>
struct Tree {
    static constexpr long value = Tree<Depth - 1, Path * 2>::value + Tree<Depth - 1, Path * 2 + 1>::value;
};
template <long Path>
struct Tree<0, Path> {
    static constexpr long value = 1;
};

int main() { return Tree<40, 1>::value != 0; }
