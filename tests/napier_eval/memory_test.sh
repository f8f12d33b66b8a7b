#!/usr/bin/env bash
# memory_test.sh NAPIER-EVAL RESNET50: a network of ResNet-50's size, eight images at once in each of two threads, the reference and
# another MAC: less than 1 GiB at the highest.
set -euo pipefail
tool=$1
writer=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"$writer" resnet50.onnx | tee weights.txt
grep -qx '25[56][0-9]\{5\} weights' weights.txt || { echo "not of ResNet-50's size"; exit 1; }

# 16 images of 224 x 224 x 3 bytes in .npy files
images=16
npy() { # npy DTYPE SHAPE: the header of version 1
  local text="{'descr': '$1', 'fortran_order': False, 'shape': ($2), }"
  while [ $(((10 + ${#text} + 1) % 64)) != 0 ]; do text+=' '; done
  local length=$((${#text} + 1))
  printf "\\x93NUMPY\\x01\\x00\\x$(printf %02x $((length % 256)))\\x$(printf %02x $((length / 256)))%s\n" "$text"
}
{ npy '|u1' "$images, 224, 224, 3" && head -c $((images * 224 * 224 * 3)) "$tool"; } >images.npy
{ npy '|u1' "$images," && head -c $images /dev/zero; } >labels.npy
[ "$(wc -c <images.npy)" -gt $((images * 224 * 224 * 3)) ] || { echo "the images are not there"; exit 1; }

"$tool" --model resnet50.onnx --data npy:images.npy,labels.npy --mac float32/mitch6 --batch 8 --threads 2 --json r.json >out.txt 2>err.txt &
pid=$!
peak=0
while highest=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB$/\1/p' /proc/$pid/status 2>/dev/null) && [ -n "$highest" ]; do
  [ "$highest" -le "$peak" ] || peak=$highest # it is 0 at the exit
  sleep 0.1
done
wait $pid || { cat out.txt err.txt; exit 1; }
cat out.txt
echo "at the highest $((peak / 1024)) MiB"
grep -q '"images": 16' r.json || { echo "the images did not run"; exit 1; }
# what reading the model alone takes: less would be a mistake of the measurement
[ "$peak" -gt $((200 * 1024)) ] && [ "$peak" -lt $((1024 * 1024)) ]
