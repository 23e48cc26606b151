# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# spool run --line-buffer and --tag: output line by line behind the name of its job.

case_ "--line-buffer: a line is there while its job runs" && {
	mkfifo go
	cat >jobs.yaml <<-END
		jobs:
		  - {name: one, run: 'echo first; read -r x <go; echo second; echo error >&2; printf half; exit 3'}
	END
	start "$SPOOL" run --line-buffer jobs.yaml
	until_grep $'^one\tfirst$' "$CASE/out"
	stdout_matches 'Running 1 .*' $'one\tfirst'
	echo >go
	finish
	status 1
	stdout_matches 'Running 1 .*' $'one\tfirst' $'one\t(second|error)' $'one\t(second|error)' $'one\thalf' \
		' +one FAIL .* \(1/1\)  exit 3' '1 jobs in .*' '1 of 1 .*' '  one FAIL  exit 3' '  stdout:' '    first' \
		'    second' '    half' '  stderr:' '    error' '    again: spool run jobs.yaml one'
	stdout_has $'one\tsecond' $'one\terror'
}

case_ "--line-buffer: jobs that run together mix by lines" && {
	mkfifo a b
	cat >jobs.yaml <<-END
		jobs:
		  - {name: one, run: 'echo 1; printf 2; read -r x <a; echo " end"'}
		  - {name: two, run: 'echo I; read -r x <b; echo II'}
	END
	start "$SPOOL" run --line-buffer -j2 jobs.yaml
	until_grep $'^one\t1$' "$CASE/out"
	until_grep $'^two\tI$' "$CASE/out"
	stdout_lacks $'one\t2'
	echo >b
	until_grep '^ +two PASS .* \(1/2\)$' "$CASE/out"
	echo >a
	finish
	status 0
	stdout_matches 'Running 2 .*' $'(one\t1|two\tI)' $'(one\t1|two\tI)' $'two\tII' ' +two PASS .* \(1/2\)' \
		$'one\t2 end' ' +one PASS .* \(2/2\)' '2 jobs in .*'
}

case_ "-k --line-buffer: the first that runs goes right through, the others wait" && {
	mkfifo a b
	cat >jobs.yaml <<-END
		jobs:
		  - {name: one, run: 'echo 1; read -r x <a; echo 2'}
		  - {name: two, run: 'echo I; read -r x <b; echo II'}
		  - {name: three, args: [$CHILD, say, x, ready, $PWD/ended]}
		  - {name: marks, args: [$CHILD, ready, $PWD/marked]}
	END
	start "$SPOOL" run -k --line-buffer -j3 --report json:events jobs.yaml
	until_grep $'^one\t1$' "$CASE/out"
	until_grep '"event":"attempt-end".*"job":"three"' events
	stdout_is 'Running 4 jobs with 3 workers:' $'one\t1'
	echo >a
	until_grep $'^two\tI$' "$CASE/out"
	stdout_matches 'Running 4 .*' $'one\t1' $'one\t2' ' +one PASS .* \(1/4\)' $'two\tI'
	echo >b
	finish
	status 0
	stdout_matches 'Running 4 .*' $'one\t1' $'one\t2' ' +one PASS .* \(1/4\)' $'two\tI' $'two\tII' \
		' +two PASS .* \(2/4\)' $'three\tx' ' +three PASS .* \(3/4\)' ' +marks PASS .* \(4/4\)' '4 jobs in .*'
}

case_ "-k --line-buffer: TERM prints what waits" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: one, args: [$CHILD, say, 1, live]}
		  - {name: two, args: [$CHILD, say, I, ready, $PWD/r, live]}
		  - {name: never, args: [$CHILD]}
	END
	start "$SPOOL" run -k --line-buffer -j2 jobs.yaml
	until_ test -s r
	until_grep $'^one\t1$' "$CASE/out"
	signal TERM
	finish
	dies_by TERM
	stdout_matches 'Running 3 .*' $'one\t1' ' +one CANCELLED .* \(1/3\)  SIGTERM' $'two\tI' \
		' +two CANCELLED .* \(2/3\)  SIGTERM' '2 jobs in .*' 'cancelled: 2' '    one  two' 'never started: 1' '    never'
}

case_ "-k --line-buffer: long outputs wait whole" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: first, args: [$CHILD, await, go]}
		  - {name: 'j\${{ n }}', matrix: {n: [1, 2, 3]}, args: [$CHILD, flood, 1, '20000000']}
		  - {name: marks, args: [$CHILD, ready, $PWD/all]}
	END
	start "$SPOOL" run -k -j2 --line-buffer jobs.yaml
	until_ test -s all
	that test "$(wc -l <"$CASE/out")" = 1
	touch go
	finish
	status 0
	needed_below 30
	for n in 1 2 3; do
		that "$CHILD" verify 20000000 < <(sed -n "s/^j$n\t//p" "$CASE/out")
	done
	stdout_lacks 'left out'
}

case_ "--line-buffer: a flood to a reader who waits takes little memory, and holds no timeout up" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: flood, args: [$CHILD, flood, 1, '200000000']}
		  - {name: stuck, args: [$CHILD, pid, $PWD/pid, flood, 2, '2000000000'], timeout: 500ms}
		  - {name: other, args: [$CHILD, live], timeout: 500ms}
	END
	mkfifo pipe
	start bash -c 'exec "$0" run --line-buffer -j3 --report json:events jobs.yaml >pipe' "$SPOOL"
	exec 5<pipe
	until_grep '"event":"attempt-end".*"job":"other".*"timeout"' events
	until_grep 'State:.Z' "/proc/$(<pid)/status" # is dead, and what it wrote is not all read
	sed -n 's/^flood\t//p' <&5 | "$CHILD" verify 200000000 &
	reader=$!
	exec 5<&-
	finish
	status 1
	needed_below 30
	that wait $reader
	that jq -se 'map(select(.event == "attempt-end" and .verdict == "timeout") | .seconds) | length == 2 and max < 5' events
}

case_ "--line-buffer: very many short pieces, to a reader who waits" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: drips, args: [$CHILD, lines, '200000']}
	END
	mkfifo pipe
	start bash -c 'exec "$0" run --line-buffer jobs.yaml >pipe' "$SPOOL"
	{ read -r _ && sleep 0.5 && grep -c '^drips' >n; } <pipe
	finish
	status 0
	needed_below 30
	file_is n 200000
}

case_ "--line-buffer: signals end a job whose reader does not read" && {
	cat >jobs.yaml <<-END
		jobs: [{name: flood, args: [$CHILD, ready, $PWD/r, flood, 1, '2000000000']}]
	END
	mkfifo pipe
	start bash -c 'exec "$0" run --line-buffer jobs.yaml >pipe' "$SPOOL"
	exec 5<pipe
	until_ test -s r
	signal TERM
	finish
	dies_by TERM
	took 0 10
	exec 5<&-
	stderr_has 'bytes of the report were dropped: nobody read them'
}

case_ "--line-buffer: what is no text moves no cursor, and a colour ends with its line" && {
	cat >jobs.yaml <<-'END'
		jobs:
		  - {name: wild, args: [CHILD, put, 'a\e[31mred\e[2J\nb\e]0;title\x07c\r\n\e]0;more\nlast']}
	END
	sed -i "s|CHILD|$CHILD|" jobs.yaml
	run "$SPOOL" run --line-buffer jobs.yaml
	status 0
	stdout_matches 'Running .*' $'wild\tared' $'wild\tbc' $'wild\t' $'wild\tlast' ' +wild PASS .*' '1 jobs .*'
	run "$SPOOL" run --line-buffer --color always jobs.yaml
	status 0
	stdout_has $'wild\ta\e[31mred\e[0m' $'wild\tbc'
}

case_ "--line-buffer: what is not captured goes where it went" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: file, args: [$CHILD, say, out, say-err, err], stdout: file}
		  - {name: both, args: [$CHILD, say, 1, say-err, 2], stderr: stdout}
	END
	run "$SPOOL" run -j1 --line-buffer jobs.yaml
	status 0
	stdout_matches 'Running .*' $'file\terr' ' +file PASS .*' $'both\t1' $'both\t2' ' +both PASS .*' '2 jobs .*'
	file_is file out
}

case_ "--line-buffer: --output never shows nothing, failed is not known yet" && {
	echo "jobs: [{name: a, args: [$CHILD, say, x, exit, 1]}]" >jobs.yaml
	run "$SPOOL" run --line-buffer --output never jobs.yaml
	status 1
	stdout_matches 'Running .*' ' +a FAIL .*' '1 jobs .*' '1 of 1 .*' '  a FAIL  exit 1' '    again: .*'
	run "$SPOOL" run --line-buffer --output failed jobs.yaml
	status 2
	stdout_is ''
	stderr_is 'spool: --output failed: --line-buffer prints lines before a job has failed' \
		'hint: --output all prints those of every job, --output never none'
	run "$SPOOL" run -q --output all --line-buffer jobs.yaml
	status 1
	stdout_matches $'a\tx' ' +a FAIL .*' '1 of 1 .*' '  a FAIL  exit 1' '    x' '    again: .*'
}

case_ "--line-buffer: --report json has what is kept" && {
	echo "jobs: [{name: a, args: [$CHILD, flood, 1, '1000000'], max_output: 64}]" >jobs.yaml
	run "$SPOOL" run --line-buffer --report json:events jobs.yaml
	status 0
	that "$CHILD" verify 1000000 < <(sed -n 's/^a\t//p' "$CASE/out")
	that jq -se 'map(select(.event == "attempt-end") | .stdout)[0] | .bytes == 1000000 and .omitted == 999936' events
	stdout_lacks 'left out'
}

case_ "--tag: the name stands before each line of an output, behind the line of its job" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: both, args: [$CHILD, say, 1, say-err, e, put, 'half']}
		  - {name: fails, args: [$CHILD, say, '', exit, 1]}
	END
	run "$SPOOL" run -j1 --tag --output all jobs.yaml
	status 1
	stdout_matches 'Running .*' ' +both PASS .*' $'both\t1' $'both\thalf' $'both\te' ' +fails FAIL .*' $'fails\t' \
		'2 jobs .*' '1 of 2 .*' '  fails FAIL  exit 1' '    ' '    again: .*'
	run "$SPOOL" run -k --tag jobs.yaml
	status 1
	stdout_lacks $'both\t'
	stdout_has $'fails\t'
}
