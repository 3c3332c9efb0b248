// Six sorting algorithms over the same data, checked against the library and counted.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

using Data = std::vector<int>;

struct Counter {
  long comparisons = 0;
  bool less(int a, int b) {
    ++comparisons;
    return a < b;
  }
};

static Data pseudo_random(std::size_t count, std::uint32_t seed) {
  Data data(count);
  for (auto &value : data) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<int>(seed >> 16) % 1000;
  }
  return data;
}

static void insertion_sort(Data &d, Counter &c) {
  for (std::size_t i = 1; i < d.size(); ++i)
    for (std::size_t j = i; j > 0 && c.less(d[j], d[j - 1]); --j) std::swap(d[j], d[j - 1]);
}

static void selection_sort(Data &d, Counter &c) {
  for (std::size_t i = 0; i + 1 < d.size(); ++i) {
    std::size_t least = i;
    for (std::size_t j = i + 1; j < d.size(); ++j)
      if (c.less(d[j], d[least])) least = j;
    std::swap(d[i], d[least]);
  }
}

static void merge_sort_range(Data &d, Data &scratch, std::size_t from, std::size_t to, Counter &c) {
  if (to - from < 2) return;
  const std::size_t middle = (from + to) / 2;
  merge_sort_range(d, scratch, from, middle, c);
  merge_sort_range(d, scratch, middle, to, c);
  std::size_t left = from, right = middle;
  for (std::size_t k = from; k < to; ++k) {
    const bool take_right = left == middle || (right < to && c.less(d[right], d[left]));
    scratch[k] = take_right ? d[right++] : d[left++];
  }
  std::copy(scratch.begin() + from, scratch.begin() + to, d.begin() + from);
}

static void merge_sort(Data &d, Counter &c) {
  Data scratch(d.size());
  merge_sort_range(d, scratch, 0, d.size(), c);
}

static void quick_sort_range(Data &d, long low, long high, Counter &c) {
  if (low >= high) return;
  const int pivot = d[(low + high) / 2];
  long i = low, j = high;
  while (i <= j) {
    while (c.less(d[i], pivot)) ++i;
    while (c.less(pivot, d[j])) --j;
    if (i <= j) std::swap(d[i++], d[j--]);
  }
  quick_sort_range(d, low, j, c);
  quick_sort_range(d, i, high, c);
}

static void quick_sort(Data &d, Counter &c) { quick_sort_range(d, 0, static_cast<long>(d.size()) - 1, c); }

static void heap_sort(Data &d, Counter &c) {
  const auto sift = [&](std::size_t root, std::size_t end) {
    for (std::size_t child; (child = 2 * root + 1) < end; root = child) {
      if (child + 1 < end && c.less(d[child], d[child + 1])) ++child;
      if (!c.less(d[root], d[child])) return;
      std::swap(d[root], d[child]);
    }
  };
  for (std::size_t i = d.size() / 2; i-- > 0;) sift(i, d.size());
  for (std::size_t end = d.size(); end-- > 1;) {
    std::swap(d[0], d[end]);
    sift(0, end);
  }
}

static void counting_sort(Data &d, Counter &) {
  std::vector<int> counts(1000);
  for (int value : d) ++counts[value];
  std::size_t at = 0;
  for (int value = 0; value < 1000; ++value)
    while (counts[value]-- > 0) d[at++] = value;
}

int main() {
  const std::vector<std::pair<std::string, std::function<void(Data &, Counter &)>>> algorithms = {
      {"insertion", insertion_sort}, {"selection", selection_sort}, {"merge", merge_sort},
      {"quick", quick_sort},         {"heap", heap_sort},           {"counting", counting_sort}};
  for (std::size_t size : {0, 1, 10, 500}) {
    const Data original = pseudo_random(size, 42);
    Data expected = original;
    std::sort(expected.begin(), expected.end());
    for (const auto &[name, sort] : algorithms) {
      Data data = original;
      Counter counter;
      sort(data, counter);
      std::cout << size << ' ' << name << ' ' << (data == expected ? "sorted" : "WRONG") << ' '
                << counter.comparisons << '\n';
    }
  }
}
