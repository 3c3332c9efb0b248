// Numbers and text in columns: stream manipulators, bases, scientific notation, and a table class.
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

class Table {
 public:
  explicit Table(std::vector<std::string> head) : rows_{std::move(head)} {}

  template <typename... Cells>
  Table &row(const Cells &...cells) {
    rows_.push_back({text(cells)...});
    return *this;
  }

  friend std::ostream &operator<<(std::ostream &out, const Table &table) {
    std::vector<std::size_t> widths(table.rows_.front().size());
    for (const auto &row : table.rows_)
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    bool head = true;
    for (const auto &row : table.rows_) {
      for (std::size_t i = 0; i < row.size(); ++i)
        out << (i ? " | " : "") << (i ? std::right : std::left) << std::setw(static_cast<int>(widths[i])) << row[i];
      out << '\n';
      if (!head) continue;
      head = false;
      for (std::size_t i = 0; i < widths.size(); ++i) out << (i ? "-+-" : "") << std::string(widths[i], '-');
      out << '\n';
    }
    return out;
  }

 private:
  static std::string text(const std::string &value) { return value; }
  static std::string text(const char *value) { return value; }
  static std::string text(double value) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(3) << value;
    return out.str();
  }
  static std::string text(long value) {
    std::string digits = std::to_string(std::labs(value));
    for (long at = static_cast<long>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
    return (value < 0 ? "-" : "") + digits;
  }

  std::vector<std::vector<std::string>> rows_;
};

int main() {
  Table table({"planet", "moons", "distance km", "gravity"});
  table.row("Mercury", 0L, 57909227L, 3.7).row("Earth", 1L, 149598262L, 9.80665);
  table.row("Mars", 2L, 227943824L, 3.71).row("Jupiter", 95L, 778340821L, 24.79).row("nowhere", -1L, -1234567L, 0.0);
  std::cout << table << '\n';

  const int number = 48879;
  std::cout << std::showbase << std::hex << number << ' ' << std::uppercase << number << ' ' << std::oct << number
            << std::dec << std::noshowbase << '\n';
  std::cout << std::setfill('0') << std::setw(8) << number << std::setfill(' ') << ' ' << std::showpos << number << ' '
            << -number << std::noshowpos << '\n';
  for (double value : {M_PI, 1e-7, 123456789.0, 1.0 / 3}) {
    std::cout << std::setprecision(6) << std::defaultfloat << value << ' ' << std::fixed << std::setprecision(2) << value
              << ' ' << std::scientific << std::setprecision(3) << value << '\n';
  }
  std::cout << std::defaultfloat << std::numeric_limits<double>::infinity() << ' ' << std::nan("") << ' '
            << std::boolalpha << true << ' ' << std::quoted("say \"hi\"") << '\n';
}
