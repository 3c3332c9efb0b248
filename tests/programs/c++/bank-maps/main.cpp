// A small bank: maps, optional, variant, exceptions that are caught, and a journal.
#include <iomanip>
#include <iostream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

struct Deposit {
  std::string to;
  long cents;
};
struct Withdrawal {
  std::string from;
  long cents;
};
struct Transfer {
  std::string from, to;
  long cents;
};
using Order = std::variant<Deposit, Withdrawal, Transfer>;

struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

class Bank {
 public:
  void open(const std::string &name) {
    if (!accounts_.emplace(name, 0).second) throw Refused("account exists: " + name);
  }
  void execute(const Order &order) {
    std::visit(Overloaded{[&](const Deposit &d) { account(d.to) += positive(d.cents); },
                          [&](const Withdrawal &w) { take(w.from, w.cents); },
                          [&](const Transfer &t) {
                            account(t.to);
                            take(t.from, t.cents);
                            account(t.to) += t.cents;
                          }},
               order);
    ++executed_;
  }
  std::optional<long> balance(const std::string &name) const {
    const auto found = accounts_.find(name);
    return found == accounts_.end() ? std::nullopt : std::optional(found->second);
  }
  long total() const {
    long sum = 0;
    for (const auto &[name, cents] : accounts_) sum += cents;
    return sum;
  }
  const std::map<std::string, long> &accounts() const { return accounts_; }
  int executed() const { return executed_; }

 private:
  static long positive(long cents) {
    if (cents <= 0) throw Refused("amount must be positive");
    return cents;
  }
  long &account(const std::string &name) {
    const auto found = accounts_.find(name);
    if (found == accounts_.end()) throw Refused("no account: " + name);
    return found->second;
  }
  void take(const std::string &name, long cents) {
    long &balance = account(name);
    if (balance < positive(cents)) throw Refused(name + " has too little");
    balance -= cents;
  }

  std::map<std::string, long> accounts_;
  int executed_ = 0;
};

static std::string money(long cents) {
  const std::string rest = std::to_string(cents % 100);
  return std::to_string(cents / 100) + "." + (rest.size() < 2 ? "0" + rest : rest);
}

int main() {
  Bank bank;
  for (const char *name : {"ada", "bob", "cyd"}) bank.open(name);
  try {
    bank.open("ada");
  } catch (const Refused &refused) {
    std::cout << "refused: " << refused.what() << '\n';
  }
  const std::vector<Order> orders = {Deposit{"ada", 100050},      Deposit{"bob", 2500}, Transfer{"ada", "cyd", 33333},
                                     Withdrawal{"bob", 9999},     Deposit{"dan", 1},    Withdrawal{"cyd", 333},
                                     Transfer{"cyd", "bob", 500}, Deposit{"ada", -5}};
  for (const auto &order : orders) {
    try {
      bank.execute(order);
    } catch (const Refused &refused) {
      std::cout << "refused: " << refused.what() << '\n';
    }
  }
  for (const auto &[name, cents] : bank.accounts())
    std::cout << std::left << std::setw(6) << name << std::right << std::setw(10) << money(cents) << '\n';
  std::cout << "total " << money(bank.total()) << " after " << bank.executed() << " orders\n";
  std::cout << "dan " << (bank.balance("dan") ? "exists" : "does not exist") << '\n';
}
