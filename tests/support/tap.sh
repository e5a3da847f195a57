#!/usr/bin/env bash
# Runs a cmocka program so that it speaks TAP. cmocka 1.1.5 writes a skipped case as 'not ok 2 # SKIP name', which
# counts as failed; here it becomes 'ok 2 - name # SKIP'. A program of another machine runs in meson's exe_wrapper.
#
# usage: tap.sh PROGRAM [ARGUMENT...]
set -o pipefail
declare -a wrapper="(${MESON_EXE_WRAPPER:-})" # meson quotes its words for a shell
CMOCKA_MESSAGE_OUTPUT=TAP "${wrapper[@]}" "$@" | sed -u 's/^not ok \([0-9]*\) # SKIP \(.*\)/ok \1 - \2 # SKIP/'
