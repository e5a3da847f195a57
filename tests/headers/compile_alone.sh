#!/usr/bin/env bash
# Compiles every public header alone, as C11 and as C++. Speaks TAP.
#
# usage: compile_alone.sh INCLUDE_FOLDER CXX|none CC [OPTION...]
set -uo pipefail
include=$1
cxx=$2
shift 2
cc=("$@") # CC may hold options, or ccache in front

number=0
failed=0

# compile TITLE COMPILER OPTION...
compile() {
  local title=$1 output
  shift
  number=$((number + 1))
  if ! output=$("$@" -fsyntax-only -Wall -Wextra -Wshadow -pedantic-errors -Werror -I "$include" - <<<"$text" 2>&1); then
    failed=1
    # shellcheck disable=SC2001
    sed 's/^/# /' <<<"$output"
    printf 'not '
  fi
  printf 'ok %d - %s\n' "$number" "$title"
}

headers=("$include"/specrnn/*.h)
echo "1..$((3 * ${#headers[@]}))"
for header in "${headers[@]}"; do
  name=specrnn/${header##*/}
  # Twice, as a header must stand being included again.
  text=$(printf '#include "%s"\n' "$name" "$name" && printf 'int something_to_compile;')
  compile "$name as C11" "${cc[@]}" -std=c11 -x c -Wstrict-prototypes
  for standard in c++11 c++17; do
    if [[ $cxx == none ]]; then
      number=$((number + 1))
      printf 'ok %d - %s as %s # SKIP no C++ compiler\n' "$number" "$name" "$standard"
    else
      compile "$name as $standard" "$cxx" "-std=$standard" -x c++
    fi
  done
done
exit "$failed"
