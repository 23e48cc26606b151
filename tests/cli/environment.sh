# shellcheck shell=bash disable=SC2016 # expressions in single quotes are for others to expand
# SPDX-License-Identifier: MIT
# What a job finds: variables, directory, descriptors.

case_ "SPOOL_ variables are set, over inherited ones" && {
	cat >jobs.yaml <<-'END'
		jobs:
		  - name: a job
		    args: [sh, -c, 'echo "$SPOOL_JOB|$SPOOL_SEQ|$SPOOL_SLOT|$SPOOL_ATTEMPT|$SPOOL_WORKERS"; test "$SPOOL_ID" = "$SPOOL_RUN:1:1"; echo $?']
		  - {name: other, args: [sh, -c, 'echo "$SPOOL_JOB|$SPOOL_SEQ|$SPOOL_ATTEMPT|$SPOOL_WORKERS"']}
	END
	export SPOOL_JOB=old SPOOL_RUN=old SPOOL_SEQ=old SPOOL_SLOT=old SPOOL_ATTEMPT=old SPOOL_WORKERS=old SPOOL_ID=old
	run "$SPOOL" run -j1 --output all jobs.yaml
	status 0
	stdout_has '    a job|1|1|1|1' '    0' '    other|2|1|1'
}

case_ "all jobs of a run have the same SPOOL_RUN, two runs have not" && {
	echo "jobs: [{matrix: {n: [1, 2, 3]}, args: [$CHILD, env, SPOOL_RUN]}]" >jobs.yaml
	for i in 1 2; do
		run "$SPOOL" run --output all jobs.yaml
		status 0
		sed -n '/ PASS /d; s/^    //p' "$CASE/out" | sort -u >>ids
		that test "$(wc -l <ids)" = $i
	done
	that test "$(sort -u ids | wc -l)" = 2
}

case_ "no two running jobs share a slot, and none is beyond the workers" && {
	cat >jobs.yaml <<-END
		jobs:
		  - matrix: {n: [$(seq -s, 100)]}
		    run: |
		      mkdir "slot.\$SPOOL_SLOT"
		      test "\$SPOOL_SLOT" -ge 1 -a "\$SPOOL_SLOT" -le 5
		      rmdir "slot.\$SPOOL_SLOT"
	END
	run "$SPOOL" run -j5 jobs.yaml
	status 0
}

case_ "env adds and unsets" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: added, args: [$CHILD, env, NEW, env, OLD, env, EMPTY], env: {NEW: '1:30', OLD: 'x = "y"', EMPTY: ''}}
		  - {name: unset, args: [$CHILD, env, OLD], env: {OLD: null}}
		  - {name: inherited, args: [$CHILD, env, OLD]}
	END
	OLD=old run "$SPOOL" run -j1 --output all jobs.yaml
	status 1
	sed -i 's/ *[0-9.]*s\( .*\)\?$//' "$CASE/out"
	stdout_matches '.*' ' +added PASS' '    1:30' '    x = "y"' '    ' ' +unset FAIL' \
		' +inherited PASS' '    old' '.*' '1 of 3.*' '  unset FAIL  exit 1' '    again.*'
}

case_ "inherit_env: false starts from nothing" && {
	echo "jobs: [{name: bare, args: [$CHILD, print-env], inherit_env: false, env: {ONLY: this}}]" >jobs.yaml
	run "$SPOOL" run --output all jobs.yaml
	status 0
	that diff <(sed -n '/ PASS /d; s/^    \(.*\)=.*/\1/p' "$CASE/out" | sort) - <<-END
		ONLY
		SPOOL_ATTEMPT
		SPOOL_ID
		SPOOL_JOB
		SPOOL_RUN
		SPOOL_SEQ
		SPOOL_SLOT
		SPOOL_WORKERS
	END
}

case_ "matrix values are variables of a script" && {
	cat >jobs.yaml <<-'END'
		jobs: [{matrix: {n: ["a b", '$(touch x)', "it's"]}, run: 'echo "[$n]"'}]
	END
	run "$SPOOL" run -j1 --output all jobs.yaml
	status 0
	stdout_has '    [a b]' '    [$(touch x)]' "    [it's]"
	that test ! -e x
}

case_ "cwd starts from the job file's directory, a program with a slash from cwd" && {
	mkdir -p sub/deep
	printf '#!/bin/sh\npwd\n' >sub/deep/prog
	chmod +x sub/deep/prog
	cat >sub/jobs.yaml <<-END
		jobs:
		  - {name: beside, args: [pwd]}
		  - {name: below, args: [./prog], cwd: deep}
		  - {name: absolute, args: [pwd], cwd: $PWD}
		  - {name: script, run: pwd, cwd: deep}
	END
	run "$SPOOL" run -j1 --output all sub/jobs.yaml
	status 0
	stdout_has "    $PWD/sub" "    $PWD/sub/deep" "    $PWD"
	that test "$(grep -cxF "    $PWD/sub/deep" "$CASE/out")" = 2
	run "$SPOOL" run -j1 --output all - beside <sub/jobs.yaml
	status 0
	that grep -qxF "    $PWD" "$CASE/out"
}

case_ "standard input is /dev/null, not spool's" && {
	echo "jobs: [{name: reads, args: [$CHILD, cat, say, end]}]" >jobs.yaml
	run "$SPOOL" run --output all jobs.yaml <<<'not for jobs'
	status 0
	stdout_lacks 'not for jobs'
	stdout_has '    end'
}

case_ "a job has descriptors 0, 1 and 2, whatever spool was given" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: plain, args: [$CHILD, print-fds]}
		  - {name: script, run: '$CHILD print-fds'}
		  - {name: fed, args: [$CHILD, print-fds], input: text}
		  - {name: others, matrix: {n: [1, 2, 3, 4]}, args: [$CHILD, print-fds]}
	END
	run bash -c 'exec 7<jobs.yaml 9>&1 200<jobs.yaml; exec "$0" run -j3 --output all jobs.yaml' "$SPOOL"
	status 0
	sed -n '/ PASS /d; s/^    //p' "$CASE/out" >fds
	file_is fds 0 1 2 0 1 2 0 1 2 0 1 2 0 1 2 0 1 2 0 1 2
	run bash -c 'exec 7<jobs.yaml; exec "$0" exec -- "$1" print-fds' "$SPOOL" "$CHILD"
	status 0
	stdout_is 0 1 2
}

case_ "what spool was started without is /dev/null" && {
	tagged valgrind "its own files get the numbers"
	cat >jobs.yaml <<-END
		jobs:
		  - {name: fds, run: "\"$CHILD\" print-fds >fds"}
		  - {name: fails, args: [$CHILD, say, out, exit, 1]}
	END
	for closed in '0<&-' '1>&-' '2>&-' '0<&- 1>&-' '0<&- 2>&-' '1>&- 2>&-' '0<&- 1>&- 2>&-'; do
		run bash -c "exec $closed"' "$0" run jobs.yaml' "$SPOOL"
		status 1
		stderr_is ''
		file_is fds 0 1 2
		[[ $closed == *1* ]] || stdout_has '    out' '1 of 2 jobs'
		run bash -c "exec $closed"' "$0" exec -- "$1" exec sh -c "\"\$0\" print-fds >fds; cat; echo out; echo err >&2; exit 3" "$1"' \
			"$SPOOL" "$CHILD"
		status 3
		file_is fds 0 1 2
		run bash -c "exec $closed"' "$0" exec --frob' "$SPOOL"
		status 125
	done
}

case_ "templates know the job, the slot and the environment" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: "job \${{ n }}", matrix: {n: [7]}, args: [$CHILD, args, "\${{ job.name }}", "\${{ spool.seq }}", "\${{ spool.slot }}", "\${{ spool.attempt }}", "\${{ spool.workers }}", "\${{ env.GIVEN }}", "\${{ env.NONE:-none }}", "{} \$GIVEN %s"]}
	END
	GIVEN=given run "$SPOOL" run -j3 --output all jobs.yaml
	status 0
	stdout_matches '.*' ' +job 7 PASS .*' '    \[job 7\]' '    \[1\]' '    \[1\]' '    \[1\]' '    \[3\]' \
		'    \[given\]' '    \[none\]' '    \[\{\} \$GIVEN %s\]' '.*'
	run "$SPOOL" check jobs.yaml
	status 2
	stderr_has "'\${{ env.GIVEN }}'"
}
