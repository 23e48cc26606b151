# shellcheck shell=bash disable=SC2016 # expressions in single quotes are for others to expand
# SPDX-License-Identifier: MIT
# spool exec where standard input is no terminal: status, streams, timeout, clean-up.

case_ "exec passes the status on" && {
	for n in 0 1 2 42 124 255; do
		run "$SPOOL" exec -- "$CHILD" exit "$n"
		status "$n"
		stdout_is ''
		stderr_is ''
	done
}

case_ "exec says 128 and the number of the signal that ended the command" && {
	run "$SPOOL" exec -- "$CHILD" signal KILL
	status 137
	run "$SPOOL" exec -- "$CHILD" signal SEGV
	status 139
	run "$SPOOL" exec -- "$CHILD" signal TERM
	status 143
	stderr_is ''
}

case_ "exec dies by the INT or QUIT that ended the command" && {
	for name in INT QUIT; do
		run "$SPOOL" exec -- "$CHILD" signal "$name"
		dies_by "$name"
		stderr_is ''
	done
}

case_ "exec of a program that is not there: 127" && {
	tagged valgrind "it forks where posix_spawn vforks, so a program that cannot start is not told"
	run "$SPOOL" exec -- nonesuch
	status 127
	stderr_is "spool: cannot execute 'nonesuch': No such file or directory"
	run "$SPOOL" exec -- ./nonesuch
	status 127
	stderr_is "spool: cannot execute './nonesuch': No such file or directory"
	touch file
	run "$SPOOL" exec -- ./file/below
	status 127
	stderr_is "spool: cannot execute './file/below': Not a directory"
}

case_ "exec of a script whose interpreter is not there says so: 127" && {
	tagged valgrind "it forks where posix_spawn vforks, so a program that cannot start is not told"
	printf '#!/nonesuch/sh\n' >script
	chmod +x script
	run "$SPOOL" exec -- ./script
	status 127
	stderr_is "spool: cannot execute './script': No such file or directory (the file is there: the interpreter that its #! line names is not)"
}

case_ "exec of what cannot be executed: 126" && {
	tagged valgrind "it forks where posix_spawn vforks, so a program that cannot start is not told"
	run "$SPOOL" exec -- "$PWD"
	status 126
	stderr_is "spool: cannot execute '$PWD': Permission denied"
	echo 'echo hi' >script
	run "$SPOOL" exec -- ./script
	status 126
	stderr_is "spool: cannot execute './script': Permission denied"
	chmod +x script
	run "$SPOOL" exec -- ./script
	status 126
	stderr_is "spool: cannot execute './script': Exec format error (a script needs a first line such as #!/bin/sh)"
}

case_ "what is wrong before the command starts: 125" && {
	wrong_use() {
		run "$SPOOL" exec "${@:2}"
		status 125
		stderr_has "$1"
		stdout_is ''
	}
	wrong_use 'no command is given'
	wrong_use 'no command is given' --timeout 3 --
	wrong_use "unknown option '--frob'" --frob -- true
	wrong_use "unknown option '-j'" -j 3 true
	wrong_use 'did you mean --timeout?' --timeoot 3 true
	wrong_use '--timeout needs an argument' --timeout
	wrong_use "--timeout 'soon'" --timeout soon -- true
	wrong_use "--grace '-1'" --grace=-1 -- true
	wrong_use '--env' --env NAME true
	wrong_use 'SPOOL_' --env SPOOL_JOB=x true
	wrong_use '--capture takes no argument' --capture=yes true
	wrong_use "cannot enter the working directory '/nonesuch': No such file or directory" \
		--cwd /nonesuch true
	wrong_use "cannot read '/nonesuch': No such file or directory" --input /nonesuch cat
}

case_ "exec gives the command its own words, whatever they look like" && {
	run "$SPOOL" exec "$CHILD" args --help -v '' ' a  b ' -- '$HOME' '*' "it's" '"' "\\"
	status 0
	stdout_is '[--help]' '[-v]' '[]' '[ a  b ]' '[--]' '[$HOME]' '[*]' "[it's]" '["]' '[\]'
	run "$SPOOL" exec --timeout 60 -- "$CHILD" args --timeout 0
	status 0
	stdout_is '[--timeout]' '[0]'
}

case_ "the streams are the command's own" && {
	"$CHILD" flood 1 1000000 >big
	run "$SPOOL" exec -- "$CHILD" cat <big
	status 0
	that cmp big "$CASE/out"
	run "$SPOOL" exec -- "$CHILD" say-err warning put 'no \0 newline'
	status 0
	stderr_is warning
	that cmp <(printf 'no \0 newline') "$CASE/out"
}

case_ "exec ends what runs too long: 124" && {
	run "$SPOOL" exec --timeout 0.3 -- "$CHILD" live
	status 124
	took 0.3 3
	stderr_is ''
}

case_ "exec kills what outlives TERM and grace: 124, and nothing is left" && {
	run "$SPOOL" exec --timeout 0.5 --grace 0.5 -- sh -c 'trap "" TERM; sleep 100'
	status 124
	took 1 10
}

case_ "exec's timeout is 124 whatever the command makes of TERM" && {
	run "$SPOOL" exec --timeout 0.5 -- "$CHILD" trap TERM 0 live
	status 124
	stdout_is 'trap TERM'
}

case_ "a grace of 0 kills at once" && {
	run "$SPOOL" exec --timeout 0.3 --grace 0 -- "$CHILD" tally TERM t live
	status 124
	file_is t ''
	took 0.3 3
}

case_ "a timeout of 0, none or inf is none" && {
	for none in 0 none inf; do
		run "$SPOOL" exec --timeout "$none" -- "$CHILD" sleep 50 exit 7
		status 7
	done
}

case_ "a stopped command is continued so that TERM can end it" && {
	run "$SPOOL" exec --timeout 0.5 -- "$CHILD" trap TERM 0 stop live
	status 124
	stdout_is 'trap TERM'
	took 0.5 5
}

case_ "what the command leaves in its group is gone with it" && {
	run "$SPOOL" exec -- "$CHILD" fork-hold fork-quiet say over
	status 0
	stdout_is over
	took 0 3
	run "$SPOOL" exec --capture -- "$CHILD" fork-hold fork-quiet say over
	status 0
	stdout_is over
	took 0 3
}

case_ "the command has a session of its own, without a terminal" && {
	run "$PTY" -e tty -- sh -c '"$0" exec -- "$1" print-tty </dev/null' "$SPOOL" "$CHILD"
	status 0
	stdout_has 'no tty'
	run "$SPOOL" exec -- "$CHILD" print-ids
	status 0
	stdout_matches 'pid ([0-9]+) ppid [0-9]+ pgid ([0-9]+) sid ([0-9]+)'
	read -r _ pid _ _ _ pgid _ sid <"$CASE/out"
	that test "$pid" = "$pgid"
	that test "$pid" = "$sid"
}

case_ "--cwd, --env and --input" && {
	mkdir sub
	echo below >sub/text
	run "$SPOOL" exec --cwd sub --env A=1 --env 'B=x = y' --env A=2 --env C= -- \
		sh -c 'pwd; echo "$A|$B|${C-unset}"'
	status 0
	stdout_is "$PWD/sub" '2|x = y|'
	run "$SPOOL" exec --input sub/text -- "$CHILD" cat <<<'not this'
	status 0
	stdout_is below
}

case_ "the command is found by its own PATH and started from its own directory" && {
	mkdir sub
	printf '#!/bin/sh\necho mine\n' >sub/prog
	chmod +x sub/prog
	run "$SPOOL" exec --env "PATH=$PWD/sub:$PATH" -- prog
	status 0
	stdout_is mine
	run "$SPOOL" exec --cwd sub -- ./prog
	status 0
	stdout_is mine
}

case_ "--capture collects the streams and prints them at the end" && {
	run "$SPOOL" exec --capture -- "$CHILD" say one say-err two say three exit 5
	status 5
	stdout_is one three
	stderr_is two
}

case_ "--capture keeps the first and last half of more than 10 MB" && {
	run "$SPOOL" exec --capture -- "$CHILD" flood 1 25000000
	status 0
	stderr_is 'spool: 14514240 bytes of its standard output are left out here'
	"$CHILD" flood 1 25000000 >whole
	that cmp "$CASE/out" <(head -c 5242880 whole && tail -c 5242880 whole)
}

case_ "exec sets the variables of a job" && {
	SPOOL_JOB=inherited run "$SPOOL" exec -- sh -c 'echo "$SPOOL_JOB $SPOOL_SEQ $SPOOL_SLOT $SPOOL_ATTEMPT $SPOOL_WORKERS"
		test "$SPOOL_ID" = "$SPOOL_RUN:1:1"'
	status 0
	stdout_is 'sh 1 1 1 1'
}

case_ "exec tries again, so often and no more" && {
	echo 'echo x >>tries; [ "$(wc -l <tries)" = 3 ]' >script
	run "$SPOOL" exec --retry 5 -- sh script
	status 0
	stderr_is 'spool: try 1 of 5 did not pass: exit 1' 'spool: try 2 of 5 did not pass: exit 1'
	run "$SPOOL" exec --retry 2 -- "$CHILD" exit 7
	status 7
	stderr_is 'spool: try 1 of 2 did not pass: exit 7'
	run "$SPOOL" exec --retry 2 --timeout 100ms -- "$CHILD" live
	status 124
	stderr_is 'spool: try 1 of 2 did not pass: it timed out'
	run "$SPOOL" exec --retry 0 -- true
	status 125
}

case_ "exec --retry reads its input anew" && {
	seq 3 >list
	run "$SPOOL" exec --retry 2 --input list -- sh -c 'cat; exit 1'
	status 1
	stdout_is 1 2 3 1 2 3
}
