#!/usr/bin/env bash
# mutation.sh [--only REGEX] [--jobs N] [--work FOLDER]
#
# Breaks the library in one place at a time, in a copy of its headers, and expects the fast tests named beside the break to
# go red: by a failed check, or by a static_assert that no longer holds. First of all the same tests are green without
# a break. A row a break; the exit status is 0 when all went red.
#
# A break is text that stands exactly once in its header, and what replaces it. When a header changes so that the text is
# no longer there, this script says so and fails: mend the break, do not drop it.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
only='' jobs=$(nproc) work=$root/build/mutation
while [ $# -gt 0 ]; do
  case $1 in
    --only) only=$2 ;;
    --jobs) jobs=$2 ;;
    --work) work=$2 ;;
    *) echo "usage: mutation.sh [--only REGEX] [--jobs N] [--work FOLDER]" >&2; exit 2 ;;
  esac
  shift 2
done
cxx=${CXX:-g++}

names=() headers=() olds=() news=() tests=()
# breaks NAME HEADER TESTS OLD NEW
breaks() {
  names+=("$1") headers+=("$2") tests+=("$3") olds+=("$4") news+=("$5")
}

# ---- rounding and sticky --------------------------------------------------------------------------------
breaks 'rounding: truncate instead' core/rounding.hpp core/rounding \
  'kept + (std::uint64_t{lost.guard} &' 'kept + (0 &'
breaks 'rounding: ties away from zero' core/rounding.hpp core/rounding \
  'std::uint64_t{lost.sticky} | (kept & 1)' '1'
breaks 'rounding: ties to odd' core/rounding.hpp core/rounding \
  'lost.sticky} | (kept & 1)' 'lost.sticky} | (~kept & 1)'
breaks 'sticky: the tail is forgotten' core/rounding.hpp core/rounding \
  '((rest << 1) | tail) != 0' '(rest << 1) != 0'
breaks 'sum: sticky of the smaller term is forgotten' core/arithmetic.hpp core/arithmetic \
  '(distance > 0 && (full << (128 - distance)) != 0)' 'false'
breaks 'sum: the carry out loses its bit' core/arithmetic.hpp core/arithmetic \
  'sticky || dropped' 'sticky || (false && dropped)'
# ---- posits ---------------------------------------------------------------------------------------------
breaks 'posit: regime one too large' formats/posit.hpp formats/posit \
  '(run - 1) ^ ~static_cast<int>(ones)' 'run ^ ~static_cast<int>(ones)'
breaks 'posit: sticky of the tail is forgotten' formats/posit.hpp formats/posit_oracle \
  '<< 1 << (63 - more) | x.tail' '<< 1 << (63 - more)'
breaks 'posit: sticky behind the regime is forgotten' formats/posit.hpp formats/posit_oracle \
  'x.significand << (63 - es) | start << 1 << (63 - more)' 'x.significand << (63 - es)'
breaks 'posit: ties away from zero' formats/posit.hpp formats/posit_oracle \
  '(sticky_string + below_half + odd) >> dropped' '(sticky_string + below_half + 1 + (odd & 0)) >> dropped'
breaks 'posit: a small value becomes zero' formats/posit.hpp formats/posit_oracle \
  'if (k < -(n - 2)) [[unlikely]]
      return 1;' 'if (k < -(n - 2)) return 0;'
breaks 'posit: a large value becomes NaR' formats/posit.hpp formats/posit_oracle \
  'return sign_bit - 1;' 'return sign_bit;'
breaks 'posit: NaN becomes zero' formats/posit.hpp formats/posit \
  'x.is_zero() ? posit{} : nar()' 'x.is_zero() ? posit{} : posit{}'
# ---- posits of up to 32 bits, in 64-bit words -----------------------------------------------------------
breaks 'narrow posit: regime one too large' formats/posit_narrow.hpp formats/posit_oracle \
  'before ^ ones;' '(before + 1) ^ ones;'
breaks 'narrow posit: truncate instead' formats/posit_narrow.hpp formats/posit_oracle \
  '(string + below_half + (string >> dropped & 1)) >> dropped' '(string + (below_half & 0)) >> dropped'
breaks 'narrow posit: ties to odd' formats/posit_narrow.hpp formats/posit_oracle \
  'start >> dropped & 1;' '~start >> dropped & 1;'
breaks 'narrow posit: a small value becomes zero' formats/posit_narrow.hpp formats/posit_oracle \
  'code = exponent < 0 ? 1 : maxpos;' 'code = exponent < 0 ? 0 : maxpos;'
breaks 'narrow posit: the order of the terms' formats/posit_narrow.hpp formats/posit_oracle \
  'exchange ? sign_of(b) : sign_of(a)' 'sign_of(a)'
# ---- small floats ---------------------------------------------------------------------------------------
breaks 'minifloat: saturation of the wrong sign' formats/minifloat.hpp formats/minifloat_oracle \
  'return x.negative ? F::lowest() : F::max();' 'return x.negative ? F::max() : F::lowest();'
breaks 'minifloat: NaN becomes zero' formats/ieee_codec.hpp formats/minifloat_oracle \
  'if (x.is_nan()) return spec.nan_bits();' 'if (x.is_nan()) return 0;'
breaks 'minifloat: overflow gives the largest' formats/ieee_codec.hpp formats/minifloat_oracle \
  'return sign | spec.infinity_bits();' 'return sign | spec.max_finite_bits();'
breaks 'minifloat: a subnormal is rounded one bit early' formats/ieee_codec.hpp formats/minifloat_oracle \
  'spec.min_normal_exponent() - x.exponent : 0' 'spec.min_normal_exponent() - x.exponent + 1 : 0'
breaks 'minifloat: the NaN of fnuz is a zero' formats/ieee_codec.hpp formats/minifloat_catalogue \
  'spec.specials == special_values::fnuz && negative && magnitude == 0' 'spec.specials == special_values::fnuz && negative && magnitude == 1'
# ---- accumulators ---------------------------------------------------------------------------------------
breaks 'quire: the carry out of two words is lost' accumulators/quire.hpp accumulators/quire_oracle \
  'carries_[first + 2] += sign + (sum < addend ? 1 : 0);' 'carries_[first + 2] += sign;'
breaks 'quire: carries that are counted are not settled' accumulators/quire.hpp accumulators/quire_oracle \
  'carry += carries_[i];' ''
breaks 'quire: no carry between merged words' accumulators/quire.hpp accumulators/quire_oracle \
  'uint128{limbs_[i]} + other.limbs_[i] + carry' 'uint128{limbs_[i]} + other.limbs_[i] + (carry & 0)'
breaks 'quire: sticky of the low words is forgotten' accumulators/quire.hpp accumulators/quire_oracle \
  'for (int i = top - 3; i >= 0; --i) sticky' 'for (int i = top - 3; i > top; --i) sticky'
breaks 'quire: NaR does not stick in a merge' accumulators/quire.hpp accumulators/quire_oracle \
  'is_nar_ = is_nar_ || other.is_nar_;' ''
breaks 'fixed64: a finished sum wraps' accumulators/fixed64.hpp accumulators/fixed64 \
  'sum_ > max_code ? max_code : ' ''
breaks 'native: the product is not rounded first' accumulators/native.hpp accumulators/native \
  'constexpr void add(const unpacked& x) { add(round_to<T>(x)); }' \
  'constexpr void add(const unpacked& x) { sum_ = round_to<T>(napier::add(decode(sum_), x)); }'
# ---- multipliers ----------------------------------------------------------------------------------------
breaks 'mitch: the cut keeps one bit too many' multipliers/mitch.hpp multipliers/vectors \
  '~std::uint64_t{0} << (64 - w)' '~std::uint64_t{0} << (63 - w)'
breaks 'mitch unbiased: the constant one is left out' multipliers/mitch.hpp multipliers/mitch \
  '(significand & kept) | last' '(significand & kept) | (last & 0)'
breaks 'mitchell: the carry does not reach the exponent' multipliers/log_product.hpp multipliers/mitchell \
  'x.exponent + y.exponent + static_cast<int>(carry)' 'x.exponent + y.exponent + static_cast<int>(carry && fx == 0)'
breaks 'mitch of integers: no floor' multipliers/log_product.hpp multipliers/mitch \
  'if (product.exponent < 63) product.significand &=' 'if (product.exponent < -1) product.significand &='
breaks 'drum: the last bit is not set' multipliers/drum.hpp multipliers/significand_product \
  '(x.significand & ~(last - 1)) | last' '(x.significand & ~(last - 1)) | (last & 0)'
breaks 'drum: an integer of k bits is cut' multipliers/drum.hpp multipliers/significand_product \
  'exponent >= k :' 'exponent >= k - 1 :'
breaks 'roba: three goes up' multipliers/roba.hpp multipliers/significand_product \
  'upper_half && !is_three' 'upper_half'
breaks 'iterative: the last stage is left out' multipliers/iterative_mitchell.hpp multipliers/significand_product \
  'stage < stages &&' 'stage < stages - (stages > 1) &&'
breaks 'mbm: half the correction' multipliers/mbm.hpp multipliers/significand_product \
  'exponent - 4' 'exponent - 5'
breaks 'mbm: a large product of integers is corrected' multipliers/mbm.hpp multipliers/significand_product \
  'leaves ? uncorrected : corrected' 'corrected'
breaks 'array: a column too few is dropped' multipliers/truncated_array.hpp multipliers/significand_product \
  '~uint128{0} << columns' '~uint128{0} << (columns > 0 ? columns - 1 : 0)'
breaks 'table: magnitudes for a signed table' multipliers/table_multiplier.hpp multipliers/table_multiplier \
  'if (signs_ == table_signs::is_signed)' 'if (signs_ != table_signs::is_signed)'
# ---- adders ---------------------------------------------------------------------------------------------
breaks 'loa: no carry into the upper part' accumulators/loa.hpp accumulators/approximate_adder \
  '(b >> l) + carry' '(b >> l) + (carry & 0)'
breaks 'truncated adder: the sum alone is cut' accumulators/truncated_adder.hpp accumulators/approximate_adder \
  '(int128{a >> l} + (b >> l)) *' '((int128{a} + b) >> l) *'
breaks 'adders: a sum wraps' accumulators/approximate_adder.hpp accumulators/approximate_adder \
  'sum > max ? max : ' ''

# ---- the same tests without a break: each has to be green ---------------------------------------------------
chosen=()
for i in "${!names[@]}"; do
  [[ ! ${names[i]} =~ $only ]] || chosen+=("$i")
done
[ ${#chosen[@]} -gt 0 ] || { echo "mutation.sh: no break has a name like '$only'" >&2; exit 2; }
for test in $(for i in "${chosen[@]}"; do echo "${tests[i]}"; done | sort -u); do
  chosen+=(${#names[@]})
  breaks 'nothing: green is expected' - "$test" '' ''
done

# ---- a test is a program that is built against a copy of the headers ----------------------------------------
# run_test HEADERS TEST PROGRAM: prints green, or why it is not.
run_test() {
  if ! "$cxx" -std=c++20 -O1 "-DNAPIER_SOURCE_DIR=\"$root\"" -I "$1" -I "$root/tests" "$root/tests/$2_test.cpp" \
    "$work/oracle.o" -lCatch2WithMain -o "$3" >"$3.log" 2>&1; then
    if grep -q 'static assertion failed\|static_assert failed\|non-constant condition for static assertion' "$3.log"; then
      echo 'red: a static_assert'
    else
      echo 'broken: it does not compile'
    fi
  elif timeout 120 "$3" >"$3.log" 2>&1; then
    echo green
  else
    echo 'red: a check'
  fi
}

# break_and_run I: leaves a row in a file.
break_and_run() {
  local i=$1 folder=$work/$1 result
  mkdir -p "$folder"
  cp -r "$root/include" "$folder"
  if [ -n "${olds[i]}" ] && ! OLD=${olds[i]} NEW=${news[i]} perl -0777 -i -pe \
    '$found += s/\Q$ENV{OLD}\E/$ENV{NEW}/g; END { $? = $found == 1 ? 0 : 1 }' "$folder/include/napier/${headers[i]}"; then
    result="broken: the text does not stand exactly once in ${headers[i]}"
  else
    result=$(run_test "$folder/include" "${tests[i]}" "$folder/program")
  fi
  printf '%-50s %-27s %s\n' "${names[i]}" "${tests[i]}" "$result" >"$work/$i.row"
  cat "$work/$i.row"
  [[ $result != broken* ]] || head -20 "$folder/program.log" 2>/dev/null || true
}

rm -rf "$work"
mkdir -p "$work"
"$cxx" -std=c++20 -O2 -I "$root/tests" -c "$root/tests/oracle/oracle.cpp" -o "$work/oracle.o"
for i in "${chosen[@]}"; do
  while [ "$(jobs -pr | wc -l)" -ge "$jobs" ]; do wait -n || true; done
  break_and_run "$i" &
done
wait

wrong=0
for i in "${chosen[@]}"; do
  expected=' red: '
  [ -n "${olds[i]}" ] || expected=' green$'
  grep -q "$expected" "$work/$i.row" 2>/dev/null || { wrong=$((wrong + 1)); echo "not as expected: ${names[i]} (${tests[i]})"; }
done
echo "${#chosen[@]} rows, $wrong not as expected"
[ "$wrong" -eq 0 ]
