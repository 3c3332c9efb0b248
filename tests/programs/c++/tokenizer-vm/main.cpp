// A small language: scanner, parser to byte code, and a stack machine that runs it. Programs come on stdin.
#include <cctype>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

enum class Op { push, load, store, add, subtract, multiply, divide, less, jump_if_zero, jump, print };

struct Instruction {
  Op op;
  long operand = 0;
};

class Compiler {
 public:
  explicit Compiler(std::string source) : source_(std::move(source)) { advance(); }

  std::vector<Instruction> compile() {
    while (!token_.empty()) statement();
    return std::move(code_);
  }

 private:
  void statement() {
    if (accept("print")) {
      expression();
      emit(Op::print);
    } else if (accept("while")) {
      const long begin = here();
      expression();
      const std::size_t exit = emit(Op::jump_if_zero);
      expect("{");
      while (token_ != "}") statement();
      expect("}");
      emit(Op::jump, begin);
      code_[exit].operand = here();
      return;
    } else {
      const std::string name = token_;
      if (!std::isalpha(static_cast<unsigned char>(name.at(0)))) throw std::runtime_error("unexpected '" + name + "'");
      advance();
      expect("=");
      expression();
      emit(Op::store, slot(name));
    }
    expect(";");
  }
  void expression() {
    sum();
    if (accept("<")) {
      sum();
      emit(Op::less);
    }
  }
  void sum() {
    product();
    for (;;) {
      if (accept("+")) product(), emit(Op::add);
      else if (accept("-")) product(), emit(Op::subtract);
      else return;
    }
  }
  void product() {
    atom();
    for (;;) {
      if (accept("*")) atom(), emit(Op::multiply);
      else if (accept("/")) atom(), emit(Op::divide);
      else return;
    }
  }
  void atom() {
    if (accept("(")) {
      expression();
      expect(")");
    } else if (!token_.empty() && std::isdigit(static_cast<unsigned char>(token_[0]))) {
      emit(Op::push, std::stol(token_));
      advance();
    } else if (!token_.empty() && std::isalpha(static_cast<unsigned char>(token_[0]))) {
      emit(Op::load, slot(token_));
      advance();
    } else {
      throw std::runtime_error("expected a value, found '" + token_ + "'");
    }
  }

  void advance() {
    while (at_ < source_.size() && std::isspace(static_cast<unsigned char>(source_[at_]))) ++at_;
    const std::size_t begin = at_;
    const auto is_word = [&] { return at_ < source_.size() && std::isalnum(static_cast<unsigned char>(source_[at_])); };
    while (is_word()) ++at_;
    if (at_ == begin && at_ < source_.size()) ++at_;
    token_ = source_.substr(begin, at_ - begin);
  }
  bool accept(const std::string &wanted) {
    if (token_ != wanted) return false;
    advance();
    return true;
  }
  void expect(const std::string &wanted) {
    if (!accept(wanted)) throw std::runtime_error("expected '" + wanted + "', found '" + token_ + "'");
  }
  std::size_t emit(Op op, long operand = 0) {
    code_.push_back({op, operand});
    return code_.size() - 1;
  }
  long here() const { return static_cast<long>(code_.size()); }
  long slot(const std::string &name) { return slots_.emplace(name, static_cast<long>(slots_.size())).first->second; }

  std::string source_, token_;
  std::size_t at_ = 0;
  std::vector<Instruction> code_;
  std::map<std::string, long> slots_;
};

static long run(const std::vector<Instruction> &code) {
  std::vector<long> stack, memory(32);
  const auto pop = [&] {
    const long top = stack.back();
    stack.pop_back();
    return top;
  };
  long steps = 0;
  for (std::size_t at = 0; at < code.size(); ++steps) {
    const auto [op, operand] = code[at++];
    switch (op) {
      case Op::push: stack.push_back(operand); break;
      case Op::load: stack.push_back(memory[static_cast<std::size_t>(operand)]); break;
      case Op::store: memory[static_cast<std::size_t>(operand)] = pop(); break;
      case Op::jump: at = static_cast<std::size_t>(operand); break;
      case Op::jump_if_zero: if (pop() == 0) at = static_cast<std::size_t>(operand); break;
      case Op::print: std::cout << pop() << '\n'; break;
      default: {
        const long right = pop(), left = pop();
        if (op == Op::divide && right == 0) throw std::runtime_error("division by zero");
        stack.push_back(op == Op::add ? left + right : op == Op::subtract ? left - right : op == Op::multiply ? left * right
                        : op == Op::divide ? left / right : left < right);
      }
    }
  }
  return steps;
}

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    try {
      const auto code = Compiler(line).compile();
      std::cout << "# " << code.size() << " instructions\n";
      std::cout << "# " << run(code) << " steps\n";
    } catch (const std::exception &error) {
      std::cout << "error: " << error.what() << '\n';
    }
  }
}
