# shellcheck shell=bash disable=SC2016 # expressions in single quotes are for others to expand
# SPDX-License-Identifier: MIT
# Jobs that wait for others: what becomes of each, in which order, and when the run ends early.

# a_pipeline: forty jobs of all kinds
a_pipeline() {
	cat >pipeline.yaml <<-'END'
		defaults: {args: ["true"]}
		jobs:
		  - name: clean up
		    needs: ['*']
		    when: always
		  - name: fetch
		  - name: build
		    needs: [fetch]
		    matrix: {os: [linux, bsd, mac], mode: [debug, release]}
		    run: '[ "$os-$mode" != bsd-release ] || exit 3'
		  - name: lint
		    needs: [fetch]
		    allow_failure: true
		    args: ["false"]
		  - name: docs
		    needs: [lint]
		  - name: unit
		    needs: ["build (${{ os }}, ${{ mode }})"]
		    matrix: {os: [linux, bsd, mac], mode: [debug, release], part: [a, b]}
		  - name: integration
		    needs: ["unit (${{ os }}, debug, ?)"]
		    matrix: {os: [linux, bsd, mac]}
		  - name: bench
		    needs: ["unit (${{ os }}, release, *)"]
		    matrix: {os: [linux, bsd, mac]}
		  - name: package
		    needs: ["integration (${{ os }})", "bench (${{ os }})"]
		    matrix: {os: [linux, bsd, mac]}
		  - name: crash
		    needs: [fetch]
		    run: kill -SEGV $$
		  - name: hang
		    args: [sleep, 60]
		    timeout: 200ms
		  - name: missing
		    args: [/no/such/program]
		  - name: after the crash
		    needs: [{job: crash, if: failed}]
		  - name: if fetching failed
		    needs: [{job: fetch, if: failed}]
		  - name: when it is over
		    needs: [{job: hang, if: done}, {job: missing, if: done}]
		  - name: release
		    needs: [package]
		  - name: blame
		    needs: [build]
		    when: on_failure
		  - name: praise
		    needs: [fetch, docs]
		    when: on_failure
	END
}

# the_verdicts: what must become of each of them, worked out by hand; sorted
the_verdicts() {
	sort <<-'END'
		fetch|PASS|
		build (linux, debug)|PASS|
		build (linux, release)|PASS|
		build (bsd, debug)|PASS|
		build (bsd, release)|FAIL|exit 3
		build (mac, debug)|PASS|
		build (mac, release)|PASS|
		lint|FAIL|exit 1, allowed
		docs|PASS|
		unit (linux, debug, a)|PASS|
		unit (linux, debug, b)|PASS|
		unit (linux, release, a)|PASS|
		unit (linux, release, b)|PASS|
		unit (bsd, debug, a)|PASS|
		unit (bsd, debug, b)|PASS|
		unit (bsd, release, a)|SKIPPED|needs build (bsd, release), which failed
		unit (bsd, release, b)|SKIPPED|needs build (bsd, release), which failed
		unit (mac, debug, a)|PASS|
		unit (mac, debug, b)|PASS|
		unit (mac, release, a)|PASS|
		unit (mac, release, b)|PASS|
		integration (linux)|PASS|
		integration (bsd)|PASS|
		integration (mac)|PASS|
		bench (linux)|PASS|
		bench (bsd)|SKIPPED|needs unit (bsd, release, a), which was skipped
		bench (mac)|PASS|
		package (linux)|PASS|
		package (bsd)|SKIPPED|needs bench (bsd), which was skipped
		package (mac)|PASS|
		crash|SIGNAL|SIGSEGV
		hang|TIMEOUT|after 200ms
		missing|EXEC|*
		after the crash|PASS|
		if fetching failed|SKIPPED|needs fetch to fail, which passed
		when it is over|PASS|
		release|SKIPPED|needs package (bsd), which was skipped
		blame|PASS|
		praise|SKIPPED|on_failure: all that it needs passed
		clean up|PASS|
	END
}

# said_of_each: the lines of the report in the form of the_verdicts
said_of_each() {
	sed -nE 's/^ *(.*[^ ]) +(PASS|FAIL|SIGNAL|TIMEOUT|EXEC|SKIPPED) +[0-9. s]*\([ 0-9]+\/40\)( +(.*))?$/\1|\2|\4/p' "$1" |
		sed -E 's/\|EXEC\|.*/|EXEC|*/' | sort
}

case_ "a pipeline of forty steps has the verdicts that were worked out by hand" && {
	tagged valgrind "reports no failed exec"
	a_pipeline
	run "$SPOOL" run --color never pipeline.yaml
	status 1
	stderr_is ''
	that test "$(the_verdicts | wc -l)" = 40
	that diff <(the_verdicts) <(said_of_each "$CASE/out")
	stdout_has '33 jobs in ' '5 of 40 jobs did not pass, 1 of them allowed:' 'skipped: 5'
	that test "$(sed -nE 's/ \((40|39)\/40\).*//p' "$CASE/out" | awk '{ print $1 }' | tail -n 1)" = clean
	# The rest of the order is free, but nothing ends before what it needs.
	that awk '
		{ line[$0] = NR }
		/build \(mac, debug\)/ { build = NR }
		/unit \(mac, debug, [ab]\)/ { if (!build) exit 1; units++ }
		/integration \(mac\)/ { if (units < 2) exit 1 }
	' "$CASE/out"
}

case_ "the same verdicts are in the events, which are as the schema has them" && {
	tagged valgrind "reports no failed exec"
	a_pipeline
	run "$SPOOL" run --report json pipeline.yaml
	status 1
	that "$ROOT/tests/events.py" "$ROOT/src/report/events.schema.json" <"$CASE/out"
	that diff <(the_verdicts | cut -d '|' -f 1,2) <(jq -r '
		select(.event == "job-end" or .event == "skipped") | "\(.job)|\(.verdict | ascii_upcase)"' "$CASE/out" | sort)
	that diff <(the_verdicts | sed -n 's/|SKIPPED|needs \(.*\)\( to fail\)*, which.*/|\1/p' | sed 's/ to fail$//') <(jq -r '
		select(.event == "skipped" and .reason == "need") | "\(.job)|\(.because)"' "$CASE/out" | sort)
	that test "$(jq -c 'select(.event == "job-end" and .allowed) | .job' "$CASE/out")" = '"lint"'
	that test "$(jq -c 'select(.event == "run-end") | [.status, .failed, .allowed, .skipped]' "$CASE/out")" = '[1,4,1,7]'
	# Nothing starts before what it needs has ended.
	that test "$(jq -r 'select(.event == "job-end" and .job == "docs" or .event == "job-start" and .job == "docs"
		or .event == "job-end" and .job == "lint") | "\(.event) \(.job)"' "$CASE/out" | tr '\n' ,)" = \
		'job-end lint,job-start docs,job-end docs,'
}

case_ "in the order of the file the verdicts are the same" && {
	tagged valgrind "reports no failed exec"
	a_pipeline
	run "$SPOOL" run --color never -k -j7 pipeline.yaml
	status 1
	that diff <(the_verdicts) <(said_of_each "$CASE/out")
	that test "$(awk 'NR == 2 { print $1, $2 }' "$CASE/out")" = 'clean up'
}

case_ "a job starts as soon as what it needs has passed, while others run" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: slow, args: [$CHILD, ready, $PWD/slow, live]}
		  - {name: first, args: [$CHILD]}
		  - {name: second, needs: [first], args: [$CHILD, ready, $PWD/second, live]}
	END
	start "$SPOOL" run -j2 jobs.yaml
	until_ test -s slow -a -s second
	signal TERM
	finish
	dies_by TERM
}

case_ "what is selected brings what it needs; what is skipped counts as passed" && {
	a_pipeline
	run "$SPOOL" run -j1 --color never pipeline.yaml 'unit (mac, debug, a)' docs
	status 0
	stdout_has 'Running 5 jobs with 1 workers:' 'fetch PASS' 'build (mac, debug) PASS' 'lint FAIL' 'docs PASS' \
		'unit (mac, debug, a) PASS' '5 jobs in ' '1 of 5 jobs did not pass, as is allowed:'
	run "$SPOOL" run -j1 --color never pipeline.yaml docs --skip lint
	status 0
	stdout_matches 'Running 1 jobs .*' ' +docs PASS .*' '1 jobs in .*'
	run "$SPOOL" run -j1 --color never pipeline.yaml 'after*' --skip crash
	status 0
	stdout_matches 'Running 1 jobs .*' ' +after the crash SKIPPED .*needs crash to fail, which was not selected' \
		'0 jobs in .*'
}

case_ "now,fail=1 ends what runs, starts nothing new, and lists both" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: runs, args: [$CHILD, ready, $PWD/r, live]}
		  - {name: fails, args: [$CHILD, await, $PWD/r, exit, 3]}
		  - {name: late, matrix: {n: [1, 2, 3]}, args: [$CHILD]}
		  - {name: tidy, when: always, needs: ['*'], args: [touch, $PWD/tidy]}
	END
	for option in --fail-fast --halt=now,fail=1; do
		rm -f tidy r
		run "$SPOOL" run --color never -j2 jobs.yaml "$option"
		status 1
		stderr_is 'spool: halted: 1 job failed (now,fail=1): what runs is ended, nothing new starts'
		stdout_has 'fails FAIL' 'runs CANCELLED' 'cancelled: 1' 'never started: 3' 'late (1)  late (2)  late (3)' 'tidy PASS'
		that test -e tidy
	done
	rm -f tidy r
	sed -i '1ihalt: now,fail=100%' jobs.yaml
	start "$SPOOL" run --color never -j2 jobs.yaml --halt never
	until_grep 'late .3. PASS' "$CASE/out"
	signal TERM
	finish
	dies_by TERM
	stdout_lacks 'tidy PASS'
	stdout_has 'late (3) PASS' 'never started: 1'
}

case_ "soon lets what runs end" && {
	cat >jobs.yaml <<-END
		halt: soon,fail=1
		jobs:
		  - {name: fails, args: [$CHILD, await, $PWD/r, exit, 1]}
		  - {name: runs, args: [$CHILD, ready, $PWD/r, await, $PWD/go]}
		  - {name: late, matrix: {n: [1, 2, 3]}, args: [$CHILD]}
	END
	start "$SPOOL" run --color never -j2 jobs.yaml
	until_grep halted "$CASE/err"
	: >go
	finish
	status 1
	stderr_is 'spool: halted: 1 job failed (soon,fail=1): what runs may end, nothing new starts'
	stdout_has 'runs PASS' 'never started: 3'
	stdout_lacks CANCELLED
}

case_ "as many that passed as were asked for make a run that passed" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: bad, args: [$CHILD, exit, 1]}
		  - {name: good, args: [$CHILD]}
		  - {name: runs, args: [$CHILD, live]}
	END
	run "$SPOOL" run --color never -j1 jobs.yaml --halt now,success=1
	status 0
	stderr_has 'halted: 1 job passed (now,success=1)'
	stdout_has 'bad FAIL' 'good PASS' 'never started: 1'
	run "$SPOOL" run --color never -j1 jobs.yaml --halt soon,done=1 --skip bad
	status 4
	stderr_has 'halted: 1 job ended (soon,done=1)'
	run "$SPOOL" run --color never -j1 jobs.yaml --halt soon,done=50%
	status 1
	stderr_has 'halted: 2 jobs ended (soon,done=50%)'
}

case_ "halt words that are none" && {
	echo 'jobs: [{args: [x]}]' >jobs.yaml
	run "$SPOOL" run jobs.yaml --halt now,fale=1
	status 2
	stderr_has "spool: --halt 'now,fale=1': behind the comma stands fail=N, success=N or done=N"
}

case_ "a circle is said as names, and nothing starts" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: a, needs: [b], args: [touch, $PWD/a]}
		  - {name: b, needs: [c], args: [touch, $PWD/b]}
		  - {name: c, needs: [a], args: [touch, $PWD/c]}
		  - {name: d, args: [touch, $PWD/d]}
	END
	for command in run check list; do
		run "$SPOOL" $command jobs.yaml
		status 2
		stdout_is ''
		stderr_has 'spool: jobs.yaml:2:23: 3 jobs need each other in a circle: a → b → c → a' \
			'hint: each needs the one behind its arrow; one of these needs has to go'
	done
	that test ! -e a -a ! -e b -a ! -e c -a ! -e d
}

case_ "list and dry-run have the order of the graph, and dot draws it" && {
	cat >jobs.yaml <<-'END'
		jobs:
		  - {name: 'last "one"', needs: [{job: b, if: done}, {job: a, if: failed}], args: [z]}
		  - {name: b, needs: [a], args: [y], when: always}
		  - {name: a, args: [x], allow_failure: true}
		  - {name: m, matrix: {v: [1, 2]}, needs: [a, b], args: [m]}
	END
	run "$SPOOL" list jobs.yaml
	status 0
	stdout_matches 'a .*' 'b .*' "'last \"one\"' .*" "'m \(1\)' .*" "'m \(2\)' .*"
	run "$SPOOL" run --dry-run jobs.yaml
	status 0
	stdout_is '(x </dev/null)' '(y </dev/null)' '(z </dev/null)' '(m </dev/null)' '(m </dev/null)'
	run bash -c '"$0" list --format dot jobs.yaml | tr -d "\t"' "$SPOOL"
	status 0
	stdout_is - <<-'END'
		digraph "jobs" {
			rankdir=LR
			node [shape=box]
			job3 [label="a" color=orange]
			job2 [label="b" style=dashed tooltip="when: always"]
			job3 -> job2
			job1 [label="last \"one\""]
			job2 -> job1 [style=dashed label=done]
			job3 -> job1 [color=red label=failed]
			job4 [label="m (1)"]
			needs2 [shape=point]
			job3 -> needs2
			job2 -> needs2
			needs2 -> job4
			job5 [label="m (2)"]
			needs2 -> job5
		}
	END
}

case_ "list has all of a job as JSON" && {
	cat >jobs.yaml <<-'END'
		name: all of it
		halt: soon,fail=2
		jobs:
		  - name: a
		    args: [x, "${{ env.BYTES }}", "${{ spool.slot }}"]
		    env: {B: "${{ env.BYTES }}", C: null, "a \"name\"": "2"}
		    inherit_env: false
		    stdout: {path: "o-${{ spool.slot }}", append: true}
		    stderr: stdout
		    timeout: 1m
		    grace: none
		    tags: [t, u]
		    success_codes: [0, 3]
		    allow_failure: true
		    max_output: 1K
		    umask: 022
		    limits: {nofile: 64, as: none}
		  - {name: b, run: "y\n", cwd: /, needs: [{job: a, if: done}], when: always, stdin: jobs.yaml, nice: 3}
	END
	run env BYTES=$'\xff' "$SPOOL" list --format json -j3 jobs.yaml
	status 2
	run env BYTES=$'\xff' "$SPOOL" list --format json jobs.yaml
	status 0
	jq -c '[.version, .name, .file, .halt], (.jobs[] | del(.line))' "$CASE/out" >got
	file_is got '[1,"all of it","jobs.yaml","soon,fail=2"]' \
		"$(tr -d '\n' <<-'END'
			{"job":"a","seq":1,"args":["x","�","${{ spool.slot }}"],"args_base64":["eA==","/w==","JHt7IHNwb29sLnNsb3QgfX0="],
			"executable":null,"cwd":null,"env":{"B":"�","C":null,"a \"name\"":"2"},"env_base64":{"B":"/w=="},"inherit_env":false,
			"stdin":"devnull","stdin_path":null,"stdout":"file","stdout_path":"o-${{ spool.slot }}","stderr":"stdout","stderr_path":null,
			"max_output":1024,"tags":["t","u"],"needs":[],"when":null,"timeout":60,"grace":null,"check":true,"success_codes":[0,3],
			"allow_failure":true,"rights":{"uid":null,"gid":null,"groups":null,"umask":18,"nice":0,"limits":{"nofile":64,"as":null}}}
		END
		)" \
		"$(tr -d '\n' <<-'END'
			{"job":"b","seq":2,"args":["/bin/sh","-e","-c","y\n"],"executable":null,"cwd":"/","env":{},"inherit_env":true,
			"stdin":"file","stdin_path":"jobs.yaml","stdout":"capture","stdout_path":null,"stderr":"capture","stderr_path":null,
			"max_output":10485760,"tags":[],"needs":[{"job":"a","if":"done"}],"when":"always","timeout":null,"grace":10,"check":true,
			"success_codes":[0],"allow_failure":false,"rights":{"uid":null,"gid":null,"groups":null,"umask":null,"nice":3,"limits":{}}}
		END
		)"
	run env BYTES=x bash -c '"$0" list --format json jobs.yaml >/dev/full' "$SPOOL"
	status 3
}

case_ "a chain of 100,000 runs nothing twice and takes no recursion" && {
	tagged valgrind 'too slow'
	tagged tsan 'too slow'
	tagged asan 'too slow'
	{
		echo 'defaults: {args: [/no/such/program], allow_failure: true}'
		echo jobs:
		echo '- {name: j0, args: [/no/such/program], allow_failure: false}'
		seq 1 99999 | sed 's/.*/- {name: j&, needs: [X&]}/' | awk '{ match($0, /X[0-9]+/); n = substr($0, RSTART + 1, RLENGTH - 1); sub(/X[0-9]+/, "j" (n - 1)); print }'
	} >chain.yaml
	run bash -c 'ulimit -s 256; exec "$0" run --color never chain.yaml' "$SPOOL"
	status 1
	stdout_has '1 jobs in ' 'skipped: 99999'
	that test "$(grep -c 'SKIPPED' "$CASE/out")" = 99999
	run bash -c 'ulimit -s 256; exec "$0" list chain.yaml j99999' "$SPOOL"
	status 0
	that test "$(wc -l <"$CASE/out")" = 100000
}
