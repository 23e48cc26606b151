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
	lines=('Checking 20 numbers with 2 processes:')
	for ((i = 0; i < 20; i++)); do
		lines+=('[ 0-9]{16} [P ] [ 0-9][0-9]\.[0-9]{6}s')
	done
	stdout_matches "${lines[@]}" '20 checks in [0-9]+\.[0-9]{2}s'
	stderr_is ''
	for prime in 2 142702110479723 299593572317531 3333333333333301 4444444444444423 \
		5555555555555503 6666666666666719 7777777777777753 9999999999999917; do
		stdout_has "$(printf '%16s P ' "$prime")"
	done
	that test "$(grep -c ' P ' "$CASE/out")" = 9
}

case_ "timeout fails as it says" && {
	run "$SPOOL" run "$ROOT/jobs/timeout.yaml"
	status 1
	took 1 10
	stdout_matches 'Running 3 jobs with 3 workers:' ' +in time PASS    .*' \
		' +ended TIMEOUT .*  after 500ms' ' +killed TIMEOUT .*  after 500ms, killed' \
		'3 jobs in .*' '2 of 3 jobs did not pass:' \
		'  ended TIMEOUT  after 500ms' "    again: spool run $ROOT/jobs/timeout.yaml ended" \
		'  killed TIMEOUT  after 500ms, killed' "    again: spool run $ROOT/jobs/timeout.yaml killed"
}
