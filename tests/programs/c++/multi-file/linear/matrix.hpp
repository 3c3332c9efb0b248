#pragma once

#include <cstddef>
#include <vector>

namespace linear {

class Matrix {
 public:
  Matrix(std::size_t rows, std::size_t columns) : rows_(rows), columns_(columns), cells_(rows * columns) {}
  static Matrix identity(std::size_t size);

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  long &operator()(std::size_t row, std::size_t column) { return cells_[row * columns_ + column]; }
  long operator()(std::size_t row, std::size_t column) const { return cells_[row * columns_ + column]; }

  Matrix transposed() const;
  Matrix power(unsigned exponent) const;
  long determinant() const;
  long trace() const;

  friend Matrix operator*(const Matrix &a, const Matrix &b);
  friend Matrix operator+(const Matrix &a, const Matrix &b);
  bool operator==(const Matrix &) const = default;

 private:
  std::size_t rows_, columns_;
  std::vector<long> cells_;
};

}  // namespace linear
