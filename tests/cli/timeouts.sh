# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Timeouts of jobs: the ladder TERM, CONT, grace, KILL for the whole process group.

case_ "a job that runs too long is ended" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: late, args: [$CHILD, say, begun, live], timeout: 300ms}
		  - {name: fine, args: [$CHILD], timeout: 60s}
	END
	run "$SPOOL" run -j2 jobs.yaml
	status 1
	took 0.3 3
	stdout_has 'fine PASS' 'after 300ms' '    begun'
	that grep -qE '^ +late TIMEOUT    0\.[3-9]' "$CASE/out"
}

case_ "TERM comes once, CONT with it" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: told, args: [$CHILD, tally, TERM, t, tally, CONT, c, live], timeout: 500ms, grace: 200ms}
	END
	run "$SPOOL" run jobs.yaml
	status 1
	file_is t TERM
	file_is c CONT
	stdout_has 'after 500ms, killed'
}

case_ "timeout it is, whatever the job makes of TERM" && {
	cat >jobs.yaml <<-END
		defaults: {timeout: 500ms}
		jobs:
		  - {name: zero, args: [$CHILD, trap, TERM, 0, live]}
		  - {name: nine, args: [$CHILD, trap, TERM, 9, live]}
		  - {name: dies, args: [$CHILD, live]}
	END
	run "$SPOOL" run -j3 jobs.yaml
	status 1
	stdout_has 'after 500ms, exit 0' 'after 500ms, exit 9' '    trap TERM' '3 of 3 jobs did not pass:'
	that grep -qE '^ +dies TIMEOUT .*  after 500ms$' "$CASE/out"
}

case_ "a job may use its grace to end in order" && {
	cat >jobs.yaml <<-END
		jobs:
		  - name: tidy
		    timeout: 500ms
		    run: |
		      trap 'echo tidying; sleep 0.3; echo tidied; exit 4' TERM
		      while :; do sleep 0.05; done
	END
	run "$SPOOL" run jobs.yaml
	status 1
	stdout_has 'after 500ms, exit 4' '    tidied'
	took 0.8 8
}

case_ "the ladder is for the whole group" && {
	cat >jobs.yaml <<-END
		defaults: {timeout: 500ms, grace: 200ms}
		jobs:
		  - {name: group, args: [$CHILD, ignore, TERM, fork-hold, fork-quiet, live]}
		  - {name: script, run: "trap '' TERM\nsleep 1000 | sleep 1000 & sleep 1000"}
	END
	run "$SPOOL" run -j2 jobs.yaml
	status 1
	took 0.7 7
}

case_ "a grace of 0 is KILL at once, none is never" && {
	cat >jobs.yaml <<-END
		defaults: {timeout: 300ms}
		jobs:
		  - {name: at once, args: [$CHILD, tally, TERM, t, live], grace: 0}
		  - {name: never, args: [$CHILD, ignore, TERM, await, go, exit, 5], grace: none}
	END
	start "$SPOOL" run -j2 jobs.yaml
	until_grep 'at once TIMEOUT' "$CASE/out"
	file_is t ''
	touch go
	finish
	status 1
	stdout_has 'after 300ms, exit 5'
}

case_ "a timeout of 0, none or inf is none" && {
	cat >jobs.yaml <<-END
		defaults: {timeout: 1ms}
		jobs: [{args: [$CHILD, sleep, 100], timeout: 0}, {args: [$CHILD, sleep, 100], timeout: none}, {args: [$CHILD, sleep, 100], timeout: inf}]
	END
	run "$SPOOL" run jobs.yaml
	status 0
}

case_ "a stopped job is continued to act on TERM" && {
	cat >jobs.yaml <<-END
		jobs: [{name: stopped, args: [$CHILD, trap, TERM, 3, stop, live], timeout: 500ms}]
	END
	run "$SPOOL" run jobs.yaml
	status 1
	took 0.5 5
	stdout_has 'after 500ms, exit 3' '    trap TERM'
}

case_ "a job that floods is ended on time too" && {
	cat >jobs.yaml <<-END
		jobs: [{name: floods, args: [$CHILD, flood, 1, "1000000000000"], timeout: 500ms}]
	END
	run "$SPOOL" run --output never jobs.yaml
	status 1
	took 0.5 5
	stdout_has 'after 500ms'
}

case_ "a process that holds the pipe does not make a job late" && {
	cat >jobs.yaml <<-END
		jobs: [{name: holds, args: [$CHILD, fork-hold, say, done], timeout: 60s}]
	END
	run "$SPOOL" run --output all jobs.yaml
	status 0
	took 0 3
	stdout_has '    done'
}
