# shellcheck shell=bash disable=SC2016 # expressions in single quotes are for others to expand
# SPDX-License-Identifier: MIT
# INT, TERM, HUP and QUIT to spool, and the signals that jobs find.

# one_job STEP…: a job file with one job, the puppet with these steps, and with ready
one_job() {
	local words
	printf -v words ', %s' "$@"
	echo "jobs: [{name: job, args: [$CHILD$words], grace: ${grace-60s}}]" >jobs.yaml
}

# started: the job of the file is in place
started() {
	start "$SPOOL" run jobs.yaml
	until_ test -s r
}

# drops_what_nobody_reads SIGNAL: what was started ends by it all the same, and says how much was lost
drops_what_nobody_reads() {
	finish
	dies_by "$1"
	took 1 10
	that grep -qE '^spool: [0-9]+ bytes of the report were dropped: nobody read them$' "$CASE/err"
	exec {reader}>&-
}

case_ "each of them cancels, goes on to the jobs, and spool dies by it" && {
	for name in INT TERM HUP QUIT; do
		rm -f r t
		grace=100ms one_job tally $name t ready r live
		started
		signal $name
		finish
		dies_by $name
		file_is t $name
		stdout_matches '.*' ' +job CANCELLED .*  SIGKILL' '1 jobs in .*' 'cancelled: 1' '    job'
		stderr_is ''
	done
	that test -z "$(find . -name 'core*')"
}

case_ "what was cancelled and what never started is named" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: over, args: [$CHILD]}
		  - {name: fails, args: [$CHILD, exit, 3]}
		  - {name: runs, args: [$CHILD, ready, r, live]}
		  - {name: never, matrix: {n: [1, 2, 3]}, args: [$CHILD, ready, started]}
	END
	start "$SPOOL" run -j1 jobs.yaml
	until_ test -s r
	signal TERM
	finish
	dies_by TERM
	stdout_matches 'Running 6 jobs with 1 workers:' ' +over PASS .*' ' +fails FAIL .*  exit 3' \
		' +runs CANCELLED .*  SIGTERM' '3 jobs in .*' '1 of 6 jobs did not pass:' \
		'  fails FAIL  exit 3' '    again: spool run jobs.yaml fails' \
		'cancelled: 1' '    runs' 'never started: 3' '    never \(1\)  never \(2\)  never \(3\)'
	that test ! -e started
}

case_ "timeout(1) tells both spool and its group: that is one signal" && {
	grace=300ms one_job tally TERM t ready r live
	run timeout "$SPOOL_TEST_SLOWER" "$SPOOL" run jobs.yaml
	status 124
	took 1.3 13
	file_is t TERM
	stdout_has CANCELLED
}

case_ "the same signal within half a second is the same one" && {
	grace=1s one_job tally INT t ready r live
	started
	signal INT
	signal INT
	signal INT
	finish
	dies_by INT
	took 1 10
	file_is t INT
}

case_ "the second one kills at once" && {
	one_job ignore INT ready r live
	started
	signal INT
	sleep 0.6 # what makes it a second one
	signal INT
	finish
	dies_by INT
	took 0.6 6
	stdout_has CANCELLED SIGKILL
}

case_ "another one is a second one at any time" && {
	one_job ignore INT ignore TERM ready r live
	started
	signal INT
	signal TERM
	finish
	dies_by INT
	took 0 6
	stdout_has CANCELLED SIGKILL
}

case_ "the third one ends spool at once" && {
	tagged valgrind "its threads take turns, so the job's end may come before the third signal"
	one_job ignore HUP ignore INT ignore TERM ready r await go
	start env "$SPOOL" run jobs.yaml # by env: it closes nothing then
	until_ test -s r
	signal STOP
	until_grep '^State:.[Tt]' "/proc/$(<"$CASE/pid")/status"
	signal TERM
	signal HUP
	signal INT
	signal CONT
	finish
	status 143
	touch go
}

case_ "^C on a terminal reaches the jobs once, through spool" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: job, args: [$CHILD, tally, INT, t, ready, r, live], grace: 500ms}
		  - {name: placed, args: [$CHILD, await, r]}
	END
	run "$PTY" -e placed -s '^C' -- "$SPOOL" run -j2 jobs.yaml
	status 130
	file_is t INT
	stdout_has CANCELLED
}

case_ "a stopped job is continued to act on the signal" && {
	one_job trap TERM 3 pid p stop live
	start "$SPOOL" run jobs.yaml
	until_ test -s p
	until_grep '^State:.[Tt]' "/proc/$(<p)/status"
	signal TERM
	finish
	dies_by TERM
	took 0 6
	stdout_has 'SIGTERM, exit 3' '    trap TERM'
}

case_ "what came ignored stays ignored, for spool and the jobs" && {
	for name in HUP INT QUIT; do
		rm -f r go
		one_job ready r await go print-sig
		start "$CHILD" ignore $name exec "$SPOOL" run --output all jobs.yaml
		until_ test -s r
		signal $name
		touch go
		finish
		status 0
		stdout_has "SigIgn:	$(printf '%016x' $((1 << ($(kill -l $name) - 1))))"
	done
}

case_ "in the background of a script ^C is not for it" && {
	one_job ready r await go
	run bash -c '"$0" run jobs.yaml & pid=$!
		until test -s r; do :; done
		kill -INT $pid
		touch go
		wait $pid' "$SPOOL"
	status 0
	stdout_has PASS
}

case_ "TERM is heard even where it came ignored" && {
	grace=100ms one_job ready r live
	start "$CHILD" ignore TERM exec "$SPOOL" run jobs.yaml
	until_ test -s r
	signal TERM
	finish
	dies_by TERM
	stdout_has CANCELLED
}

case_ "jobs and commands find the signals that spool found" && {
	echo "jobs: [{args: [$CHILD, print-sig]}]" >jobs.yaml
	for before in 'default TERM' 'ignore HUP block USR1' 'block TERM block INT ignore USR2 block CHLD'; do
		# shellcheck disable=SC2086 # its words
		run "$CHILD" $before print-sig
		status 0
		cp "$CASE/out" found
		# shellcheck disable=SC2086 # its words
		run "$CHILD" $before exec "$SPOOL" exec -- "$CHILD" print-sig
		status 0
		stdout_is - <found
		# shellcheck disable=SC2086 # its words
		run "$CHILD" $before exec "$SPOOL" run --output all jobs.yaml
		status 0
		that diff found <(sed -n 's/^    Sig/Sig/p' "$CASE/out")
	done
}

case_ "an ignored PIPE is given back to them, as Python does" && {
	run "$CHILD" ignore PIPE exec "$SPOOL" exec -- "$CHILD" print-sig
	status 0
	stdout_has "SigIgn:	0000000000000000"
}

case_ "an ignored CHLD loses no status" && {
	echo "jobs: [{name: x, args: [$CHILD, exit, 3]}]" >jobs.yaml
	run "$CHILD" ignore CHLD exec "$SPOOL" run jobs.yaml
	status 1
	stdout_has 'exit 3'
	run "$CHILD" ignore CHLD exec "$SPOOL" exec -- "$CHILD" exit 4
	status 4
}

case_ "signals to spool exec go on to the command, and spool dies by them" && {
	for name in INT TERM HUP QUIT; do
		rm -f r
		start "$SPOOL" exec -- "$CHILD" trap $name 0 ready r live
		until_ test -s r
		signal $name
		finish
		dies_by $name
		stdout_is "trap $name"
	done
	start "$SPOOL" exec --grace 0.2 -- "$CHILD" ignore TERM fork-quiet ready r2 live
	until_ test -s r2
	signal TERM
	finish
	dies_by TERM
	took 0.2 4
}

case_ "a signal while the last lines are being written" && {
	mkfifo pipe
	one_job flood 1 1000000 exit 1
	exec {reader}<>pipe
	out_to=pipe start "$SPOOL" run jobs.yaml
	until read -r line <&"$reader" && [[ $line == *FAIL* ]]; do :; done
	signal TERM
	drops_what_nobody_reads TERM
}

case_ "exec: a report that nobody reads is not waited for when a signal has ended the command" && {
	mkfifo pipe
	exec {reader}<>pipe
	start "$SPOOL" exec --capture --report json:pipe -- "$CHILD" flood 1 300000 ready r live
	until_ test -s r
	signal TERM
	drops_what_nobody_reads TERM
}

case_ "the second one drops at once what nobody reads" && {
	mkfifo pipe
	one_job flood 1 1000000 exit 1
	exec {reader}<>pipe
	out_to=pipe start "$SPOOL" run jobs.yaml
	until read -r line <&"$reader" && [[ $line == *FAIL* ]]; do :; done
	signal INT # of two that wait the lower number is taken first
	signal TERM
	finish
	dies_by INT
	stderr_has 'bytes of the report were dropped: nobody read them'
	exec {reader}>&-
}

case_ "a reader that does not read delays neither timeouts nor the end" && {
	mkfifo pipe
	cat >jobs.yaml <<-END
		defaults: {timeout: 500ms, grace: 100ms}
		jobs:
		  - {name: late, args: [$CHILD, tally, TERM, t, ready, r, live]}
		  - {name: flood, args: [$CHILD, await, r, flood, 1, "3000000", exit, 1]}
		  - {name: more, matrix: {n: [1, 2, 3, 4, 5, 6, 7, 8, 9]}, args: [$CHILD, flood, 1, "1000000", exit, 1]}
	END
	exec {reader}<>pipe
	out_to=pipe start "$SPOOL" run -j2 jobs.yaml
	until_ test -s t
	signal TERM
	finish
	dies_by TERM
	took 1.5 10
	file_is t TERM
	stderr_has 'bytes of the report were dropped: nobody read them'
	exec {reader}>&-
}

case_ "a signal that comes with the end is not lost" && {
	echo "jobs: [{name: job, run: 'kill -TERM \$PPID'}]" >jobs.yaml
	for _ in {1..20}; do
		run "$SPOOL" run jobs.yaml
		dies_by TERM
		run "$SPOOL" exec -- sh -c 'kill -HUP $PPID'
		dies_by HUP
	done
}

case_ "dying by a signal goes before a report that cannot be written" && {
	one_job ready r live
	out_to=/dev/full start "$SPOOL" run jobs.yaml
	until_ test -s r
	signal TERM
	finish
	dies_by TERM
	stderr_is 'spool: cannot write the report: No space left on device'
}

case_ "a slow reader gets all of it" && {
	one_job flood 1 1000000 ready r exit 1
	run bash -c '"$0" run jobs.yaml | { sleep 0.3; cat; }; exit "${PIPESTATUS[0]}"' "$SPOOL"
	status 1
	that cmp <("$CHILD" flood 1 1000000) <(sed -n '/jobs in/q; s/^    0/0/p' "$CASE/out")
	stderr_is ''
}

case_ "before anything runs a signal ends spool at once" && {
	mkfifo never
	for command in "run -" "check -" "exec --input never -- cat"; do
		exec {writer}<>never
		# shellcheck disable=SC2086 # the words of a command
		start "$SPOOL" $command <never
		until_ grep -q '^State:.S' "/proc/$(<"$CASE/pid")/status"
		signal TERM
		finish
		dies_by TERM
		stderr_is ''
		exec {writer}>&-
	done
}

case_ "nor does standard error without a reader delay the end" && {
	mkfifo pipe
	cat >jobs.yaml <<-END
		defaults: {timeout: 500ms, grace: 100ms}
		jobs:
		  - {name: late, args: [$CHILD, tally, TERM, t, ready, r, live]}
		  - {name: flood, args: [$CHILD, await, r, flood, 1, "3000000", exit, 1]}
	END
	exec {reader}<>pipe
	start bash -c 'exec "$0" run -j2 -v jobs.yaml >pipe 2>&1' "$SPOOL"
	until_ test -s t
	signal TERM
	finish
	dies_by TERM
	took 1.5 15
	exec {reader}>&-
}

case_ "a job in the grace of its timeout hears of the end of the run" && {
	cat >jobs.yaml <<-END
		jobs:
		  - name: a
		    timeout: 100ms
		    grace: none
		    args: [$CHILD, tally, TERM, $PWD/term, tally, INT, $PWD/int, live]
	END
	start "$SPOOL" run jobs.yaml
	until_ test -s term
	signal INT
	until_ test -s int
	signal TERM
	finish
	dies_by INT
	stdout_has 'a TIMEOUT'
	file_is int INT
	file_is term TERM
}

# Two jobs that wait, and one that would come behind them.
two_wait() {
	cat >jobs.yaml <<-END
		workers: 2
		jobs:
		  - {name: a, args: [$CHILD, ready, $PWD/a, await, $PWD/go]}
		  - {name: b, args: [$CHILD, ready, $PWD/b, await, $PWD/go]}
		  - {name: c, args: [touch, c]}
	END
	start "$SPOOL" run jobs.yaml
	until_ test -s a
	until_ test -s b
}

case_ "USR1 says what runs, and ends nothing" && {
	two_wait
	signal USR1
	until_grep '2 running, 0 ended' "$CASE/err"
	touch go
	finish
	status 0
	stderr_has 'running: a (' 'running: b ('
	that test -e c
}

case_ "USR2 lets what runs end, and starts nothing new" && {
	two_wait
	signal USR2
	until_grep 'drained by SIGUSR2' "$CASE/err"
	touch go
	finish
	status 4
	stdout_has 'never started: 1'
	that test ! -e c
}

case_ "a USR2 that came ignored stays ignored" && {
	cat >jobs.yaml <<-END
		jobs: [{name: a, args: [$CHILD, ready, $PWD/a, await, $PWD/go]}, {name: c, args: [touch, c], needs: [a]}]
	END
	start bash -c 'trap "" USR2; exec "$@"' - "$SPOOL" run jobs.yaml
	until_ test -s a
	signal USR2
	touch go
	finish
	status 0
	that test -e c
}
