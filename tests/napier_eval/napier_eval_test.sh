#!/usr/bin/env bash
# napier-eval as its user runs it: napier_eval_test.sh NAPIER-EVAL MODELS
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
differ() { [ "$1" != "$2" ]; }
contains() { grep -qF -e "$2" <<<"$1"; }

# run ARGUMENTS...: sets status; standard output and error lie in files out.txt and err.txt.
run() {
  "$eval_tool" "$@" >out.txt 2>err.txt </dev/null
  status=$?
}
out_files() { ls -A out | tr '\n' ' '; }
# The tables without their last column, images/s; without the lines that tell the number of threads, what p is and the reference.
tables() { grep -v -e ' threads\.$' -e '^p: ' -e ' itself: ' out.txt | sed -E 's/ +[0-9.]+$//'; }
# The same without the rules in the rows' names; the reference's p as any other.
plain_tables() { tables | sed -E 's/( \+ [^ ]+=[^ ]+)+//; s/ +/ /g; s/ - / 1 n.s. /'; }
macs_of_tables() { grep -E '%.*%.*%' out.txt | cut -d' ' -f1; }

demo_macs="float32
bfloat16
float16
float8_e4m3fn
bfloat16/mitchell
float32/mitchell
float32/mitch8
float32/mitch6
float32/mitch6u
float32/mitch6/compensated-float32
fixed32_16/mitch6
posit16_1
posit16_1/plam
posit16_1/rounded-plam
posit16_1/rounded-exact/posit16_1
posit8_0
posit8_0/plam
posit8_2
posit8_2/plam"
three_times="$demo_macs
$demo_macs
$demo_macs"

# ---- The demo ------------------------------------------------------------------------------------------
run demo --limit 4 --threads 1 --json out/demo.json --csv out/demo.csv
check "demo succeeds" equal "$status" 0
check "demo: no progress line in a pipe, no other word" equal "$(cat err.txt)" ""
check "demo: three tables of nineteen MACs in their order" equal "$(macs_of_tables)" "$three_times"
check "demo: three headings" equal "$(grep -cE '^MAC +top-1 +change +top-5 +agreement +logit error +images/s$' out.txt)" 3
check "demo: it says how many images" contains "$(cat out.txt)" "The first 4 of the 10000 Fashion-MNIST test images."
for title in "LeNet-5" "ResNet-8, batch norm folded into the convolutions" "ResNet-8, batch norm approximate"; do
  check "demo: a table of $title" contains "$(cat out.txt)" "$title"
done
check "demo: the reference against itself, three times" \
  equal "$(grep -cE '^float32  .* \+0\.00 .* 100\.00% +0\.00e\+00 ' out.txt)" 3
one_thread=$(tables)
check "demo: 57 rows are compared" equal "$(grep -cE '%.*%.*%' <<<"$one_thread")" 57
check "demo: nothing but the two files" equal "$(out_files)" "demo.csv demo.json "
check "demo: a line of CSV a row and a heading" equal "$(wc -l <out/demo.csv)" 58
check "demo: each line of CSV has twenty fields" equal "$(awk -F, 'NF == 20' out/demo.csv | wc -l)" 58
check "demo: CSV's MACs" equal "$(tail -n +2 out/demo.csv | cut -d, -f6)" "$three_times"
check "demo: CSV's tables" equal "$(tail -n +2 out/demo.csv | cut -d, -f1-5 | uniq -c | tr -s ' ' | tr '\n' ';')" \
  " 19 lenet5.onnx,fashion-mnist,4,fold,float32; 19 resnet8.onnx,fashion-mnist,4,fold,float32; 19 resnet8.onnx,fashion-mnist,4,approximate,float32;"
check "demo: JSON's MACs" equal "$(sed -nE 's/^ *"mac": "(.*)",$/\1/p' out/demo.json)" "$three_times"
# With a reader of JSON where there is one; else by its brackets.
valid_json() {
  if command -v jq >/dev/null; then
    jq -e . "$1" >/dev/null
  elif command -v python3 >/dev/null; then
    python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$1"
  else
    [ "$(grep -o '[[{]' "$1" | wc -l)" = "$(grep -o '[]}]' "$1" | wc -l)" ] && [ "$(head -c 1 "$1")" = "{" ]
  fi
}
check "demo: valid JSON" valid_json out/demo.json
rm -f out/*

run demo --limit 4 --threads 3
check "demo: the tables do not depend on the number of threads" equal "$(tables)" "$one_thread"
check "demo: it says how many threads" contains "$(cat out.txt)" "3 threads."

# ---- One network, chosen MACs --------------------------------------------------------------------------
lenet5=(--model "$models/lenet5.onnx" --limit 20 --threads 2)
run "${lenet5[@]}" --mac float32,posit16_1/plam/quire --mac float8_e4m3fn/exact --json out/a.json --csv out/a.csv
check "eval succeeds" equal "$status" 0
check "eval: silent on standard error" equal "$(cat err.txt)" ""
check "eval: a row a MAC, by its short name" equal "$(macs_of_tables)" "float32
posit16_1/plam
float8_e4m3fn"
check "eval: first line" equal "$(head -1 out.txt)" "lenet5.onnx, fashion-mnist, 20 images, batch norm fold, reference float32"
check "eval: valid JSON" valid_json out/a.json
check "eval: CSV" equal "$(wc -l <out/a.csv)" 4
rm -f out/*

run "${lenet5[@]}" --mac float32
plain=$(plain_tables)
check "eval: float32 against itself" contains "$plain" "0.00e+00"
run "${lenet5[@]}" --mac float32 --layer-mac 'conv*=float32/mitch6'
check "a MAC for some layers succeeds" equal "$status" 0
mixed=$(plain_tables)
check "a MAC for some layers changes the result" differ "$mixed" "$plain"
run "${lenet5[@]}" --mac float32/mitch6
check "and differs from the same MAC everywhere" differ "$(plain_tables | tail -1 | cut -d' ' -f2-)" \
  "$(tail -1 <<<"$mixed" | cut -d' ' -f2-)"
run "${lenet5[@]}" --mac float32 --layer-mac 'CONV=float32/mitch6'
check "operator types match without regard to case" equal "$(plain_tables)" "$mixed"
run "${lenet5[@]}" --mac float32 --layer-mac 'conv*=float32/mitch6' --layer-mac '*=float32'
check "the last rule wins" equal "$(plain_tables)" "$plain"
run "${lenet5[@]}" --mac float32,bfloat16 --reference bfloat16
check "another reference" contains "$(head -1 out.txt)" "reference bfloat16"
check "another reference has no error" equal "$(grep -cE '^bfloat16 .* 100\.00% +0\.00e\+00' out.txt)" 1

check "no line for a reference that is a row" equal "$(grep -c ' itself: ' out.txt)" 0
run "${lenet5[@]}" --mac float32 --json out/a.json
row=$(awk '$1 == "float32" { print "float32 itself: " $2 " (" $3 ")" }' out.txt)
run "${lenet5[@]}" --mac float32/mitch4 --json out/b.json
check "the reference's accuracy where it is no row: $row" equal "$(grep ' itself: ' out.txt)" "$row"
check "in JSON, always" equal "$(grep reference_top1 out/b.json)" "$(grep reference_top1 out/a.json)"
rm -f out/*

# On a terminal, what does not fit is left out; script of Debian's bsdutils makes one.
if command -v script >/dev/null; then
  on_terminal() { # on_terminal COLUMNS ARGUMENTS...
    local columns=$1
    shift
    script -qec "stty cols $columns && $(printf '%q ' "$eval_tool" "$@")" /dev/null </dev/null | tr -d '\r' | sed 's/^.*\x1b\[K//' >terminal.txt
  }
  on_terminal 80 "${lenet5[@]}" --mac float32/mitch6
  check "80 columns: the table fits" equal "$(grep -E '^(MAC|float32/mitch6) ' terminal.txt | awk 'length($0) > 80' | wc -l)" 0
  check "80 columns: change and p stay" equal "$(grep -cE '^MAC .* top-1 .* change +p' terminal.txt)" 1
  check "80 columns: it says what is left out" contains "$(cat terminal.txt)" "80 columns: without images/s, top-5, logit error; a wider terminal"
  on_terminal 200 "${lenet5[@]}" --mac float32/mitch6
  check "200 columns: all" equal "$(grep -cE '^MAC .* images/s$' terminal.txt)" 1
fi

run "${lenet5[@]}" --mac bfloat16 --json -
check "JSON to standard output: $(tail -1 err.txt)" equal "$status" 0
check "and nothing else" valid_json out.txt
check "the table is on standard error" equal "$(grep -cE '^bfloat16 .*%' err.txt)" 1
check "no file is called -" test ! -e -
run --model "$models/lenet5.onnx" --mac float32 --limit 10001
check "more images than there are: $status" equal "$status" 0
check "it is said" equal "$(cat err.txt)" "napier-eval: --limit 10001: fashion-mnist has 10000 images; 10000 are evaluated"
check "in the table, too" contains "$(head -1 out.txt)" "fashion-mnist, 10000 images"

{ printf '\0\0\10\3\0\0\0\144\0\0\0\34\0\0\0\34' && head -c 78400 /dev/zero; } >grey
{ printf '\0\0\10\1\0\0\0\144' && printf '\0\1\2\3\4\5\6\7\10\11%.0s' {1..10}; } >mixed
{ head -c 8 mixed && tail -c 100 mixed | od -An -v -tu1 -w1 | sort -n | while read -r label; do printf "\\$(printf %o "$label")"; done; } >sorted
run --model "$models/lenet5.onnx" --mac bfloat16 --data idx:grey,mixed
check "a network that guesses: it is said" contains "$(cat err.txt)" "napier-eval: float32 itself is right on 10.00 % of the images, no more than by chance; are preprocessing"
check "and all the same the table" equal "$status$(grep -c '^bfloat16 ' out.txt)" 01
run --model "$models/lenet5.onnx" --mac bfloat16 --data idx:grey,sorted --limit 40
check "the first classes alone: it is said" equal "$(cat err.txt)" \
  "napier-eval: --limit 40: these images are of 4 of the 10 classes; --seed N draws from all"

run --list-macs
check "--list-macs succeeds" equal "$status" 0
listed=0
while read -r mac; do
  grep -qxF -e "$mac" out.txt && listed=$((listed + 1))
done <<<"$demo_macs"
check "--list-macs lists the demo's MACs" equal "$listed" 19
check "--list-macs lists each once" equal "$(sort out.txt | uniq -d)" ""
run --help
check "--help succeeds" equal "$status" 0
check "--help tells of the options" contains "$(cat out.txt)" "--layer-mac"
check "--help: at most 100 columns" equal "$(awk 'length($0) > 100' out.txt)" ""
check "--help has no words of the parser" equal "$(grep -cE 'UINT|TEXT|FLOAT' out.txt)" 0

# ---- Files of one's own --------------------------------------------------------------------------------
{ printf '\0\0\10\3\0\0\0\3\0\0\0\34\0\0\0\34' && head -c 2352 /dev/zero; } >images
printf '\0\0\10\1\0\0\0\3\1\2\3' >labels
idx=(--model "$models/lenet5.onnx" --data idx:images,labels --threads 3)
mkfifo pipe
timeout 60 cat pipe >piped.txt &
run "${idx[@]}" --mac float32,bfloat16 --json pipe
check "IDX files, and JSON to a pipe: $(cat err.txt)" equal "$status" 0
check "three images of one's own" contains "$(cat out.txt)" "lenet5.onnx, idx:images,labels, 3 images"
wait
check "the pipe stays" test -p pipe
check "JSON in the pipe" contains "$(cat piped.txt)" '"data": "idx:images,labels"'
rm pipe
ln -s target.json out/link.json
run "${idx[@]}" --mac float32 --json out/link.json
check "through a link" equal "$status" 0
check "the link stays" test -L out/link.json
check "its target is written" valid_json out/target.json
run "${idx[@]}" --mac float32 --json out/link.json
check "and is written anew, not added to" valid_json out/target.json
check "the link still stays" test -L out/link.json
run "${idx[@]}" --mac float32 --data idx:out/target.json,labels --json out/link.json
check "nor is a link to what is read written" equal "$status" 2
run "${idx[@]}" --mac ' bfloat16, float32' --layer-mac 'conv*=float32/mitch6' --json out/a.json --csv out/a.csv
check "the rules stand in the row's name" contains "$(cat out.txt)" "bfloat16 + conv*=float32/mitch6 "
check "in CSV, too" equal "$(sed -n 3p out/a.csv | cut -d, -f7)" "float32 + conv*=float32/mitch6"
check "and in JSON" contains "$(tr -d ' \n' <out/a.json)" '"layer_macs":["conv*=float32/mitch6"]'
rm -f out/*
run "${idx[@]}" --mac float32 --csv out/a.csv
check "a field with a comma is quoted" equal "$(tail -1 out/a.csv | cut -d, -f1-5)" 'lenet5.onnx,"idx:images,labels",3,fold'
rm -f out/*

# ---- Data sets and preprocessing -----------------------------------------------------------------------
mkdir cifar mnist pictures pictures/a pictures/b
{ printf '\3' && head -c 3072 /dev/zero | tr '\0' '\200' && printf '\7' && head -c 3072 /dev/zero; } >cifar/test_batch.bin
cp images mnist/t10k-images-idx3-ubyte
cp labels mnist/t10k-labels-idx1-ubyte
cp "$models/lenet5.onnx" own.onnx
own=(--model own.onnx --mac float32)
run "${own[@]}" --data mnist:mnist
check "MNIST by its folder: $(cat err.txt)" equal "$status" 0
check "nothing is remembered without an option" equal "$(echo own.onnx.*)" 'own.onnx.*'
run "${own[@]}" --data cifar10:cifar --channels grey --crop 28 --scale 1/127.5 --mean 1 --std 0.5
check "CIFAR-10 cut to a network's size: $(cat err.txt)" equal "$status" 0
preprocessing="preprocessing: crop 28, grey, scale 1/127.5, mean 1, std 0.5"
check "the preprocessing is told" contains "$(cat out.txt)" "$preprocessing"
check "it is remembered" contains "$(cat own.onnx.preprocess.json)" '"scale": "1/127.5"'
tables >first.txt
run "${own[@]}" --data cifar10:cifar
check "it need not be given again" equal "$(tables)" "$(cat first.txt)"
run "${own[@]}" --data cifar10:cifar --scale 0.25
check "one option replaces one" contains "$(cat out.txt)" "preprocessing: crop 28, grey, scale 0.25, mean 1, std 0.5"
check "the rest stays" contains "$(cat own.onnx.preprocess.json)" '"crop": 28'
printf '\211PNG\r\n' >pictures/a/cut.png
cp pictures/a/cut.png pictures/b

# ---- Wrong input: exit 2, one line on standard error that names the thing, no file ----------------------
printf '\0\0\10\1\0\0\0\3\1\2\13' >label_11
printf 'this is no model\n' >not.onnx
: >empty.onnx
head -c 20000 "$models/lenet5.onnx" >truncated.onnx
size=$(wc -c <"$models/resnet8.onnx")
head -c $((size - 1)) "$models/resnet8.onnx" >almost.onnx
sed 's/Relu/Rels/g' "$models/resnet8.onnx" >operator.onnx
cp "$models/lenet5.onnx" nan.onnx # of eight bytes 255 in the middle, which is weights, four at least are a NaN
printf '\377\377\377\377\377\377\377\377' | dd of=nan.onnx bs=1 seek=$(($(wc -c <nan.onnx) / 2)) conv=notrunc 2>/dev/null
head -c 2000 images >images_cut
head -c 10 labels >labels_cut
mkdir cifar_cut
head -c 4000 cifar/test_batch.bin >cifar_cut/test_batch.bin
wrong_inputs=0
refused() { # refused WHAT ARGUMENTS...: WHAT stands in the message
  local what=$1
  shift
  wrong_inputs=$((wrong_inputs + 1))
  run "$@"
  check "refused $*: exit 2" equal "$status" 2
  cat err.txt >>messages.txt
  check "refused $*: one line" equal "$(wc -l <err.txt)" 1
  check "refused $*: the message is the tool's" equal "$(head -c 13 err.txt)" "napier-eval: "
  check "refused $*: the message names $what, it is $(cat err.txt)" contains "$(cat err.txt)" "$what"
  check "refused $*: nothing on standard output" equal "$(wc -c <out.txt)" 0
  check "refused $*: no file" equal "$(out_files)" ""
  rm -rf out/*
}
files=(--json out/a.json --csv out/a.csv)
short=(--mac bfloat16 --limit 2 "${files[@]}")
good=(--model "$models/lenet5.onnx" "${short[@]}")
cp "$models/lenet5.onnx" own.onnx
own=(--model own.onnx --mac bfloat16 --limit 2 --data idx:images,labels)
refused "own.onnx: is read" "${own[@]}" --json own.onnx
refused "is read" "${own[@]}" --csv "$work/out/../own.onnx"
refused "labels: is read" "${own[@]}" --csv labels
refused "a.json: is named twice" "${own[@]}" --json out/a.json --csv out/a.json
refused "--limit" "${own[@]}" --limit 0
refused "--limit" "${own[@]}" --limit -5
refused "--seed" "${own[@]}" --seed -1
refused "--json" "${own[@]}" --json ""
check "what is read is as it was" cmp -s own.onnx "$models/lenet5.onnx"
refused missing.onnx --model missing.onnx "${short[@]}"
refused "$work" --model "$work" "${short[@]}"
refused not.onnx --model not.onnx "${short[@]}"
refused empty.onnx --model empty.onnx "${short[@]}"
refused truncated.onnx --model truncated.onnx "${short[@]}"
refused almost.onnx --model almost.onnx "${short[@]}"
refused "operator.onnx: node" --model operator.onnx "${short[@]}"
refused "Rels" --model operator.onnx "${short[@]}"
refused "nan.onnx" --model nan.onnx "${short[@]}"
refused "finite" --model nan.onnx "${short[@]}"
refused images_cut "${good[@]}" --data idx:images_cut,labels
refused labels_cut "${good[@]}" --data idx:images,labels_cut
refused cifar_cut/test_batch.bin "${good[@]}" --data cifar10:cifar_cut
refused "unknown MAC 'posit17_1'" "${good[@]}" --mac posit17_1
refused "unknown MAC 'float33'" "${good[@]}" --reference float33
refused "unknown MAC 'float32/mitch66'" "${good[@]}" --layer-mac 'conv*=float32/mitch66'
refused "--mac: unknown MAC 'posit16_1/mitchel': posit16_1 has no multiplier 'mitchel'; the nearest are posit16_1/mitch4, posit16_1/mitch6," \
  "${good[@]}" --mac posit16_1/mitchel
refused "Mitchell's product of posits is plam; --list-macs lists all" "${good[@]}" --mac posit16_1/mitchell
refused "float32 has no multiplier 'plam'" "${good[@]}" --mac float32/plam
refused "; plam is there for posit16_1, " "${good[@]}" --mac float32/plam
refused "no format 'FP32'; the nearest are float32, " "${good[@]}" --mac FP32
refused "no format 'nonsense'; there are bfloat16, fixed16_8, " "${good[@]}" --mac nonsense
refused "float32/exact has no accumulator 'quire'; it has bfloat16, float16, float32, float64" "${good[@]}" --mac float32/exact/quire
refused "expected FORMAT/MULTIPLIER/ACCUMULATOR" "${good[@]}" --mac float32/exact/float32/x
refused "--search-exact: unknown MAC 'x'" "${good[@]}" --search-exact x
refused "--mac 'float16,': expected MACs with commas between them; one is empty" "${good[@]}" --mac float16,
refused "--mac: float32 is named twice" "${good[@]}" --mac float32,float32
refused "--mac: float32/exact is named twice; float32 is the same" "${good[@]}" --mac float32,float32/exact
refused "--topk 11: lenet5.onnx has 10 outputs; expected at most as many" "${good[@]}" --topk 1,11
refused "--per-layer: --mac names no other MAC than the reference bfloat16" "${good[@]}" --reference bfloat16 --per-layer
refused "-: is named twice" --model "$models/lenet5.onnx" --mac bfloat16 --limit 2 --json - --csv -
refused "'nothing*'" "${good[@]}" --layer-mac 'nothing*=float32'
refused "'conv'" "${good[@]}" --layer-mac conv
refused "'=float32'" "${good[@]}" --layer-mac =float32
refused "'cifar'" "${good[@]}" --data cifar
refused "'idx:images'" "${good[@]}" --data idx:images
refused nowhere "${good[@]}" --data idx:nowhere,labels
refused nowhere "${good[@]}" --data idx:images,nowhere
refused "label 11" --model "$models/lenet5.onnx" --mac bfloat16 "${files[@]}" --data idx:images,label_11
refused "'folded'" "${good[@]}" --batch-norm folded
refused --threads "${good[@]}" --threads 0
refused --threads "${good[@]}" --threads many
refused --limit "${good[@]}" --limit -1
refused --limit "${good[@]}" --limit 1x
refused --unknown "${good[@]}" --unknown
refused nowhere/a.json --model "$models/lenet5.onnx" --mac bfloat16 --limit 2 --csv out/a.csv --json nowhere/a.json
refused nowhere/a.csv --model "$models/lenet5.onnx" --mac bfloat16 --limit 2 --json out/a.json --csv nowhere/a.csv
refused "$work" --model "$models/lenet5.onnx" --mac bfloat16 --limit 2 --json "$work"
refused "--model and --mac" --mac bfloat16 "${files[@]}"
refused "--model and --mac" --model "$models/lenet5.onnx" "${files[@]}"
refused "--model and --mac"
refused --threads demo --limit 1 --threads 0 "${files[@]}"
refused --model demo --limit 1 --model x "${files[@]}"
refused nowhere/a.json demo --limit 1 --csv out/a.csv --json nowhere/a.json
refused "demo" --limit 1 demo
refused "'bn*' matches batch norms alone" --model "$models/resnet8.onnx" "${short[@]}" --layer-mac 'bn*=bfloat16'
refused "'idx:images,'" "${good[@]}" --data idx:images,
for scale in 1/x 1/0 0/0 0 nan 1/255x; do
  refused "--scale: expected a number or a fraction such as 1/255, and not 0; found '$scale'" "${good[@]}" --scale $scale
done
refused "--channels: expected rgb, bgr or grey, found 'rgba'" "${good[@]}" --channels rgba
refused "--layout: expected nchw or nhwc, found 'chwn'" "${good[@]}" --layout chwn
refused "--std: expected standard deviations above 0, found 0" "${good[@]}" --std 0
refused "--mean: expected a number for each channel, as 0.485,0.456,0.406; found 'a,b'" "${good[@]}" --mean a,b
refused "--mean: expected a number for each channel" "${good[@]}" --mean 1,
refused "--resize: expected a whole number from 0 to 32768, found 'x'" "${good[@]}" --resize x
refused "--mean: 2 values; expected as many as fashion-mnist has channels, 1" "${good[@]}" --mean 1,2
refused "--search-exact: of the layers that --search finds, which is not given" "${good[@]}" --search-exact float32
refused "a crop of 29" "${good[@]}" --crop 29
refused "takes images of 1 x 28 x 28" "${good[@]}" --data cifar10:cifar
refused "mnist: expected test_batch" "${good[@]}" --data cifar10:mnist
refused "cut.png: expected a JPEG or PNG" "${good[@]}" --data images:pictures
refused "cannot be opened" "${good[@]}" --data images:nothing.txt
refused "x.npy" "${good[@]}" --data npy:x.npy,y.npy
# A model that casts bytes to float and flattens them: 1 x 1 x 2 UINT8.
base64 -d >bytes.onnx <<<"CAcSADpWChcKAXgSAWYiBENhc3QqCQoCdG8YAaABAgoPCgFmEgF5IgdGbGF0dGVuEgFnWhwKAXgSFwoVCAISEQoDEgFOCgIIAQoCCAEKAggCYgkKAXkSBAoCCAFCBAoAEA0="
refused "bytes.onnx: its input is pixels of an integer type; expected --scale 1 without --mean" --model bytes.onnx "${short[@]}"
refused "the network has 2 outputs" --model bytes.onnx "${short[@]}" --scale 1
echo '{"scale": []}' >own.onnx.preprocess.json
refused "'scale' is of another type" --model own.onnx "${short[@]}"
echo '{"crop": -1}' >own.onnx.preprocess.json
refused "'crop': expected a number of pixels" --model own.onnx "${short[@]}"
echo 'none' >own.onnx.preprocess.json
refused "own.onnx.preprocess.json: expected a JSON object" --model own.onnx "${short[@]}"
check "wrong inputs" equal "$wrong_inputs" 90
check "no message speaks of C++" equal "$(grep -c :: messages.txt)" 0
full() { # full ARGUMENTS...: with a standard output that is full
  "$eval_tool" "$@" >/dev/full 2>err.txt
  check "a full standard output is an error: $*" equal "$? $(cat err.txt)" \
    "2 napier-eval: standard output cannot be written"
}
if [ -e /dev/full ]; then
  full --list-macs
  full --model "$models/lenet5.onnx" --mac float32 --limit 2
fi
check "no unfinished file anywhere" equal "$(find "$work" "$models" -name '*.partial*')" ""

if [ "$checks" -lt 300 ]; then
  echo "FAILED: only $checks checks were made"
  exit 1
fi
echo "$checks checks, $failures failures"
[ "$failures" = 0 ]
