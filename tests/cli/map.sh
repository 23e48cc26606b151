# shellcheck shell=bash disable=SC2016 # what stands in single quotes is for the jobs
# SPDX-License-Identifier: MIT
# spool map: one command over many values.

nasty() {
	printf '%s\n' "it's" '"q"' 'a b' '$(touch pwned)' '-rf' ''
}

# nasty_untouched OPTIONS AND COMMAND…
nasty_untouched() {
	nasty >values
	run "$SPOOL" map -k "$@" <values
	status 0
	stdout_is "[it's]" '["q"]' '[a b]' '[$(touch pwned)]' '[-rf]' '[]'
	stderr_is ''
	that test ! -e pwned
}

case_ "map: values are what they are, without a shell" && nasty_untouched printf '[%s]\n'
case_ "map: values are what they are, as positional parameters" &&
	nasty_untouched --shell 'printf "[%s]\n" "$1"'
case_ "map: values are what they are, for a bare placeholder" &&
	nasty_untouched --shell 'printf "[%s]\n" {}'
case_ "map: values are what they are, in double quotes" &&
	nasty_untouched --shell 'printf "[%s]\n" "{}"'
case_ "map: values are what they are, in single quotes" &&
	nasty_untouched --shell "printf '[%s]\\n' '{}'"
case_ "map: values are what they are, without a placeholder in the script" &&
	nasty_untouched --shell 'printf "[%s]\n"'
case_ "map: values are what they are, for bash" && {
	needs bash
	nasty_untouched --shell=bash 'printf "[%s]\n" {}'
}

case_ "map: each failure is named when it happens, and at the end" && {
	seq 0 9 >values
	run "$SPOOL" map -j4 sh -c 'echo "said $1" >&2; exit $1' sh {} <values
	status 1
	stdout_is ''
	stderr_has '9 of 10 jobs did not pass:'
	for i in {1..9}; do
		stderr_has "spool: $i: FAIL exit $i" "  $i FAIL  exit $i" "    said $i" \
			"    again: sh -c 'echo \"said \$1\" >&2; exit \$1' sh $i"
	done
	stderr_lacks 'spool: 0:'
}

case_ "map: with -q a failure is named at the end alone" && {
	run "$SPOOL" map -q sh -c 'echo said >&2; exit 3' ::: 1
	status 1
	stderr_is said '1 of 1 jobs did not pass:' '  1 FAIL  exit 3' '    said' \
		"    again: sh -c 'echo said >&2; exit 3' 1"
}

case_ "map: --color is for what spool says, and not for the output" && {
	run "$SPOOL" map --color always sh -c 'echo out; exit 3' ::: 1
	status 1
	stdout_is out
	stderr_has $'spool: 1: \e[31mFAIL\e[0m exit 3'
	run "$SPOOL" map sh -c 'exit 3' ::: 1
	status 1
	stderr_has 'spool: 1: FAIL exit 3'
}

case_ "map: what did not pass stands below all output" && {
	run bash -c '"$1" map -k sh -c "seq 50000; exit \$1" sh {} ::: 1 2 2>&1' - "$SPOOL"
	status 1
	that test "$(grep -n 'did not pass' "$CASE/out" | cut -d: -f1)" -gt 100002
}

case_ "map: what the exit status is of jobs that did not pass" && {
	seq 0 9 >values
	run "$SPOOL" map -j1 --exit-status count sh -c 'exit $1' sh {} <values
	status 9
	run "$SPOOL" map -j1 --exit-status first sh -c 'exit $1' sh {} <values
	status 1
	run "$SPOOL" map -j1 --exit-status max sh -c 'exit $1' sh {} <values
	status 9
	run "$SPOOL" map --exit-status max "$CHILD" signal KILL ::: 1
	status 137
	run "$SPOOL" map --exit-status max no-such-program ::: 1
	status 127
	run "$SPOOL" map --exit-status count --output never false ::: {1..150}
	status 101
	run "$SPOOL" map --exit-status first --timeout 100ms "$CHILD" live ::: 1
	status 124
}

case_ "map: an empty value can be seen in what is said of it" && {
	run "$SPOOL" map -v true ::: ''
	status 0
	stderr_is "spool: '': starts true ''"
	run "$SPOOL" map -j1 --fail-fast false ::: '' '' ''
	status 1
	stderr_is "spool: '': FAIL exit 1" \
		'spool: halted: 1 job failed (now,fail=1): what runs is ended, nothing new starts' '1 of 3 jobs did not pass:' "  '' FAIL  exit 1" "    again: false ''" \
		'never started: 2' "    ''  ''"
}

case_ "map: with -q what did not pass is named at the end alone" && {
	run "$SPOOL" map -q --retry 2 "$CHILD" say-err bad exit ::: 3
	status 1
	stderr_is bad bad '1 of 1 jobs did not pass:' '  3 FAIL  exit 3' '    bad' "    again: $CHILD say-err bad exit 3"
}

case_ "map: colour is on standard error, where that is a terminal or it is asked for" && {
	escape=$'\e'
	run "$SPOOL" map --color always echo ::: 1
	status 0
	stdout_is 1
	run "$SPOOL" map --color always false ::: 1
	status 1
	stderr_has "$escape"
	run "$SPOOL" map false ::: 1
	status 1
	stderr_lacks "$escape"
	run "$PTY" -- env TERM=xterm sh -c '"$1" map false ::: 1 >"$2"' sh "$SPOOL" "$PWD/out"
	status 1
	stdout_has "$escape"
	run "$PTY" -- env TERM=xterm NO_COLOR=1 "$SPOOL" map false ::: 1
	status 1
	stdout_lacks "$escape"
}

case_ "map: what cannot be written is named as it was asked for" && {
	run "$SPOOL" map --joblog no/such/dir echo ::: 1
	status 3
	stderr_is "spool: --joblog 'no/such/dir': cannot open the file: No such file or directory"
	run "$SPOOL" map --joblog - echo ::: 1
	status 2
	stderr_has "--joblog '-': a file is wanted"
	out_to=/dev/full run "$SPOOL" map echo ::: 1
	status 3
	stderr_is 'spool: cannot write to standard output: No space left on device'
}

case_ "map: a share in --halt is one of the jobs" && {
	run "$SPOOL" map -j1 --halt soon,fail=50% -n2 false ::: 1 2 3 4 5 6 7 8
	status 1
	stderr_has '2 of 4 jobs did not pass:' 'never started: 2'
	run "$SPOOL" map --halt soon,fail=50% -X false ::: 1
	status 2
	stderr_has 'nobody knows how many there will be'
}

case_ "map: a halt ends what runs, and names that and what never started" && {
	run "$SPOOL" map -j4 --halt now,fail=1 sh -c '[ "$1" = 1 ] || exec "$2" ready "$1" live
		exec "$2" await 2 await 3 await 4 exit 5' sh {} "$CHILD" ::: 1 2 3 4 5 6 7 8 9
	status 1
	stdout_is ''
	stderr_has 'halted: 1 job failed (now,fail=1): what runs is ended, nothing new starts' \
		'1 of 9 jobs did not pass:' '  1 FAIL  exit 5' \
		'cancelled: 3' 'never started: 5'
	for list in cancelled:234 never:56789; do
		that test "$(sed -n "/^${list%:*}/{n;p}" "$CASE/err" | tr -s ' ' '\n' | sort | tr -d '\n')" = "${list#*:}"
	done
	took 0 10
}

case_ "map: -k --line-buffer streams the first one and keeps the others back" && {
	start "$SPOOL" map -j3 -k --line-buffer sh -c 'echo "$1 begins"; "$2" ready "$1.ready" await "go.$1"; echo "$1 ends"' sh {} "$CHILD" ::: 1 2 3
	until_ test -s 1.ready
	until_ test -s 2.ready
	until_ test -s 3.ready
	until_grep '^1 begins$' "$CASE/out"
	touch go.3 go.2
	that test "$(wc -l <"$CASE/out")" = 1
	touch go.1
	finish
	status 0
	stdout_is '1 begins' '1 ends' '2 begins' '2 ends' '3 begins' '3 ends'
}

case_ "map: when nobody reads any more it ends promptly" && {
	run bash -c 'yes | "$1" map -j2 echo | head -1; exit "${PIPESTATUS[1]}"' - "$SPOOL"
	status 141
	stdout_is y
	took 0 20
}

case_ "map: nor when what nobody reads any more is error output" && {
	run bash -c 'yes | head -1000 | "$1" map -j2 --tag sh -c "echo err >&2; sleep 0.2" 2>&1 |
		head -1; echo "${PIPESTATUS[2]}"' - "$SPOOL"
	status 0
	stdout_is $'y\terr' 141
	took 0 20
}

case_ "map: without values nothing runs" && {
	run "$SPOOL" map touch ran </dev/null
	status 0
	run "$SPOOL" map touch ran :::
	status 0
	stdout_is ''
	stderr_is ''
	that test ! -e ran
}

case_ "map: values are read as they come" && {
	mkfifo queue
	start "$SPOOL" map sh -c 'echo "got $1" >"$1"' sh {} <>queue
	echo one >queue
	until_ test -s one
	echo two >queue
	until_ test -s two
	signal TERM
	finish
	dies_by TERM
}

case_ "map: what no argument can hold is that job's failure" && {
	tagged valgrind "it reports no error where the kernel does"
	head -c 200K /dev/zero | tr '\0' x >values
	printf '\nsmall\nwith a \0 in it\nlast' >>values
	run "$SPOOL" map -k printf '[%s]\n' <values
	status 1
	stdout_is '[small]' '[last]'
	stderr_has 'Argument list too long' 'NUL byte' '2 of 4 jobs did not pass:' \
		'    again: the command is too long to be shown (204814 bytes)'
	stderr_lacks 'again: printf'
}

case_ "map: carriage returns and blanks are part of the value" && {
	printf 'a\r\n b \n\n' >values
	run "$SPOOL" map -k printf '[%s]\n' <values
	status 0
	stdout_is $'[a\r]' '[ b ]' '[]'
}

case_ "map: a flood of lines is all there, in bounded memory" && {
	takes_long
	run bash -c '"$1" map --line-buffer sh -c "yes | head -c 2G" ::: 1 2 | wc -c' - "$SPOOL"
	status 0
	stdout_is 4294967296
	needed_below 32
}

case_ "map: a line has one tag, however long it is" && {
	for order in -j1 -k; do
		run bash -o pipefail -c '"$1" map "$2" --tag --line-buffer sh -c \
			"head -c 3M /dev/zero | tr \\\\0 x; echo; echo end" ::: 1 2 | tr -d x | sort' - "$SPOOL" "$order"
		status 0
		stdout_is $'1\t' $'1\tend' $'2\t' $'2\tend'
	done
}

case_ "map: what was printed line by line fills no disk" && {
	tagged valgrind "it has deleted files of its own"
	run bash -o pipefail -c '"$1" map --line-buffer sh -c "yes | head -c 2M
		ls -l /proc/\$PPID/fd | grep -c deleted >&2; exit 1" ::: 1 | wc -c' - "$SPOOL"
	status 1
	stdout_is 2097152
	stderr_has '    0'
	stderr_lacks 'left out'
}

case_ "map: a million values cost no more memory than a thousand" && {
	takes_long
	seq 1000000 >values
	run "$SPOOL" map -j2 true <values
	status 0
	needed_below 16
}

case_ "map: outputs are whole, and of each job together" && {
	run "$SPOOL" map -j4 sh -c 'seq "$1" "$(($1 + 99999))" | sed "s/^/$1 /"' sh {} ::: 1 2 3 4
	status 0
	that test "$(wc -l <"$CASE/out")" = 400000
	that test "$(cut -d' ' -f1 "$CASE/out" | uniq | wc -l)" = 4
}

case_ "map: error output is grouped too, and goes to standard error" && {
	run "$SPOOL" map -k -j2 sh -c 'echo "out $1"; echo "err $1" >&2' sh {} ::: 1 2 3
	status 0
	stdout_is 'out 1' 'out 2' 'out 3'
	stderr_is 'err 1' 'err 2' 'err 3'
}

case_ "map: what spool says cuts no line of a job's standard error" && {
	seq 100000 >values
	start "$SPOOL" map -q -j2 sh -c 'yes 012345678 | head -c 3000000 >&2' sh :::: values
	until_ test -s "$CASE/err"
	for i in {1..100}; do
		signal USR1
	done
	until_grep '^spool: . running' "$CASE/err"
	signal USR2
	finish
	status 4
	that test "$(grep -c '[0-9]spool: ' "$CASE/err")" = 0
}

case_ "map: a job is tried so often, and the last try counts" && {
	run "$SPOOL" map --retry 3 sh -c 'echo x >>"$1"; test "$(wc -l <"$1")" = 3' sh {} ::: a b
	status 0
	stderr_has 'spool: a: FAIL exit 1 (try 1/3)' 'spool: b: FAIL exit 1 (try 2/3)'
	run "$SPOOL" map --retries 2 sh -c 'echo x >>"$1"; exit 7' sh {} ::: c
	status 1
	that test "$(wc -l <c)" = 2
	stderr_has '1 of 1 jobs did not pass:' '  c FAIL  exit 7'
}

case_ "map: the last try's output is printed when the run ends before another" && {
	for option in --group -k; do
		start "$SPOOL" map "$option" -j2 --delay 1h --retry 2 sh -c 'echo out; echo err >&2; exit 3' ::: a
		until_grep 'try 1/2' "$CASE/err"
		signal USR2
		finish
		status 1
		stdout_is out
		stderr_matches err 'spool: a: FAIL exit 3 \(try 1/2\)' 'spool: drained by SIGUSR2: .*' \
			'1 of 1 jobs did not pass:' '  a FAIL  exit 3' '    err' '    again: .*'
	done
	start "$SPOOL" map --delay 1h --retry 2 sh -c 'seq 20000; exit 3' ::: a
	until_grep 'try 1/2' "$CASE/err"
	signal TERM
	finish
	dies_by TERM
	that test "$(tail -1 "$CASE/out")" = 20000
}

case_ "map: a share of what jobs take on the median is a limit" && {
	run "$SPOOL" map -j2 --timeout 500% sh -c '[ "$1" = 9 ] && exec "$2" live; exec "$2" sleep 50' sh {} "$CHILD" ::: 1 2 3 4 5 6 7 8 9
	status 1
	stderr_has 'spool: 9: TIMEOUT after'
	stderr_has '1 of 9 jobs did not pass:'
	took 0 10
}

case_ "map: a wrong command line is said before anything starts" && {
	run "$SPOOL" map ::: a
	status 2
	stderr_is 'spool: no command is given' 'hint: spool map COMMAND ::: VALUES…, or with --shell each line is a command'
	run "$SPOOL" map echo :::: no-such-file
	status 2
	stderr_has "no-such-file" "No such file or directory"
	run "$SPOOL" map 'echo a | cat' ::: 1
	status 2
	stderr_is "spool: there is no program 'echo a | cat'" "hint: to have it run by a shell: spool map --shell 'echo a | cat'"
	run "$SPOOL" map -L 2 echo ::: a
	status 2
	stderr_is "spool: unknown option '-L' of spool map" 'hint: a line is one value here; so many to a command: -n'
	run "$SPOOL" map echo :::+ a
	status 2
	run "$SPOOL" map echo ::::
	status 2
	run "$SPOOL" map --ungroup -k echo ::: a
	status 2
	run "$SPOOL" map --report text echo ::: a
	status 2
	run "$SPOOL" map --halt soon,fail=5% echo </dev/null
	status 2
	run "$SPOOL" map -j none echo ::: a
	status 2
	run "$SPOOL" map -d ab echo ::: a
	status 2
	run "$SPOOL" map --shell 'cat <<E
{}
E' ::: a
	status 2
	stdout_is ''
}

case_ "map: a job log that cannot be opened is said by its option" && {
	run "$SPOOL" map --joblog none/log true ::: 1
	status 3
	stderr_is "spool: --joblog 'none/log': cannot open the file: No such file or directory"
}

case_ "map: no value is parsed by a shell that the command itself is" && {
	for script in 'echo {}' '{.}; true' 'x={1}'; do
		run "$SPOOL" map sh -c "$script" ::: 'a; touch pwned'
		status 2
		stderr_has "the value would be parsed as a part of the script of 'sh'" \
			"hint: write \"\$1\" there and put {} behind it: sh -c 'echo \"\$1\"' sh {}"
	done
	run "$SPOOL" map bash -ec 'touch {}' ::: pwned
	status 2
	run "$SPOOL" map sh -c {} ::: 'echo a script'
	status 0
	stdout_is 'a script'
	run "$SPOOL" map sh -c 'echo "{#}$1"' sh {} ::: 'a; touch pwned'
	status 0
	stdout_is '1a; touch pwned'
	that test ! -e pwned
}

case_ "map: slips of a hand are said" && {
	run "$SPOOL" map echo :: a
	status 2
	stderr_is "spool: '::' begins no values" 'hint: values follow behind ::: as words of their own, files behind ::::'
	run "$SPOOL" map echo '::: a b'
	status 2
	run "$SPOOL" map --shell bash 'echo hi' ::: a
	status 2
	stderr_is "spool: the name of another shell stands behind --shell and '='" "hint: spool map --shell=bash 'SCRIPT'"
	run "$SPOOL" map --shell=no-such-shell 'echo hi' ::: a
	status 2
	stderr_is "spool: there is no shell 'no-such-shell'" 'hint: as in --shell=bash'
}

case_ "map: as many workers as there can be are no surprise" && {
	seq 3 >values
	run "$SPOOL" map -k -j0 sh -c 'echo "$1"' sh {} <values
	status 0
	stdout_is 1 2 3
	stderr_is ''
}

case_ "map: a job that never passes does not keep the others out" && {
	seq 2 >values
	run "$SPOOL" map -j2 --retry 30 --delay 1ms sh -c 'echo "$1" >>order; false' sh {} <values
	status 1
	that test "$(head -n 8 order | sort -u | wc -l)" = 2
}

case_ "map: what cannot be read is said, and is not a success" && {
	printf '"open' >values
	run "$SPOOL" map --csv echo <values
	status 3
	stdout_is ''
	stderr_has 'quote'
	printf '1\n2\n"open' >values
	run "$SPOOL" map -k --csv echo <values
	status 3
	stdout_is 1 2
}

case_ "map: lines of standard input are commands with --shell alone" && {
	printf '%s\n' 'echo one' 'echo "$((1 + 1))"' >commands
	run "$SPOOL" map -k --shell <commands
	status 0
	stdout_is one 2
}

case_ "map: events of each job, as JSON" && {
	run "$SPOOL" map --report json sh -c 'echo "$1"; exit $1' sh {} ::: 0 3
	status 1
	that python3 "$ROOT/tests/events.py" "$ROOT/src/report/events.schema.json" <"$CASE/out"
	stdout_has '"jobs":null' '"event":"attempt-end"' '"returncode":3' '"stdout":{"text":"3\n"'
}

case_ "map: standard input of the jobs is /dev/null" && {
	seq 3 >values
	run "$SPOOL" map -k sh -c 'cat; echo "$1"' sh {} <values
	status 0
	stdout_is 1 2 3
}

case_ "map: jobs write by themselves with --ungroup" && {
	run "$SPOOL" map -j1 -u echo ::: a b
	status 0
	stdout_is a b
}

case_ "map: dry run prints the commands, quoted" && {
	run "$SPOOL" map --dry-run rm -f ::: "it's" 'a b' '' '$x'
	status 0
	stdout_is "rm -f 'it'\"'\"'s'" "rm -f 'a b'" "rm -f ''" "rm -f '\$x'"
}
