# shellcheck shell=bash disable=SC2016 # expressions in single quotes are for others to expand
# SPDX-License-Identifier: MIT
# What jobs print: how much of it is kept, and how it is shown.

# shown NAME: the output of that job in the report, without its indentation
shown() {
	sed -n "/^ *$1 [A-Z]* /,\$p" "$CASE/out" | sed -n '1d; /^    /!q; /^ *[a-z]* [A-Z]* *[0-9.]*s/q; s/^    //p'
}

case_ "two failing jobs that write 9 MB each are shown whole, byte for byte" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: one, args: [$CHILD, flood, 1, "9000000", exit, 1]}
		  - {name: two, args: [$CHILD, flood, 2, "9000000", exit, 1]}
	END
	run "$SPOOL" run -j2 jobs.yaml
	status 1
	that "$CHILD" verify 9000000 < <(shown one)
	that "$CHILD" verify 9000000 < <(shown two)
	stdout_has '    … 8999680 bytes left out …'
}

case_ "of 300 MB the first and the last half of 10 MB are shown, and the number between; little memory is used" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: one, args: [$CHILD, flood, 1, "300000000", exit, 1]}
		  - {name: two, args: [$CHILD, flood, 2, "300000000", exit, 1]}
	END
	start "$SPOOL" run -j2 jobs.yaml
	highest=0
	while peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$(<"$CASE/pid")/status") && [[ -n $peak ]]; do
		highest=$peak
	done 2>/dev/null
	finish
	status 1
	[[ $SPOOL_TEST_TOOL != release ]] || that test "$highest" -gt 0 -a "$highest" -lt 65536
	that test "$(grep -cx '  … 289514240 bytes left out …' "$CASE/out")" = 2
	half=5242880 indented=6553600 # with four blanks before each line of 16 bytes
	for name in one two; do
		sed "1,/^ *$name FAIL /d" "$CASE/out" >from_there
		that cmp <(head -c $indented from_there) <("$CHILD" flood 1 $half | sed 's/^/    /')
		that cmp <(sed '1,/ left out /d' from_there | head -c $indented) \
			<("$CHILD" flood 1 300000000 | tail -c $half | sed 's/^/    /')
	done
}

case_ "the digest shows the last 20 lines, and 8 KiB at most" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: many, args: [$CHILD, lines, "100", exit, 1]}
		  - {name: few, args: [$CHILD, lines, "20", exit, 1]}
		  - {name: long, run: "printf '%010000d' 1; exit 1"}
	END
	run "$SPOOL" run -j1 jobs.yaml
	status 1
	many=() few=()
	for ((i = 1; i <= 20; i++)); do
		few+=("    line $i")
		many+=("    line $((80 + i))")
	done
	sed '1,/of 3 jobs/d' "$CASE/out" >digest
	file_is digest '  many FAIL  exit 1' '    … 631 bytes left out …' "${many[@]}" \
		'    again: spool run jobs.yaml many' '  few FAIL  exit 1' "${few[@]}" \
		'    again: spool run jobs.yaml few' '  long FAIL  exit 1' '    … 1808 bytes left out …' \
		"$(printf '    %08192d' 1)" '    again: spool run jobs.yaml long'
}

case_ "two streams are kept apart" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: both, args: [$CHILD, say, one, say-err, two, say, three]}
		  - {name: out, args: [$CHILD, say, out]}
		  - {name: err, args: [$CHILD, say-err, err]}
		  - {name: none, args: [$CHILD]}
	END
	run "$SPOOL" run -j1 --output all jobs.yaml
	status 0
	stdout_matches '.*' ' +both PASS .*' '  stdout:' '    one' '    three' '  stderr:' '    two' \
		' +out PASS .*' '    out' ' +err PASS .*' '    err' ' +none PASS .*' '.*'
}

case_ "what is no text moves no cursor" && {
	cat >jobs.yaml <<-'END'
		jobs:
		  - name: wild
		    args: [CHILD, put, 'a\e[31mred\e[0m\e[2Jb\n\e]0;title\x07c\r\nd\re\0f\x01\x7fg\tend', exit, '1']
	END
	sed -i "s|CHILD|$CHILD|" jobs.yaml
	run "$SPOOL" run jobs.yaml
	status 1
	that test "$(tr -d '\n\t -~' <"$CASE/out" | wc -c)" = 0
	run "$SPOOL" run --color always jobs.yaml
	status 1
	stdout_has $'a\e[31mred\e[0mb'
	stdout_lacks $'\e[2J' $'\e]0' $'\x07'
}

case_ "names with control characters are refused" && {
	cat >jobs.yaml <<-'END'
		jobs: [{name: "a\e[31m", run: x}, {name: "${{ n }}", matrix: {n: ["\n"]}, run: x}, {name: "${{ env.N }}", run: x}]
	END
	N=$'\e[31m' run "$SPOOL" run jobs.yaml
	status 2
	that test "$(grep -c 'the name has a control character in it' "$CASE/err")" = 3
	that test "$(tr -d '\n -~' <"$CASE/err" | tr -d '…' | wc -c)" = 0
}

case_ "a last line without a newline is a line" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: one, args: [$CHILD, put, "no newline"]}
		  - {name: two, args: [$CHILD, say, ""]}
	END
	run "$SPOOL" run -j1 --output all jobs.yaml
	status 0
	stdout_matches '.*' ' +one .*' '    no newline' ' +two .*' ' *' '2 jobs .*'
}

case_ "names wider than 40 columns keep their line" && {
	long=$(printf 'x%.0s' {1..60})
	echo "jobs: [{name: $long, args: [$CHILD]}, {name: žluťoučký, args: [$CHILD]}, {name: 馬, args: [$CHILD]}]" >jobs.yaml
	run "$SPOOL" run -j1 jobs.yaml
	status 0
	stdout_has "$long PASS" "$(printf '%31s' '')žluťoučký PASS" "$(printf '%38s' '')馬 PASS"
}

case_ "the command of the digest runs the job again" && {
	mkdir "a dir"
	cat >"a dir/it's.yaml" <<-END
		jobs:
		  - {name: fine, args: [$CHILD]}
		  - {name: "-j \${{ n }}", matrix: {n: ["it's"]}, args: [$CHILD, exit, 1]}
	END
	run "$SPOOL" run "a dir/it's.yaml"
	status 1
	again=$(sed -n 's/^    again: spool //p' "$CASE/out")
	run sh -c '"$0" '"$again" "$SPOOL"
	status 1
	stdout_has 'Running 1 jobs' "-j it's FAIL"
}
