# shellcheck shell=bash disable=SC2016 # expressions in single quotes are for others to expand
# SPDX-License-Identifier: MIT
# Where a job's streams go: stdin, stdout, stderr, max_output; and env_file.

case_ "a path is made anew, or appended to, and the report shows nothing of it" && {
	mkdir sub
	echo old | tee sub/new >sub/more
	cat >sub/jobs.yaml <<-END
		jobs:
		  - {name: a, args: [$CHILD, say, new, say-err, error], stdout: new, stderr: 'err 1'}
		  - {name: b, args: [$CHILD, say, more], stdout: {path: more, append: true}}
	END
	run "$SPOOL" run -j1 --output all sub/jobs.yaml
	status 0
	stdout_matches 'Running .*' ' +a PASS .*' ' +b PASS .*' '2 jobs in .*'
	that test "$(<sub/new)" = new
	that test "$(<'sub/err 1')" = error
	that test "$(head -1 sub/more)" = old
	that test "$(tail -1 sub/more)" = more
}

case_ "relative paths start at -C" && {
	mkdir sub
	echo "jobs: [{args: [$CHILD, say, x], stdout: new}]" >jobs.yaml
	run "$SPOOL" run -C sub jobs.yaml
	status 0
	that test -s sub/new
	that test ! -e new
}

case_ "fifty jobs append to one log and every line is there" && {
	cat >jobs.yaml <<-'END'
		jobs: [{name: '${{ n }}', matrix: {n: [NUMBERS]}, run: 'i=0; while [ $i -lt 20 ]; do echo "$n $i"; i=$((i+1)); done', stdout: {path: log, append: true}}]
	END
	sed -i "s/NUMBERS/$(seq -s, 50)/" jobs.yaml
	run "$SPOOL" run -j8 jobs.yaml
	status 0
	that test "$(wc -l <log)" = 1000
	that test "$(sort -u log | wc -l)" = 1000
	that test "$(grep -cE '^[0-9]+ [0-9]+$' log)" = 1000
}

case_ "on a full disk the program's own write fails" && {
	echo "jobs: [{name: a, run: 'LC_ALL=C seq 5', stdout: /dev/full}]" >jobs.yaml
	run "$SPOOL" run jobs.yaml
	status 1
	stdout_has 'a FAIL' 'exit 1' 'write error: No space left on device' 'output in /dev/full'
}

case_ "stderr: stdout is one stream in the order written" && {
	cat >jobs.yaml <<-END
		defaults: {stderr: stdout}
		jobs:
		  - {name: a, run: 'echo 1; echo 2 >&2; echo 3; exit 1'}
		  - {name: b, run: 'echo 1; echo 2 >&2; echo 3', stdout: file}
		  - {name: c, run: 'echo 1; echo 2 >&2', stdout: devnull}
	END
	run "$SPOOL" run -j1 --output all jobs.yaml
	status 1
	stdout_matches 'Running .*' ' +a FAIL .*' '    1' '    2' '    3' ' +b PASS .*' ' +c PASS .*' '3 jobs in .*' \
		'1 of 3 .*' '  a FAIL .*' '    1' '    2' '    3' '    again: .*'
	file_is file 1 2 3
}

case_ "inherit is spool's own stream, devnull is nowhere" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: a, args: [$CHILD, say, to out, say-err, to err], stdout: inherit, stderr: inherit}
		  - {name: b, args: [$CHILD, say, nothing, say-err, shown], stdout: devnull}
		  - {name: c, args: [$CHILD, say, nothing, say-err, nothing], stdout: devnull, stderr: devnull}
	END
	run "$SPOOL" run -j1 --output all jobs.yaml
	status 0
	stdout_has 'to out' '    shown'
	stdout_lacks '    to out' 'nothing' 'to err'
	stderr_has 'to err'
}

case_ "stdin is a file, and the job's own goes before the defaults' input" && {
	echo text >in
	cat >jobs.yaml <<-END
		defaults: {input: default}
		jobs:
		  - {name: a, args: [$CHILD, cat], stdin: in}
		  - {name: b, args: [$CHILD, cat]}
	END
	run "$SPOOL" run -j1 --output all jobs.yaml
	status 0
	stdout_matches 'Running .*' ' +a PASS .*' '    text' ' +b PASS .*' '    default' '2 jobs in .*'
}

case_ "one job may read what another writes, and a FIFO's other end is waited for" && {
	mkfifo fifo
	cat >jobs.yaml <<-END
		jobs:
		  - {name: a, args: [$CHILD, say, made], stdout: ./made}
		  - {name: b, args: [$CHILD, cat], stdin: made}
		  - {name: c, args: [$CHILD, cat], stdin: fifo}
		  - {name: d, args: [$CHILD, say, through], stdout: fifo}
	END
	run "$SPOOL" run -j1 jobs.yaml a b
	status 0
	run "$SPOOL" run -j2 --output all jobs.yaml c d
	status 0
	stdout_has '    through'
}

case_ "TERM ends the wait for a FIFO's reader" && {
	mkfifo fifo
	echo "jobs: [{name: a, args: [$CHILD, say, x], stdout: fifo}, {name: b, args: [$CHILD, ready, $PWD/r, live]}]" >jobs.yaml
	start "$SPOOL" run -j2 jobs.yaml
	until_ test -s r
	signal TERM
	finish
	dies_by TERM
	stdout_has 'a CANCELLED'
}

case_ "what is known only at the start: slot and attempt" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: a, args: [$CHILD, cat], stdin: 'in-\${{ spool.attempt }}', stdout: 'out-\${{ spool.slot }}'}
		  - {name: b, args: [$CHILD, say, x], stdout: 'no-\${{ spool.slot }}/x'}
	END
	echo 'of the attempt' >in-1
	run "$SPOOL" run -j1 jobs.yaml
	status 1
	file_is out-1 'of the attempt'
	stdout_has 'b EXEC' "cannot write to 'no-1/x': No such file or directory"
}

case_ "the digest says where the output is" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: a, args: [$CHILD, say, x, say-err, seen, exit, '3'], stdout: 'a-\${{ spool.slot }}'}
		  - {name: b, args: [$CHILD, say, x, exit, '3'], stdout: b, stderr: c}
		  - {name: d, args: [$CHILD, say, x, exit, '3'], stdout: {path: d, append: true}, stderr: stdout}
	END
	run "$SPOOL" run -j1 --output never jobs.yaml
	status 1
	stdout_matches 'Running .*' ' +a FAIL .*' ' +b FAIL .*' ' +d FAIL .*' '3 jobs in .*' '3 of 3 .*' \
		'  a FAIL .*' '    output in a-1' '    again: .*' \
		'  b FAIL .*' '    output in b' '    error output in c' '    again: .*' \
		'  d FAIL .*' '    output in d' '    again: .*'
}

case_ "all that is wrong is said with its place, and nothing starts" && {
	mkdir dir
	touch file
	cat >jobs.yaml <<-END
		jobs:
		  - {name: a, args: [$CHILD, ready, started], stdout: missing/log}
		  - {name: b, args: [$CHILD, say, x], stdout: dir, stderr: new/}
		  - {name: c, args: [$CHILD, say, x], stdin: nothing}
		  - {name: d, args: [$CHILD, say, x], stdin: dir}
		  - {name: e, args: [$CHILD, say, x], stdin: file, input: text}
		  - {name: f, args: [$CHILD, say, x], stdout: stderr, stderr: stderr}
		  - {name: g, args: [$CHILD, say, x], stdout: {append: true}, stderr: {path: x, mode: a}}
		  - {name: h, args: [$CHILD, say, x], stdout: file/log, stderr: ''}
		  - {name: i, args: [$CHILD, say, x], stdout: null, stderr: [x], max_output: 10X, stdin: {job: x}}
		  - {name: j, args: [$CHILD, say, x], max_output: 99999999T, env_file: nothing}
	END
	sed -i "s|$CHILD|child|" jobs.yaml
	run "$SPOOL" check jobs.yaml
	status 2
	stdout_is ''
	stderr_has "jobs.yaml:2:54: there is no directory 'missing' for 'stdout'" \
		'hint: spool makes no directories: make it first, or correct the path' \
		"jobs.yaml:3:46: 'dir' is a directory, not a file" \
		"jobs.yaml:3:59: there is no directory 'new' for 'stderr'" \
		"jobs.yaml:4:45: cannot read 'nothing': No such file or directory" \
		"hint: 'stdin' is the path of a file; a text for standard input is 'input'" \
		"jobs.yaml:5:45: 'dir' is a directory, not a file" \
		"jobs.yaml:6:58: both 'input' and 'stdin' are given" \
		"jobs.yaml:7:46: 'stdout' cannot go to 'stderr'" \
		"jobs.yaml:7:62: 'stderr' cannot go to 'stderr'" \
		"jobs.yaml:8:46: 'stdout' has no 'path'" \
		"jobs.yaml:8:80: unknown key 'mode' in 'stderr'" \
		"jobs.yaml:9:46: cannot write to 'file/log': Not a directory" \
		"jobs.yaml:9:64: the path is empty" \
		"jobs.yaml:10:46: 'stdout' has no value" \
		"jobs.yaml:10:60: 'stderr' must be a text, not a list" \
		"jobs.yaml:10:77: '10X' is no size for 'max_output': the units are K, M, G and T" \
		"jobs.yaml:10:89: 'stdin' must be a text, not a map" \
		"jobs.yaml:11:50: '99999999T' is no size for 'max_output': it is too large" \
		"jobs.yaml:11:71: cannot read 'nothing': No such file or directory"
	that test ! -e started
}

case_ "what a job that is needed makes can be missing before" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: make, run: mkdir new && echo made >new/in}
		  - {name: use, needs: [make], args: [cat], stdin: new/in, stdout: new/out, stderr: new/err}
		  - {name: never, needs: [make], args: [$CHILD], stdout: missing/log}
		  - {name: never too, needs: [make], args: [$CHILD], stdin: nothing}
	END
	run "$SPOOL" check jobs.yaml
	status 0
	run "$SPOOL" run -k jobs.yaml
	status 1
	stdout_matches 'Running .*' ' +make PASS .*' ' +use PASS .*' \
		" +never EXEC .*  cannot write to 'missing/log': No such file or directory" \
		" +never too EXEC .*  cannot read 'nothing': No such file or directory" '.*' '.*' '.*' '.*' '.*' '.*'
	that test "$(cat new/out)" = made
	# When nothing is waited for it must be there.
	rm -r new
	run "$SPOOL" run --skip make jobs.yaml use
	status 2
	stderr_has "jobs.yaml:3:52: cannot read 'new/in': No such file or directory" \
		"jobs.yaml:3:68: there is no directory 'new' for 'stdout'"
	sed -i 's/\[make\]/[]/' jobs.yaml
	run "$SPOOL" run jobs.yaml use
	status 2
	stderr_has "cannot read 'new/in': No such file or directory"
	# Two still cannot write to the same file.
	cat >jobs.yaml <<-END
		jobs:
		  - {name: make, args: [mkdir, new]}
		  - {name: a, needs: [make], args: [$CHILD], stdout: new/out}
		  - {name: b, needs: [make], args: [$CHILD], stdout: new/out}
	END
	sed -i "s|$CHILD|child|" jobs.yaml
	run "$SPOOL" run jobs.yaml
	status 2
	stderr_has "jobs.yaml:4:53: 'new/out' is written to twice, the first time at line 3:53"
	that test ! -e new
}

case_ "two that write to one file, without appending, are an error with both places" && {
	mkdir dir
	ln -s dir link
	cat >jobs.yaml <<-'END'
		defaults: {stdout: all}
		jobs:
		  - {name: a, args: [x], stdout: dir/log}
		  - {name: b, args: [x], stdout: link//log}
		  - {name: c, args: [x], stdout: two, stderr: ./two}
		  - {name: d, args: [x], matrix: {n: [1, 2]}}
		  - {name: e, args: [x], matrix: {n: [1, 2]}, stdout: /dev/null, stderr: {path: log, append: true}}
		  - {name: f, args: [x], matrix: {n: [1, 2]}, stdout: 'log-${{ n }}'}
	END
	run "$SPOOL" check jobs.yaml
	status 2
	stderr_has "jobs.yaml:4:34: 'link//log' is written to twice, the first time at line 3:34" \
		"jobs.yaml:5:47: './two' is written to twice, the first time at line 5:34" \
		"jobs.yaml:1:20: two jobs write to 'all'" 'hint: put ${{ job.name }} into the path, or append'
	that test "$(grep -c '^spool: jobs' "$CASE/err")" = 3
	run "$SPOOL" check - <<-'END'
		jobs:
		  - {args: [ls], matrix: {n: [1, 2, 3]}, stdout: {path: a, append: true}, stderr: 'b-${{ n }}'}
		  - {args: [ls], stdout: a}
	END
	status 0
	run "$SPOOL" check - <<-'END'
		jobs:
		  - {args: [x], stdout: {path: a, append: true}}
		  - {args: [x], stdout: a}
		  - {args: [x], stdout: a}
	END
	status 2
	stderr_has "-:4:25: 'a' is written to twice, the first time at line 3:25"
}

case_ "what spool may not read or write is an error before anything starts" && {
	by=()
	if [[ $(id -u) == 0 ]]; then
		needs setpriv
		tagged valgrind "it is started by a script, which nobody else may read"
		tagged asan "it is started by a script, which nobody else may read"
		tagged tsan "it is started by a script, which nobody else may read"
		by=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	fi
	mkdir dir
	touch file
	chmod 755 . .. "$CASE"
	chmod 555 dir
	chmod 0 file
	cp "$SPOOL" spool
	cat >jobs.yaml <<-'END'
		jobs:
		  - {args: [x], stdin: file, stdout: dir/new}
		  - {args: [x], stdout: file, env_file: file}
	END
	run "${by[@]}" ./spool check jobs.yaml
	status 2
	stderr_has "jobs.yaml:2:24: cannot read 'file': Permission denied" \
		"jobs.yaml:2:38: cannot write to 'dir/new': Permission denied" \
		"jobs.yaml:3:25: cannot write to 'file': Permission denied" \
		"jobs.yaml:3:41: cannot read 'file': Permission denied"
	chmod 755 dir
}

case_ "a file that is made has the mode that umask leaves, and the job's own" && {
	tagged valgrind "the program that runs is valgrind, so spool cannot execute itself"
	echo "jobs: [{args: [$CHILD, say, x], stdout: a}, {args: [$CHILD, say, x], stdout: b, umask: 077}]" >jobs.yaml
	run "$SPOOL" run jobs.yaml
	status 0
	that test "$(stat -c %a a)" = "$(printf %o $((0666 & ~$(umask))))"
	that test "$(stat -c %a b)" = 600
}

case_ "max_output keeps the first and the last half, and counts the rest" && {
	cat >jobs.yaml <<-'END'
		defaults: {max_output: 21}
		jobs:
		  - {name: a, run: seq 100}
		  - {name: b, run: 'head -c 20M /dev/zero | tr "\0" x', max_output: none}
		  - {name: c, run: seq 3, max_output: 0}
		  - {name: d, run: 'seq 1000', stdout: d}
	END
	run "$SPOOL" run -j1 --output all jobs.yaml
	status 0
	stdout_matches 'Running .*' ' +a PASS .*' '    1' '    2' '    3' '    4' '    5' '    6' \
		'  … 271 bytes left out …' '    98' '    99' '    100' ' +b PASS .*' '    x+' ' +c PASS .*' \
		'  … 6 bytes left out …' ' +d PASS .*' '4 jobs in .*'
	that test "$(grep -c '^    x' "$CASE/out")" = 1
	that test "$(grep '^    x' "$CASE/out" | tr -cd x | wc -c)" = 20971520
	that test "$(wc -l <d)" = 1000
}

case_ "a low limit on open files is enough for a job with three files" && {
	tagged valgrind "it needs more of them itself"
	echo text >in
	cat >jobs.yaml <<-END
		jobs: [{name: '\${{ n }}', matrix: {n: [$(seq -s, 10)]}, args: [$CHILD, cat], stdin: in, stdout: 'o\${{ n }}', stderr: 'e\${{ n }}'}]
	END
	run "$SPOOL" run jobs.yaml
	status 0
	sed 's/args:/umask: 022, args:/' jobs.yaml >steps.yaml
	for limit in 8 $(seq 16 34); do
		run bash -c 'ulimit -n "$0"; exec "$@"' "$limit" "$SPOOL" run -j3 steps.yaml
		if grep -q 'is the least' "$CASE/err"; then
			status 3
		else
			status 0
		fi
		run bash -c 'ulimit -n "$0"; exec "$@"' "$limit" "$SPOOL" run -j3 jobs.yaml
		if grep -q 'is the least' "$CASE/err"; then
			status 3
		else
			status 0
		fi
	done
}

case_ "env_file goes under env, the job's over the defaults', each by its names" && {
	mkdir sub
	printf '\xef\xbb\xbfA=default\nB=default\nC="with  blanks "\r\n# D=1\n\nD=$A #no\n' >sub/one
	printf "export B = 'own'\nE=\nF=own\n" >sub/two
	cat >sub/jobs.yaml <<-'END'
		defaults: {env_file: one, env: {F: env}}
		jobs:
		  - {name: a, run: 'echo "[$A] [$B] [$C] [$D] [${E-none}] [$F]"'}
		  - {name: b, run: 'echo "[$A] [$B] [$C] [$D] [${E-none}] [$F]"', env_file: two, env: {A: null}}
		  - {name: c, run: 'echo "[$A] [$B] [$n]"', matrix: {n: [one, two]}, env_file: '${{ n }}', inherit_env: false}
	END
	run "$SPOOL" run -j1 --output all sub/jobs.yaml
	status 0
	stdout_has '    [default] [default] [with  blanks ] [$A #no] [none] [env]' \
		'    [] [own] [with  blanks ] [$A #no] [] [env]' \
		'    [default] [default] [one]' '    [default] [own] [two]'
}

case_ "what is wrong in an env_file is said with its line, before anything starts" && {
	printf 'A=1\nB\n 1C=x\nSPOOL_X=1\nD="a\nE="a"b"\nF=a\0b\n=x\n' >vars
	cat >jobs.yaml <<-'END'
		defaults: {env_file: vars}
		jobs:
		  - {args: [x]}
		  - {args: [x], env_file: '${{ spool.slot }}'}
		  - {args: [x], env_file: /dev/zero}
	END
	run "$SPOOL" run jobs.yaml
	status 2
	stdout_is ''
	stderr_has "jobs.yaml:1:22: vars:2: there is no '=' in the line" \
		"jobs.yaml:1:22: vars:3: '1C' is no name of a variable" \
		"jobs.yaml:1:22: vars:4: 'SPOOL_X' cannot be given: SPOOL_ names are set by spool itself" \
		'jobs.yaml:1:22: vars:5: the quote is not closed on its line' \
		'jobs.yaml:1:22: vars:6: the value goes on behind its closing quote' \
		'jobs.yaml:1:22: vars:7: there is a NUL byte in the line' \
		"jobs.yaml:1:22: vars:8: '' is no name of a variable" \
		"jobs.yaml:4:27: the path of 'env_file' is known only when the job starts" \
		"jobs.yaml:5:27: cannot read '/dev/zero': File too large"
}

case_ "only the files of jobs that will run are looked at" && {
	echo "jobs: [{name: a, args: [$CHILD]}, {name: b, args: [$CHILD], env_file: none, stdin: none, stdout: none/x}]" >jobs.yaml
	run "$SPOOL" run jobs.yaml a
	status 0
}

case_ "a dry run shows redirections that can be pasted" && {
	mkdir sub
	echo text >sub/in
	echo V=1 >sub/env
	cat >sub/jobs.yaml <<-'END'
		jobs:
		  - {name: a, args: [cat], stdin: in, stdout: 'the log', stderr: devnull}
		  - {name: b, run: 'echo $V; echo e >&2', stdout: {path: 'the log', append: true}, stderr: stdout, env_file: env, umask: 077}
		  - {name: c, args: [cat], input: x, stdout: inherit, stderr: err}
	END
	run "$SPOOL" run --dry-run sub/jobs.yaml
	status 0
	stdout_is "(cd ./sub && cat) <sub/in >'sub/the log' 2>/dev/null" \
		"(umask 077 && (cd ./sub && env V=1 /bin/sh -e -c 'echo \$V; echo e >&2' </dev/null) >>'sub/the log' 2>&1)" \
		"printf %s x | (cd ./sub && cat) 2>sub/err"
	that test ! -e sub/err
	cp "$CASE/out" script
	run sh script
	status 0
	that grep -qx x "$CASE/out"
	that test "$(<'sub/the log')" = $'text\n1\ne'
}
