#!/usr/bin/env bash
# table_test.sh TOOL MODELS: a multiplier in a file. The table of the exact products, of magnitudes and of signed codes, gives what the exact
# multiplier gives; another circuit does not; what is no table is told.
set -euo pipefail
tool=$1 models=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# circuit FILE LOWEST EXPRESSION: the rows a,b,product of operands from LOWEST on
circuit() {
  awk -v low="$2" "BEGIN { for (a = low; a < low + 256; ++a) for (b = low; b < low + 256; ++b) print a \",\" b \",\" $3 }" >"$folder/$1"
}
circuit exact.csv 0 'a * b'
circuit signed.csv -128 'a * b'
circuit low.csv 0 'int(a * b / 64) * 64'

macs=fixed8_4
for mac in table:exact.csv table-signed:signed.csv table:low.csv; do macs+=,fixed8_4/${mac/:/:$folder/}; done
"$tool" --model "$models/lenet5.onnx" --limit 40 --mac "$macs" --csv "$folder/out.csv" >"$folder/out.txt"

# without the name and the speed
row() { grep -F ",$1," "$folder/out.csv" | cut -d, -f7-19; }
exact=$(row fixed8_4)
[ -n "$exact" ] || { echo "no row of fixed8_4"; cat "$folder/out.csv"; exit 1; }
for same in table:$folder/exact.csv table-signed:$folder/signed.csv; do
  [ "$(row "fixed8_4/$same")" = "$exact" ] || { echo "$same is not exact:"; cat "$folder/out.csv"; exit 1; }
done
low=$(row "fixed8_4/table:$folder/low.csv")
[ -n "$low" ] && [ "$low" != "$exact" ] || { echo "low.csv is exact:"; cat "$folder/out.csv"; exit 1; }

echo '1,2,x' >"$folder/wrong.csv"
if "$tool" --model "$models/lenet5.onnx" --limit 1 --mac "fixed8_4/table:$folder/wrong.csv" >"$folder/out.txt" 2>&1; then
  echo "wrong.csv is taken"
  exit 1
fi
grep -qF "$folder/wrong.csv:1: 'x' is no integer of 32 bits" "$folder/out.txt" || { cat "$folder/out.txt"; exit 1; }
echo "a circuit in a file: exact where it is exact, not where it is not, refused where it is none"
