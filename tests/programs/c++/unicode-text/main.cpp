// UTF-8 by hand: decoding, encoding, counting, reversing by code points, and broken sequences.
#include <algorithm>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

constexpr char32_t replacement = 0xFFFD;

static std::u32string decode(std::string_view bytes) {
  std::u32string points;
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    const int length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (length == 0 || i + static_cast<std::size_t>(length) > bytes.size()) {
      points += replacement;
      ++i;
      continue;
    }
    char32_t point = length == 1 ? lead : lead & (0xFF >> (length + 1));
    bool broken = false;
    for (int k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(bytes[i + static_cast<std::size_t>(k)]);
      broken |= (next & 0xC0) != 0x80;
      point = point << 6 | (next & 0x3F);
    }
    if (broken) {
      points += replacement;
      ++i;
    } else {
      points += point;
      i += static_cast<std::size_t>(length);
    }
  }
  return points;
}

static std::string encode(const std::u32string &points) {
  std::string bytes;
  const auto tail = [&](char32_t value) { bytes += static_cast<char>(0x80 | (value & 0x3F)); };
  for (char32_t p : points) {
    if (p < 0x80) {
      bytes += static_cast<char>(p);
    } else if (p < 0x800) {
      bytes += static_cast<char>(0xC0 | p >> 6);
      tail(p);
    } else if (p < 0x10000) {
      bytes += static_cast<char>(0xE0 | p >> 12);
      tail(p >> 6);
      tail(p);
    } else {
      bytes += static_cast<char>(0xF0 | p >> 18);
      tail(p >> 12);
      tail(p >> 6);
      tail(p);
    }
  }
  return bytes;
}

static bool combining(char32_t p) { return (p >= 0x300 && p < 0x370) || p == 0x200D || (p >= 0xFE00 && p < 0xFE10); }

static std::u32string reversed(const std::u32string &points) {
  std::vector<std::u32string> clusters;
  for (char32_t p : points) {
    if (combining(p) && !clusters.empty()) clusters.back() += p;
    else clusters.push_back({p});
  }
  std::u32string result;
  for (auto it = clusters.rbegin(); it != clusters.rend(); ++it) result += *it;
  return result;
}

int main() {
  const std::vector<std::string> samples = {"hello", "Grüße", "e\u0301le\u0300ve", "日本語", "😀🎉", "שלום", "broken \xff\xc3("};
  for (const auto &sample : samples) {
    const std::u32string points = decode(sample);
    const auto marks = std::count_if(points.begin(), points.end(), combining);
    std::cout << encode(points) << ": " << sample.size() << " bytes, " << points.size() << " points, "
              << static_cast<long>(points.size()) - marks << " shown; reversed " << encode(reversed(points)) << '\n';
    for (char32_t p : points)
      std::cout << " U+" << std::hex << std::uppercase << std::setfill('0') << std::setw(4) << static_cast<std::uint32_t>(p);
    std::cout << std::dec << '\n';
  }
}
