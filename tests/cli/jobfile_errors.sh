# shellcheck shell=bash disable=SC2016 # what looks like an expression in the messages is not ours
# SPDX-License-Identifier: MIT
# What is wrong with a job file is said before anything starts: all of it, with place and hint.

# golden: standard input is a job file, a line of four hyphens, and what check says of that file
golden() {
	local both
	both=$(cat)
	echo "${both%%$'\n----\n'*}" >jobs.yaml
	run "$SPOOL" check jobs.yaml
	status 2
	stdout_is ''
	stderr_is "${both#*$'\n----\n'}"
}

case_ "five mistakes are five errors, and nothing starts" && {
	cat >jobs.yaml <<-END
		workers: many
		jobs:
		  - name: one
		    args: [touch, started]
		    timeot: 3
		  - name: two
		    args: [touch, started]
		    check: yes
		  - name: one
		    args: [touch, "\${{ m }}"]
		  - {name: fine, args: [touch, started]}
	END
	five=(
		"spool: jobs.yaml:1:10: 'many' is not a number of workers: a number is written with the digits 0 to 9 alone"
		'  workers: many'
		'           ^'
		'hint: write a number, "50%" of the CPUs, "-1" for all CPUs but one, or 0 for as many as jobs'
		"spool: jobs.yaml:5:5: unknown key 'timeot'"
		'      timeot: 3'
		'      ^'
		"hint: did you mean 'timeout'?"
		"spool: jobs.yaml:8:12: 'check' must be true or false, not 'yes'"
		'      check: yes'
		'             ^'
		'hint: write true'
		"spool: jobs.yaml:9:11: two jobs are named 'one', the first at line 3:11"
		'    - name: one'
		'            ^'
		'hint: give one of them another name'
		"spool: jobs.yaml:10:20: '\${{ m }}' is not defined"
		'      args: [touch, "${{ m }}"]'
		'                     ^'
		'hint: the job has no matrix; known are env.NAME, env.NAME:-default, job.name, spool.seq, spool.slot, spool.attempt, spool.workers')
	for way in check run 'run --dry-run'; do
		# shellcheck disable=SC2086 # its words
		run "$SPOOL" $way jobs.yaml
		status 2
		stdout_is ''
		stderr_is "${five[@]}"
	done
	that test ! -e started
}

case_ "a syntax error is the one error, and nothing starts" && {
	cat >jobs.yaml <<-'END'
		jobs:
		  - {name: first, args: [touch, started], chek: 1}
		  - run: "never closed
		  - run: y
	END
	run "$SPOOL" run jobs.yaml
	status 2
	stdout_is ''
	stderr_is "spool: jobs.yaml:3:10: this quote is never closed" \
		'    - run: "never closed' \
		'           ^' \
		"hint: close it; inside 'single quotes' write '' for one, inside \"double quotes\" \\\""
	that test ! -e started
}

case_ "a file that cannot be read" && {
	run "$SPOOL" run nonesuch.yaml
	status 2
	stderr_is "spool: cannot read 'nonesuch.yaml': No such file or directory"
	run "$SPOOL" check /
	status 2
	stderr_is "spool: cannot read '/': it is a directory"
}

case_ "check says what is wrong with each of its files" && {
	echo 'jobs: [{run: x}]' >good.yaml
	echo 'jobs: [{rum: x}]' >bad.yaml
	run "$SPOOL" check good.yaml
	status 0
	stdout_is ''
	stderr_is ''
	run "$SPOOL" check bad.yaml good.yaml nonesuch.yaml bad.yaml
	status 2
	stdout_is ''
	that test "$(grep -c "^spool: bad.yaml:1:9: unknown key 'rum'" "$CASE/err")" = 2
	stderr_has "cannot read 'nonesuch.yaml'"
}

case_ "control characters of the file reach no terminal" && {
	printf 'jobs: [{"na\\e[31m\\u0007me": x, run: y}]' >jobs.yaml
	run "$SPOOL" check jobs.yaml
	status 2
	that test "$(tr -d '\n -~' <"$CASE/err" | wc -c)" = 0
}

case_ "tabs" && {
	printf 'jobs:\n\t- run: x\n' >jobs.yaml
	run "$SPOOL" check jobs.yaml
	status 2
	stderr_is 'spool: jobs.yaml:2:1: tabs cannot indent YAML' $'  \t- run: x' '  ^' 'hint: use spaces'
}

case_ "a colon in a script without quotes" && golden <<'END'
jobs:
- run: echo "Say: hi"
----
spool: jobs.yaml:2:17: there is ': ' inside a text that is not in quotes
  - run: echo "Say: hi"
                  ^
hint: write all of it in quotes: 'echo "Say: hi"'
END

case_ "a colon in an argument without quotes" && golden <<'END'
jobs:
- args:
  - echo "Say: hi"
----
spool: jobs.yaml:3:5: an entry of 'args' must be a text, not a map
    - echo "Say: hi"
      ^
hint: the ': ' made a map of it; write all of it in quotes: 'echo "Say: hi"'
END

case_ "a key that is given twice" && golden <<'END'
jobs:
- run: x
  cwd: /
  run: y
----
spool: jobs.yaml:4:3: the key 'run' is given twice; the first time on line 2
    run: y
    ^
hint: keep one of them
END

case_ "yes and no are no booleans" && golden <<'END'
jobs:
- {name: a, run: x, check: yes}
- {name: b, run: x, inherit_env: Off}
----
spool: jobs.yaml:2:28: 'check' must be true or false, not 'yes'
  - {name: a, run: x, check: yes}
                             ^
hint: write true
spool: jobs.yaml:3:34: 'inherit_env' must be true or false, not 'Off'
  - {name: b, run: x, inherit_env: Off}
                                   ^
hint: write false
END

case_ "minutes and seconds with a colon" && golden <<'END'
jobs:
- {run: x, timeout: 1:30}
----
spool: jobs.yaml:2:21: 'timeout' is not a duration: '1:30': unknown unit; the units are ms, s, m, h and d
  - {run: x, timeout: 1:30}
                      ^
hint: 1:30 is written 90s or 1m30s, and 1:30:00 is 90m or 1h30m
END

case_ "merge keys" && golden <<'END'
x-base: &base {timeout: 3s}
jobs:
- {run: x, <<: *base}
----
spool: jobs.yaml:3:12: merge keys ('<<') are not part of a job file
  - {run: x, <<: *base}
             ^
hint: what all jobs share goes in 'defaults'; a whole value can be shared by an alias (env: *name)
END

case_ "tags" && golden <<'END'
jobs:
- args: [echo, !!str 3]
----
spool: jobs.yaml:2:16: tags have no meaning in a job file: '!!str'
  - args: [echo, !!str 3]
                 ^
hint: take it out; a text that begins with '!' is written in quotes
END

case_ "several documents" && golden <<'END'
jobs: [{run: x}]
---
jobs: [{run: y}]
----
spool: jobs.yaml:2:1: a second document begins here; a job file is one document
  ---
  ^
hint: put the second one into a file of its own
END

case_ "braces without quotes" && golden <<'END'
jobs:
- matrix: {n: [1]}
  args: [echo, ${{ n }}]
----
spool: jobs.yaml:3:17: inside [ ] and { } a text with braces must be in quotes
    args: [echo, ${{ n }}]
                  ^
hint: write "${{ n }}"
END

case_ "a value pasted into a script" && golden <<'END'
jobs:
- matrix: {n: [1]}
  run: echo ${{ n }}
----
spool: jobs.yaml:3:13: '${{ n }}' cannot stand in a run script
    run: echo ${{ n }}
              ^
hint: write "$n": matrix values are environment variables of the script
END

case_ "a name that is nearly right" && golden <<'END'
jobs:
- matrix: {number: [1]}
  args: [echo, "${{ numbr }}"]
----
spool: jobs.yaml:3:17: '${{ numbr }}' is not defined
    args: [echo, "${{ numbr }}"]
                  ^
hint: did you mean 'number'? the matrix has number
END

case_ "a star without quotes" && golden <<'END'
jobs:
- args: [rm, *.o]
----
spool: jobs.yaml:2:14: a text without quotes cannot begin with '*'
  - args: [rm, *.o]
               ^
hint: a text like this is written in quotes
END

case_ "keys of later days are unknown" && golden <<'END'
jobs:
- {run: x, priority: 1}
----
spool: jobs.yaml:2:12: unknown key 'priority'
  - {run: x, priority: 1}
             ^
hint: spool has no priorities yet: jobs start in the order of the file
END

case_ "a key that is like none" && golden <<'END'
jobs:
- {run: x, colour: 1}
----
spool: jobs.yaml:2:12: unknown key 'colour'
  - {run: x, colour: 1}
             ^
hint: the keys of a job are name, needs, matrix, args, run, shell, executable, cwd, env, env_file, inherit_env, input, stdin, stdout, stderr, max_output, timeout, grace, user, group, extra_groups, umask, nice, limits, tags, when, allow_failure, check, success_codes
END

case_ "jobs as a map" && golden <<'END'
jobs:
  build: {run: x}
----
spool: jobs.yaml:2:3: 'jobs' must be a list, not a map
    build: {run: x}
    ^
hint: begin each job with '- ', and say its name as a key: - name: 'build'
END

case_ "a first file, in the words of another tool" && golden <<'END'
on: push
jobs:
  - name: build
    runs-on: linux
    steps:
      - run: make
  - name: test
    needs: build
    strategy: {matrix: {os: [linux]}}
    if: always()
    args: [make, "test-${{ os }}"]
----
spool: jobs.yaml:1:1: unknown key 'on'
  on: push
  ^
hint: spool runs when it is called: leave it out
spool: jobs.yaml:4:5: unknown key 'runs-on'
      runs-on: linux
      ^
hint: jobs run on this machine, in no container: leave it out
spool: jobs.yaml:5:5: unknown key 'steps'
      steps:
      ^
hint: a job is one script here, run: |; steps that need each other are jobs with 'needs'
spool: jobs.yaml:8:12: 'needs' must be a list, not a text
      needs: build
             ^
hint: write needs: [build]
spool: jobs.yaml:9:5: unknown key 'strategy'
      strategy: {matrix: {os: [linux]}}
      ^
hint: it is 'matrix: {NAME: [VALUE, …]}' here, a key of the job
spool: jobs.yaml:10:5: unknown key 'if'
      if: always()
      ^
hint: it is 'when: always' or 'when: on_failure' here
END

case_ "a file without jobs" && golden <<'END'
jobs: []
----
spool: jobs.yaml:1:7: 'jobs' is empty
  jobs: []
        ^
hint: a job is written - args: [ls, -l] or - run: ls -l
END

case_ "neither args nor run, or both" && golden <<'END'
jobs:
- name: nothing
- {args: [x], run: y}
----
spool: jobs.yaml:2:3: job has neither 'args' nor 'run'
  - name: nothing
    ^
hint: 'args: [PROGRAM, ARGUMENT, …]' executes a program, 'run: SCRIPT' a shell script
spool: jobs.yaml:3:20: both 'args' and 'run' are given
  - {args: [x], run: y}
                     ^
hint: 'args' is executed as it is, 'run' is a script for a shell: keep one of them
END

case_ "a headline with an unknown field" && golden <<'END'
report: {title: "{job} jobs"}
jobs: [{run: x}]
----
spool: jobs.yaml:1:18: '{job}' is not known
  report: {title: "{job} jobs"}
                   ^
hint: did you mean '{jobs}'?
END

case_ "characters are counted, not bytes" && golden <<'END'
jobs:
- {name: "Žluťoučký kůň", chek: true, run: x}
----
spool: jobs.yaml:2:27: unknown key 'chek'
  - {name: "Žluťoučký kůň", chek: true, run: x}
                            ^
hint: did you mean 'check'?
END
