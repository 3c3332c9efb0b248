#include "matrix.hpp"

#include <stdexcept>

namespace linear {

Matrix Matrix::identity(std::size_t size) {
  Matrix result(size, size);
  for (std::size_t i = 0; i < size; ++i) result(i, i) = 1;
  return result;
}

Matrix Matrix::transposed() const {
  Matrix result(columns_, rows_);
  for (std::size_t i = 0; i < rows_; ++i)
    for (std::size_t j = 0; j < columns_; ++j) result(j, i) = (*this)(i, j);
  return result;
}

Matrix Matrix::power(unsigned exponent) const {
  Matrix result = identity(rows_), base = *this;
  for (; exponent; exponent >>= 1) {
    if (exponent & 1) result = result * base;
    if (exponent > 1) base = base * base;
  }
  return result;
}

long Matrix::determinant() const {
  if (rows_ == 1) return (*this)(0, 0);
  long sum = 0;
  for (std::size_t skip = 0; skip < columns_; ++skip) {
    Matrix minor(rows_ - 1, columns_ - 1);
    for (std::size_t i = 1; i < rows_; ++i)
      for (std::size_t j = 0, at = 0; j < columns_; ++j)
        if (j != skip) minor(i - 1, at++) = (*this)(i, j);
    sum += (skip % 2 ? -1 : 1) * (*this)(0, skip) * minor.determinant();
  }
  return sum;
}

long Matrix::trace() const {
  long sum = 0;
  for (std::size_t i = 0; i < rows_; ++i) sum += (*this)(i, i);
  return sum;
}

Matrix operator*(const Matrix &a, const Matrix &b) {
  if (a.columns_ != b.rows_) throw std::invalid_argument("columns and rows differ");
  Matrix result(a.rows_, b.columns_);
  for (std::size_t i = 0; i < a.rows_; ++i)
    for (std::size_t j = 0; j < b.columns_; ++j)
      for (std::size_t k = 0; k < a.columns_; ++k) result(i, j) += a(i, k) * b(k, j);
  return result;
}

Matrix operator+(const Matrix &a, const Matrix &b) {
  Matrix result = a;
  for (std::size_t i = 0; i < result.cells_.size(); ++i) result.cells_[i] += b.cells_[i];
  return result;
}

}  // namespace linear
