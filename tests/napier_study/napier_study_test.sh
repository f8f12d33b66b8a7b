#!/usr/bin/env bash
# napier-study on a few images: napier_study_test.sh NAPIER-STUDY TEMPLATE
set -uo pipefail
study=$1
template=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

failures=0
check() { # check WHAT CONDITION...: the condition is a command
  local what=$1
  shift
  "$@" || { failures=$((failures + 1)) && echo "FAILED: $what: $*"; }
}

check "it runs" "$study" --limit 4 --out "$work" 2>"$work/log"
text=$work/study.md
for part in 1 2 3 4 5 6 7; do check "part $part" grep -q "^## $part\. " "$text"; done
check "no number is left out" bash -c "! grep -q '{{' '$text'"
check "no number is NaN" bash -c "! grep -qiE '(^|[^a-z])(nan|inf)([^a-z]|\$)' '$text'"
check "the number of images" grep -q "the first 4 test images" "$text"

check "published figures, with their sources" grep -q "^| top-5 accuracy .*(arXiv 2007.10500)" "$text"
# No result is typed in: what the template says in per cent, points or times is a confidence level or the parable of the crowd.
typed=$(sed 's/{{[a-z0-9_]*}}//g' "$template" | grep -oE '[0-9][0-9.,]* ?(%|points|per cent|times)' | sort -u | tr '\n' ' ')
check "no number is typed in: '$typed'" test "$typed" = "4 % 5 % 95 % "

pictures=$(grep -oE '\(study/[a-z0-9_]+\.svg\)' "$text" | tr -d '()')
check "a picture for each part" test "$(wc -l <<<"$pictures")" -ge 8
for picture in $pictures; do
  check "$picture is a picture" grep -q '</svg>$' "$work/$picture"
  check "$picture has a curve or bars" grep -qE '<(path|circle|rect x)' "$work/$picture"
  check "$picture has no NaN" bash -c "! grep -qiE '\"(-?nan|-?inf)' '$work/$picture'"
done
check "no picture that the text does not show" test "$(ls "$work/study" | wc -l)" = "$(sort -u <<<"$pictures" | wc -l)"

# the same again: nothing depends on time or threads
mkdir "$work/again"
check "it runs again" "$study" --limit 4 --threads 1 --out "$work/again" 2>"$work/log"
check "the same text" cmp "$text" "$work/again/study.md"
check "the same pictures" diff -r "$work/study" "$work/again/study"

check "an unknown option" bash -c "! '$study' --no-such-option 2>/dev/null"
check "no images" bash -c "! '$study' --limit 0 --out '$work' 2>/dev/null"

[ $failures = 0 ] || exit 1
echo "napier-study: all parts and pictures"
