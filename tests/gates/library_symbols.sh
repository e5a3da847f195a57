#!/usr/bin/env bash
# Checks what a shared library gives and takes. Speaks TAP.
#
# usage: library_symbols.sh NM READELF LIBRARY...
#
# Exported: names that start with specrnn_, and nothing else. Taken from the C library: nothing that ends the process,
# reads its environment, or prints. Writable data: none, but for what WRITABLE names.
set -uo pipefail
nm=$1
readelf=$2
shift 2

forbidden='^(exit|_exit|_Exit|quick_exit|abort|__assert_fail|getenv|secure_getenv|setenv|putenv|printf|vprintf|__printf_chk|__vprintf_chk|puts|putchar|perror|stderr|setlocale|signal|sigaction|rand|srand|fesetround|fesetenv)(@|$)'

# The process-wide limit of specrnn_cpu_limit, an atomic; the once-flag that makes FFTW's shared planner lock itself; the
# names of temporary files, which specrnn_remove_temporaries has to find from a signal handler.
writable='^(cpu_limit|planner_once|temporary_names)$'

# From the compiler's own start files, and from its __builtin_cpu_supports.
start_files='^(completed\.[0-9]+|__dso_handle|_edata|__bss_start|_end|__TMC_END__|__cpu_model|__cpu_features2)$'

number=0
failed=0

# report TITLE FAULTS: one TAP line, the faults as comments.
report() {
  number=$((number + 1))
  if [[ -n $2 ]]; then
    failed=1
    # shellcheck disable=SC2001
    sed 's/^/# /' <<<"$2"
    printf 'not '
  fi
  printf 'ok %d - %s\n' "$number" "$1"
}

# Symbols of the sections .data, .bss and their like; .data.rel.ro is constant once loaded.
writable_objects() {
  "$readelf" -SW "$1" | sed -n 's/^ *\[ *\([0-9]*\)\] \(\.t\?data\|\.t\?bss\) .*/\1/p' | while read -r section; do
    "$readelf" -sW "$1" | awk -v section="$section" '$7 == section && $4 != "SECTION" { print $8 }'
  done | sort -u
}

echo "1..$((3 * $#))"
for library in "$@"; do
  name=${library##*/}
  report "$name exports only specrnn_ names" \
    "$("$nm" -D --defined-only "$library" | awk '{ print $NF }' | grep -v '^specrnn_')"
  report "$name neither prints nor ends the process nor reads its environment" \
    "$("$nm" -D --undefined-only "$library" | awk '{ print $NF }' | grep -E "$forbidden")"
  report "$name has no writable globals" \
    "$(writable_objects "$library" | grep -vE "$start_files" | grep -vE "$writable")"
done
exit "$failed"
