#!/usr/bin/env bash
# compile_time.sh CXX INCLUDE
#
# The processor time that a header takes at -O0, in a file of its own, against that of <cmath>. All are compiled in turn, five
# times, so that a busy machine is busy for each; what counts is the median of the five ratios. The limits are the
# budgets, 0.3 s for formats/posit.hpp and 1.0 s for napier.hpp, on a machine where <cmath> takes 0.135 s.
set -euo pipefail

cxx=$1 include=$2
headers=(cmath napier/formats/posit.hpp napier/napier.hpp napier/network.hpp)
limits=(- 2.2 7.4 -)
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

for i in "${!headers[@]}"; do echo "#include <${headers[i]}>" >"$folder/$i.cpp"; done
compile() { "$cxx" -std=c++20 -O0 -c -I "$include" "$folder/$1.cpp" -o "$folder/$1.o"; }
compile 2 # the files are in memory from here on
TIMEFORMAT='%U %S'
for round in 1 2 3 4 5; do
  for i in "${!headers[@]}"; do
    { time compile "$i"; } 2>&1 | awk -v i="$i" '{ print i, $1 + $2 }'
  done
done | LC_ALL=C awk -v headers="${headers[*]}" -v limits="${limits[*]}" '
  function median(values, n,    i, j, t) {
    for (i = 2; i <= n; ++i) for (j = i; j > 1 && values[j - 1] > values[j]; --j) {
      t = values[j]; values[j] = values[j - 1]; values[j - 1] = t
    }
    return values[int((n + 1) / 2)]
  }
  NF != 2 || $2 <= 0 { print "not understood: " $0; bad = 1; exit }
  { seconds[$1, ++count[$1]] = $2 }
  END {
    if (bad) exit 1
    n = split(headers, header, " "); split(limits, limit, " ")
    printf "%-28s%9s%16s%9s\n", "header", "seconds", "times <cmath>", "limit"
    for (h = 1; h <= n; ++h) {
      for (r = 1; r <= count[h - 1]; ++r) { s[r] = seconds[h - 1, r]; ratio[r] = s[r] / seconds[0, r] }
      m = median(ratio, count[h - 1])
      printf "%-28s%9.3f%16.2f%9s\n", header[h], median(s, count[h - 1]), m, limit[h]
      if (count[h - 1] != 5 || (limit[h] != "-" && !(m <= limit[h]))) wrong = wrong " " header[h]
    }
    if (wrong != "") { print "over the limit:" wrong; exit 1 }
  }'
