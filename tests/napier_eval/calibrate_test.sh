#!/usr/bin/env bash
# napier-eval --calibrate as its user runs it: calibrate_test.sh NAPIER-EVAL MODELS
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

# run ARGUMENTS...: sets status; standard output and error lie in files out.txt and err.txt.
run() {
  local model=(--model "$models/resnet8.onnx")
  [[ " $* " != *" --model "* ]] || model=()
  "$eval_tool" "${model[@]}" "$@" >out.txt 2>err.txt </dev/null
  status=$?
}
# refused WHAT MESSAGE ARGUMENTS...: exit 2, the message alone, no file.
refused() {
  local what=$1 message=$2
  shift 2
  rm -f new.json
  run "$@" --json new.json
  check "$what is refused" equal "$status" 2
  check "$what: the message" equal "$(cat err.txt)" "napier-eval: $message"
  check "$what: no file" equal "$(ls new.json 2>/dev/null)" ""
}
rows() { sed -n '/^MAC/,/^$/p' out.txt | grep . | sed -E 's/ +[0-9.]+$//'; } # without images/s

# ---- A second row, better than the first -----------------------------------------------------------------
run --mac float32/mitch6,posit16_1/plam --batch-norm approximate --limit 60 --calibrate 30:affine --json out.json \
  --save-calibration saved.json
check "it succeeds" equal "$(cat err.txt)$status" 0
check "two rows a MAC" equal "$(rows | grep -cE '^(float32/mitch6|posit16_1/plam)( \+ calibrated 30:affine)? .*%')" 4
check "what it says of the layers" equal "$(grep -cE '^calibration of (float32/mitch6|posit16_1/plam): affine, moments, 30 images of ' out.txt)" 2
sites=$(grep -cE '"node": ' saved.json)
check "a line a multiply site and MAC" equal "$(grep -cE '^  [^ ]+ +[0-9]+( +[0-9.]+){3} +[0-9.e+-]+ +[0-9]+$' out.txt)" "$sites"
errors=$(grep -oE '"logit_error": [0-9.e+-]+' out.json | cut -d' ' -f2 | tr '\n' ' ')
check "the logit error falls: $errors" awk "BEGIN { split(\"$errors\", e, \" \"); exit !(e[4] > 0 && e[2] < e[1] / 2 && e[4] < e[3] / 2) }"
affine=$(rows)
one=$(grep -vE ' s left' out.txt | sed -E 's/ +[0-9.]+$//')

# ---- From the file, on the same images -------------------------------------------------------------------
run --mac float32/mitch6,posit16_1/plam --batch-norm approximate --limit 60 --calibrate saved.json --save-calibration again.json
check "read from a file, it succeeds" equal "$(cat err.txt)$status" 0
check "read from a file, the same bits" equal "$(rows)" "$affine"
check "and the same file again" cmp -s saved.json again.json
run --mac posit16_1/plam,float32/mitch6 --batch-norm approximate --limit 60 --threads 3 --calibrate 30:affine
check "threads and order of the MACs change nothing" equal "$(rows | sort)" "$(sort <<<"$affine")"
check "the whole text but the rows' order" equal "$(grep -c . out.txt)" "$(grep -c . <<<"$one")"

# ---- Which images -----------------------------------------------------------------------------------------
images_in() { sed -n 's/^  "images": \[\(.*\)\],$/\1/p' "$1" | tr , ' '; }
check "evenly spaced behind --limit" equal "$(images_in saved.json | cut -d' ' -f1-3)" "60 391 722"
run --mac bfloat16 --limit 9998 --seed 3 --calibrate 4:layer --save-calibration few.json
check "of all, where --limit leaves too few" equal "$status$(grep -c 'images drawn at random, seed 3' out.txt)" 01
check "those are not evaluated" contains "$(cat out.txt)" ", 9996 images,"

# ---- Estimators and layers of another MAC ------------------------------------------------------------------
for estimator in least-squares moments median trimmed; do
  run --mac float32/mitch6 --layer-mac 'Gemm=float32' --limit 20 --calibrate 10 --estimator $estimator --save-calibration e.json
  check "$estimator" contains "$(cat out.txt)" "calibration of float32/mitch6 + Gemm=float32: channel, $estimator, 10 images"
  check "$estimator: a scale for the exact layer, too" contains "$(cat e.json)" '"operator": "Gemm", "mac": "float32/exact/float32"'
done

# ---- What is refused ------------------------------------------------------------------------------------
form="expected N[:layer|channel|affine] with N from 1, or a .json file"
mac=(--mac float32/mitch6 --limit 5)
refused "no images" "--calibrate '0': $form" "${mac[@]}" --calibrate 0
refused "no number" "--calibrate 'ten': $form" "${mac[@]}" --calibrate ten
refused "an unknown scope" "--calibrate '5:pixel': unknown calibration 'pixel'; expected layer, channel or affine" "${mac[@]}" --calibrate 5:pixel
refused "an unknown estimator" "unknown estimator 'mode'; expected least-squares, moments, median or trimmed" "${mac[@]}" --calibrate 5 --estimator mode
refused "a robust shift" "the estimator median gives no shift; affine takes moments or least-squares" "${mac[@]}" --calibrate 5:affine --estimator median
refused "more images than there are" "--calibrate 10000: fashion-mnist has 10000 images; expected fewer, so that some are evaluated" \
  "${mac[@]}" --calibrate 10000
refused "an estimator of nothing" "--estimator: of what --calibrate fits, which is not given" "${mac[@]}" --estimator median
refused "nothing to save" "--save-calibration: what --calibrate found, which is not given" "${mac[@]}" --save-calibration x.json
refused "a file's estimator" "--estimator: saved.json is fitted already" "${mac[@]}" --calibrate saved.json --estimator median
refused "a file that is not there" "absent.json: cannot be read" "${mac[@]}" --calibrate absent.json
refused "a MAC that the file has not" "saved.json: no calibration of float32/mitch8; it has float32/mitch6, posit16_1/plam" \
  --mac float32/mitch8 --limit 5 --batch-norm approximate --calibrate saved.json
refused "another batch norm" "--calibrate saved.json: it was made with --batch-norm approximate, this run has --batch-norm fold; expected the same" "${mac[@]}" --calibrate saved.json
# Other weights: the constants' last bytes are of weights, and one more bit of a mantissa keeps them finite.
LC_ALL=C sed 's/\x00\x00\x80\x3f/\x00\x00\x81\x3f/' "$models/resnet8.onnx" >resnet8.onnx
check "there are other weights" differ "$(cksum <resnet8.onnx)" "$(cksum <"$models/resnet8.onnx")"
refused "a file of other weights" "--calibrate saved.json: it was made for resnet8.onnx, whose weights are not those of resnet8.onnx" \
  --model resnet8.onnx "${mac[@]}" --batch-norm approximate --calibrate saved.json
refused "a file of another model" "--calibrate saved.json: it was made for resnet8.onnx, whose weights are not those of vgg8.onnx" \
  --model "$models/vgg8.onnx" "${mac[@]}" --batch-norm approximate --calibrate saved.json
cp "$models/resnet8.onnx" renamed.onnx
run --model renamed.onnx --mac float32/mitch6,posit16_1/plam --batch-norm approximate --limit 60 --calibrate saved.json
check "the same weights by another name: $(cat err.txt)" equal "$(rows)" "$affine"
sed 's/"channels": 10,/"channels": 11,/' saved.json >channels.json
run "${mac[@]}" --batch-norm approximate --calibrate channels.json
check "a file of other layers" contains "$status$(cat err.txt)" "2napier-eval: channels.json: layer "
head -c 900 saved.json >cut.json
refused "a truncated file" "cut.json: expected a JSON file that --save-calibration wrote" "${mac[@]}" --calibrate cut.json
sed 's/"scale": \[/"scale": ["x", /' saved.json >type.json
refused "a scale that is no number" "type.json: something is missing or of another type than --save-calibration writes" \
  "${mac[@]}" --batch-norm approximate --calibrate type.json

sed 's/"channels": 16,/"channels": 17,/' saved.json >count.json
run "${mac[@]}" --batch-norm approximate --calibrate count.json
check "as many scales as channels: $(cat err.txt)" contains "$status$(cat err.txt)" ": 16 scales for 17 channels; expected one, or one a channel"
for scale in 0.1 9 -1; do
  sed "s/\"scale\": \[[^,]*,/\"scale\": [$scale,/" saved.json >scale.json
  run "${mac[@]}" --batch-norm approximate --calibrate scale.json
  check "a scale of no fit: $(cat err.txt)" contains "$status$(cat err.txt)" ": scale $scale"
  check "what is expected" contains "$(cat err.txt)" "; expected 0.125 to 8"
done
sed 's/"data_images": 10000/"data_images": 9000/' saved.json >range.json
run "${mac[@]}" --batch-norm approximate --calibrate range.json
check "an image out of range" contains "$status$(cat err.txt)" "of 9000; expected a number below that"
refused "a name that is not read" "--save-calibration 'c.cal': expected a name that ends in .json, as --calibrate reads it" \
  "${mac[@]}" --calibrate 5 --save-calibration c.cal
refused "another preprocessing" "--calibrate saved.json: it was made with preprocessing (--scale and others) scale 1/255, this run has preprocessing (--scale and others) scale 1/128; expected the same" \
  --model renamed.onnx --mac float32/mitch6 --limit 5 --batch-norm approximate --calibrate saved.json --scale 1/128

# ---- The same images by another name, and others ------------------------------------------------------------
be32() { for n in "$@"; do printf "\\$(printf %o $((n >> 24 & 255)))\\$(printf %o $((n >> 16 & 255)))\\$(printf %o $((n >> 8 & 255)))\\$(printf %o $((n & 255)))"; done; }
mkdir set
{ be32 2051 12 28 28 && head -c 9408 "$models/resnet8.onnx"; } >set/images
{ be32 2049 12 && printf '\0\1\2\3\4\5\6\7\10\11\0\1'; } >set/labels
run --mac float32/mitch6 --data idx:set/images,set/labels --calibrate 4 --save-calibration twelve.json
check "twelve images, four of them to fit: $(cat err.txt)" contains "$status$(cat out.txt)" ", 8 images,"
for data in idx:set/images,set/labels "idx:$work/set/../set/images,set/labels"; do
  run --mac float32/mitch6 --data "$data" --calibrate twelve.json
  check "fitted images are left out of $data: $(cat err.txt)" equal "$status$(grep -c ', 8 images,' out.txt)$(cat err.txt)" 01
done
{ be32 2051 12 28 28 && tail -c 9408 "$models/resnet8.onnx"; } >set/others
run --mac float32/mitch6 --data idx:set/others,set/labels --calibrate twelve.json
check "other images: all" contains "$status$(cat out.txt)" ", 12 images,"
check "and that is said" contains "$(cat err.txt)" \
  "--calibrate twelve.json: it was fitted to images of idx:set/images,set/labels, which are not those of idx:set/others,set/labels: none is left out"
grep -vE '"(data_hash|preprocessing)"' twelve.json >older.json
run --mac float32/mitch6 --data idx:set/images,set/labels --calibrate older.json
check "an older file goes by the name: $(cat err.txt)" contains "$status$(cat out.txt)" ", 8 images,"

[ "$failures" = 0 ] || { echo "$failures of $checks checks failed" && exit 1; }
echo "$checks checks passed"
