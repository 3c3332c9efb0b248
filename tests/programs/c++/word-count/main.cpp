// Reads text, counts words, lines and letters, and prints tables: streams, maps, sorting by two keys.
#include <algorithm>
#include <cctype>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

struct Text {
  std::size_t lines = 0, bytes = 0;
  std::map<std::string, int> words;
  std::map<char, int> letters;
  std::string longest;
};

static std::string normalise(const std::string &raw) {
  std::string word;
  for (unsigned char c : raw)
    if (std::isalpha(c) || c == '\'' || c >= 0x80) word += static_cast<char>(std::tolower(c));
  while (!word.empty() && word.back() == '\'') word.pop_back();
  return word;
}

static Text read(std::istream &in) {
  Text text;
  std::string line;
  while (std::getline(in, line)) {
    ++text.lines;
    text.bytes += line.size() + 1;
    std::istringstream parts(line);
    for (std::string raw; parts >> raw;) {
      const std::string word = normalise(raw);
      if (word.empty()) continue;
      ++text.words[word];
      if (word.size() > text.longest.size()) text.longest = word;
      for (char c : word)
        if (std::isalpha(static_cast<unsigned char>(c))) ++text.letters[c];
    }
  }
  return text;
}

template <typename Key>
static std::vector<std::pair<Key, int>> ranked(const std::map<Key, int> &counts) {
  std::vector<std::pair<Key, int>> list(counts.begin(), counts.end());
  std::stable_sort(list.begin(), list.end(), [](const auto &a, const auto &b) { return a.second > b.second; });
  return list;
}

int main() {
  const Text text = read(std::cin);
  int total = 0;
  for (const auto &[word, count] : text.words) total += count;
  std::cout << text.lines << " lines, " << total << " words, " << text.words.size() << " different, " << text.bytes
            << " bytes\n";
  std::cout << "longest: " << text.longest << "\n\n";
  int shown = 0;
  for (const auto &[word, count] : ranked(text.words)) {
    if (++shown > 8) break;
    std::cout << std::left << std::setw(12) << word << std::right << std::setw(4) << count << "  "
              << std::string(static_cast<std::size_t>(count), '*') << '\n';
  }
  std::cout << '\n';
  shown = 0;
  for (const auto &[letter, count] : ranked(text.letters)) {
    if (++shown > 5) break;
    std::cout << letter << ' ' << std::fixed << std::setprecision(2) << 100.0 * count / text.bytes << "%\n";
  }
}
