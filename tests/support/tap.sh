#!/usr/bin/env bash
# Runs a cmocka program so that it speaks TAP. cmocka 1.1.5 writes a skipped case as 'not ok 2 # SKIP name', which
# counts as failed; here it becomes 'ok 2 - name # SKIP'.
#
# usage: tap.sh PROGRAM [ARGUMENT...]
set -o pipefail
CMOCKA_MESSAGE_OUTPUT=TAP "$@" | sed -u 's/^not ok \([0-9]*\) # SKIP \(.*\)/ok \1 - \2 # SKIP/'
