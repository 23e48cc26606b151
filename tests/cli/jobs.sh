# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The files of jobs/ do what they say.

case_ "spool check is silent on every file of jobs/" && {
	run "$SPOOL" check "$ROOT"/jobs/*.yaml
	status 0
	stdout_is ''
	stderr_is ''
}

case_ "hello prints what its jobs print when asked" && {
	run "$SPOOL" run --output all "$ROOT/jobs/hello.yaml"
	status 0
	# shellcheck disable=SC2016 # characters
	stdout_has 'Hello, world: * $HOME are only characters here' 42 'Hello, Ada' 'Hello, Grace' 'Hello, Linus'
	stderr_is ''
}

case_ "primes has the lines of the prime checker" && {
	run "$SPOOL" run -j2 "$ROOT/jobs/primes.yaml"
	status 0
	that test "$(head -n 1 "$CASE/out")" = 'Checking 20 numbers with 2 processes:'
	that test "$(grep -cE '^[ 0-9]{16} [P ] [ 0-9][0-9]\.[0-9]{6}s$' "$CASE/out")" = 20
	that test "$(grep -c ' P ' "$CASE/out")" = 9
	that grep -qE '^20 checks in [0-9]+\.[0-9]{2}s$' "$CASE/out"
	that test "$(wc -l <"$CASE/out")" = 22
	stderr_is ''
}

case_ "timeout fails as it says" && {
	run "$SPOOL" run "$ROOT/jobs/timeout.yaml"
	status 1
	took 1 10
	stdout_has 'in time' ended killed
}
