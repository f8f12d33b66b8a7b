#pragma once
// napier/data/multiplier_table.hpp — the products of an 8 × 8 bit multiplier, from a file: text or raw bytes.
//
//   65,536 rows a,b,product       decimal, in any order, each pair once; a signed table's operands are −128 … 127
//   256 rows of 256 products      row x, column y: the operands' bytes (of a signed table 128 is −128, 255 is −1)
//   131,072 or 262,144 bytes      products of 2 or 4 bytes, low byte first, of the bytes x, y at 256 x + y
//
// Text      fields apart by commas, semicolons, tabs or spaces; empty lines, lines after # and one heading of words are skipped
// Signs     are not in the file: a signed table's products of 2 bytes are two's complement, products of 4 bytes always
// Errors    data_error naming the file and, of text, the line: a field that is no integer of 32 bits, a row of another length, an
//           operand out of range, a pair twice, too few; of bytes: another size
// Checked   tests/multipliers/table_multiplier_test.cpp

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <napier/core/error.hpp>
#include <napier/multipliers/table_multiplier.hpp>

namespace napier {

namespace detail {

class table_reader {
 public:
  table_reader(std::string_view content, table_signs signs, std::string file)
      : content_(content), signs_(signs), file_(std::move(file)) {}

  table_multiplier read() {
    // Raw tables have these sizes; text of the same size would be of digits and separators alone.
    const std::size_t size = content_.size();
    if ((size == 2 * table_multiplier::size || size == 4 * table_multiplier::size) && !is_text())
      return {signs_, from_bytes(size / table_multiplier::size)};
    if (content_.starts_with("\xEF\xBB\xBF"))
      content_.remove_prefix(3);  // a mark of UTF-8, as spreadsheets write it
    if (!is_text()) {
      throw data_error(
          file_ + ": " + std::to_string(size) +
          " bytes; expected a table of 131072 or 262144, or text: 256 rows of 256 products, or 65536 rows "
          "a,b,product");
    }
    return {signs_, from_text()};
  }

 private:
  static constexpr std::size_t rows_of_matrix = 256;

  bool is_text() const {
    for (const char c : content_) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < ' ' && c != '\n' && c != '\r' && c != '\t') return false;
      if (byte >= 0x7f) return false;
    }
    return true;
  }

  std::vector<std::int32_t> from_bytes(std::size_t width) const {
    std::vector<std::int32_t> products(table_multiplier::size);
    for (std::size_t i = 0; i < products.size(); ++i) {
      std::uint32_t code = 0;
      for (std::size_t byte = width; byte-- > 0;)
        code = code << 8 | static_cast<unsigned char>(content_[i * width + byte]);
      const bool is_short = width == 2 && signs_ == table_signs::is_signed;
      products[i] = is_short ? static_cast<std::int16_t>(static_cast<std::uint16_t>(code))
                             : static_cast<std::int32_t>(code);
    }
    return products;
  }

  std::vector<std::int32_t> from_text() {
    std::vector<std::int32_t> products(table_multiplier::size);
    std::vector<bool> known(table_multiplier::size);
    std::vector<std::int32_t> fields;
    std::size_t rows = 0;
    std::size_t columns = 0;
    for (std::size_t at = 0; at < content_.size();) {
      const std::size_t end = std::min(content_.find('\n', at), content_.size());
      const std::string_view text = content_.substr(at, end - at);
      at = end + 1;
      ++line_;
      if (!split(text, rows == 0, fields)) continue;
      if (rows == 0) columns = fields.size();
      if (columns != 3 && columns != rows_of_matrix)
        fail("a row of " + std::to_string(columns) + " fields; expected 3 or 256");
      if (fields.size() != columns)
        fail("a row of " + std::to_string(fields.size()) + " fields after rows of " +
             std::to_string(columns));
      if (columns == 3) {
        const std::size_t index = index_of(fields[0]) * 256 + index_of(fields[1]);
        if (known[index])
          fail("the pair " + std::to_string(fields[0]) + ", " + std::to_string(fields[1]) + " a second time");
        known[index] = true;
        products[index] = fields[2];
      } else {
        if (rows == rows_of_matrix) fail("more than 256 rows");
        std::copy(fields.begin(), fields.end(),
                  products.begin() + static_cast<std::ptrdiff_t>(rows * rows_of_matrix));
      }
      ++rows;
    }
    const std::size_t expected = columns == 3 ? table_multiplier::size : rows_of_matrix;
    if (rows != expected) {
      throw data_error(file_ + ": " + std::to_string(rows) +
                       " rows; expected 256 of 256 products, or 65536 of a,b,product");
    }
    return products;
  }

  // The integers of a line; false where it has none: empty, a comment, or, where it may be one, a heading.
  bool split(std::string_view text, bool may_be_heading, std::vector<std::int32_t>& fields) {
    fields.clear();
    text = text.substr(0, text.find('#'));
    constexpr std::string_view between = ",;\t \r";
    for (std::size_t at = text.find_first_not_of(between); at != std::string_view::npos;
         at = text.find_first_not_of(between, at)) {
      const std::size_t end = std::min(text.find_first_of(between, at), text.size());
      const std::string_view field = text.substr(at, end - at);
      std::int32_t value = 0;
      const auto [past, problem] = std::from_chars(field.data(), field.data() + field.size(), value);
      if (problem != std::errc{} || past != field.data() + field.size()) {
        const bool is_word = field.find_first_of("0123456789") == std::string_view::npos;
        if (may_be_heading && is_word && fields.empty() && !heading_) return !(heading_ = true);
        fail("'" + std::string(field) + "' is no integer of 32 bits");
      }
      fields.push_back(value);
      at = end;
    }
    return !fields.empty();
  }

  std::size_t index_of(std::int32_t operand) const {
    const std::int32_t lowest = signs_ == table_signs::is_signed ? -128 : 0;
    if (operand < lowest || operand > lowest + 255) {
      fail("the operand " + std::to_string(operand) + "; expected " + std::to_string(lowest) + " to " +
           std::to_string(lowest + 255));
    }
    return static_cast<std::uint8_t>(operand);
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw data_error(file_ + ":" + std::to_string(line_) + ": " + what);
  }

  std::string_view content_;
  table_signs signs_;
  std::string file_;
  std::size_t line_ = 0;
  bool heading_ = false;
};

}  // namespace detail

// `file` is for messages.
inline table_multiplier parse_multiplier_table(std::string_view content, table_signs signs,
                                               std::string file) {
  return detail::table_reader(content, signs, std::move(file)).read();
}

inline table_multiplier read_multiplier_table(const std::filesystem::path& path, table_signs signs) {
  std::error_code problem;
  if (std::filesystem::is_directory(path, problem))
    throw data_error(path.string() + ": is a folder; expected a file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw data_error(path.string() + ": cannot be opened");
  const std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad()) throw data_error(path.string() + ": cannot be read");
  return parse_multiplier_table(content, signs, path.string());
}

}  // namespace napier
