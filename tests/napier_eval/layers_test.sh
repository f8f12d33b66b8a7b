#!/usr/bin/env bash
# --per-layer and --search as their user runs them: layers_test.sh NAPIER-EVAL MODELS
set -uo pipefail
eval_tool=$1
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
contains() { grep -qF -e "$2" <<<"$1"; }
run() {
  "$eval_tool" "$@" >out.txt 2>err.txt </dev/null
  status=$?
}
# figure NODE COLUMN FILE: of the first line with that node in a file of layers. No field there has a comma.
figure() {
  awk -F, -v node="$1" -v column="$2" 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i == column) at = i }
    $2 == node { print $at; exit }' "$3"
}
between() { awk -v low="$1" -v x="$2" -v high="$3" 'BEGIN { exit !(x != "" && x + 0 >= low && x + 0 <= high) }'; }
narrow() { [ "$(awk 'length($0) > 120' "$1" | wc -l)" = 0 ]; }

# ---- Layer by layer ---------------------------------------------------------------------------------------
lenet5=(--model "$models/lenet5.onnx" --data fashion-mnist --limit 20)
run "${lenet5[@]}" --mac float32,float32/mitch6 --per-layer --threads 1 --layers-csv out/a.csv --json out/a.json
check "--per-layer succeeds: $(cat err.txt)" equal "$status" 0
check "a heading" contains "$(cat out.txt)" "Layers under float32/mitch6 against float32, 20 images"
check "none for the reference" equal "$(grep -c '^Layers under' out.txt)" 1
check "at most 120 columns" narrow out.txt
check "each multiply site twice, and no other" equal "$(grep -cE '^(conv[12]|fc[123]) ' out.txt)" 10
check "no other node" equal "$(grep -cE '^(relu|pool|flatten)' out.txt)" 0
check "CSV: the multiply sites" equal "$(tail -n +2 out/a.csv | cut -d, -f1-3,6 | tr '\n' ' ')" \
  "float32/mitch6,conv1,Conv,117600 float32/mitch6,conv2,Conv,240000 float32/mitch6,fc1,Gemm,48000 \
float32/mitch6,fc2,Gemm,10080 float32/mitch6,fc3,Gemm,840 "
check "CSV: shares" between 0.9999 "$(tail -n +2 out/a.csv | awk -F, '{ sum += $7 } END { print sum }')" 1.0001
for node in conv1 conv2 fc1 fc2 fc3; do
  check "$node shrinks as the multiplier does" between 0.92 "$(figure $node local_scale out/a.csv)" 0.97
  check "$node: the multiplier's mean" between -0.0595 "$(figure $node product_mean out/a.csv)" -0.0585
  check "$node: signal-to-noise ratio" between 15 "$(figure $node local_snr_db out/a.csv)" 40
  check "$node: weights in range" equal "$(figure $node weights_saturated out/a.csv)" 0
done
check "the first layer gets the same inputs either way" \
  equal "$(figure conv1 local_snr_db out/a.csv)" "$(figure conv1 accumulated_snr_db out/a.csv)"
check "errors add up" between -10 "$(figure fc3 accumulated_snr_db out/a.csv)" "$(figure fc3 local_snr_db out/a.csv)"
check "zeros after ReLU" between 0.2 "$(figure fc2 activations_zeros out/a.csv)" 0.9
check "JSON: layers" equal "$(grep -c '"node": ' out/a.json)" 5
check "JSON: groups of figures" equal "$(grep -cE '"(product|local|accumulated|weights|activations|outputs)": \{' out/a.json)" 30
run "${lenet5[@]}" --mac float32/mitch6 --per-layer --threads 3 --layers-csv out/b.csv
check "the same bits for any number of threads" cmp out/a.csv out/b.csv
run "${lenet5[@]}" --mac float32/mitch6 --layers-csv out/b.csv
check "--layers-csv is enough" cmp out/a.csv out/b.csv
run "${lenet5[@]}" --mac float32/mitch6 --per-layer 7 --layers-csv out/b.csv
check "of fewer images" contains "$(cat out.txt)" "Layers under float32/mitch6 against float32, 7 images"
check "but the table is of all" contains "$(head -1 out.txt)" "20 images"
run "${lenet5[@]}" --mac float32 --layer-mac conv2=float32/mitch6 --per-layer --layers-csv out/c.csv --json out/c.json
check "a rule's layer has its MAC" equal "$(figure conv2 node_mac out/c.csv)" float32/mitch6
check "others have none of its error" equal "$(figure fc1 local_worst out/c.csv)" 0
check "whose ratio is infinite: nothing in CSV" equal "$(figure fc1 local_snr_db out/c.csv)" ""
check "null in JSON" contains "$(tr -d ' \n' <out/c.json)" '"worst":0.0,"reference_rms"'
check "null in JSON" contains "$(cat out/c.json)" '"snr_db": null'
check "a word in the table" contains "$(grep '^fc1 ' out.txt | head -1)" exact
check "but what came in" between 10 "$(figure fc1 accumulated_snr_db out/c.csv)" 50
check "no infinity in JSON" equal "$(grep -ciE 'inf|nan' out/c.json)" 0
run "${lenet5[@]}" --mac fixed16_8,posit8_0 --per-layer --layers-csv out/d.csv
check "formats: weights below the smallest" between 0.001 "$(figure fc1 weights_flushed out/d.csv)" 1
check "formats: one expected scale each" equal "$(grep -c '^single products of' out.txt)" 2
run --model "$models/resnet8.onnx" --limit 10 --mac float32/mitch6 --batch-norm approximate --layers-csv out/e.csv
check "batch norms that multiply" equal "$(grep -c ,BatchNormalization, out/e.csv)" 9
check "one product an output" equal "$(figure bn1 macs out/e.csv)" 6272
run --model "$models/resnet8.onnx" --limit 10 --mac float32/mitch6 --batch-norm exact --layers-csv out/e.csv
check "those that do not" equal "$(grep -c ,BatchNormalization, out/e.csv)" 0
rm -f out/*

# ---- The search -------------------------------------------------------------------------------------------
resnet8=(--model "$models/resnet8.onnx" --data fashion-mnist --batch-norm approximate)
run "${resnet8[@]}" --limit 240 --mac float32/mitch4 --search 2 --json out/a.json
check "--search succeeds: $(cat err.txt)" equal "$status" 0
check "the budget is told" contains "$(cat out.txt)" "at most 2.00 points"
check "searched on half, checked on the other" equal "$(grep -cE '^(searched|other) +120 ' out.txt)" 2
check "nineteen layers" contains "$(cat out.txt)" " of 19 layers become exact"
check "a row a layer" equal "$(grep -cE '^(conv|bn|fc)[0-9a-z]* .*e[-+][0-9]+( +exact)?$' out.txt)" 19
check "sorted by harm" equal "$(grep -E '^(conv|bn|fc)[0-9a-z]* .*e[-+]' out.txt | awk '{ print $3 + 0 }' | sort -C -rn; echo $?)" 0
found=$(awk '$1 == "all" { print $5 }' out.txt)
check "within the budget on the images of the search" between -100 "$(awk '$1 == "searched" { print $6 }' out.txt)" 2
check "much better than no layer exact" between 10 \
  "$(awk '$1 == "all" { print $5 - $4 }' out.txt)" 100
assignment=$(tail -1 out.txt)
check "an assignment" contains "$assignment" "--mac float32/mitch4 --layer-mac "
eval "arguments=($assignment)"
run "${resnet8[@]}" --limit 240 "${arguments[@]}"
check "the assignment works: $(cat err.txt)" equal "$status" 0
check "and gives what the search says" equal "$(awk '/^float32\/mitch4 \+ / { for (i = 2; i <= NF; ++i) if ($i ~ /%$/) { print $i; exit } }' out.txt)" "$found"
check "JSON: the assignment" equal "$(tr -d ' \n' <out/a.json | grep -oE '"layer_macs":\["[^]]*' | tail -1 | tr -dc , | wc -c)" \
  $(((${#arguments[@]} - 2) / 2 - 1))
check "JSON: the search" contains "$(tr -d ' \n' <out/a.json)" '"search":[{"mac":"float32/mitch4","exact":"float32","reference":"float32","budget":0.02,'

run "${resnet8[@]}" --limit 60 --mac float32/mitch8u --search 100
check "all may be lost: no layer becomes exact" contains "$(cat out.txt)" "0 of 19 layers become exact; 100.0 %"
check "then there are no rules" equal "$(tail -1 out.txt)" "--mac float32/mitch8u"
run "${resnet8[@]}" --limit 60 --mac float32/mitch4 --search 5 --search-exact float32/mitch8u --layer-mac 'conv*=float32'
check "another MAC for the layers, besides rules: $(cat err.txt)" equal "$status" 0
check "its name" contains "$(cat out.txt)" "Which layers of float32/mitch4 have to be float32/mitch8u"
check "the rules come first" contains "$(tail -1 out.txt)" "--mac float32/mitch4 --layer-mac 'conv*=float32' --layer-mac bn"
run "${resnet8[@]}" --limit 12 --mac float32/mitch4 --search
check "0.5 points, when it is not said" contains "$(cat out.txt)" "at most 0.50 points"
check "too few images for them" contains "$(cat out.txt)" "warning: 6 images cannot show 0.50 points, for one of them is 16.67"
check "where the budget is kept" equal "$(grep -cE '^budget of 0.50 points: kept on searched \([+-][0-9.]+\), (NOT )?kept on other \([+-][0-9.]+\), (NOT )?kept on all ' out.txt)" 1

# A budget that not even the exact MAC keeps: the worst multiplier in its place.
run "${resnet8[@]}" --limit 40 --mac float32/mitch3 --search 0 --search-exact float32/mitch4 --json out/b.json
check "a budget that cannot be kept: $(cat err.txt)" equal "$status" 0
check "it is said" equal "$(grep -c '^budget of 0.00 points: NOT kept on searched (+' out.txt)" 1
check "and why" contains "$(cat out.txt)" "even with float32/mitch4 in every layer that was searched the loss is above it"
check "and once more above what was found" equal "$(tail -2 out.txt | head -1)" "what was found, which does NOT keep the budget:"
check "JSON: nowhere within" equal "$(grep -c '"within_budget": false' out/b.json)" 4
rm -f out/*

# With --calibrate: each assignment is calibrated anew, so that what is found is what one gets.
run "${resnet8[@]}" --limit 120 --mac float32/mitch3 --calibrate 10:layer --estimator moments --search 1 --json out/c.json
check "a calibrated search: $(cat err.txt)" equal "$status" 0
check "it is said" contains "$(cat out.txt)" "Each assignment is calibrated anew: 10:layer moments"
check "no layer exact: the calibrated row" equal "$(awk '$1 == "all" { print $4 }' out.txt)" \
  "$(awk '/^float32\/mitch3 \+ calibrated/ { for (i = 2; i <= NF; ++i) if ($i ~ /%$/) { print $i; exit } }' out.txt)"
found=$(awk '$1 == "all" { print $5 }' out.txt)
check "the assignment asks for it" contains "$(tail -1 out.txt)" " --calibrate 10:layer --estimator moments"
check "JSON says so" equal "$(grep -c '"calibration": "10:layer moments"' out/c.json)" 2
eval "arguments=($(tail -1 out.txt))"
run "${resnet8[@]}" --limit 120 "${arguments[@]}"
check "and gives what the search says: $(cat err.txt)" \
  equal "$(awk '/^float32\/mitch3 .*calibrated/ { for (i = 2; i <= NF; ++i) if ($i ~ /%$/) { print $i; exit } }' out.txt)" "$found"
rm -f out/*

# Names that a shell or a pattern would read otherwise; of the same length, for the lengths that the file holds.
LC_ALL=C sed "s/conv1/c'*=1/g; s/conv2/-\$ 2\;/g; s/fc1/f\"1/g" "$models/lenet5.onnx" >odd.onnx
odd=(--model odd.onnx --data fashion-mnist --limit 100)
run "${odd[@]}" --mac float32/mitch3 --search 0
check "odd names: $(cat err.txt)" equal "$status" 0
found=$(awk '$1 == "all" { print $5 }' out.txt)
check "quoted" contains "$(tail -1 out.txt)" "'c'\\''??1=float32'"
eval "arguments=($(tail -1 out.txt))"
run "${odd[@]}" "${arguments[@]}"
check "odd names can be copied: $(cat err.txt)" equal "$status" 0
check "and give what the search says" equal "$(grep -oE '[0-9.]+%' out.txt | head -1)" "$found"

# ---- Interrupted: what is known is said, and written -------------------------------------------------------
"$eval_tool" "${resnet8[@]}" --limit 10000 --mac float32/mitch4 --search --json out/a.json >out.txt 2>err.txt &
pid=$!
sleep 2
kill -INT $pid
wait $pid
check "Ctrl-C: the status" equal "$?" 130
check "Ctrl-C: partial" contains "$(cat out.txt)" PARTIAL
check "Ctrl-C: in JSON" contains "$(cat out/a.json)" '"partial": true'
rm -f out/*

# ---- Wrong input -------------------------------------------------------------------------------------------
refused() { # refused WHAT ARGUMENTS...: WHAT stands in the message
  local what=$1
  shift
  run "${lenet5[@]}" --json out/a.json "$@"
  check "refused $*: exit 2" equal "$status" 2
  check "refused $*: one line" equal "$(wc -l <err.txt)" 1
  check "refused $*: the message names $what, it is $(cat err.txt)" contains "$(cat err.txt)" "$what"
  check "refused $*: nothing on standard output" equal "$(wc -c <out.txt)" 0
  check "refused $*: no file" equal "$(ls -A out)" ""
}
refused --per-layer --mac float32/mitch6 --per-layer x
refused --per-layer --mac float32/mitch6 --per-layer -1
refused nowhere/a.csv --mac float32/mitch6 --layers-csv nowhere/a.csv
refused --search --mac float32/mitch6 --search x
refused --search --mac float32/mitch6 --search -1
refused --search --mac float32/mitch6 --search 101
refused "--mac names no other MAC than float32" --mac float32 --search
refused "unknown MAC 'float33'" --mac float32/mitch6 --search --search-exact float33
echo '{}' >found.json
refused "--search: calibrates each assignment anew; expected --calibrate N, found found.json" --mac float32/mitch6 --search --calibrate found.json
refused "--search: expected points from 0 to 100, found '101'" --mac float32/mitch6 --search 101
refused "there is nothing to search" --mac float32/mitch6 --search --layer-mac '*=float32'

if [ "$checks" -lt 90 ]; then
  echo "FAILED: only $checks checks were made"
  exit 1
fi
echo "$checks checks, $failures failures"
[ "$failures" = 0 ]
