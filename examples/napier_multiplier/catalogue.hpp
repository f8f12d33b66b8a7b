#pragma once
// The multipliers and formats that the tool knows, by name: MULTIPLIER@FORMAT. Integers are uint2 … uint32 and int2 … int32.

#include <string>
#include <string_view>
#include <vector>

#include <napier/analysis/multiplier_under_test.hpp>

namespace napier_multiplier {

class catalogue {
 public:
  void add(napier::multiplier_under_test multiplier) { multipliers_.push_back(std::move(multiplier)); }

  // rounded-MULTIPLIER@FORMAT is the product rounded to the format. table:FILE@uint8 (or int8, fixed8_4) is read from a file
  // that holds products of the operands' magnitudes, table-signed:FILE of their codes, as in the name of a MAC. Throws
  // napier::name_error with the nearest names.
  napier::multiplier_under_test find(const std::string& name) const;

  // In the order in which they are known.
  std::vector<std::string> multiplier_names() const;
  std::vector<std::string> format_names() const;
  // To read: integers as two ranges. Of all multipliers together, if it is empty.
  std::vector<std::string> formats_of(std::string_view multiplier) const;

 private:
  const napier::multiplier_under_test* known(std::string_view multiplier, std::string_view format) const;

  std::vector<napier::multiplier_under_test> multipliers_;
};

// Of table:FILE@FORMAT and the like; empty for the name of any other multiplier.
std::string table_file_of(const std::string& name);

// A .cpp each: they take seconds to compile.
void add_integers(catalogue& all);
void add_fixed_point(catalogue& all);
void add_floats(catalogue& all);
void add_posits(catalogue& all);

const catalogue& all_multipliers();

}  // namespace napier_multiplier
