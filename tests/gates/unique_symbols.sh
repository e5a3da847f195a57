#!/usr/bin/env bash
# Checks that no two files of the libraries define one symbol: linked statically they are all one program. Speaks TAP.
#
# usage: unique_symbols.sh NM FOLDER
#
# FOLDER: where the objects of the libraries are, at any depth.
set -uo pipefail
nm=$1
folder=$2

# Names in __ belong to the compiler and what it puts into every object (sanitizers).
symbols=$(find "$folder" -name '*.o' -exec "$nm" -A -g --defined-only {} + | awk '$3 !~ /^__/')

echo 1..2
failed=0
if (($(grep -c ' srn_' <<<"$symbols") < 100)); then
  failed=1
  printf 'not '
fi
echo 'ok 1 - the objects of the libraries have symbols'

twice=$(awk '{ print $NF }' <<<"$symbols" | sort | uniq -d)
if [[ -n $twice ]]; then
  failed=1
  while read -r name; do
    awk -v name="$name" '$NF == name { print "# " name ": " $1 }' <<<"$symbols"
  done <<<"$twice"
  printf 'not '
fi
echo 'ok 2 - no symbol of them is defined twice'
exit "$failed"
