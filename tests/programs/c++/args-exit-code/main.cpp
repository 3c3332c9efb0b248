// A calculator in reverse Polish notation over its arguments; says on stderr what is wrong and exits with 4.
#include <cmath>
#include <iostream>
#include <map>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

constexpr int exit_wrong_input = 4;

class Calculator {
 public:
  void word(const std::string &word) {
    if (const auto operation = operations().find(word); operation != operations().end()) {
      const double right = pop(), left = pop();
      stack_.push_back(operation->second(left, right));
    } else if (word == "dup") {
      const double top = pop();
      stack_.insert(stack_.end(), {top, top});
    } else if (word == "swap") {
      const double right = pop(), left = pop();
      stack_.insert(stack_.end(), {right, left});
    } else {
      stack_.push_back(number(word));
    }
  }
  const std::vector<double> &stack() const { return stack_; }

 private:
  using Operation = std::function<double(double, double)>;

  static const std::map<std::string, Operation> &operations() {
    static const std::map<std::string, Operation> all = {
        {"+", std::plus<>()},
        {"-", std::minus<>()},
        {"x", std::multiplies<>()},
        {"/",
         [](double a, double b) {
           if (b == 0) throw std::domain_error("division by zero");
           return a / b;
         }},
        {"^", [](double a, double b) { return std::pow(a, b); }},
    };
    return all;
  }
  static double number(const std::string &word) {
    std::size_t used = 0;
    double value = 0;
    try {
      value = std::stod(word, &used);
    } catch (const std::exception &) {
      used = 0;
    }
    if (used != word.size() || word.empty()) throw std::invalid_argument("not a number: '" + word + "'");
    return value;
  }
  double pop() {
    if (stack_.empty()) throw std::underflow_error("the stack is empty");
    const double top = stack_.back();
    stack_.pop_back();
    return top;
  }

  std::vector<double> stack_;
};

int main(int argc, char **argv) {
  Calculator calculator;
  int wrong = 0;
  for (int i = 1; i < argc; ++i) {
    try {
      calculator.word(argv[i]);
      std::cout << i << ": " << argv[i] << " ->";
      for (double value : calculator.stack()) std::cout << ' ' << value;
      std::cout << '\n';
    } catch (const std::exception &error) {
      std::cerr << "argument " << i << ": " << error.what() << '\n';
      ++wrong;
    }
  }
  std::cout << argc - 1 << " arguments, " << wrong << " wrong\n";
  return wrong ? exit_wrong_input : 0;
}
