# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# spool exec: one command, with its streams and its status.

case_ "the status is the command's" && {
	run "$SPOOL" exec -- "$CHILD" say out say-err err exit 7
	status 7
	stdout_is out
	stderr_is err
}

case_ "false is 1, true is 0" && {
	run "$SPOOL" exec false
	status 1
	run "$SPOOL" exec true
	status 0
}

case_ "a missing program is 127" && {
	tagged valgrind "it forks where posix_spawn vforks, so a program that cannot start is not told"
	run "$SPOOL" exec -- ./no-such-program
	status 127
	stdout_is ''
	stderr_has no-such-program
}

case_ "a directory is 126" && {
	tagged valgrind "it forks where posix_spawn vforks, so a program that cannot start is not told"
	run "$SPOOL" exec -- /tmp
	status 126
	stderr_has /tmp
}

case_ "death by a signal is 128 and its number" && {
	run "$SPOOL" exec -- "$CHILD" signal KILL
	status 137
}

case_ "standard input is the command's" && {
	run "$SPOOL" exec -- "$CHILD" cat <<<'to be copied'
	status 0
	stdout_is 'to be copied'
}

case_ "a command that ignores TERM is killed after the grace" && {
	run "$SPOOL" exec --timeout 500ms --grace 500ms -- "$CHILD" ignore TERM live
	status 124
	took 1 10
}

case_ "the timeout reaches all of the group" && {
	run "$SPOOL" exec --timeout 300ms --grace 300ms -- "$CHILD" ignore TERM fork-quiet live
	status 124
}

case_ "^C on a terminal ends a loop around spool exec" && {
	run "$PTY" -e ready -s '^C' -e ended -- bash -c "trap 'echo ended; exit 1' INT
		while :; do '$SPOOL' exec -- '$CHILD' say ready live; done"
	status 1
}

case_ "wrong use is 125" && {
	run "$SPOOL" exec --no-such-option -- true
	status 125
	stderr_has --no-such-option
}

case_ "a folder that is not there is 125" && {
	tagged valgrind "it forks where posix_spawn vforks, so a program that cannot start is not told"
	run "$SPOOL" exec --cwd /no/such/folder -- true
	status 125
	stderr_has /no/such/folder
}
