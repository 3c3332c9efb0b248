// About 200 KiB of output: primes, a multiplication table, Pascal's triangle, and a checksum over all of it.
#include <cstdint>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

class Sieve {
 public:
  explicit Sieve(int limit) : composite_(static_cast<std::size_t>(limit) + 1) {
    for (int i = 2; static_cast<long>(i) * i <= limit; ++i)
      if (!composite_[static_cast<std::size_t>(i)])
        for (int multiple = i * i; multiple <= limit; multiple += i) composite_[static_cast<std::size_t>(multiple)] = true;
  }
  bool is_prime(int n) const { return n >= 2 && !composite_[static_cast<std::size_t>(n)]; }

 private:
  std::vector<bool> composite_;
};

static std::string primes(int limit) {
  const Sieve sieve(limit);
  std::ostringstream out;
  int in_line = 0;
  for (int n = 2; n <= limit; ++n) {
    if (!sieve.is_prime(n)) continue;
    out << n << (++in_line % 12 ? ' ' : '\n');
  }
  out << '\n';
  return out.str();
}

static std::string multiplication(int size) {
  std::ostringstream out;
  for (int row = 1; row <= size; ++row) {
    for (int column = 1; column <= size; ++column) {
      out.width(5);
      out << row * column;
    }
    out << '\n';
  }
  return out.str();
}

static std::string pascal(int rows, std::uint64_t modulus) {
  std::ostringstream out;
  std::vector<std::uint64_t> row{1};
  for (int n = 0; n < rows; ++n) {
    for (auto value : row) out << value << ' ';
    out << '\n';
    std::vector<std::uint64_t> next(row.size() + 1, 1);
    for (std::size_t i = 1; i < row.size(); ++i) next[i] = (row[i - 1] + row[i]) % modulus;
    row = next;
  }
  return out.str();
}

static std::uint32_t adler32(const std::string &text) {
  std::uint32_t a = 1, b = 0;
  for (unsigned char c : text) {
    a = (a + c) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

int main() {
  std::uint32_t sum = 0;
  for (const std::string &part : {primes(150000), multiplication(120), pascal(120, 1000003)}) {
    std::cout << part;
    sum ^= adler32(part);
    std::cerr << part.size() << " bytes\n";
  }
  std::cout << "checksum " << std::hex << sum << '\n';
}
