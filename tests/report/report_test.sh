#!/usr/bin/env bash
# A page with one of each chart in a browser, and pages with faults, which must be noticed: report_test.sh SAMPLE SOURCE
# Exit 77 where node, Chromium or the charts' script is not there: ./run test installs them.
set -uo pipefail
sample=$1
source=$2
script=${NAPIER_REPORT_SCRIPT:-$source/build/report/vega.js}
for needed in node chromium; do
  command -v $needed >/dev/null || { echo "skipped: no $needed"; exit 77; }
done
[ -e "$script" ] || { echo "skipped: no $script"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

checks=0
failures=0
check() { # check WHAT CONDITION...: the condition is a command
  local what=$1
  shift
  checks=$((checks + 1))
  "$@" || { failures=$((failures + 1)) && echo "FAILED: $what"; }
}
contains() { grep -qF -e "$2" "$1"; }
browse() { node "$source/tests/report/browser.mjs" "$work/page.html" 9 >"$work/log" 2>&1; }

check "a page is written" "$sample" "$work/page.html"
browse
status=$?
cat "$work/log"
check "a page without faults" [ $status = 0 ]
check "on two widths, light and dark" contains "$work/log" "4 checks, 0 failures"

# fault OPTION WHAT: the browser's script notices it, and says WHAT.
fault() {
  "$sample" "$work/page.html" "$1"
  browse
  check "$1 is noticed" [ $? = 1 ]
  check "$1: $2" contains "$work/log" "$2"
}
fault --broken "accuracy: is failed"
fault --outside "it asks for http://127.0.0.1:9/picture.png"
fault --wide "the page is"

# Charts as files: no browser
"$sample" "$work/page.html"
render() { node "$source/examples/report/render.mjs" "$@" 2>"$work/log"; }
for chart in accuracy snr ranges heat-32 histogram curve; do
  check "$chart as a file" render "$work/page.html" $chart "$work/$chart.svg"
  check "$chart: SVG" contains "$work/$chart.svg" '<svg xmlns='
  check "$chart: marks" contains "$work/$chart.svg" 'role="graphics-symbol"'
done
render "$work/page.html" nothing "$work/nothing.svg"
check "a chart that is not there: exit 2" [ $? = 2 ]
check "a chart that is not there: which there are" contains "$work/log" "accuracy, snr"
echo '{"data": {"values": [1]}, "mark": "nothing"}' >"$work/spec.json"
render "$work/spec.json" "$work/nothing.svg"
check "a specification that is none: exit 2" [ $? = 2 ]
echo '{"data": {"values": [1, 2]}, "mark": "bar", "encoding": {"x": {"field": "data", "type": "quantitative"}}}' >"$work/spec.json"
check "a specification of one's own" render "$work/spec.json" "$work/own.svg"
check "no file for what fails" [ ! -e "$work/nothing.svg" ]

echo "$checks checks, $failures failures"
[ $checks = 32 ] && [ $failures = 0 ]
