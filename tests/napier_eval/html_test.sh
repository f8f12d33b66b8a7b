#!/usr/bin/env bash
# napier-eval --html, and the page in a browser: html_test.sh NAPIER-EVAL SOURCE
# Exit 77 where all else is well, but node, Chromium or the charts' script is not there: ./run test installs them.
set -uo pipefail
eval_tool=$1
source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$source/examples/models/"*.onnx "$work"
cd "$work" || exit 1
script=${NAPIER_REPORT_SCRIPT:-$source/build/report/vega.js}
unset NAPIER_REPORT_SCRIPT
skipped=
for needed in node chromium; do
  command -v $needed >/dev/null || skipped="no $needed"
done
[ -e "$script" ] || skipped="no $script"
if [ -z "$skipped" ]; then
  export NAPIER_REPORT_SCRIPT=$script
else
  echo 'const vegaEmbed = 0;' >script.js
  export NAPIER_REPORT_SCRIPT=$work/script.js
fi

checks=0
failures=0
check() { # check WHAT CONDITION...: the condition is a command
  local what=$1
  shift
  checks=$((checks + 1))
  "$@" || { failures=$((failures + 1)) && echo "FAILED: $what: $*" | head -c 1000 && echo; }
}
equal() { [ "$1" = "$2" ]; }
contains() { grep -qF -e "$2" "$1"; }
lacks() { ! grep -qF -e "$2" "$1"; }
run() {
  "$eval_tool" "$@" >out.txt 2>err.txt </dev/null
  status=$?
}
figures() { grep -c '^<figure id=' "$1"; }
browse() { # browse PAGE
  [ -z "$skipped" ] || return 0
  node "$source/tests/report/browser.mjs" "$1" "$(figures "$1")" >browser.txt 2>&1
  check "$1 in a browser: $(head -c 1500 browser.txt)" equal $? 0
  tail -1 browser.txt
}

# ---- A page with all that there is ------------------------------------------------------------------------
name="a<b>&'c.onnx"
mv resnet8.onnx "$name"
run --model "$name" --mac float32,float32/mitch6,posit8_0/plam --layer-mac 'conv1*=float32/mitch4' --batch-norm approximate \
  --limit 24 --per-layer 8 --search 1 --threads 2 --html page.html
check "it succeeds: $(cat err.txt)" equal $status 0
check "silent on standard error" equal "$(cat err.txt)" ""
check "accuracy, five charts of layers, three maps" equal "$(figures page.html)" 9
for id in accuracy local-snr accumulated-snr local-bias accumulated-bias ranges product-error-1 product-error-3; do
  check "chart $id" contains page.html "<figure id=\"$id\""
done
check "the model's name, escaped" contains page.html "<h1>a&lt;b&gt;&amp;&#39;c.onnx under 3 arithmetics</h1>"
check "and never raw" lacks page.html "a<b>"
check "the rule" contains page.html "<dd>conv1*=float32/mitch4</dd>"
check "a row" contains page.html '"mac":"float32/mitch6 + conv1*=float32/mitch4"'
check "the table has the accuracy of the run" contains page.html \
  "<td class=\"number\">$(awk '$1 == "float32/mitch6" && $2 == "+" { print $4; exit }' out.txt | sed 's/%/ %/')</td>"
check "float32 has no map" contains page.html "Without a map, because their errors are below 1e-05: float32."
check "mitch4's worst product" contains page.html "-23.53 %"
check "the search" contains page.html "<h2>Which layers need float32 beside float32/mitch6</h2>"
check "no request" equal "$(grep -cE '(src|href)=["'\'']?(https?:)?//' page.html)" 0
check "no chart without numbers" lacks page.html '"values":[]'
browse page.html

# ---- Layers without --per-layer: on the page, not in the terminal -------------------------------------------
run --model lenet5.onnx --mac bfloat16 --limit 12 --html short.html
check "without --per-layer: $(cat err.txt)" equal $status 0
check "layers on the page all the same" contains short.html '<figure id="local-snr"'
check "of the images that there are" contains short.html "on 12 images"
check "three lines and a table of one row" equal "$(grep -c . out.txt)" 5
browse short.html

# ---- The demo's page ----------------------------------------------------------------------------------------
run demo --limit 4 --html demo.html
check "the demo's page: $(cat err.txt)" equal $status 0
check "three tables, a map a multiplier" test "$(figures demo.html)" -gt 12
check "each below its title" contains demo.html "<h2>ResNet-8, batch norm folded into the convolutions</h2>"
check "of the demo's data" contains demo.html "<h1>fashion-mnist under 19 arithmetics</h1>"
browse demo.html

# ---- Mistakes ---------------------------------------------------------------------------------------------
NAPIER_REPORT_SCRIPT=/nowhere/vega.js run --model lenet5.onnx --mac bfloat16 --limit 2 --html none.html --json none.json
check "no script: exit 2" equal $status 2
check "no script: it is said, in one line" equal "$(grep -c "^napier-eval: /nowhere/vega.js: .*./run report" err.txt) $(wc -l <err.txt)" "1 1"
check "no script: no file" equal "$(ls none.* 2>/dev/null)" ""
run --model lenet5.onnx --mac bfloat16 --limit 2 --html nowhere/page.html
check "a page that cannot be written: exit 2" equal $status 2
check "a page that cannot be written: $(cat err.txt)" contains err.txt nowhere/page.html

echo "$checks checks, $failures failures"
[ $failures = 0 ] || exit 1
[ -z "$skipped" ] || { echo "skipped, in a browser: $skipped" && exit 77; }
[ $checks = 37 ]
