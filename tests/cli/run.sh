# shellcheck shell=bash disable=SC2016 # expressions in single quotes are for others to expand
# SPDX-License-Identifier: MIT
# spool run: what jobs are made of, what is a failure, the exit status.

case_ "one of three jobs fails: 1, its output is shown, the others run" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: one, args: [$CHILD, say, unseen]}
		  - {name: two, args: [$CHILD, say, out, say-err, err, exit, 3]}
		  - {name: three, args: [$CHILD, say, unseen]}
	END
	run "$SPOOL" run -j1 jobs.yaml
	status 1
	stderr_is ''
	stdout_matches 'Running 3 jobs with 1 workers:' \
		' {13}one PASS      [ 0-9]{2}\.[0-9]{6}s \(1/3\)' \
		' {13}two FAIL      [ 0-9]{2}\.[0-9]{6}s \(2/3\)  exit 3' \
		'  stdout:' '    out' '  stderr:' '    err' \
		' {11}three PASS      [ 0-9]{2}\.[0-9]{6}s \(3/3\)' \
		'3 jobs in [0-9]+\.[0-9]{2}s' \
		'1 of 3 jobs did not pass:' \
		'  two FAIL  exit 3' '  stdout:' '    out' '  stderr:' '    err' \
		'    again: spool run jobs.yaml two'
}

case_ "check: false and success_codes make a status a success" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: shown, args: [$CHILD, exit, 3], check: false}
		  - {name: wanted, args: [$CHILD, exit, 3], success_codes: [3]}
	END
	run "$SPOOL" run -j1 jobs.yaml
	status 0
	stdout_matches '.*' ' +shown PASS .*  exit 3' ' +wanted PASS .*s \(2/2\)' '.*'
	echo "jobs: [{name: x, args: [$CHILD], success_codes: [1, 3]}]" >jobs.yaml
	run "$SPOOL" run jobs.yaml
	status 1
	stdout_has '  exit 0'
}

case_ "a signal is a failure of its own kind" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: segv, args: [$CHILD, signal, SEGV]}
		  - {name: kill, args: [$CHILD, signal, KILL]}
		  - {name: shell, run: "\"$CHILD\" signal SEGV || exit 9"}
	END
	run "$SPOOL" run -j1 jobs.yaml
	status 1
	stdout_matches '.*' ' +segv SIGNAL .*  SIGSEGV' ' +kill SIGNAL .*  SIGKILL' ' +shell FAIL .*  exit 9' \
		'    .*' '.*' '3 of 3 .*' '  segv SIGNAL  SIGSEGV' '    again: .*' '  kill SIGNAL  SIGKILL' \
		'    again: .*' '  shell FAIL  exit 9' '    .*' '    again: .*'
}

case_ "results are reported as they arrive" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: last, args: [$CHILD, await, go]}
		  - {name: first, args: [$CHILD]}
		  - {name: second, args: [$CHILD]}
	END
	start "$SPOOL" run -j2 jobs.yaml
	until_grep second "$CASE/out"
	stdout_lacks last
	touch go
	finish
	status 0
	stdout_matches '.*' ' +first .*' ' +second .*' ' +last .*' '.*'
}

case_ "a job that cannot start is its own failure" && {
	tagged valgrind "it forks where posix_spawn vforks, so a program that cannot start is not told"
	printf '#!/nonesuch/sh\n' >interpreter
	echo 'echo hi' >plain
	chmod +x interpreter plain
	cat >jobs.yaml <<-END
		jobs:
		  - {name: missing, args: [nonesuch]}
		  - {name: folder, args: [/]}
		  - {name: interpreter, args: [./interpreter]}
		  - {name: plain, args: [./plain]}
		  - {name: cwd, args: [$CHILD], cwd: nonesuch}
		  - {name: fine, args: [$CHILD]}
	END
	run "$SPOOL" run -j1 jobs.yaml
	status 1
	stdout_has "missing EXEC" "cannot execute 'nonesuch': No such file or directory" \
		"cannot execute '/': Permission denied" \
		"cannot execute './interpreter': No such file or directory (the file is there: the interpreter that its #! line names is not)" \
		"cannot execute './plain': Exec format error (a script needs a first line such as #!/bin/sh)" \
		"cannot enter the working directory 'nonesuch': No such file or directory" \
		'fine PASS' '5 of 6 jobs did not pass:'
	stderr_is ''
}

case_ "too long an argument list is that job's error" && {
	tagged valgrind "it forks where posix_spawn vforks, so a program that cannot start is not told"
	{
		echo "jobs:"
		echo "  - {name: fine, args: [$CHILD]}"
		printf '  - {name: long, args: [%s, "' "$CHILD"
		head -c 200000 /dev/zero | tr '\0' x
		printf '"]}\n'
	} >jobs.yaml
	run "$SPOOL" run jobs.yaml
	status 1
	stdout_has 'fine PASS' 'long EXEC' 'Argument list too long'
}

case_ "a script that one job writes can be run by the next" && {
	cat >jobs.yaml <<-'END'
		jobs:
		  - matrix: {n: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]}
		    run: |
		      for i in 0 1 2 3 4 5 6 7 8 9; do
		        printf '#!/bin/sh\necho ok\n' >"s$n$i"
		        chmod +x "s$n$i"
		        "./s$n$i"
		      done
		  - {name: direct, matrix: {n: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]}, args: ["./s${{ n }}9"]}
	END
	run "$SPOOL" run -j1 jobs.yaml
	status 0
}

case_ "a program that is held open for writing for a moment is waited for" && {
	tagged valgrind "it forks where posix_spawn vforks, so a program that cannot start is not told"
	cp "$CHILD" program
	cat >jobs.yaml <<-END
		jobs:
		  - {name: held, args: [./program]}
	END
	exec {held}>>program
	run "$SPOOL" run jobs.yaml
	status 1
	stdout_has "held EXEC" "cannot execute './program': Text file busy"
	took 0.2 2
	exec {held}>&-
	run "$SPOOL" run jobs.yaml
	status 0
}

case_ "what a job leaves in its group is gone with it" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: holds, run: "sleep 1000 & echo done"}
		  - {name: quiet, run: "sleep 1000 <&- >&- 2>&- & echo done"}
		  - {name: both, args: [$CHILD, ignore, TERM, ignore, HUP, fork-hold, fork-quiet, say, done]}
	END
	run "$SPOOL" run --output all jobs.yaml
	status 0
	took 0 3
	that test "$(grep -c '^    done$' "$CASE/out")" = 3
}

case_ "a job has no terminal, /dev/null as input and a session of its own" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: ids, args: [$CHILD, print-ids]}
		  - {name: tty, args: [$CHILD, print-tty, cat, say, end]}
	END
	run "$PTY" -- "$SPOOL" run -j1 --output all --color never jobs.yaml
	status 0
	tr -d '\r' <"$CASE/out" >plain
	that grep -qE '^    pid ([0-9]+) ppid [0-9]+ pgid \1 sid \1$' plain
	that grep -qx '    no tty' plain
	that grep -qx '    end' plain
}

case_ "input is fed, all of it, to those who read it and those who do not" && {
	"$CHILD" flood 1 1000000 >big
	{
		echo 'jobs:'
		for name in reads ignores; do
			printf '  - name: %s\n    args: [%s, %s, %s]\n    input: |\n' $name "$CHILD" \
				"$([[ $name == reads ]] && echo 'verify, "1000000"' || echo 'say, hi')" end
			sed 's/^/      /' big
		done
	} | sed 's/, end\]/]/' >jobs.yaml
	run "$SPOOL" run jobs.yaml
	status 0
}

case_ "defaults are every job's, and each may say otherwise" && {
	cat >jobs.yaml <<-END
		defaults: {env: {A: default}, check: false}
		jobs:
		  - {name: one, args: [$CHILD, env, A, exit, 1]}
		  - {name: two, args: [$CHILD, env, A, exit, 1], env: {A: own}, check: true}
	END
	run "$SPOOL" run -j1 --output all jobs.yaml
	status 1
	stdout_has 'one PASS' '    default' 'two FAIL' '    own'
}

case_ "a matrix is a job for each combination" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: build, matrix: {os: [linux, hurd], n: [1, 2]}, args: [$CHILD, args, "\${{ os }}-\${{ matrix.n }}"]}
	END
	run "$SPOOL" run -j1 --output all jobs.yaml
	status 0
	stdout_matches '.* 4 jobs .*' ' *build \(linux, 1\) PASS .*' '    \[linux-1\]' \
		' *build \(linux, 2\) PASS .*' '    \[linux-2\]' ' *build \(hurd, 1\) PASS .*' '    \[hurd-1\]' \
		' *build \(hurd, 2\) PASS .*' '    \[hurd-2\]' '.*'
}

case_ "the report section words the report" && {
	cat >jobs.yaml <<-END
		report:
		  title: "{{{jobs} by {workers}}}"
		  footer: "{done} in {elapsed:.3f}"
		  labels: {0: fine, 4: four}
		jobs:
		  - {name: a, args: [$CHILD]}
		  - {name: b, args: [$CHILD, exit, 4], check: false}
		  - {name: c, args: [$CHILD, exit, 5]}
	END
	run "$SPOOL" run -j1 jobs.yaml
	status 1
	stdout_matches '\{3 by 1\}' ' {15}a fine  .*s' ' {15}b four  .*s' ' {15}c FAIL  .*s  exit 5' \
		'3 in [0-9]+\.[0-9]{3}' '1 of 3 .*' '  c FAIL  exit 5' '    again: .*'
}

case_ "a report that cannot be written: 3" && {
	echo "jobs: [{args: [$CHILD]}, {args: [$CHILD, exit, 1]}]" >jobs.yaml
	out_to=/dev/full run "$SPOOL" run jobs.yaml
	status 3
	stderr_is 'spool: cannot write the report: No space left on device'
	for way in --help --version 'run --help' 'run --dry-run jobs.yaml'; do
		# shellcheck disable=SC2086 # its words
		out_to=/dev/full run "$SPOOL" $way
		status 3
		stderr_is 'spool: cannot write to standard output: No space left on device'
	done
}

case_ "a report that cannot be written does not end the run" && {
	echo "jobs: [{args: [$CHILD]}, {args: [touch, one]}, {args: [touch, two]}]" >jobs.yaml
	out_to=/dev/full run "$SPOOL" run -j1 jobs.yaml
	status 3
	that test -e one -a -e two
}

case_ "a reader that is gone ends the run: 141, and nothing is left" && {
	mkfifo pipe
	cat >jobs.yaml <<-END
		jobs:
		  - {name: lives, args: [$CHILD, tally, TERM, t, live], grace: 100ms}
		  - {name: ends, args: [$CHILD, await, go]}
	END
	head -n 1 <pipe >title &
	reader=$!
	out_to=pipe start "$SPOOL" run -j2 jobs.yaml
	wait $reader
	until_ test -e t
	touch go
	finish
	status 141
	stderr_is ''
	file_is t TERM
	file_is title 'Running 2 jobs with 2 workers:'
}

case_ "| head" && {
	{
		echo 'jobs:'
		echo "  - {matrix: {n: [$(seq -s, 200)]}, args: [$CHILD]}"
	} >jobs.yaml
	run bash -c '"$0" run jobs.yaml | head -n 1; exit "${PIPESTATUS[0]}"' "$SPOOL"
	status 141
	stderr_is ''
	run bash -c '"$0" --help | true; "$0" exec --capture "$1" flood 1 1000000 | true
		echo "${PIPESTATUS[0]}"' "$SPOOL" "$CHILD"
	status 0
	stdout_is 141
	stderr_is ''
}
