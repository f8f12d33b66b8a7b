#!/usr/bin/env bash
# same_bits_test.sh TOOL: the demo's tables, speeds apart, are the same to the digit under every instruction set of this CPU.
set -euo pipefail
tool=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# without the last column, images a second
table() { NAPIER_ISA=$1 "$tool" demo --limit 24 --csv "$folder/$1.csv" >/dev/null && cut -d, -f1-19 "$folder/$1.csv" >"$folder/$1"; }

table scalar
rows=$(wc -l <"$folder/scalar")
[ "$rows" -ge 57 ] || { echo "the demo wrote $rows rows, expected 57 at least"; exit 1; }
compared=0
for isa in avx2 avx512; do
  if ! NAPIER_ISA=$isa "$tool" --list-macs >/dev/null 2>&1; then
    echo "$isa: not on this CPU"
    continue
  fi
  table $isa
  diff "$folder/scalar" "$folder/$isa" || { echo "$isa: not the bits of scalar"; exit 1; }
  compared=$((compared + 1))
  echo "$isa: $((rows - 1)) rows as scalar's"
done
[ "$compared" -gt 0 ] || [ "$(uname -m)" != x86_64 ] || ! grep -qw avx2 /proc/cpuinfo || { echo "nothing was compared"; exit 1; }
