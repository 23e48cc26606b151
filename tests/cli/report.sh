# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# spool run --report: where reports go, and what becomes of the run when one cannot be written.

three_jobs() {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: a, args: [$CHILD]}
		  - {name: b, args: [$CHILD, say, why, exit, 3]}
		  - {name: c, args: [$CHILD, ready, $PWD/c]}
	END
}

case_ "--report text:FILE is the text without colour, beside that on standard output" && {
	three_jobs
	run "$SPOOL" run -j1 --color always --report text:report jobs.yaml
	status 1
	that diff report <(sed $'s/\033\\[[0-9]*m//g' "$CASE/out")
	that grep -q '^    why$' report
	stdout_has $'\033[31mFAIL'
	stderr_is ''
}

case_ "--report text and text:- are what is there without, and &FD is one that was inherited" && {
	three_jobs
	run bash -c 'exec "$0" run -j1 --report text:- --report "text:&7" jobs.yaml 7>seven' "$SPOOL"
	status 1
	that diff seven "$CASE/out"
	run "$SPOOL" run -j1 --report text jobs.yaml
	status 1
	that test "$(wc -l <seven)" = "$(wc -l <"$CASE/out")"
}

case_ "a report's descriptor is not for the jobs" && {
	cat >jobs.yaml <<-END
		jobs: [{name: a, run: 'ls /proc/self/fd >fds; test ! -e /proc/self/fd/7'}]
	END
	run bash -c 'exec "$0" run --report "text:&7" --report text:file jobs.yaml 7>seven' "$SPOOL"
	status 0
}

case_ "--report: what it cannot mean is said before anything starts" && {
	three_jobs
	wrong_report() {
		run bash -c 'shift; exec "$0" run "$@" jobs.yaml 3>three 4<jobs.yaml 9>&-' "$SPOOL" "$@"
		status 2
		stdout_is ''
		that test ! -e c
	}
	wrong_report x --report csv
	stderr_is "spool: --report 'csv': the formats are text and json, as in json or json:FILE"
	wrong_report x --report textile:FILE
	wrong_report x --report text:
	stderr_is "spool: --report 'text:': behind ':' a file is wanted, '-' or '&' and a number"
	wrong_report x --report 'text:&'
	stderr_is "spool: --report 'text:&': behind '&' the number of an open descriptor is wanted"
	wrong_report x --report 'text:&three'
	wrong_report x --report 'text:&99999999999'
	wrong_report x --report 'text:&9'
	stderr_is "spool: --report 'text:&9': this descriptor is not open"
	wrong_report x --report 'text:&4'
	stderr_is "spool: --report 'text:&4': this descriptor is not open for writing"
	wrong_report x --report text --report text:-
	stderr_is "spool: --report 'text:-': another report takes standard output already"
	wrong_report x --report 'text:&3' --report 'text:&3'
	stderr_is "spool: --report 'text:&3': another report takes this descriptor already"
	wrong_report x --report text:file --report text:./file
	stderr_is "spool: --report 'text:./file': another report goes to this file"
	wrong_report x --report text:three --report 'text:&3'
	stderr_is "spool: --report 'text:three': another report goes to this file"
}

case_ "--report: the file of standard output is left alone" && {
	three_jobs
	out_to=log run "$SPOOL" run --report text:log jobs.yaml
	status 2
	stderr_is "spool: --report 'text:log': another report goes to this file"
}

case_ "--report: a file that cannot be made is said before anything starts" && {
	three_jobs
	run "$SPOOL" run --report text:missing/file jobs.yaml
	status 3
	stdout_is ''
	stderr_is "spool: --report 'text:missing/file': cannot open the file: No such file or directory"
	that test ! -e c
	run "$SPOOL" run --report text:. jobs.yaml
	status 3
	stderr_is "spool: --report 'text:.': cannot open the file: Is a directory"
}

case_ "--report: a file is made anew, and with --dry-run not at all" && {
	three_jobs
	seq 10000 >report
	run "$SPOOL" run --report text:report jobs.yaml a
	status 0
	that diff report "$CASE/out"
	run "$SPOOL" run --dry-run --report text:other jobs.yaml
	status 0
	that test ! -e other
}

case_ "--report: a full disk is said, the results stand, and the exit status is 3" && {
	three_jobs
	run "$SPOOL" run -j1 --report text:/dev/full jobs.yaml
	status 3
	stderr_is 'spool: warning: the report text:/dev/full cannot be written: No space left on device'
	stdout_matches 'Running 3 .*' ' +a PASS .*' ' +b FAIL .*' '    why' ' +c PASS .*' '3 jobs .*' '1 of 3 .*' \
		'  b FAIL  exit 3' '    why' '    again: .*'
}

case_ "--report: a reader of &FD that dies does not end the run" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: a, args: [$CHILD, await, gone]}
		  - {name: b, args: [$CHILD]}
		  - {name: c, args: [$CHILD, ready, $PWD/c]}
	END
	mkfifo pipe
	start bash -c 'exec "$0" run -j1 --report "text:&3" jobs.yaml 3>pipe' "$SPOOL"
	head -n 1 pipe >first
	touch gone
	finish
	status 3
	stderr_is 'spool: warning: the report text:&3 cannot be written: Broken pipe'
	that test -s c
	that test "$(<first)" = 'Running 3 jobs with 1 workers:'
	stdout_matches 'Running 3 .*' ' +a PASS .*' ' +b PASS .*' ' +c PASS .*' '3 jobs .*'
}

case_ "--report: standard output that is closed ends the run all the same, and the other report says so" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: a, args: [$CHILD, ready, $PWD/a, await, gone]}
		  - {name: b, args: [$CHILD, ready, $PWD/b, live]}
	END
	mkfifo pipe
	start bash -c 'exec "$0" run -j2 --report text:file jobs.yaml >pipe' "$SPOOL"
	head -n 1 pipe >first
	until_ test -s a -a -s b
	touch gone
	finish
	status 141
	that grep -q 'b CANCELLED' file
}

case_ "--report: a reader who does not read keeps new jobs from starting" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: a, args: [$CHILD, flood, 1, '3000000', exit, 1]}
		  - {name: claimed, args: [$CHILD]}
		  - {name: c, args: [$CHILD, ready, $PWD/c]}
	END
	mkfifo pipe
	start bash -c 'exec "$0" run -j1 --report "text:&3" jobs.yaml 3>pipe' "$SPOOL"
	exec 5<pipe
	until_grep 'a FAIL' "$CASE/out"
	that test ! -e c
	cat <&5 >all &
	exec 5<&-
	finish
	status 1
	wait
	that diff all "$CASE/out"
}

case_ "--report: each further report takes two descriptors of the limit" && {
	tagged valgrind "it has descriptors of its own"
	cat >jobs.yaml <<-END
		jobs: [{name: 'a\${{ n }}', matrix: {n: [1, 2, 3]}, args: [$CHILD, say, x, exit, 1]}]
	END
	run bash -c 'ulimit -n 10; exec "$0" run --report text:one --report text:two jobs.yaml' "$SPOOL"
	status 3
	least=$(sed 's/.*ulimit -n \([0-9]*\) .*/\1/' "$CASE/err")
	run bash -c 'ulimit -n "$0"; exec "$@"' "$least" "$SPOOL" run --report text:one --report text:two jobs.yaml
	status 1
	that diff one "$CASE/out"
	that diff two "$CASE/out"
}

# ---- json

# valid FILE: all events of a run hold against the schema, and against each other
valid() {
	that /usr/bin/python3 "$ROOT/tests/events.py" "$ROOT/src/report/events.schema.json" <"$1"
}

# asked FILTER FILE LINE…: what jq makes of the events
asked() {
	jq -r "$1" "$2" >"$CASE/asked"
	that diff "$CASE/asked" <(printf '%s\n' "${@:3}")
}

case_ "--report json takes the place of the text, and every verdict is there" && {
	tagged valgrind "reports no failed exec"
	cat >jobs.yaml <<-END
		jobs:
		  - {name: passes, args: [$CHILD, say, hello], tags: [slow]}
		  - {name: fails, args: [$CHILD, exit, 3]}
		  - {name: dies, args: [$CHILD, signal, KILL]}
		  - {name: lasts, args: [$CHILD, ready, $PWD/r, live], timeout: 200ms}
		  - {name: missing, args: [./no such program]}
	END
	run "$SPOOL" run -j2 --report json jobs.yaml
	status 1
	stderr_is ''
	valid "$CASE/out"
	asked 'select(.event == "job-end") | .seq, .job + " " + .verdict' <(jq -s -c 'sort_by(.seq)[]' "$CASE/out") \
		1 'passes pass' 2 'fails fail' 3 'dies signal' 4 'lasts timeout' 5 'missing exec'
	asked 'select(.event == "attempt-end" and .seq == 1) | .stdout.text, .returncode' "$CASE/out" hello '' 0
	asked 'select(.event == "attempt-end" and .seq == 3) | .signal, .sent' "$CASE/out" SIGKILL null
	asked 'select(.event == "attempt-end" and .seq == 4) | .signal, .sent' "$CASE/out" SIGTERM SIGTERM
	asked 'select(.event == "run-end") | .failed, .status' "$CASE/out" 4 1
	asked 'select(.event == "job-start" and .seq == 1) | .args[1], .tags[0]' "$CASE/out" say slow
	that test "$(jq -r .run "$CASE/out" | sort -u | wc -l)" = 1
}

case_ "--report json:FILE is beside the text, with the run's name that the jobs have" && {
	cat >jobs.yaml <<-END
		jobs: [{name: a, run: 'printf %s "\$SPOOL_RUN"'}, {name: b, args: [$CHILD, exit, 1]}]
	END
	run "$SPOOL" run -j1 -k --report json:events jobs.yaml
	status 1
	stdout_has 'a PASS' 'b FAIL'
	valid events
	asked 'select(.event == "attempt-end" and .job == "a") | .stdout.text == .run' events true
}

case_ "--report json: a run that is ended says what was cancelled and what never started" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: a, args: [$CHILD, ready, $PWD/r, live]}
		  - {name: b, args: [$CHILD]}
		  - {name: c, args: [$CHILD]}
	END
	start "$SPOOL" run -j1 --report json:events jobs.yaml
	until_ test -s r
	signal TERM
	finish
	dies_by TERM
	valid events
	asked 'select(.event == "skipped") | .job + " " + .reason' <(jq -s -c 'sort_by(.seq)[]' events) 'b cancel' 'c cancel'
	asked 'select(.event == "job-end") | .job + " " + .verdict' events 'a cancelled'
	asked 'select(.event == "run-end") | .not_started, .status' events 2 143
}

case_ "--report json: jq reads while the run goes on" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: a, args: [$CHILD]}
		  - {name: b, args: [$CHILD, await, go]}
	END
	start bash -c 'exec "$0" run -j2 --report json jobs.yaml > >(
		jq -r --unbuffered "select(.event == \"job-end\") | .job" >seen)' "$SPOOL"
	until_grep '^a$' seen
	touch go
	finish
	status 0
	until_grep '^b$' seen
}

case_ "--report json: a reader of &FD that dies, and a full disk" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: a, args: [$CHILD, await, gone, exit, 1]}
		  - {name: b, args: [$CHILD]}
	END
	mkfifo pipe
	start bash -c 'exec "$0" run -j1 --report "json:&3" jobs.yaml 3>pipe' "$SPOOL"
	head -n 1 pipe >first
	touch gone
	finish
	status 3
	stderr_is 'spool: warning: the report json:&3 cannot be written: Broken pipe'
	stdout_has 'a FAIL' 'b PASS'
	asked .event first run-start
	run "$SPOOL" run -j1 --report json:/dev/full --report json:good jobs.yaml
	status 3
	stderr_is 'spool: warning: the report json:/dev/full cannot be written: No space left on device'
	stdout_has 'a FAIL' 'b PASS'
	valid good
}

case_ "--report json: output is whole in text and events, whatever bytes" && {
	head -c 3000000 /dev/urandom >random
	cat >jobs.yaml <<-END
		jobs:
		  - {name: random, args: [cat, random]}
		  - {name: flood, args: [$CHILD, flood, 1, '20000000']}
		  - {name: kept, args: [$CHILD, flood, 1, '20000000'], max_output: 1000}
		  - {name: away, args: [$CHILD, say, x], stdout: file}
	END
	run "$SPOOL" run -j2 --output never --report json:events jobs.yaml
	status 0
	valid events
	jq -r 'select(.event == "attempt-end" and .job == "random") | .stdout.base64' events | base64 -d >back
	that cmp back random
	asked 'select(.event == "attempt-end" and .job == "kept") | .stdout | .bytes, .omitted, .gap, (.text | length)' \
		events 20000000 19999000 500 1000
	asked 'select(.event == "attempt-end" and .job == "away") | .stdout' events null
}

case_ "--report json: after 30 s of silence it says what runs" && {
	takes_long
	cat >jobs.yaml <<-END
		jobs: [{name: oldest, args: [$CHILD, await, go]}, {name: younger, args: [$CHILD, await, go]}]
	END
	start "$SPOOL" run -q -j2 --report json:events jobs.yaml
	sleep 33
	touch go
	finish
	status 0
	stderr_is ''
	valid events
	asked 'select(.event == "heartbeat") | .job, .running' events oldest 2
}

# ---- exec

case_ "exec --report json says what became of the command, and leaves streams and status alone" && {
	run "$SPOOL" exec --report json:events -- "$CHILD" say out exit 7
	status 7
	stdout_is out
	stderr_is ''
	valid events
	asked 'select(.event == "attempt-end") | .job, .returncode, .stdout' events child 7 null
	asked 'select(.event == "run-end") | .status' events 7
	run "$SPOOL" exec --capture --report json:events --report text:text -- "$CHILD" say out signal KILL
	status 137
	stdout_is out
	valid events
	asked 'select(.event == "attempt-end") | .signal, .stdout.text' events SIGKILL out ''
	that grep -q 'child SIGNAL .* SIGKILL' text
	run "$SPOOL" exec --timeout 100ms --report json:events -- "$CHILD" live
	status 124
	asked 'select(.event == "run-end") | .status' events 124
}

case_ "exec --report: what cannot be written is spool's own fault" && {
	run "$SPOOL" exec --report json:/dev/full -- "$CHILD" say out
	status 125
	stdout_is out
	stderr_is 'spool: warning: the report json:/dev/full cannot be written: No space left on device'
	run "$SPOOL" exec --report json:missing/file -- "$CHILD" say out
	status 125
	stdout_is ''
	stderr_is "spool: --report 'json:missing/file': cannot open the file: No such file or directory"
	run "$SPOOL" exec --report nosuch -- "$CHILD" say out
	status 125
	stdout_is ''
}

case_ "exec --report json: TERM is in it" && {
	start "$SPOOL" exec --report json:events -- "$CHILD" ready "$PWD/r" live
	until_ test -s r
	signal TERM
	finish
	dies_by TERM
	valid events
	asked 'select(.event == "run-end") | .status, .verdicts.cancelled' events 143 1
}
