# shellcheck shell=bash disable=SC2016 # expressions in single quotes are for others to expand
# SPDX-License-Identifier: MIT
# Which jobs of a file are taken: JOB…, --only, --skip, tags; and spool list, which shows them.

# a_pipeline: a job file with a matrix, tags and names that are globs
a_pipeline() {
	cat >jobs.yaml <<-END
		defaults: {args: [$CHILD], tags: [ci]}
		jobs:
		  - {name: build, matrix: {os: [linux, bsd]}, tags: ["\${{ os }}"]}
		  - {name: test, tags: [slow]}
		  - {name: "t*", args: [$CHILD, exit, 1]}
		  - {name: "it's [x]", args: [$CHILD, exit, 1]}
		  - {name: it's x}
	END
}

# takes NAME… -- ARGUMENT…: the jobs that run and list take, one after the other
takes() {
	local names=()
	while [[ $1 != -- ]]; do
		names+=("$1")
		shift
	done
	shift
	run "$SPOOL" list jobs.yaml "$@"
	status 0
	stderr_is ''
	that test "$(sed -E "s/^'([^']*)'.*/\1/; s/^([^ ']+)  .*/\1/" "$CASE/out")" = "$(printf '%s\n' "${names[@]}")"
	run "$SPOOL" run -j1 --color never jobs.yaml "$@"
	status 0
	stdout_matches "Running ${#names[@]} jobs .*" "${names[@]/%/ PASS .*}" "${#names[@]} jobs in .*"
}

# refuses MESSAGE HINT ARGUMENT…: exit status 2, and nothing starts
refuses() {
	run "$SPOOL" run jobs.yaml "${@:3}"
	status 2
	stdout_is ''
	stderr_has "spool: $1"
	[[ -z $2 ]] || stderr_has "hint: $2"
	run "$SPOOL" list jobs.yaml "${@:3}"
	status 2
	stdout_is ''
	stderr_has "spool: $1"
}

case_ "names, names of matrices, globs and tags" && {
	cat >jobs.yaml <<-END
		defaults: {args: [$CHILD], tags: [ci]}
		jobs:
		  - {name: a-name-of-16-col, tags: [slow]}
		  - {name: build-4-the-tests, matrix: {os: [x]}, tags: ["on-\${{ os }}"]}
		  - {name: the-last-one-too}
	END
	first=a-name-of-16-col last=the-last-one-too
	run "$SPOOL" run -j1 jobs.yaml build-4-the-tests
	status 0
	stdout_matches 'Running 1 jobs .*' 'build-4-the-tests \(x\) PASS .*' '.*'
	takes $first -- $first
	takes $first $last -- $last 'a-*'
	takes $first $last -- '*-*-*' --skip build-4-the-tests
	takes $first $last -- --skip tag:on-x
	takes $last -- --skip=tag:slow --skip 'build*'
	takes $first -- --only tag:slow
	takes $first $last -- --only tag:slow --only '*last*'
	takes $last -- --only tag:ci --only=tag:slow '*oo' --skip tag:slow
	takes $first -- 'a*' 'the*' --only tag:slow
}

case_ "the command that runs a failed job again selects that job, whatever its name" && {
	a_pipeline
	run "$SPOOL" run -j1 jobs.yaml 't*' "it's [x]" test
	status 1
	grep 'again: ' "$CASE/out" | sed 's/ *again: spool//' >again
	file_is again ' run jobs.yaml '\''t*'\' ' run jobs.yaml '\''it'\''"'\''"'\''s [x]'\'
	touch test-file # that a glob would find
	while read -r line; do
		eval 'run "$SPOOL" '"$line"
		status 1
		stdout_has 'Running 1 jobs' '1 of 1 jobs did not pass'
		stdout_has "again: spool $line"
	done <again
}

case_ "what means no job is an error that names it and the nearest" && {
	a_pipeline
	refuses "no job is named 'tset'" "did you mean 'test'?" build tset
	refuses "no job's name matches 'zzzz*'" 'the file has 6 jobs' 'zzzz*'
	refuses "no job is named 'slow'" "--only 'tag:slow' selects by a tag" slow
	refuses "--only: no job has the tag 'slwo'" "did you mean 'tag:slow'?" --only tag:slwo
	refuses "--skip: no job is named 'slow'" "did you mean 'tag:slow'?" --skip slow
	refuses "--only takes none of the jobs that are named" '' build --only tag:slow
	refuses "--skip 'tag:ci' leaves no job to run" '' --skip tag:ci
	refuses "--only '': it is NAME, GLOB or tag:T" '' --only ''
	refuses "--skip 'tag:': it is NAME, GLOB or tag:T" '' --skip=tag:
	refuses "--only needs an argument: --only WHICH" '' --only
	run "$SPOOL" run --dry-run jobs.yaml tset
	status 2
	stdout_is ''
	stderr_has "no job is named 'tset'"
}

case_ "a wrong tag is said with its place" && {
	cat >jobs.yaml <<-'END'
		jobs:
		  - {args: [a], tags: slow}
		  - {args: [a], tags: [two words]}
		  - {args: [a], tags: ["${{ spool.slot }}"]}
		  - {args: [a], tags: ["${{ none }}"]}
		  - {args: [a], tag: [x]}
	END
	run "$SPOOL" check jobs.yaml
	status 2
	stderr_has "jobs.yaml:2:23: 'tags' must be a list, not a text" 'hint: write tags: [slow, nightly]' \
		'jobs.yaml:3:24: a tag is one word' 'jobs.yaml:4:24: a tag cannot hold what is known only' \
		"jobs.yaml:5:25: '\${{ none }}' is not defined" "jobs.yaml:6:17: unknown key 'tag'" \
		"hint: did you mean 'tags'?"
}

case_ "list: names and commands to be pasted, in columns, and tags" && {
	cat >jobs.yaml <<-'END'
		defaults: {tags: [ci]}
		jobs:
		  - {name: a, args: [echo, "it's", '$x'], env: {A: b}}
		  - {name: "b c", matrix: {n: [1]}, args: [echo, "${{ n }}${{ spool.slot }}"], tags: ["v${{ n }}", slow]}
		  - {name: größe, run: "echo 1\n\techo 2", shell: bash}
		  - {name: this name is longer than forty columns are, args: [other, name], executable: echo}
	END
	run "$SPOOL" list jobs.yaml
	status 0
	stderr_is ''
	stdout_is - <<-'END'
		a                                         echo 'it'"'"'s' '$x'  # tag:ci
		'b c (1)'                                 echo 11  # tag:ci tag:v1 tag:slow
		'größe'                                   bash -e -c 'echo 1'$'\n\t''echo 2'  # tag:ci
		'this name is longer than forty columns are'  bash -c 'exec -a "$0" "$@"' other echo name  # tag:ci
	END
	sed -E 's/^.*[a)e'\'']  +(echo|bash)/\1/' "$CASE/out" >script
	run bash script
	status 0
	stdout_is "it's \$x" 11 1 2 name
	run "$SPOOL" list jobs.yaml --skip 'this*'
	status 0
	stdout_has "a          echo" "'b c (1)'  echo" "'größe'    bash"
}

case_ "list: control characters do not reach the terminal" && {
	printf 'jobs: [{name: x, args: [echo, "a\\e[1m\\x85\\x7f", "\\n"]}]\n' >jobs.yaml
	run "$SPOOL" list jobs.yaml
	status 0
	stdout_is "x  echo 'a'\$'\\033''[1m'\$'\\302\\205\\177''' ''\$'\\n'''"
	sed 's/^x  //' "$CASE/out" >script
	run bash script
	status 0
	that cmp "$CASE/out" <(printf 'a\033[1m\302\205\177 \n\n')
}

case_ "list: the file that run would take, and nothing is run" && {
	run "$SPOOL" list
	status 2
	stderr_has 'there is no job file here' 'name one: spool list FILE'
	echo 'jobs: [{name: a, args: [touch, started]}]' >spool.yaml
	run "$SPOOL" list
	status 0
	stdout_is 'a  touch started'
	run "$SPOOL" list - <<<'jobs: [{args: [b]}]'
	status 0
	stdout_is 'b-1  b'
	run "$SPOOL" list a
	status 2
	stderr_has "there is no file 'a'" 'hint: jobs are named behind their file: spool list spool.yaml a'
	run "$SPOOL" list <<<'' --jobs 3
	status 2
	stderr_has "unknown option '--jobs' of spool list"
	out_to=/dev/full run "$SPOOL" list
	status 3
	stderr_has 'cannot write to standard output'
	that test ! -e started
}

case_ "a thousand names among a hundred thousand jobs" && {
	tagged valgrind 'too slow'
	{
		echo 'defaults: {args: [x]}'
		echo 'jobs: [{name: job, matrix: {n: ['
		seq 100000 | paste -sd,
		echo ']}}]'
	} >jobs.yaml
	mapfile -t words < <(seq 50 100 100000 | sed 's/.*/--only=job (&)/')
	run "$SPOOL" list jobs.yaml "${words[@]}"
	status 0
	took 0 20
	that test "$(wc -l <"$CASE/out")" = 1000
	run "$SPOOL" list jobs.yaml 'job (9999?)' --skip '*[0-8])'
	status 0
	stdout_is "'job (99999)'  x"
}
