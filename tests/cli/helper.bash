# What every file of cases loads. A case starts in an empty folder of its own, which goes when it ends.
# shellcheck shell=bash
# shellcheck disable=SC2154 # status, output and stderr are bats' own

bats_require_minimum_version 1.5.0

samples=${SPECRNN_SOURCE_ROOT:?run through meson, or set it to the top folder}/samples/audio
# shellcheck disable=SC2034
test_wav=$samples/test.wav
# Files that once went wrong.
# shellcheck disable=SC2034
cases=$SPECRNN_SOURCE_ROOT/tests/cases
launcher=()

setup() {
  mkdir "$BATS_TEST_TMPDIR/case" && cd "$BATS_TEST_TMPDIR/case" || return 1
}

# call ARGUMENT...: runs the command; $status, $output and $stderr are what it gave.
call() {
  run --separate-stderr "${launcher[@]}" "${SPECRNN:?}" "$@"
}

# explain LINE...: says why a check fails.
explain() {
  printf '%s\n' "$@" >&2
  return 1
}

# succeeds ARGUMENT...: exit status 0 and nothing on standard error.
succeeds() {
  call "$@"
  [[ $status == 0 && -z $stderr ]] || explain "exit status $status, standard error:" "$stderr"
}

# refuses STATUS MESSAGE ARGUMENT...: that exit status, exactly that one line on standard error ('*' and '?' are
# patterns), nothing on standard output, and no file made or changed below the folder of the case.
refuses() {
  local expected_status=$1 expected=$2 before after
  shift 2
  before=$(files_below)
  call "$@"
  after=$(files_below)
  [[ $status == "$expected_status" ]] || explain "exit status $status, not $expected_status:" "$output" "$stderr"
  # shellcheck disable=SC2053
  [[ $stderr == $expected && $stderr != *$'\n'* ]] || explain "expected: $expected" "said:     $stderr"
  [[ -z $output ]] || explain "standard output is not empty:" "$output"
  [[ $before == "$after" ]] || explain "files before:" "$before" "files after:" "$after"
}

# Name, size and time of every file and folder here.
files_below() {
  find . -mindepth 1 -printf '%p %s %T@\n' | sort
}

# json EXPRESSION: a value out of $output, which is one JSON object named 'd': json "d['duration_s']".
json() {
  /usr/bin/python3 -c 'import json, sys; d = json.loads(sys.argv[1]); print(eval(sys.argv[2]))' "$output" "$1"
}

# arrays ACTION ARGUMENT...: what arrays.py says of arrays in files.
arrays() {
  /usr/bin/python3 "$SPECRNN_SOURCE_ROOT/tests/cli/arrays.py" "$@"
}

# equal ACTUAL EXPECTED
equal() {
  [[ $1 == "$2" ]] || explain "is:        $1" "should be: $2"
}

# image_size FILE: 'WIDTH HEIGHT' from a PNG's header.
image_size() {
  /usr/bin/python3 - "$1" <<'PYTHON'
import struct, sys
with open(sys.argv[1], "rb") as file:
    head = file.read(24)
assert head[:8] == b"\x89PNG\r\n\x1a\n", "not a PNG"
print(*struct.unpack(">II", head[16:24]))
PYTHON
}

# sox ARGUMENT...: as the program; where it is missing the case is skipped.
sox() {
  type -P sox >/dev/null || skip 'SKIPPED: sox is not installed'
  command sox "$@"
}

# bound_by_permissions: from here on the case calls the command as somebody who may not write anywhere, also where root
# runs the tests; skipped where such a user cannot reach the command.
bound_by_permissions() {
  if ((EUID == 0)); then
    chmod go+x "$BATS_RUN_TMPDIR"
    launcher=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    "${launcher[@]}" test -x "$SPECRNN" -a -r "$test_wav" -a -x . || skip "SKIPPED: only root can reach $SPECRNN"
  fi
}
