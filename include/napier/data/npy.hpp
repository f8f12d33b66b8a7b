#pragma once
// napier/data/npy.hpp — the header of NumPy's .npy files.
//
//   93 4e 55 4d 50 59   major minor   length of the header   {'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }   elements
//   "\x93NUMPY"                       2 bytes, from version 2 on 4, little-endian
//
// What      read_npy_header: type, shape and where the elements start. Versions 1 to 3; C order
// Errors    data_error naming the file: another magic number or version, a header that is truncated or not understood, Fortran
//           order
// Source    numpy.org/doc/stable/reference/generated/numpy.lib.format.html
// Checked   tests/data/npy_test.cpp

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <napier/core/error.hpp>

namespace napier {

struct npy_header {
  std::string type;  // NumPy's, e.g. <f4
  std::vector<std::size_t> shape;
  std::size_t data_offset = 0;
};

// More than any header that NumPy writes.
inline constexpr std::size_t max_npy_header = std::size_t{1} << 16;

namespace detail {

// Reads {'key': value, …} from front to back.
class npy_dictionary {
 public:
  npy_dictionary(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  npy_header read() {
    npy_header result;
    bool has_type = false;
    bool has_shape = false;
    bool has_order = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      if (key == "descr") {
        result.type = string();
        has_type = true;
      } else if (key == "shape") {
        result.shape = numbers();
        has_shape = true;
      } else if (key == "fortran_order") {
        if (accept_word("True")) throw data_error(file_ + ": expected C order, found fortran_order: True");
        if (!accept_word("False")) fail();
        has_order = true;
      } else {
        fail();
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (!has_type || !has_shape || !has_order) fail();
    return result;
  }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool accept(char c) {
    skip_spaces();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail();
  }
  bool accept_word(std::string_view word) {
    skip_spaces();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  std::string string() {
    skip_spaces();
    const char quote = at_ < text_.size() ? text_[at_] : ' ';
    if (quote != '\'' && quote != '"') fail();
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail();
    const std::string result(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return result;
  }
  std::vector<std::size_t> numbers() {
    std::vector<std::size_t> result;
    expect('(');
    while (!accept(')')) {
      result.push_back(number());
      if (accept(',')) continue;
      expect(')');
      break;
    }
    return result;
  }
  std::size_t number() {
    skip_spaces();
    std::size_t result = 0;
    const std::size_t first = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const auto digit = static_cast<std::size_t>(text_[at_] - '0');
      if (result > (std::numeric_limits<std::size_t>::max() - digit) / 10) fail();
      result = 10 * result + digit;
    }
    if (at_ == first) fail();
    return result;
  }
  [[noreturn]] void fail() const {
    throw data_error(file_ + ": the .npy header is not understood at its character " + std::to_string(at_) +
                     "; expected {'descr': …, 'fortran_order': False, 'shape': (…)}");
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
};

}  // namespace detail

// start: the first bytes of the file, at most max_npy_header + 12 are looked at.
inline npy_header read_npy_header(std::span<const std::uint8_t> start, const std::string& file) {
  constexpr std::uint8_t magic[] = {0x93, 'N', 'U', 'M', 'P', 'Y'};
  bool is_npy = start.size() >= 10;
  for (std::size_t i = 0; is_npy && i < 6; ++i) is_npy = start[i] == magic[i];
  if (!is_npy) throw data_error(file + ": expected a .npy file, which starts with \\x93NUMPY");
  const unsigned version = start[6];
  if (version < 1 || version > 3) {
    throw data_error(file + ": expected version 1, 2 or 3 of .npy, found " + std::to_string(version));
  }
  const std::size_t width = version == 1 ? 2 : 4;
  std::size_t length = 0;
  for (std::size_t i = width; i-- > 0;) length = length << 8 | (8 + i < start.size() ? start[8 + i] : 0U);
  const std::size_t first = 8 + width;
  if (length > max_npy_header) {
    throw data_error(file + ": expected a .npy header of at most " + std::to_string(max_npy_header) +
                     " bytes, found " + std::to_string(length));
  }
  if (start.size() < first + length) {
    throw data_error(file + ": expected a .npy header of " + std::to_string(length) + " bytes, found " +
                     std::to_string(start.size() - std::min(start.size(), first)));
  }
  const std::string_view text(reinterpret_cast<const char*>(start.data()) + first, length);
  npy_header result = detail::npy_dictionary(text, file).read();
  result.data_offset = first + length;
  return result;
}

}  // namespace napier
