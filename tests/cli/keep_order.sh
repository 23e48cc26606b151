# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# spool run -k: results in the order of the jobs; and what the lines say besides.

case_ "-k: a result that comes early waits for those before it" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: slow, args: [$CHILD, await, go, say, one, exit, 1]}
		  - {name: early, args: [$CHILD, say, two, exit, 2]}
		  - {name: last, args: [$CHILD, ready, $PWD/ended]}
	END
	start "$SPOOL" run -k -j2 jobs.yaml
	until_ test -s ended
	stdout_lacks early last
	touch go
	finish
	status 1
	stdout_matches 'Running 3 .*' ' +slow FAIL .* \(1/3\)  exit 1' '    one' \
		' +early FAIL .* \(2/3\)  exit 2' '    two' ' +last PASS .* \(3/3\)' '3 jobs in .*' '2 of 3 .*' \
		'  slow .*' '    one' '    again: .*' '  early .*' '    two' '    again: .*'
}

# in_order: the names of the report's lines are j1, j2, …, 200 of them
in_order() {
	sed -n 's/^ *\(j[0-9]*\) [A-Z]* .*/\1/p' "$CASE/out" | sed '200q' | diff - <(printf 'j%d\n' {1..200})
}

case_ "-k: 200 long outputs that wait behind the first cost one descriptor" && {
	{
		echo 'jobs:'
		echo "  - {name: j1, args: [$CHILD, await, go]}"
		echo "  - {name: 'j\${{ n }}', matrix: {n: [$(seq -s, 2 200)]}, args: [$CHILD, flood, 1, '300000', flood, 2, '300000']}"
		echo "  - {name: marks, args: [$CHILD, ready, $PWD/all]}"
	} >jobs.yaml
	start bash -c 'ulimit -n 64; exec "$0" run -k -j20 --output all jobs.yaml' "$SPOOL"
	until_ test -s all
	touch go
	finish
	status 0
	stderr_matches 'spool: warning: [1-9][0-9]? of 20 workers: .*'
	that test "$(grep -c ' PASS ' "$CASE/out")" = 201
	that in_order
	stdout_lacks 'could be kept' 'left out'
	that "$CHILD" verify 300000 < <(sed '1,/ j200 PASS/d' "$CASE/out" | sed -n '/^  stdout/,/^  stderr/s/^    //p')
}

case_ "-k: TERM reports all that ended, and what never started" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: lives, args: [$CHILD, live]}
		  - {name: fails, args: [$CHILD, say, out, exit, 3]}
		  - {name: too, args: [$CHILD, ready, $PWD/r, live]}
		  - {name: never, args: [$CHILD], matrix: {n: [1, 2, 3]}}
	END
	start "$SPOOL" run -k -j2 jobs.yaml
	until_ test -s r
	signal TERM
	finish
	dies_by TERM
	stdout_matches 'Running 6 .*' ' +lives CANCELLED .* \(1/6\)  SIGTERM' ' +fails FAIL .* \(2/6\)  exit 3' \
		'    out' ' +too CANCELLED .* \(3/6\)  SIGTERM' '3 jobs in .*' '1 of 6 .*' '  fails FAIL  exit 3' \
		'    out' '    again: .*' 'cancelled: 2' '    lives  too' 'never started: 3' '    never .*'
}

case_ "-k: a timeout is reported in its turn" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: slow, args: [$CHILD, live], timeout: 300ms}
		  - {name: quick, args: [$CHILD]}
	END
	run "$SPOOL" run --keep-order -j2 jobs.yaml
	status 1
	stdout_matches 'Running .*' ' +slow TIMEOUT .* \(1/2\)  after 300ms' ' +quick PASS .* \(2/2\)' '2 jobs .*' \
		'1 of 2 .*' '  slow TIMEOUT .*' '    again: .*'
}

case_ "-v says behind a line what the job took" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: one, args: [$CHILD]}
		  - {name: two, args: [$CHILD, exit, 3]}
	END
	run "$SPOOL" run -v -j1 --output never jobs.yaml
	status 1
	stderr_matches 'spool: one: starts .*' 'spool: two: starts .*'
	stdout_matches 'Running .*' ' +one PASS .*s \(1/2\)  cpu [0-9]+\.[0-9]{2}s, [0-9.]+[KMG]' \
		' +two FAIL .*s \(2/2\)  exit 3  cpu [0-9]+\.[0-9]{2}s, [0-9.]+[KMG]' '.*' '1 of 2 .*' '  two FAIL  exit 3' \
		'    again: .*'
}
