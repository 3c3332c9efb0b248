// Threads, mutexes, condition variables, atomics and futures; what they produce is put in order before it is printed.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <iostream>
#include <mutex>
#include <numeric>
#include <optional>
#include <queue>
#include <thread>
#include <vector>

template <typename T>
class Channel {
 public:
  explicit Channel(std::size_t capacity) : capacity_(capacity) {}

  void send(T value) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return queue_.size() < capacity_; });
    queue_.push(std::move(value));
    changed_.notify_all();
  }
  std::optional<T> receive() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !queue_.empty() || closed_; });
    if (queue_.empty()) return std::nullopt;
    T value = std::move(queue_.front());
    queue_.pop();
    changed_.notify_all();
    return value;
  }
  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  std::size_t capacity_;
  std::queue<T> queue_;
  bool closed_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
};

static long collatz_steps(long n) {
  long steps = 0;
  for (; n != 1; ++steps) n = n % 2 ? 3 * n + 1 : n / 2;
  return steps;
}

int main() {
  constexpr int workers = 4;
  constexpr long last = 2000;
  Channel<long> work(8);
  std::vector<long> steps(last + 1);
  std::atomic<long> done = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < workers; ++i)
      threads.emplace_back([&] {
        while (const auto n = work.receive()) {
          steps[static_cast<std::size_t>(*n)] = collatz_steps(*n);
          done.fetch_add(1, std::memory_order_relaxed);
        }
      });
    for (long n = 1; n <= last; ++n) work.send(n);
    work.close();
  }
  const auto longest = std::max_element(steps.begin(), steps.end()) - steps.begin();
  std::cout << done << " done, longest from " << longest << " with " << steps[static_cast<std::size_t>(longest)] << '\n';

  std::vector<std::future<long>> parts;
  for (long part = 0; part < 5; ++part)
    parts.push_back(std::async(std::launch::async, [part] {
      std::vector<long> numbers(1000);
      std::iota(numbers.begin(), numbers.end(), part * 1000 + 1);
      return std::accumulate(numbers.begin(), numbers.end(), 0L);
    }));
  long total = 0;
  for (auto &part : parts) {
    const long sum = part.get();
    std::cout << sum << '\n';
    total += sum;
  }
  std::cout << "total " << total << '\n';

  long counter = 0;
  std::mutex guard;
  std::vector<std::thread> threads;
  for (int i = 0; i < workers; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 5000; ++k) {
        std::lock_guard lock(guard);
        ++counter;
      }
    });
  for (auto &thread : threads) thread.join();
  std::cout << "counter " << counter << '\n';
}
