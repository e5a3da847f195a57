#!/usr/bin/env bash
# Checks what 'meson install' has put into a prefix where -Ddefault_library=static was asked for.
#
# usage: static.sh PREFIX
set -euo pipefail
prefix=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

libdir=$(dirname "$(find "$prefix" -name 'libspecrnn.a' -print -quit)")
export PKG_CONFIG_PATH=$libdir/pkgconfig

# build SOURCE PACKAGE: $scratch/program, with the libraries inside it. Their own dependencies stay shared.
build() {
  local flags
  read -ra flags <<<"$(pkg-config --cflags --libs "$2")"
  gcc -std=c11 -Wall -Wextra -Werror "$1" -o "$scratch/program" -Wl,--no-as-needed "${flags[@]}"
  if readelf -d "$scratch/program" | grep -q 'NEEDED.*specrnn'; then
    return 1
  fi
}

for package in "$libdir"/pkgconfig/*.pc; do
  name=$(basename "$package" .pc)
  build "$here/consumer.c" "$name"
  [[ $("$scratch/program") == "$(pkg-config --modversion "$name")" ]]
  printf '%s builds and runs\n' "$name"
done
build "$here/../../samples/stream_encoder.c" specrnn

# The command has both libraries inside.
cd "$scratch"
"$prefix/bin/specrnn" plot "$here/../../samples/audio/test.wav" -o test.png --dpi 40
[[ -s test.png ]]
