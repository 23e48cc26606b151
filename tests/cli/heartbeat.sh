# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# spool run: what is said after a long silence.

case_ "after 30 s of silence the oldest job is named, but not to a terminal and not with -q" && {
	takes_long
	cat >jobs.yaml <<-END
		jobs:
		  - {name: short, args: [$CHILD]}
		  - {name: oldest, args: [$CHILD, await, go]}
		  - {name: younger, args: [$CHILD, await, go]}
		  - {name: waits, args: [$CHILD, await, go]}
	END
	start "$SPOOL" run -j2 jobs.yaml
	"$SPOOL" run -q -j2 jobs.yaml >quiet 2>&1 &
	quiet=$!
	"$PTY" -t 60 -- "$SPOOL" run -j2 jobs.yaml >terminal 2>&1 &
	terminal=$!
	sleep 33
	touch go
	wait "$quiet" "$terminal"
	finish
	status 0
	stderr_matches 'spool: still running: oldest \((2[89]|3[0-9])s\), 1 more'
	that test ! -s quiet
	that test "$(grep -c still terminal)" = 0
	that grep -q 'oldest.*PASS' terminal
}
