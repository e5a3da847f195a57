#!/usr/bin/env bash
# Checks what 'meson install' has put into a prefix: libraries, pkg-config files, headers, the command.
#
# usage: run.sh PREFIX
set -euo pipefail
prefix=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

libdir=$(dirname "$(find "$prefix" -name 'libspecrnn.so' -print -quit)")
export PKG_CONFIG_PATH=$libdir/pkgconfig

# Every library is linked by name, with what its pkg-config file says and nothing else; --no-as-needed keeps them all.
for package in "$libdir"/pkgconfig/*.pc; do
  name=$(basename "$package" .pc)
  read -ra flags <<<"$(pkg-config --cflags --libs "$name")"
  gcc -std=c11 -Wall -Wextra -Werror "$here/consumer.c" -o "$scratch/consumer" -Wl,--no-as-needed "${flags[@]}"
  version=$(LD_LIBRARY_PATH=$libdir "$scratch/consumer")
  [[ $version == "$(pkg-config --modversion "$name")" ]]
  printf '%s %s builds and runs\n' "$name" "$version"
done

# The program in README is one.
awk '/^```c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$here/../../README.md" >"$scratch/readme.c"
read -ra flags <<<"$(pkg-config --cflags specrnn)"
gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -c "$scratch/readme.c" -o "$scratch/readme.o" "${flags[@]}"
nm "$scratch/readme.o" | grep -q ' U specrnn_pipeline_pull$'

# The soname carries the version that programs depend on.
for library in "$libdir"/libspecrnn*.so; do
  soname=$(readelf -d "$library" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
  [[ $soname == "$(basename "$library").0.2" && -e $libdir/$soname ]]
  printf '%s\n' "$soname"
done

# The command finds its libraries by itself, wherever the prefix is, and needs nothing of the build tree.
cd "$scratch"
env -u LD_LIBRARY_PATH "$prefix/bin/specrnn" --version
env -u LD_LIBRARY_PATH "$prefix/bin/specrnn" --help >/dev/null
warnings=$(MANWIDTH=100 man --warnings --local-file "$prefix/share/man/man1/specrnn.1" 2>&1 >/dev/null)
[[ -z $warnings ]]
