#!/usr/bin/env bash
# napier-eval when it is interrupted, goes on, and draws images at random: resume_test.sh NAPIER-EVAL MODELS
set -uo pipefail
eval_tool=$1
models=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
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
run() {
  "$eval_tool" "$@" >out.txt 2>err.txt </dev/null
  status=$?
}
# What does not depend on the machine's speed.
timeless() { grep -vE '"(seconds|resumed)"' "$1" | sed -E 's/"images_per_second": .*/"images_per_second"/'; }
number() { sed -nE "s/^ *\"$2\": ([-0-9.e]+),?$/\1/p" "$1" | head -1; }

# ---- Interrupted, and gone on with ---------------------------------------------------------------------
slow=posit16_1/rounded-exact/posit16_1
long=(--model "$models/resnet8.onnx" --mac "bfloat16,$slow" --limit 1500 --threads 2)
run "${long[@]}" --json whole.json --csv whole.csv
check "the whole run: $(cat err.txt)" equal "$status" 0
check "it is not partial" equal "$(grep -c partial whole.json)" 0

"$eval_tool" "${long[@]}" --json partial.json --csv partial.csv >out.txt 2>err.txt </dev/null &
pid=$!
for _ in $(seq 600); do # until it listens to Ctrl-C: bit 2 of the mask of signals that are caught
  caught=$(sed -n 's/^SigCgt:.*\(.\)$/\1/p' /proc/$pid/status 2>/dev/null)
  [[ ${caught:-0} == [2367abef] ]] && break
  sleep 0.1
done
sleep 1
kill -INT $pid
wait $pid
check "Ctrl-C: exit 130" equal $? 130
check "Ctrl-C: nothing on standard error" equal "$(cat err.txt)" ""
check "Ctrl-C: the table says so" contains "$(cat out.txt)" "PARTIAL: interrupted"
check "Ctrl-C: the table has a column of images" equal "$(grep -cE '^MAC .* images +images/s$' out.txt)" 1
check "Ctrl-C: JSON says so" contains "$(cat partial.json)" '"partial": true'
check "Ctrl-C: CSV says so" equal "$(tail -1 partial.csv | cut -d, -f19)" true
done=$(sed -nE "s/^.*resnet8.onnx,fashion-mnist,([0-9]+),.*,$(sed 's|/|\\/|g' <<<"$slow"),.*$/\1/p" partial.csv)
check "Ctrl-C: some of the images: $done" test "${done:-0}" -gt 0 -a "${done:-0}" -lt 1500

run "${long[@]}" --resume partial.json --json resumed.json --csv resumed.csv
check "resume: $(cat err.txt)" equal "$status" 0
check "resume: the same report, speeds apart" equal "$(timeless resumed.json)" "$(timeless whole.json)"
check "resume: the same CSV, speeds apart" equal "$(cut -d, -f1-19 resumed.csv)" "$(cut -d, -f1-19 whole.csv)"

# ---- Rows are taken over ---------------------------------------------------------------------------------
few=(--model "$models/lenet5.onnx" --limit 200 --threads 2)
run "${few[@]}" --mac float32,float32/mitch6 --json a.json
run "${few[@]}" --mac float32/mitch6,bfloat16 --resume a.json --json a.json --csv a.csv
check "a row more: $(cat err.txt)" equal "$status" 0
check "a row more: whose speed is of another run, in the table" equal "$(grep -cE '^float32(/mitch6)? .* [0-9.]+\*$' out.txt)" 2
check "a row more: and what that means" contains "$(cat out.txt)" "*: the speed of the run that --resume read, or of both together"
check "a row more: in JSON" equal "$(grep -c '"resumed": true' a.json)" 2
check "a row more: those of the file first" equal "$(tail -n +2 a.csv | cut -d, -f6 | tr '\n' ' ')" "float32 float32/mitch6 bfloat16 "
run "${few[@]}" --mac float32,float32/mitch6,bfloat16 --json b.json
check "a row more: as if it had run with them" equal "$(timeless a.json)" "$(timeless b.json)"
run "${few[@]}" --resume a.json --json c.json
check "without --mac: the rows of the file" equal "$(grep -v images_per_second c.json | grep -v resumed)" "$(grep -v images_per_second a.json | grep -v resumed)"
run "${few[@]}" --mac bfloat16 --layer-mac 'conv*=float32/mitch6' --json d.json
run "${few[@]}" --mac bfloat16,float32 --layer-mac 'conv*=float32/mitch6' --resume d.json --csv d.csv
check "with MACs of layers" equal "$(tail -n +2 d.csv | cut -d, -f6 | tr '\n' ';')" \
  "bfloat16 + conv*=float32/mitch6;float32 + conv*=float32/mitch6;"

# ---- Files that are not of this run ------------------------------------------------------------------------
refused() { # refused WHAT ARGUMENTS...
  local what=$1
  shift
  run "$@" --json refused.json
  check "refused $*: exit 2" equal "$status" 2
  check "refused $*: one line" equal "$(wc -l <err.txt)" 1
  check "refused $*: it says '$what': $(cat err.txt)" contains "$(cat err.txt)" "$what"
  check "refused $*: no file" test ! -e refused.json
}
again=(--mac bfloat16 --resume a.json)
refused "--resume a.json: it was made with --model lenet5.onnx, this run has --model resnet8.onnx; expected the same" --model "$models/resnet8.onnx" --limit 200 "${again[@]}"
cp "$models/resnet8.onnx" lenet5.onnx
refused "--resume a.json: it was made with another content of the model lenet5.onnx" --model lenet5.onnx --limit 200 "${again[@]}"
refused "--resume a.json: it was made with images (--limit) 200, this run has images (--limit) 100; expected the same" --model "$models/lenet5.onnx" --limit 100 "${again[@]}"
refused "--resume a.json: it was made with --seed none, this run has --seed 3; expected the same" "${few[@]}" "${again[@]}" --seed 3
refused "--resume a.json: it was made with preprocessing (--scale and others) none, this run has preprocessing (--scale and others) scale 1/128; expected the same" "${few[@]}" "${again[@]}" --scale 1/128
refused "--resume a.json: it was made with --batch-norm fold, this run has --batch-norm exact; expected the same" "${few[@]}" "${again[@]}" --batch-norm exact
refused "--resume a.json: it was made with --reference float32, this run has --reference bfloat16; expected the same" "${few[@]}" "${again[@]}" --reference bfloat16
refused "--resume a.json: it was made with --layer-mac none, this run has --layer-mac conv*=bfloat16; expected the same" "${few[@]}" "${again[@]}" --layer-mac 'conv*=bfloat16'
{ printf '\0\0\10\3\0\0\0\310\0\0\0\34\0\0\0\34' && head -c $((200 * 784)) /dev/zero; } >images
{ printf '\0\0\10\1\0\0\0\310' && head -c 200 /dev/zero; } >labels
idx=(--model "$models/lenet5.onnx" --mac bfloat16 --data idx:images,labels)
refused "--resume a.json: it was made with --data fashion-mnist, this run has --data idx:images,labels; expected the same" "${idx[@]}" --resume a.json
run "${idx[@]}" --json idx.json
check "data of one's own" equal "$status" 0
{ printf '\0\0\10\1\0\0\0\310\1' && head -c 199 /dev/zero; } >labels
refused "--resume idx.json: it was made with other images or labels in the data idx:images,labels" "${idx[@]}" --resume idx.json
refused "missing.json: cannot be read" "${few[@]}" --resume missing.json
refused "$work: cannot be read" "${few[@]}" --resume "$work"
echo '{"rows": []}' >e.json
refused "e.json: expected a JSON file that --json wrote" "${few[@]}" --resume e.json
head -c 900 a.json >f.json
refused "f.json: expected a JSON file that --json wrote" "${few[@]}" --resume f.json
sed 's/"wrong": "/"wrong": "9999:1:1 /' a.json >g.json
refused "g.json: the run float32: 'wrong' is not a list of IMAGE:ANSWER:RANK" "${few[@]}" --resume g.json
sed 's/"wrong": "[0-9]*:/"wrong": "x:/' a.json >g.json
refused "g.json: the run float32: 'wrong' is not a list of IMAGE:ANSWER:RANK" "${few[@]}" --resume g.json
grep -v '"squared_error"' a.json >h.json
refused "h.json: the run float32: something is missing or of another type than --json writes" "${few[@]}" --resume h.json
sed 's/"squared_error": "/"squared_error": "x/' a.json >h.json
refused "' is no number" "${few[@]}" --resume h.json

# ---- Images drawn at random ----------------------------------------------------------------------------
run "${few[@]}" --mac float32 --seed 7 --json seven.json
check "a seed is told" contains "$(cat out.txt)" "images drawn at random, seed 7"
run "${few[@]}" --mac float32 --seed 7 --json again.json
check "the same seed, the same images" equal "$(timeless again.json)" "$(timeless seven.json)"
run "${few[@]}" --mac float32 --seed 8 --json eight.json
check "another seed, other images" differ "$(grep data_hash eight.json)" "$(grep data_hash seven.json)"
run "${few[@]}" --mac float32 --json first.json
check "a seed is not the first images" differ "$(grep data_hash first.json)" "$(grep data_hash seven.json)"
run --model "$models/lenet5.onnx" --mac float32 --seed 7 --json all.json
run --model "$models/lenet5.onnx" --mac float32 --json in_order.json
check "all images in any order: the same accuracy" equal "$(number all.json top1)" "$(number in_order.json top1)"
check "though not in the same order" differ "$(grep data_hash all.json)" "$(grep data_hash in_order.json)"

# ---- Batches and top-k ---------------------------------------------------------------------------------
run "${few[@]}" --mac float32,posit16_1/plam --batch 7 --json batch.json
run "${few[@]}" --mac float32,posit16_1/plam --json single.json
check "a batch: the same bits" equal "$(timeless batch.json)" "$(timeless single.json)"
run "${few[@]}" --mac float32 --topk 3,2,3 --json topk.json --csv topk.csv
check "top-k in the table" equal "$(grep -cE '^MAC .* top-2 +top-3 +agreement' out.txt)" 1
check "top-k in CSV, and 1 and 5" contains "$(head -1 topk.csv)" "top1,top1_low,top1_high,top2,top2_low,top2_high,top3,"
top=$(number topk.json top1)
for k in 2 3 5; do
  next=$(number topk.json top$k)
  check "top-$k is not below: $next, $top" test "$(printf '%s\n%s\n' "$top" "$next" | sort -g | head -1)" = "$top"
  top=$next
done
refused --topk "${few[@]}" --mac float32 --topk 0
refused --topk "${few[@]}" --mac float32 --topk x
refused --batch "${few[@]}" --mac float32 --batch 0
refused --seed "${few[@]}" --mac float32 --seed x

if [ "$checks" -lt 121 ]; then
  echo "FAILED: only $checks checks were made"
  exit 1
fi
echo "$checks checks, $failures failures"
[ "$failures" = 0 ]
