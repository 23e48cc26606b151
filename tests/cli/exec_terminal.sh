# shellcheck shell=bash disable=SC2016 # expressions in single quotes are for others to expand
# SPDX-License-Identifier: MIT
# spool exec on a terminal: the command stays in the foreground, job control is the shell's.

# Shells that a user types to, without what they do at their start. Their prompt is 'type: '.
typed_to=("bash --norc --noprofile -i" "dash -i")
export PS1='type: ' HISTFILE=

case_ "a command reads what is typed and sees the size of the screen" && {
	run "$PTY" -e '24 80' -s 'hello\n' -- "$SPOOL" exec -- sh -c 'stty size; read x; echo "got $x"'
	status 0
	stdout_has 'got hello'
}

case_ "a command may switch the terminal to raw keys" && {
	run "$PTY" -e ready -s 'k' -- "$SPOOL" exec -- sh -c '
		saved=$(stty -g)
		stty raw -echo
		printf ready
		key=$(dd bs=1 count=1 2>/dev/null)
		stty "$saved"
		echo "got $key"'
	status 0
	stdout_has 'got k'
}

case_ "an editor on the whole screen works" && {
	needs vi
	echo before >text
	run "$PTY" -e before -s 'cwafter^[:wq\n' -- env TERM=xterm "$SPOOL" exec -- vi -u NONE -N text
	status 0
	file_is text after
}

case_ "the command has the terminal and stays in its group" && {
	run "$PTY" -- "$SPOOL" exec -- "$CHILD" print-tty print-ids
	status 0
	stdout_matches $'tty\r' $'pid [0-9]+ ppid ([0-9]+) pgid ([0-9]+) sid ([0-9]+)\r'
	read -r _ _ _ parent _ group _ session < <(tail -n1 "$CASE/out" | tr -d '\r')
	that test "$parent" = "$group"
	that test "$parent" = "$session"
}

case_ "^C ends the command, and spool dies by it" && {
	run "$PTY" -e ready -s '^C' -- "$SPOOL" exec -- "$CHILD" say ready live
	status 130
	took 0 3
	run "$PTY" -e ready -s "^\\" -- "$SPOOL" exec -- "$CHILD" say ready live
	status 131
}

case_ "^C that the command makes something else of does not disturb it" && {
	for _ in {1..20}; do # it ends while spool is being told of the same ^C
		run "$PTY" -e ready -s '^C' -- "$SPOOL" exec -- "$CHILD" trap INT 7 say ready live
		status 7
		stdout_has 'trap INT'
	done
	run "$PTY" -e ready -s '^C' -e INT -s '^C' -e INT -s '^C' -e INT -s 'line\n' -e line -s '^D' -- \
		"$SPOOL" exec --grace 0 -- "$CHILD" tally INT /dev/tty say ready cat
	status 0
}

case_ "^C in a loop ends the loop" && {
	cat >go <<-END
		for i in 1 2 3; do
			"$SPOOL" exec -- "$CHILD" say "turn \$i" live
		done
		echo after
	END
	for shell in bash dash; do
		run "$PTY" -e 'turn 1' -s '^C' -- "$shell" go
		status 130
		stdout_lacks 'turn 2' after
	done
}

case_ "^C in a loop that is typed ends the loop" && {
	echo "exec '$SPOOL' exec -- '$CHILD' say running live" >go
	for shell in "${typed_to[@]}"; do
		# shellcheck disable=SC2086 # its words
		run "$PTY" -e 'type: ' -s 'for i in 1 2 3; do echo turn $i; sh go; done\n' \
			-e 'turn 1' -e running -s '^C' -e 'type: ' -s 'exit 0\n' -- $shell
		status 0
		stdout_lacks 'turn 2'
	done
}

case_ "^Z gives the prompt back, fg goes on" && {
	tagged valgrind "its programs with several threads do not stop at ^Z"
	echo "exec '$SPOOL' exec -- '$CHILD' say running await on say over" >go
	for shell in "${typed_to[@]}"; do
		rm -f on
		# shellcheck disable=SC2086 # its words
		run "$PTY" -e 'type: ' -s 'sh go\n' -e running -s '^Z' -e Stopped -e 'type: ' \
			-s 'echo back at $((40 + 2))\n' -e 'back at 42' -e 'type: ' -s ': >on; fg\n' \
			-e over -e 'type: ' -s 'exit 0\n' -- $shell
		status 0
	done
}

case_ "a timeout ends the command alone: the group is the shell's" && {
	cat >go <<-END
		"$SPOOL" exec --timeout 0.3 --grace 0.3 -- "$CHILD" ignore TERM live
		echo "status \$?"
	END
	run "$PTY" -- sh go
	status 0
	stdout_has 'status 124'
}

case_ "TERM to spool goes on to the command" && {
	start "$PTY" -- "$SPOOL" exec -- sh -c 'echo $PPID >pid
		exec "$0" trap TERM 0 ready r live' "$CHILD"
	until_ test -s r
	kill -TERM "$(<pid)"
	finish
	status 143
	stdout_has 'trap TERM'
}

case_ "a terminal that is hung up ends the command" && {
	run "$PTY" -e ready -h -- "$SPOOL" exec -- "$CHILD" say ready live
	status 129
}

case_ "with --input the terminal is not the command's" && {
	echo text >in
	run "$PTY" -- "$SPOOL" exec --input in -- "$CHILD" cat print-tty
	status 0
	stdout_matches $'text\r' $'no tty\r'
}
