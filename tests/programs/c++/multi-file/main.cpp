// Two sources and a header in a sub-folder: a matrix class used from here.
#include <iostream>
#include <stdexcept>

#include "linear/matrix.hpp"

using linear::Matrix;

static void show(const char *title, const Matrix &matrix) {
  std::cout << title << '\n';
  for (std::size_t row = 0; row < matrix.rows(); ++row) {
    for (std::size_t column = 0; column < matrix.columns(); ++column)
      std::cout << (column ? " " : "  ") << matrix(row, column);
    std::cout << '\n';
  }
}

static Matrix hilbert_like(std::size_t size) {
  Matrix matrix(size, size);
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t j = 0; j < size; ++j) matrix(i, j) = static_cast<long>((i + 1) * (j + 2) % 7) - 3;
  return matrix;
}

static Matrix fibonacci_step() {
  Matrix step(2, 2);
  step(0, 0) = step(0, 1) = step(1, 0) = 1;
  return step;
}

int main() {
  const Matrix a = hilbert_like(3);
  show("a", a);
  show("a transposed", a.transposed());
  show("a * a", a * a);
  show("a + identity", a + Matrix::identity(3));
  std::cout << "determinant " << a.determinant() << '\n';
  std::cout << "trace " << a.trace() << '\n';

  for (unsigned n : {1u, 2u, 10u, 50u, 90u})
    std::cout << "fibonacci(" << n << ") = " << fibonacci_step().power(n)(0, 1) << '\n';

  Matrix wide(2, 3);
  wide(0, 0) = 1;
  wide(1, 2) = 5;
  show("wide * a", wide * a);
  try {
    show("a * wide", a * wide);
  } catch (const std::invalid_argument &error) {
    std::cout << "refused: " << error.what() << '\n';
  }
  std::cout << (a == a.transposed().transposed() ? "equal" : "different") << '\n';
}
