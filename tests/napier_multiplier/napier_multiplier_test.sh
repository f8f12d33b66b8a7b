#!/usr/bin/env bash
# napier-multiplier as its user runs it: napier_multiplier_test.sh NAPIER-MULTIPLIER MODELS
set -uo pipefail
tool=$1
models=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/out"
cd "$work" || exit 1

checks=0
failures=0
check() { # check WHAT CONDITION...: the condition is a command
  local what=$1
  shift
  checks=$((checks + 1))
  "$@" || { failures=$((failures + 1)) && echo "FAILED: $what: $*" | head -c 2000 && echo; }
}
equal() { [ "$1" = "$2" ]; }
differ() { [ "$1" != "$2" ]; }
contains() { grep -qF -e "$2" <<<"$1"; }

# run ARGUMENTS...: sets status; standard output and error lie in files out.txt and err.txt.
run() {
  "$tool" "$@" >out.txt 2>err.txt </dev/null
  status=$?
}
out_files() { ls -A out | tr '\n' ' '; }

# value FILE NAME FIELD: a number of the JSON's object of that name; of an interval, both.
value() {
  awk -v name="\"$2\"," -v field="\"$3\":" '
    $1 == "\"name\":" { mine = $2 == name }
    mine && $1 == field { if ($2 == "[") { getline low; getline high; print low high } else print $2; exit }' "$1" |
    tr -d ','
}
# holds EXPRESSION: of awk; false where a value is missing.
holds() { awk "BEGIN { exit !($1) }"; }
# Rounded to two decimals of a percentage, as the published figures are.
percent() { awk -v x="$1" 'BEGIN { printf "%.2f", 100 * x }'; }
# near NAME MEAN: the 95 % interval meets the published mean, in percent, of two decimals.
near() {
  local interval
  interval=$(value "$file" "$1" mean_relative_error_interval)
  [ -n "$interval" ] && awk -v mean="$2" '{ exit !(100 * $1 <= mean + 0.005 && 100 * $2 >= mean - 0.005) }' <<<"$interval"
}

# ---- Published figures ------------------------------------------------------------------------------------
file=out/a.json
mitch=(4:-11.82:24.24 5:-7.91:18.07 6:-5.90:14.68 8:-4.36:12.01 10:-3.97:11.34 16:-3.85:11.11)
names=()
for figures in "${mitch[@]}"; do names+=("mitch${figures%%:*}@uint16"); done
run mitchell@uint8 "${names[@]}" mbm@uint16 iterative2@uint8 iterative2@uint16 plam@posit16_1 plam@posit8_2 \
  --samples 4194304 --json $file --csv out/a.csv
check "published: succeeds" equal "$status" 0
check "published: no word on standard error" equal "$(cat err.txt)" ""
check "Mitchell, 8 bits: mean" holds "$(value $file mitchell@uint8 mean_absolute_relative_error) > 0.0377 &&
  $(value $file mitchell@uint8 mean_absolute_relative_error) < 0.0379"
check "Mitchell, 8 bits: worst" equal "$(percent "$(value $file mitchell@uint8 worst_relative_error)")" 11.11
check "Mitchell, 8 bits: all pairs" equal "$(value $file mitchell@uint8 pairs) $(value $file mitchell@uint8 exhaustive)" "65536 true"
for figures in "${mitch[@]}"; do
  IFS=: read -r w mean worst <<<"$figures"
  check "Mitch-$w: mean" near "mitch$w@uint16" "$mean"
  # The published worst cases are those of samples: at most 0.02 points below the true one.
  found=$(percent "$(value $file "mitch$w@uint16" worst_relative_error)")
  check "Mitch-$w: worst, $found" holds "$found >= $worst && $found <= $worst + 0.0201"
done
true_worst=$(for figures in "${mitch[@]}"; do echo "$(percent "$(value $file "mitch${figures%%:*}@uint16" worst_relative_error)") "; done | tr -d '\n')
check "Mitch-w: the true worst cases of all 16-bit operands" equal "$true_worst" "24.26 18.08 14.70 12.03 11.34 11.11 "
check "MBM: bias below 0.1 %" awk '{ exit !(NF == 2 && $1 > -0.001 && $2 < 0.001) }' <<<"$(value $file mbm@uint16 mean_relative_error_interval)"
check "two-stage iterative, 8 bits: mean" equal "$(percent "$(value $file iterative2@uint8 mean_relative_error)")" -0.83
check "two-stage iterative, 16 bits: mean" near iterative2@uint16 -0.99
check "two-stage iterative: worst" equal "$(percent "$(value $file iterative2@uint16 worst_relative_error)")" 6.25
check "PLAM, posit16_1: mean" near plam@posit16_1 -3.85
check "PLAM, posit16_1: worst" equal "$(percent "$(value $file plam@posit16_1 worst_relative_error)")" 11.11
check "PLAM, posit8_2: mean" equal "$(percent "$(value $file plam@posit8_2 mean_relative_error)")" -2.68
check "PLAM, posit8_2: worst" equal "$(percent "$(value $file plam@posit8_2 worst_relative_error)")" 11.11

unbiased=()
for w in 3 4 5 6 7 8 9 10 12 14 16; do unbiased+=("mitch${w}u@uint16"); done
run "${unbiased[@]}" --operands significands --samples 4194304 --json out/u.json
file=out/u.json
for name in "${unbiased[@]}"; do check "unbiased: mean of $name" near "$name" -3.85; done

# ---- Integers of all widths ---------------------------------------------------------------------------------
widths=()
for w in 2 3 4 5 6 7 8 9 10 11 12; do widths+=("mitchell@uint$w" "mitchell@int$w"); done
run "${widths[@]}" mbm@uint8 mbm@uint7 --json out/w.json
file=out/w.json
check "all widths: succeeds" equal "$status" 0
for w in 2 3 4 5 6 7 8 9 10 11 12; do
  for name in mitchell@uint$w mitchell@int$w; do
    check "all pairs of $name" equal "$(value $file $name pairs) $(value $file $name exhaustive)" "$((1 << 2 * w)) true"
    # 3 × 3 = 8 is the least pair with the worst error; int2 and int3 have no 3 or no pair but (±3, ±3)
    least=$([ $name = mitchell@int2 ] && echo 0.00 || echo 11.11)
    check "worst of $name" equal "$(percent "$(value $file $name worst_relative_error)")" "$least"
  done
done
check "unsigned means grow towards Mitchell's 3.85 %" holds "$(value $file mitchell@uint4 mean_relative_error) > $(value $file mitchell@uint8 mean_relative_error) &&
  $(value $file mitchell@uint8 mean_relative_error) > $(value $file mitchell@uint12 mean_relative_error) && $(value $file mitchell@uint12 mean_relative_error) > -0.03848"
# Of 8 bits as published; MBM's correction of a circuit of 7 bits is left out where it leaves 14: 127 × 127 = 15872, not 16384 + 768.
check "MBM, 8 bits: bias" equal "$(awk -v x="$(value $file mbm@uint8 mean_relative_error)" 'BEGIN { printf "%.3f", 100 * x }')" 0.048
check "MBM, 7 bits: no product of more than 14 bits" holds "$(value $file mbm@uint7 largest_relative_error) < 0.25"
run mitch6@uint32 mitch6@int24 mitch6@int16 --samples 200000 --json out/s.json --csv out/s.csv
file=out/s.json
check "sampled: succeeds" equal "$status" 0
for name in mitch6@uint32 mitch6@int24 mitch6@int16; do
  check "sampled: $name" equal "$(value $file $name pairs) $(value $file $name exhaustive)" "200000 false"
  check "sampled: $name's interval" near $name -5.90
  check "sampled: $name's worst" equal "$(percent "$(value $file $name worst_relative_error)")" 14.70
done
# A fraction that is dropped is most of a small product: 3 × 3 is 8.
run mbm@uint32 --samples 200000 --json $file
check "sampled: the least integers are looked at" equal "$(percent "$(value $file mbm@uint32 smallest_relative_error)")" -11.11
rm -f out/w.json out/s.json out/s.csv

# ---- What is written ---------------------------------------------------------------------------------------
rows=12
valid_json() {
  if command -v jq >/dev/null; then
    jq -e . "$1" >/dev/null
  elif command -v python3 >/dev/null; then
    python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$1"
  else
    [ "$(grep -o '[[{]' "$1" | wc -l)" = "$(grep -o '[]}]' "$1" | wc -l)" ] && [ "$(head -c 1 "$1")" = "[" ]
  fi
}
check "JSON is JSON" valid_json out/a.json
check "JSON: an object a multiplier" equal "$(grep -c '"name":' out/a.json)" $rows
check "CSV: a line a multiplier, and a heading" equal "$(wc -l <out/a.csv)" $((rows + 1))
check "CSV: as many fields in each" equal "$(awk -F, '{ print NF }' out/a.csv | sort -u | wc -l)" 1
check "no file but those asked for" equal "$(out_files)" "a.csv a.json u.json "
rm -f out/*

run mitchell@uint8 exact@uint8
check "table: succeeds" equal "$status" 0
check "table: worst operands" contains "$(cat out.txt)" "3 × 3"
check "table: the exact product has no worst operands" equal "$(grep -c '^exact@uint8 .* - *- *- *0 *-$' out.txt)" 1
check "table: nothing about samples" equal "$(grep -c 'confidence' out.txt)" 0

run mitch5@float32 rounded-exact@bfloat16 --samples 50000 --operands normal --threads 1 --json out/1.json
run mitch5@float32 rounded-exact@bfloat16 --samples 50000 --operands normal --threads 3 --json out/3.json
check "the number of threads changes nothing" cmp out/1.json out/3.json
run mitch5@float32 rounded-exact@bfloat16 --samples 50000 --operands normal --seed 2 --json out/2.json
check "the seed does" differ "$(cat out/1.json)" "$(cat out/2.json)"
check "rounding to bfloat16 is off by 2^-8 at most" holds "$(value out/1.json rounded-exact@bfloat16 worst_relative_error) <= 0.00390625"
check "samples say so" equal "$(value out/1.json mitch5@float32 exhaustive) $(value out/1.json mitch5@float32 worst_is_exact)" "false false"
rm -f out/*

# ---- A page ------------------------------------------------------------------------------------------------
source=$models/../..
echo "var vegaEmbed = null;" >script.js
export NAPIER_REPORT_SCRIPT=$work/script.js
page=(mitch6@uint8 rounded-plam@posit8_0 mitchell@float4_e2m1 drum6@uint16 --samples 100000)
run "${page[@]}" --html out/page.html
check "page: succeeds" equal "$status" 0
check "page: a map and a histogram of each" \
  equal "$(grep -oE '<figure id="[a-z0-9-]+"' out/page.html | sort | tr '\n' ' ')" "$(for what in histogram map; do
    for i in 1 2 3 4; do echo -n "<figure id=\"$what-$i\" "; done; done)"
check "page: the numbers" contains "$(cat out/page.html)" "drum6@uint16"
run mitch6@uint8 mitchell@uint8 --html out/page.html
check "page: maps that compare" contains "$(cat out/page.html)" "the same colours in all maps"
run mitch6@uint8 array8@uint16 --html out/page.html
check "page: maps that do not" contains "$(cat out/page.html)" "each map has colours of its own"
rm -f out/*
NAPIER_REPORT_SCRIPT=$work/nowhere.js run "${page[@]}" --html out/page.html
check "page without a script: status" equal "$status" 2
check "page without a script: no file" equal "$(out_files)" ""
unset NAPIER_REPORT_SCRIPT
if [ -e "$source/build/report/vega.js" ] && command -v node >/dev/null && command -v chromium >/dev/null; then
  NAPIER_REPORT_SCRIPT=$source/build/report/vega.js run "${page[@]}" --html out/page.html
  node "$source/tests/report/browser.mjs" out/page.html 8 >browser.txt 2>&1
  check "page: without faults in a browser: $(head -c 500 browser.txt)" equal $? 0
  rm -f out/*
fi

# A table of the exact products is exact.
awk 'BEGIN { for (a = 0; a < 256; ++a) for (b = 0; b < 256; ++b) print a "," b "," a * b }' >exact.csv
awk 'BEGIN { for (a = -128; a < 128; ++a) for (b = -128; b < 128; ++b) print a "," b "," a * b }' >signed.csv
tables=(table:exact.csv@uint8 table:exact.csv@int8 table-signed:signed.csv@int8 rounded-table-signed:signed.csv@fixed8_4)
run "${tables[@]}" --json out/t.json
check "table file: succeeds" equal "$status" 0
for name in "${tables[@]::3}"; do check "exact: $name" equal "$(value out/t.json "$name" error_probability)" 0.0; done
check "table file: rounded, it is not" differ "$(value out/t.json "${tables[3]}" error_probability)" 0.0
rm -f out/*

# ---- Operands of a network ----------------------------------------------------------------------------------
run mitch6@int8 mitch6@uint8 mitch6@bfloat16 --operands "network:$models/lenet5.onnx:conv1:fashion-mnist:3" --samples 20000 --json out/n.json
check "network: succeeds" equal "$status" 0
for name in mitch6@int8 mitch6@uint8 mitch6@bfloat16; do
  check "network: half the pixels are black, $name" holds "$(value out/n.json $name zero_products) > 6000 && $(value out/n.json $name zero_products) < 16000"
  check "network: a bias of some percent, $name" holds "$(value out/n.json $name mean_relative_error) < -0.02 && $(value out/n.json $name mean_relative_error) > -0.08"
done
rm -f out/*

# ---- What is wrong: one line, status 2, no file ---------------------------------------------------------------
refused() { # refused WHAT MESSAGE ARGUMENTS...
  local what=$1 message=$2
  shift 2
  run "$@" --json out/x.json
  check "$what: status" equal "$status" 2
  check "$what: one line" equal "$(wc -l <err.txt)" 1
  check "$what: says '$message'" contains "$(cat err.txt)" "$message"
  check "$what: no table" equal "$(cat out.txt)" ""
  check "$what: no file" equal "$(out_files)" ""
}
refused "unknown multiplier" "the nearest are mitch6, " mitch66@uint16
refused "unknown format" "the nearest are posit16_1, posit16_2, " mitch6@posit16_3
for format in uint1 uint33 int0 uint08 int-8 int8x; do
  refused "no integer: $format" "unknown format '$format'; the nearest are " "mitch6@$format"
done
refused "wrong combination" "plam does not multiply uint8; it multiplies posit8_0, posit8_1" mitchell@uint8 plam@uint8
refused "no format" "expected MULTIPLIER@FORMAT" mitch6
refused "no multiplier" "expected MULTIPLIER@FORMAT" @uint8
refused "no name" "a name is needed"
refused "no file of a table" "nowhere.csv: cannot be opened" table:nowhere.csv@uint8
refused "a table of another format" "a table multiplies uint8 (unless it is signed), int8 and" table:exact.csv@uint16
refused "a signed table of an unsigned format" "a table multiplies uint8 (unless it is signed), int8 and" table-signed:signed.csv@uint8
refused "a table that is none" "script.js" table:script.js@uint8
refused "unknown operands" "expected all, significands, uniform, log-uniform or normal" mitch6@int8 --operands gauss
refused "too many pairs" "mitch6@float32: operands 'all' are no range of codes, or too many" mitch6@float32 --exhaustive
refused "too few samples" "--samples" mitch6@float32 --samples 10
refused "no layer" "there is no layer 'conv9'" mitch6@int8 --operands "network:$models/lenet5.onnx:conv9:fashion-mnist"
refused "no network" "expected network:MODEL.onnx:LAYER:DATA" mitch6@int8 --operands network:a.onnx
refused "no model" "a.onnx" mitch6@int8 --operands network:a.onnx:conv1:fashion-mnist
refused "a layer without weights" "is no convolution" mitch6@int8 --operands "network:$models/lenet5.onnx:relu1:fashion-mnist"
refused "a layer that is not there: those that are" "are conv1a, conv1b" mitch6@int8 --operands "network:$models/vgg8.onnx:conv2:fashion-mnist"
refused "no images" "expected network:MODEL.onnx:LAYER:DATA[:IMAGES]" mitch6@int8 --operands "network:$models/lenet5.onnx:conv1:fashion-mnist:0"
refused "unknown data set" "unknown data set 'photos'" mitch6@int8 --operands "network:$models/lenet5.onnx:conv1:photos"
refused "no operands" "there are no operands ''" mitch6@int8 --operands ""
refused "a negative seed" "--seed" mitch6@int8 --seed -1
refused "rounded twice" "unknown multiplier 'rounded-mitch6'" rounded-rounded-mitch6@int8
refused "a table without a file" "expected table:FILE@FORMAT" table:@uint8
refused "two outputs in one file" "is named twice" mitch6@int8 --csv out/x.json
refused "an empty path" "--csv: expected the path of a file" mitch6@int8 --csv ""
cp exact.csv out/exact.csv
"$tool" table:out/exact.csv@uint8 --csv out/exact.csv >out.txt 2>err.txt
check "an output over the table: status" equal $? 2
check "an output over the table: it is kept" cmp exact.csv out/exact.csv
rm -f out/exact.csv
refused "unknown option" "--nothing" mitch6@int8 --nothing
run mitch6@int8 --json /nowhere/x.json
check "a file that cannot be written: status" equal "$status" 2
check "a file that cannot be written: said before the work" equal "$(cat out.txt)$(cat err.txt)" "napier-multiplier: /nowhere/x.json: cannot be written"

run --list
check "--list succeeds" equal "$status" 0
check "--list: PLAM's formats" contains "$(cat out.txt)" "for posit8_0, posit8_1, posit8_2, posit16_1, posit16_2, posit32_2"
run --help
check "--help succeeds" equal "$status" 0

echo "$checks checks, $failures failures"
[ $failures -eq 0 ] && [ $checks -gt 100 ]
