# shellcheck shell=bash disable=SC2016 # expressions in single quotes are for others to expand
# SPDX-License-Identifier: MIT
# The options of the commands, and what is said of wrong ones.

three_jobs() {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: one, args: [$CHILD, say, hi]}
		  - {name: two, args: [$CHILD, say, hello, exit, 3]}
		  - {name: three, args: [$CHILD, say, hey]}
	END
}

case_ "-j says how many workers there are" && {
	cpus=$(nproc)
	cat >jobs.yaml <<-END
		report: {title: "{workers} workers", footer: ""}
		jobs: [{matrix: {n: [1, 2, 3]}, args: [$CHILD, env, SPOOL_WORKERS]}]
	END
	workers() {
		run "$SPOOL" run --output all jobs.yaml "${@:2}"
		status 0
		stdout_matches "$1 workers" '.* PASS .*' "    $1" '.* PASS .*' "    $1" '.* PASS .*' "    $1"
	}
	workers "$cpus"
	workers 1 -j1
	workers 5 -j 5
	workers 5 --jobs 5
	workers 5 --jobs=5
	workers 3 -j0
	workers "$((cpus > 1 ? cpus - 1 : 1))" -j -1
	workers 1 -j -1000
	workers "$((cpus + 2))" -j +2
	workers "$cpus" -j 100%
	workers "$((3 * cpus))" -j300%
	workers 2 -j 7 --jobs=2
}

case_ "so many jobs run at once and no more" && {
	cat >jobs.yaml <<-END
		jobs:
		  - matrix: {n: [1, 2, 3, 4, 5, 6, 7, 8, 9]}
		    run: |
		      mkdir "in.\$n"
		      test "\$(ls -d in.* | wc -l)" -le 3
		      case \$n in [123]) "$CHILD" ready "\$n" await 1 await 2 await 3;; esac
		      rmdir "in.\$n"
	END
	run "$SPOOL" run -j3 jobs.yaml
	status 0
}

case_ "the command line goes before the file: workers" && {
	cat >jobs.yaml <<-END
		workers: 2
		report: {title: "{workers} workers", footer: ""}
		jobs: [{name: x, args: [$CHILD]}]
	END
	run "$SPOOL" run jobs.yaml
	status 0
	stdout_has '2 workers'
	run "$SPOOL" run -j4 jobs.yaml
	status 0
	stdout_has '4 workers'
}

case_ "options stand before and behind operands, up to --" && {
	three_jobs
	run "$SPOOL" run jobs.yaml -q one --output=all three -j1
	status 0
	stdout_is ''
	run "$SPOOL" run -- jobs.yaml one
	status 0
	run "$SPOOL" run -- jobs.yaml -q
	status 2
	stderr_has "no job is named '-q'"
}

case_ "-v says each command, -q only what did not pass" && {
	three_jobs
	run "$SPOOL" run -j1 -v jobs.yaml
	status 1
	stderr_is "spool: one: starts $CHILD say hi" "spool: two: starts $CHILD say hello exit 3" \
		"spool: three: starts $CHILD say hey"
	run "$SPOOL" run -j1 -q jobs.yaml
	status 1
	stdout_matches ' +two FAIL .*  exit 3' '    hello' '1 of 3 jobs did not pass:' \
		'  two FAIL  exit 3' '    hello' '    again: spool run jobs.yaml two'
	run "$SPOOL" run -vqj1 jobs.yaml
	status 1
	stderr_has 'one: starts'
	stdout_lacks PASS
}

case_ "--output says whose output is shown" && {
	three_jobs
	run "$SPOOL" run --output never jobs.yaml
	status 1
	stdout_lacks '    h'
	run "$SPOOL" run --output failed jobs.yaml
	status 1
	stdout_has '    hello'
	stdout_lacks '    hi' '    hey'
	run "$SPOOL" run --output all jobs.yaml
	status 1
	stdout_has '    hello' '    hi' '    hey'
}

case_ "--timeout and --grace go before the file" && {
	cat >jobs.yaml <<-END
		defaults: {timeout: 300ms, grace: 100ms}
		jobs: [{name: x, args: [$CHILD, ignore, TERM, sleep, 1000]}]
	END
	run "$SPOOL" run jobs.yaml
	status 1
	stdout_has 'after 300ms, killed'
	run "$SPOOL" run --timeout 0 jobs.yaml
	status 0
	run "$SPOOL" run --timeout 0.2 --grace none jobs.yaml
	status 1
	stdout_has 'after 200ms, exit 0'
}

case_ "-C is where relative paths start" && {
	mkdir sub other
	cat >sub/jobs.yaml <<-'END'
		jobs: [{name: where, run: pwd}, {name: below, run: pwd, cwd: deep}]
	END
	mkdir sub/deep other/deep
	run "$SPOOL" run -j1 --output all sub/jobs.yaml
	status 0
	stdout_has "    $PWD/sub" "    $PWD/sub/deep"
	run "$SPOOL" run -j1 --output all -C other sub/jobs.yaml
	status 0
	stdout_has "    $PWD/other" "    $PWD/other/deep"
	run "$SPOOL" check --directory other sub/jobs.yaml
	status 0
	run "$SPOOL" run -j1 --output all - <sub/jobs.yaml -C sub
	status 0
	stdout_has "    $PWD/sub" "    $PWD/sub/deep"
}

case_ "--color, NO_COLOR, CLICOLOR_FORCE and the terminal" && {
	three_jobs
	escape=$'\e'
	colour() {
		run "${@:2}" "$SPOOL" run jobs.yaml
		status 1
		"stdout_$1" "$escape"
	}
	colour lacks env
	colour has env CLICOLOR_FORCE=1
	colour lacks env CLICOLOR_FORCE=0
	colour lacks env CLICOLOR_FORCE=1 NO_COLOR=1
	colour has "$PTY" -- env TERM=xterm
	colour lacks "$PTY" -- env TERM=dumb
	colour lacks "$PTY" -- env TERM=xterm NO_COLOR=1
	colour has "$PTY" -- env TERM=xterm NO_COLOR=
	run "$SPOOL" run --color always jobs.yaml
	status 1
	stdout_has "$escape"
	run "$PTY" -- env TERM=xterm "$SPOOL" run --color=never jobs.yaml
	status 1
	stdout_lacks "$escape"
}

case_ "without a file it is spool.yaml, spool.yml or .spool.yaml" && {
	run "$SPOOL" run
	status 2
	stdout_is ''
	stderr_is 'spool: there is no job file here: neither spool.yaml, spool.yml nor .spool.yaml' \
		'hint: name one: spool run FILE'
	for file in .spool.yaml spool.yml spool.yaml; do
		echo "{report: {title: $file}, jobs: [{name: x, run: 'true'}]}" >$file
		run "$SPOOL" run
		status 0
		stdout_has "$file"
	done
}

case_ "- is a job file on standard input" && {
	three_jobs
	run "$SPOOL" run - one <jobs.yaml
	status 0
	stdout_has '1 jobs in'
	run "$SPOOL" check - <<<'jobs: [{rum: x}]'
	status 2
	stderr_has "1:9: unknown key 'rum'"
}

case_ "jobs are named exactly" && {
	three_jobs
	run "$SPOOL" run -j1 jobs.yaml three one
	status 0
	stdout_matches 'Running 2 jobs with 1 workers:' ' +one PASS .*' ' +three PASS .*' '2 jobs in .*'
	run "$SPOOL" run jobs.yaml one thre four
	status 2
	stdout_is ''
	stderr_has "no job is named 'thre'" "did you mean 'three'?" "no job is named 'four'"
}

case_ "wrong use of run and check: 2, and nothing starts" && {
	echo 'jobs: [{args: [touch, started]}]' >spool.yaml
	wrong_use() {
		run "$SPOOL" "${@:2}"
		status 2
		stdout_is ''
		stderr_has "$1"
	}
	wrong_use "unknown option '--frob' of spool run" run --frob
	wrong_use 'did you mean --timeout?' run --timeot 3
	wrong_use "unknown option '-x'" run -x
	wrong_use "unknown option '-vx'" run -vx
	wrong_use "unknown option '--cwd' of spool run" run --cwd /
	wrong_use "unknown option '-j3' of spool check" check -j3 spool.yaml
	wrong_use '--jobs needs an argument: --jobs N' run -j
	wrong_use "--jobs 'x'" run -j x
	wrong_use "--jobs '0%'" run -j 0%
	wrong_use "--jobs '1.5'" run -j1.5
	wrong_use "--jobs ''" run --jobs=
	wrong_use "--jobs '99999999999'" run -j 99999999999
	wrong_use "--timeout '3 s'" run --timeout '3 s'
	wrong_use "--timeout '1e3'" run --timeout 1e3
	wrong_use "--timeout 'nan'" run --timeout nan
	wrong_use "--timeout ''" run --timeout ''
	wrong_use "--output 'some': it is never, failed or all" run --output some
	wrong_use "--color 'blue': it is auto, always or never" run --color blue
	wrong_use '--quiet takes no argument' run --quiet=yes
	wrong_use '--directory' run -C ''
	wrong_use 'no job file is named' check
	wrong_use 'no command is given'
	wrong_use "unknown command 'rum'" rum
	wrong_use 'did you mean spool map?' xargs
	wrong_use 'did you mean spool check?' chek
	wrong_use 'to run a job file: spool run FILE' spool.yaml
	wrong_use "unknown option '--frob'" --frob
	that test ! -e started
}

case_ "--help of every command begins with examples and names every option" && {
	for name in run map exec check list completion; do
		for way in "$name --help" "$name -h" "help $name"; do
			# shellcheck disable=SC2086 # its words
			run "$SPOOL" $way
			status 0
			stderr_is ''
			stdout_has 'Examples:' "  spool $name " "Usage: spool $name " Options: "The manual: spool-$name(1)"
		done
	done
	run "$SPOOL" run --help
	status 0
	stdout_has --jobs --timeout --grace --only --skip --directory --output --dry-run --verbose --quiet --color --help
	run "$SPOOL" exec --help
	status 0
	stdout_has --timeout --grace --cwd --env --input --capture --help
}

case_ "help and --version" && {
	for way in help --help -h; do
		run "$SPOOL" $way
		status 0
		stdout_has 'spool run' 'spool map' 'spool exec' 'spool check' 'spool list'
		stderr_is ''
	done
	run "$SPOOL" --version
	status 0
	stdout_matches 'spool [0-9.]+'
}

case_ "what --dry-run prints does the same when pasted" && {
	mkdir 'a dir' -- -x
	cat >jobs.yaml <<-END
		jobs:
		  - {name: option, args: [pwd], cwd: -x}
		  - {name: words, args: [$CHILD, args, "it's", '"', '\$HOME *', '', "a\tb\nc", '\\\\', é, -n, '#']}
		  - {name: where, args: [pwd], cwd: a dir}
		  - {name: added, args: [sh, -c, 'echo "\$A|\${HOME-unset}"'], env: {A: 'x "y" \$z', HOME: null}}
		  - {name: bare, args: [$CHILD, env, A], env: {A: only, B: null}, inherit_env: false}
		  - {name: script, matrix: {n: [1, "it's 2"]}, run: "for i in a b; do\n  echo \"\$i \$n\"\ndone\nfalse\necho not\n", check: false}
		  - {name: other shell, shell: bash, run: 'echo "\${BASH_VERSION:+bash}"'}
		  - {name: fed, args: [cat], input: "line 1\n  'line' %s \\\\n 2\n\n"}
		  - {name: unfed, args: [cat]}
		  - {name: disguised, args: [other, -c, 'echo "\$0|\$1"', me, it], executable: /bin/sh}
		  - {name: template, args: [echo, '\${{ job.name }} \${{ env.NONE:-none }} \${{ spool.workers }}']}
	END
	run "$SPOOL" run -j1 --output all jobs.yaml
	status 0
	sed -n '/ PASS /d; s/^    //p' "$CASE/out" >by-run
	run "$SPOOL" run -j1 --dry-run jobs.yaml
	status 0
	stderr_is ''
	cp "$CASE/out" pasted
	for shell in dash bash; do
		"$shell" pasted >by-paste 2>&1
		that diff by-run by-paste
	done
}

case_ "--dry-run starts nothing" && {
	echo 'jobs: [{args: [touch, started]}]' >jobs.yaml
	run "$SPOOL" run --dry-run jobs.yaml
	status 0
	stdout_is "(touch started </dev/null)"
	that test ! -e started
}
