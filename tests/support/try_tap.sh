#!/usr/bin/env bash
# Tries tap.sh on shell functions of a program. Speaks TAP.
#
# usage: try_tap.sh TAP_SH
set -uo pipefail
tap=$1
number=0
failed=0

# expect TITLE STATUS OUTPUT: of the last run.
expect() {
  number=$((number + 1))
  if [[ $status == "$2" && $output == "$3" ]]; then
    printf 'ok %d - %s\n' "$number" "$1"
  else
    failed=1
    printf 'not ok %d - %s\n# exit status %s, %q; should be %s, %q\n' "$number" "$1" "$status" "$output" "$2" "$3"
  fi
}

# run SCRIPT: as the program, with the variables before the call.
run() {
  output=$(bash "$tap" bash -c "$1" program)
  status=$?
}

echo 1..4
unset MESON_EXE_WRAPPER WRAPPED
# shellcheck disable=SC2016 # the program expands it
show='echo "$CMOCKA_MESSAGE_OUTPUT ${WRAPPED-alone}"'
run "$show"
expect 'without a wrapper' 0 'TAP alone'
MESON_EXE_WRAPPER="env 'WRAPPED=two words'" run "$show"
expect 'in the wrapper of meson, whose words are quoted' 0 'TAP two words'
run 'echo "not ok 2 # SKIP name"'
expect 'a skipped case' 0 'ok 2 - name # SKIP'
run 'echo "not ok 1 - name"; exit 3'
expect 'the exit status of a failed program' 3 'not ok 1 - name'
exit "$failed"
