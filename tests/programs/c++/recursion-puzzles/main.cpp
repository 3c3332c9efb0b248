// Backtracking: queens on a board, a sudoku, permutations and the towers of Hanoi.
#include <algorithm>
#include <array>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

class Queens {
 public:
  explicit Queens(int size) : size_(size), columns_(size, -1) {}

  long solve() {
    place(0);
    return solutions_;
  }
  const std::vector<int> &first() const { return first_; }

 private:
  void place(int row) {
    if (row == size_) {
      if (++solutions_ == 1) first_ = columns_;
      return;
    }
    for (int column = 0; column < size_; ++column) {
      if (!safe(row, column)) continue;
      columns_[row] = column;
      place(row + 1);
    }
  }
  bool safe(int row, int column) const {
    for (int other = 0; other < row; ++other) {
      const int distance = row - other;
      if (columns_[other] == column || std::abs(columns_[other] - column) == distance) return false;
    }
    return true;
  }

  int size_;
  long solutions_ = 0;
  std::vector<int> columns_, first_;
};

using Sudoku = std::array<std::string, 9>;

static bool fits(const Sudoku &grid, int row, int column, char digit) {
  for (int i = 0; i < 9; ++i) {
    if (grid[row][i] == digit || grid[i][column] == digit) return false;
    if (grid[row / 3 * 3 + i / 3][column / 3 * 3 + i % 3] == digit) return false;
  }
  return true;
}

static bool solve(Sudoku &grid, int cell, long &tries) {
  while (cell < 81 && grid[cell / 9][cell % 9] != '.') ++cell;
  if (cell == 81) return true;
  for (char digit = '1'; digit <= '9'; ++digit) {
    ++tries;
    if (!fits(grid, cell / 9, cell % 9, digit)) continue;
    grid[cell / 9][cell % 9] = digit;
    if (solve(grid, cell + 1, tries)) return true;
    grid[cell / 9][cell % 9] = '.';
  }
  return false;
}

static void hanoi(int discs, char from, char to, char over, std::string &moves) {
  if (discs == 0) return;
  hanoi(discs - 1, from, over, to, moves);
  moves += {from, to, ' '};
  hanoi(discs - 1, over, to, from, moves);
}

int main() {
  for (int size = 4; size <= 8; ++size) {
    Queens queens(size);
    std::cout << size << " queens: " << queens.solve() << " ways, first";
    for (int column : queens.first()) std::cout << ' ' << column;
    std::cout << '\n';
  }
  Sudoku grid = {"53..7....", "6..195...", ".98....6.", "8...6...3", "4..8.3..1",
                 "7...2...6", ".6....28.", "...419..5", "....8..79"};
  long tries = 0;
  std::cout << (solve(grid, 0, tries) ? "solved" : "impossible") << " after " << tries << " tries\n";
  for (const auto &row : grid) std::cout << row << '\n';

  std::string letters = "abcd";
  int count = 0;
  do {
    if (++count % 6 == 0) std::cout << letters << ' ';
  } while (std::next_permutation(letters.begin(), letters.end()));
  std::cout << count << '\n';
  std::string moves;
  hanoi(5, 'A', 'C', 'B', moves);
  std::cout << moves << '\n';
}
