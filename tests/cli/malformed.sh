# shellcheck shell=bash disable=SC2016 # what looks like an expression in the messages is not ours
# SPDX-License-Identifier: MIT
# Job files that no one should write: those of tests/malformed, and those that are too large to be
# kept. Of each: the exit status is 2, the place is said, nothing has started, and it took neither
# long nor much memory.

# refused FILE MESSAGE [MIB]: MESSAGE is how the first line begins, behind the name of spool
refused() {
	status 2
	stdout_is ''
	local first
	IFS= read -r first <"$CASE/err" || [[ -n $first ]]
	[[ $first == "spool: $2"* ]] || wrong "stderr of $1" "spool: $2" "$first"
	that test ! -e started
	took 0 10
	needed_below "${3:-50}"
}

# kept PREFIX…: the files of tests/malformed whose names begin so, each as its table says
kept() {
	tagged valgrind "test_spec_problems reads files like these"
	tagged tsan "there are no threads"
	local name message n=0
	cp "$ROOT"/tests/malformed/*.yaml .
	while IFS=$'\t' read -r name _ message; do
		[[ $name == \#* || " $* " != *" ${name%%-*} "* ]] && continue
		run "$SPOOL" run "$name.yaml"
		refused "$name.yaml" "$name.yaml:$message"
		((++n))
	done <"$ROOT/tests/malformed/table"
	((n > 0)) || wrong "the files of $*" "at least one" "none"
}

case_ "malformed: bytes that are no text" && kept bytes
case_ "malformed: what is no YAML, or not ours" && kept yaml
case_ "malformed: what is no job file" && kept file jobs format defaults report
case_ "malformed: keys" && kept key
case_ "malformed: workers" && kept workers
case_ "malformed: durations" && kept timeout grace
case_ "malformed: other numbers" && kept codes labels title umask nice max limits
case_ "malformed: booleans" && kept check inherit
case_ "malformed: commands" && kept command args run shell executable cwd
case_ "malformed: variables" && kept env
case_ "malformed: streams" && kept stdin stdout
case_ "malformed: users and groups" && kept user group groups
case_ "malformed: names, matrices, tags" && kept name matrix tags
case_ "malformed: templates" && kept template
case_ "malformed: needs, when and halt" && kept needs when allow halt

case_ "malformed: the table has every file, and a case every file of the table" && {
	run cut -f 1 "$ROOT/tests/malformed/table"
	status 0
	(cd "$ROOT/tests/malformed" && printf '%s\n' *.yaml) | sed 's/\.yaml$//' | sort >files
	grep -v '^#' "$CASE/out" | sort >rows
	that cmp files rows
	run sed -nE 's/^case_ .* \&\& kept (.*)/\1/p' "$ROOT/tests/cli/malformed.sh"
	status 0
	tr ' ' '\n' <"$CASE/out" | sort >cases
	sed 's/-.*//' rows | sort -u >wanted
	that diff wanted cases
}

case_ "malformed: 100,000 brackets on a stack of 256 KiB" && {
	tagged asan "its frames are larger"
	tagged tsan "likewise"
	tagged valgrind "it has a stack of its own"
	head -c 100000 /dev/zero | tr '\0' '[' >deep.yaml
	run bash -c 'ulimit -s 256 && exec "$@"' - "$SPOOL" run deep.yaml
	refused deep.yaml 'deep.yaml:1:65: this is nested deeper than 64 levels'
}

case_ "malformed: what is too large is not read" && {
	truncate -s 2G sparse.yaml
	truncate -s 100M line.yaml
	for name in sparse line; do
		run "$SPOOL" run "$name.yaml"
		refused "$name.yaml" "'$name.yaml' is larger than a job file may be (64 MiB)"
	done
	stderr_has 'hint: put what is long into files of its own, or make several job files'
}

case_ "malformed: one line of 100 MB, from a pipe" && {
	tagged valgrind "it is slow"
	mkfifo pipe
	{ head -c 100000000 /dev/zero | tr '\0' 'a' >pipe; } 2>/dev/null &
	run "$SPOOL" run pipe
	wait
	refused pipe "'pipe' is larger than a job file may be (64 MiB)" 100
}

case_ "malformed: what is no file" && {
	mkfifo pipe
	true >pipe &
	run "$SPOOL" run pipe
	wait
	refused pipe 'pipe:1:1: the file is empty'
	run "$SPOOL" run /dev/null
	refused /dev/null '/dev/null:1:1: the file is empty'
	run "$SPOOL" run /dev/zero
	refused /dev/zero '/dev/zero:1:1: there is a NUL byte in the file'
	run "$SPOOL" run .
	refused . "cannot read '.': it is a directory"
	run "$SPOOL" run /proc/self/mem
	refused /proc/self/mem "cannot read '/proc/self/mem': Input/output error"
	run "$SPOOL" run nonesuch.yaml
	refused nonesuch.yaml "cannot read 'nonesuch.yaml': No such file or directory"
}

case_ "malformed: a billion laughs" && {
	{
		echo 'x-0: &a0 [x, x, x, x, x, x, x, x, x]'
		for i in 1 2 3 4 5 6 7 8 9; do
			echo "x-$i: &a$i [$(printf "*a$((i - 1)), %.0s" 1 2 3 4 5 6 7 8 9)]"
		done
		echo 'jobs: [{args: [touch, started], tags: *a9}]'
	} >laughs.yaml
	run "$SPOOL" run laughs.yaml
	refused laughs.yaml 'laughs.yaml:7:11: the aliases of this file stand for more than 1000000 values'
}

case_ "malformed: 10,000 aliases are none too many" && {
	{
		echo 'x-env: &env {A: 1, B: 2}'
		echo 'jobs:'
		yes -- '- {args: [touch, started], env: *env}' | head -n 10000
	} >aliases.yaml
	run "$SPOOL" check aliases.yaml
	status 0
	stderr_is ''
	needed_below 50
}

case_ "malformed: a list of nothing but entries" && {
	tagged valgrind "it is slow"
	{
		printf 'jobs: [{args: [touch, started]}'
		yes ',a' | head -n 8000000 | tr -d '\n'
		echo ']'
	} >entries.yaml
	run "$SPOOL" run entries.yaml
	refused entries.yaml 'entries.yaml:1:2000031: this list, which begins on line 1, has more than 1000000 entries' 150
}

case_ "malformed: a text that would be 2 GiB" && {
	{
		printf 'jobs:\n  - matrix: {n: ['
		head -c 1048576 /dev/zero | tr '\0' 'a'
		printf ']}\n    args: [touch, started, "'
		yes '${{ n }}' | head -n 2048 | tr -d '\n'
		printf '"]\n'
	} >long.yaml
	for way in run check list; do
		run "$SPOOL" $way long.yaml
		refused long.yaml 'long.yaml:3:28: with their values filled in, the jobs up to here need more than 1 GiB'
	done
}

case_ "malformed: lists that would be 15 GiB" && {
	{
		printf 'jobs:\n  - matrix: {a: [%s], b: [%s]}\n' "$(seq -s , 999)" "$(seq -s , 999)"
		printf '    args: [touch, started, "${{ a }}"'
		yes ', x' | head -n 1000 | tr -d '\n'
		printf ']\n'
	} >wide.yaml
	run "$SPOOL" run wide.yaml one
	refused wide.yaml 'wide.yaml:2:5: with their values filled in, the jobs up to here need more than 1 GiB' 200
}

# repeated N TEXT: so many of it, on one line
repeated() {
	yes -- "$2" | head -n "$1" | tr -d '\n'
}

case_ "malformed: many mistakes in one text are found in one go" && {
	tagged tsan "there are no threads"
	tagged valgrind "it is slow"
	tagged asan "its strpbrk measures all of the text at each call"
	printf 'jobs:\n  - args: [touch, started, "%s"]\n' "$(repeated 30000 '${{')" >open.yaml
	run "$SPOOL" run open.yaml
	refused open.yaml "open.yaml:2:29: '\${{' is not closed by '}}'"
	stderr_has '… and 29000 more problems'
	printf 'jobs:\n  - args: [touch, started, "%s"]\n' "$(repeated 100000 '${{x}}')" >undefined.yaml
	run "$SPOOL" run undefined.yaml
	refused undefined.yaml "undefined.yaml:2:29: '\${{ x }}' is not defined"
	printf 'jobs:\n  - run: "%s"\n' "$(repeated 100000 '${{x}}')" >script.yaml
	run "$SPOOL" run script.yaml
	refused script.yaml "script.yaml:2:11: '\${{ x }}' cannot stand in a run script"
	printf 'report: {title: "%s"}\njobs: [{args: [touch, started]}]\n' "$(repeated 100000 '{x}')" >title.yaml
	run "$SPOOL" run title.yaml
	refused title.yaml "title.yaml:1:18: '{x}' is not known"
}

case_ "malformed: a matrix of 1001 variables" && {
	printf 'jobs:\n  - matrix: {%s}\n    args: [touch, started]\n' "$(seq -f 'v%.0f: [1]' -s ', ' 1001)" >wide.yaml
	run "$SPOOL" run wide.yaml
	refused wide.yaml "wide.yaml:2:13: 'matrix' has more than 1000 variables"
}

case_ "malformed: variables of defaults for each of many jobs" && {
	tagged valgrind "it is slow"
	tagged tsan "likewise"
	{
		printf 'defaults: {env: {%s}}\njobs:\n' "$(seq -f 'v%.0f: x' -s ', ' 20000)"
		repeated 5000 '- {args: [touch, started], env: {A: b}}@' | tr @ '\n'
	} >env.yaml
	run "$SPOOL" run env.yaml
	refused env.yaml 'env.yaml:1680:4: with their values filled in, the jobs up to here need more than 1 GiB' 1200
}

case_ "100,000 variables of defaults and as many of a job" && {
	tagged valgrind "it is slow"
	printf 'defaults: {env: {%s}}\njobs: [{run: "true", env: {%s}}]\n' "$(seq -f 'a%.0f: x' -s ', ' 100000)" \
		"$(seq -f 'b%.0f: x' -s ', ' 100000)" >env.yaml
	run "$SPOOL" check env.yaml
	status 0
	took 0 10
}

case_ "what many a program would refuse is one job here" && {
	printf '\xef\xbb\xbfjobs: [{args: [echo, 0x10, 1_000, .nan, 1e309, 010, yes, 1:30], timeout: 18446744073709551616}]\r\n' >jobs.yaml
	run "$SPOOL" run --output all jobs.yaml
	status 0
	stdout_has '0x10 1_000 .nan 1e309 010 yes 1:30'
}

case_ "a million jobs are read, in memory that grows with them" && {
	tagged valgrind "it is slow"
	tagged asan "it is slow"
	tagged tsan "it is slow"
	for n in 10000 1000000; do
		{
			echo 'jobs:'
			yes -- '- {run: x}' | head -n $n
		} >jobs.yaml
		run "$SPOOL" list jobs.yaml "sh-$n"
		status 0
		stdout_is "sh-$n  /bin/sh -e -c x"
		took 0 30
		needed_below $((20 + n / 1000))
	done
}

case_ "malformed: a circle of ten thousand jobs" && {
	tagged valgrind "test_graph has one of these"
	{
		echo jobs:
		seq 0 9999 | awk '{ printf "- {name: j%d, needs: [j%d], args: [touch, started]}\n", $1, ($1 + 1) % 10000 }'
	} >circle.yaml
	run bash -c 'ulimit -s 256; exec "$0" run circle.yaml' "$SPOOL"
	refused circle.yaml 'circle.yaml:2:22: 10000 jobs need each other in a circle: j0 → j1 → '
	stderr_has '… 9992 more … → j0'
}
