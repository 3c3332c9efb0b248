/// Does not compile, for the compiler to practise complaining.
class Error { int number = ""; }
