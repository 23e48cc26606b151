# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The files of jobs/ do what they say.

case_ "spool check is silent on every file of jobs/" && {
	DIR=$ROOT/jobs run "$SPOOL" check "$ROOT"/jobs/*.yaml
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

case_ "matrix has the jobs that it says" && {
	run "$SPOOL" run -j1 --output all "$ROOT/jobs/matrix.yaml"
	status 0
	stdout_has 'square (1) PASS' 'square (5) PASS' '    25' 'lines (matrix.yaml) PASS' \
		"    $(wc -l <"$ROOT/jobs/matrix.yaml") matrix.yaml" \
		'plan (town, foot, sun) PASS' 'plan (hill, bike, wind) PASS' 'plan (island, boat, fog) PASS' \
		'    to the island by boat: fog'
	stdout_lacks 'island, foot'
	that test "$(grep -c 'plan (.*PASS' "$CASE/out")" = 5
	stderr_is ''
}

case_ "compress takes all files, whatever they are called" && {
	needs gzip
	folder=$'all [a-z]* of\n\'"them"'
	mkdir "$folder" "$folder/sub"
	names=(plain 'a blank' "it's" 'a"b' $'new\nline' '-rf' '*' '$(touch x)' $'latin\xe9')
	for name in "${names[@]}"; do
		echo "in $name" >"$folder/$name"
	done
	DIR=$PWD/$folder run "$SPOOL" run "$ROOT/jobs/compress.yaml"
	status 0
	stdout_has 'Running 10 jobs with' 'gzip 10 PASS'
	for name in "${names[@]}"; do
		that test "$(gzip -dc -- "$folder/$name.gz")" = "in $name"
		that test -f "$folder/$name"
	done
	that test ! -e x
	# Once more: what is there already is no error.
	DIR=$folder run "$SPOOL" run -C . "$ROOT/jobs/compress.yaml"
	status 0
	stdout_has 'Running 19 jobs with'
	mkdir empty
	DIR=$PWD/empty run "$SPOOL" run "$ROOT/jobs/compress.yaml"
	status 2
	stderr_has "no file matches '$PWD/empty/*'"
	run env -u DIR "$SPOOL" run "$ROOT/jobs/compress.yaml"
	status 2
	stderr_has "'\${{ env.DIR }}' is not set in the environment"
}

case_ "needs runs in the order of its graph, and an allowed failure is none" && {
	run "$SPOOL" run --color never -k -j2 "$ROOT/jobs/needs.yaml"
	status 0
	stderr_is ''
	stdout_matches 'Running 8 jobs with 2 workers:' ' +soup PASS .*' ' +chop \(carrots\) PASS .*' \
		' +chop \(leeks\) PASS .*' ' +knife PASS .*' ' +water PASS .*' ' +taste FAIL .*  exit 1, allowed' \
		'    it needs salt' ' +salt PASS .*' ' +wash up PASS .*' '8 jobs in .*' '1 of 8 jobs did not pass, as is allowed:' \
		'  taste FAIL  exit 1, allowed' '    it needs salt' '    again: .*'
	run "$SPOOL" list "$ROOT/jobs/needs.yaml"
	status 0
	that test "$(awk '{ print $1 }' "$CASE/out" | tail -n 1)" = "'wash"
}

case_ "pipeline builds, tests, packages and cleans up" && {
	needs cc tar gzip
	run "$SPOOL" run --color never "$ROOT/jobs/pipeline.yaml"
	status 0
	stdout_has 'build (-O2) PASS' 'test (-O0, 7919) PASS' 'package PASS' 'say what failed SKIPPED' 'clean up PASS'
	run "$SPOOL" run --color never "$ROOT/jobs/pipeline.yaml" --skip 'test*'
	status 0
	stdout_has 'build (-O2) PASS' 'package PASS' 'clean up PASS'
	stdout_lacks test
	run env PATH="$PWD:$PATH" bash -c '
		printf "#!/bin/sh\nexit 1\n" >cc && chmod +x cc && exec "$0" run --color never "$1"' "$SPOOL" "$ROOT/jobs/pipeline.yaml"
	status 1
	stdout_has 'build (-O2) FAIL' 'warnings FAIL' 'exit 1, allowed' 'test (-O0, 7919) SKIPPED' \
		'needs build (-O0), which failed' 'package SKIPPED' 'say what failed PASS' 'clean up PASS'
}

case_ "the example of README.md is pipeline" && {
	run awk '/^```yaml$/ { inside = !seen++; next } /^```$/ { inside = 0 } inside' "$ROOT/README.md"
	status 0
	that diff "$CASE/out" "$ROOT/jobs/pipeline.yaml"
}
