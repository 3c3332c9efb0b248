// Bytes that are no text: a little-endian container with run-length coding, and its hex dump on stderr.
#include <array>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <span>
#include <string>
#include <vector>

using Bytes = std::vector<std::uint8_t>;

static std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t n = 0; n < 256; ++n) {
    std::uint32_t value = n;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? 0xEDB88320u ^ (value >> 1) : value >> 1;
    table[n] = value;
  }
  return table;
}

static std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  static const auto table = crc_table();
  std::uint32_t crc = ~0u;
  for (std::uint8_t byte : bytes) crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8);
  return ~crc;
}

class Writer {
 public:
  template <typename Integer>
  Writer &number(Integer value) {
    for (std::size_t i = 0; i < sizeof value; ++i) bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return *this;
  }
  Writer &block(std::span<const std::uint8_t> content) {
    number(static_cast<std::uint32_t>(content.size()));
    bytes_.insert(bytes_.end(), content.begin(), content.end());
    return number(crc32(content));
  }
  const Bytes &bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

static Bytes run_length(std::span<const std::uint8_t> bytes) {
  Bytes coded;
  for (std::size_t i = 0; i < bytes.size();) {
    std::size_t run = 1;
    while (i + run < bytes.size() && bytes[i + run] == bytes[i] && run < 255) ++run;
    coded.push_back(static_cast<std::uint8_t>(run));
    coded.push_back(bytes[i]);
    i += run;
  }
  return coded;
}

static void hex_dump(std::span<const std::uint8_t> bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += 16) {
    std::fprintf(stderr, "%06zx ", at);
    for (std::size_t i = at; i < at + 16 && i < bytes.size(); ++i) std::fprintf(stderr, " %02x", bytes[i]);
    std::fputc('\n', stderr);
  }
}

int main() {
  Bytes all(256);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);
  Bytes picture;
  for (int y = 0; y < 16; ++y)
    for (int x = 0; x < 16; ++x) picture.push_back((x - 8) * (x - 8) + (y - 8) * (y - 8) < 40 ? 0xFF : 0x00);
  Writer writer;
  writer.number(std::uint32_t{0x89ABCDEF}).number(std::uint64_t{0x1122334455667788});
  writer.block(all).block(run_length(picture));
  std::cout.write(reinterpret_cast<const char *>(writer.bytes().data()), static_cast<long>(writer.bytes().size()));
  hex_dump(std::span(writer.bytes()).first(64));
}
