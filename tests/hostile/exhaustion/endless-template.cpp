template <class T>
struct Larger {
    typename Larger<T *>::type value;
};

int main() { return sizeof(Larger<int>); }
