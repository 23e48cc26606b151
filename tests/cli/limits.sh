# shellcheck shell=bash disable=SC2016 # expressions in single quotes are for others to expand
# SPDX-License-Identifier: MIT
# Where the machine gives less than was asked for.

case_ "a low limit on open files lowers the workers, with one warning" && {
	echo "jobs: [{matrix: {n: [$(seq -s, 200)]}, args: [$CHILD, say, hi]}]" >jobs.yaml
	run bash -c 'ulimit -n 64; exec "$0" run -j100 jobs.yaml' "$SPOOL"
	status 0
	stderr_matches 'spool: warning: [1-9][0-9]? of 100 workers: the limit on open files \(ulimit -n [0-9]+\) carries no more'
	[[ $SPOOL_TEST_TOOL == valgrind ]] || stderr_has '(ulimit -n 64)'
	that test "$(grep -c PASS "$CASE/out")" = 200
}

case_ "with so few workers long output has its files too" && {
	echo "jobs: [{matrix: {n: [$(seq -s, 30)]}, args: [$CHILD, flood, 1, '300000', flood, 2, '300000']}]" >jobs.yaml
	run bash -c 'ulimit -n 64; exec "$0" run -j100 --output all jobs.yaml' "$SPOOL"
	status 0
	that test "$(grep -c PASS "$CASE/out")" = 30
	stdout_lacks 'could be kept' 'left out'
}

# limited N ARGUMENT…: spool with at most N open files
limited() {
	tagged valgrind "it needs descriptors of its own"
	tagged tsan "it is started by a script, which needs some of its own"
	run bash -c 'ulimit -n "$1"; shift; exec "$0" "$@"' "$SPOOL" "$@"
}

case_ "a limit that carries not even one worker: 3, and the least that does is said" && {
	echo "jobs: [{matrix: {n: [$(seq -s, 20)]}, args: [$CHILD, ready, started], input: some}]" >jobs.yaml
	limited 8 run jobs.yaml
	status 3
	stdout_is ''
	stderr_matches 'spool: the limit on open files is too low to run even one job: ulimit -n [0-9]+ is the least'
	least=$(sed 's/.*ulimit -n \([0-9]*\) .*/\1/' "$CASE/err")
	for ((limit = 4; limit < least; limit++)); do
		limited $limit run jobs.yaml
		status 3
		stdout_is ''
		stderr_matches 'spool: .*'
	done
	that test ! -e started
	for ((limit = least; limit < least + 20; limit++)); do
		limited $limit run -j3 jobs.yaml
		status 0
		stdout_has '20 jobs in'
	done
}

case_ "a reader who takes more than half a minute is no reason for a job to fail" && {
	takes_long
	tagged valgrind "it needs descriptors of its own"
	tagged tsan "it is started by a script, which needs some of its own"
	mkfifo pipe
	exec {reader}<>pipe
	echo "jobs: [{matrix: {n: [$(seq -s, 12)]}, args: [$CHILD, flood, 1, 140000, flood, 2, 140000]}]" >jobs.yaml
	run bash -c 'ulimit -n 8; exec "$0" run --report json:pipe jobs.yaml' "$SPOOL"
	status 3
	least=$(sed 's/.*ulimit -n \([0-9]*\) .*/\1/' "$CASE/err")
	start bash -c 'ulimit -n "$0"; exec "$@"' "$((least + 1))" "$SPOOL" run --report json:pipe jobs.yaml
	sleep 35 # a job without a descriptor gives up after 30 s
	exec {late}<pipe
	cat <&"$late" >events {reader}>&- &
	exec {reader}>&- {late}<&-
	finish
	status 0
	wait
	that jq -se '[.[] | select(.event == "job-end" and .verdict == "pass")] | length == 12' events
}

case_ "jobs that need the exec step take a few more" && {
	echo "jobs: [{matrix: {n: [$(seq -s, 20)]}, args: [$CHILD, cat], input: some, umask: 022}]" >jobs.yaml
	limited 8 run jobs.yaml
	status 3
	least=$(sed 's/.*ulimit -n \([0-9]*\) .*/\1/' "$CASE/err")
	for ((limit = least; limit < least + 20; limit++)); do
		limited $limit run -j3 jobs.yaml
		status 0
		stdout_has '20 jobs in'
	done
}

case_ "exec with too few open files: 125" && {
	limited 4 exec -- "$CHILD" ready started
	status 125
	stderr_matches 'spool: .*'
	that test ! -e started
}

case_ "thousands of jobs" && {
	{
		echo 'jobs:'
		echo "  - {matrix: {a: [$(seq -s, 50)], b: [$(seq -s, 40)]}, args: [$CHILD]}"
	} >jobs.yaml
	run "$SPOOL" run -q jobs.yaml
	status 0
	stdout_is ''
	stderr_is ''
}

case_ "more workers than jobs, and more jobs than workers" && {
	echo "jobs: [{matrix: {n: [1, 2, 3]}, args: [$CHILD]}]" >jobs.yaml
	for n in 1 2 3 4 100 100000; do
		run "$SPOOL" run -j$n jobs.yaml
		status 0
		stdout_has '3 jobs in'
		stderr_is ''
	done
}

case_ "a folder for long output that is not there costs the middle, not the run" && {
	echo "jobs: [{name: long, args: [$CHILD, flood, 1, '1000000', exit, 1]}]" >jobs.yaml
	tagged valgrind "it has files of its own there"
	TMPDIR=/nonesuch run "$SPOOL" run jobs.yaml
	status 1
	stdout_has 'long FAIL' 'left out' 'not all of it could be kept'
}

case_ "a limit on the size of files costs output, not the run" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: flood, args: [$CHILD, flood, 1, "3000000", exit, 1]}
		  - {name: own, args: [sh, -c, 'kill -XFSZ \$\$']}
	END
	run bash -c 'ulimit -f 100; "$0" run -j1 --output never jobs.yaml | cat; exit "${PIPESTATUS[0]}"' "$SPOOL"
	status 1
	stdout_has 'flood FAIL'
	stdout_has SIGXFSZ
	mkdir out
	run bash -c 'ulimit -f 1; exec "$0" run jobs.yaml >out/report 2> >(cat >&2)' "$SPOOL"
	status 3
}

case_ "so few processes that threads and jobs want the same: fewer workers, one warning, none lost" && {
	tagged valgrind "the processes of a user are counted with it"
	tagged asan "it is started by a script, which nobody else may read"
	tagged tsan "it is started by a script, which nobody else may read"
	[[ $(id -u) == 0 ]] || skip "needs root"
	needs setpriv prlimit
	echo "jobs: [{matrix: {n: [$(seq -s, 200)]}, args: [./child, await, go]}]" >jobs.yaml
	chmod 755 . .. "$CASE"
	cp "$SPOOL" spool
	cp "$CHILD" child
	for limit in 5 6 7 8 9 10 20 50 100; do
		rm -f go
		# A user of its own, since what others run as nobody would count.
		start setpriv --reuid=61207 --regid=61207 --clear-groups prlimit --nproc=$limit \
			./spool run -j100 jobs.yaml
		until_grep 'no more threads' "$CASE/err"
		: >go
		finish
		status 0
		stderr_matches 'spool: warning: [1-9][0-9]? of 100 workers: no more threads can be made'
		that test "$(grep -c PASS "$CASE/out")" = 200
	done
}

case_ "a hundred thousand jobs fit in a small stack and in ten times the memory that they take" && {
	tagged valgrind "it has memory and a stack of its own"
	tagged asan "it takes all addresses"
	tagged tsan "it takes all addresses"
	{
		echo 'jobs:'
		echo '  - run: kill -INT $PPID; sleep 100'
		yes "  - args: [$CHILD]" | head -n 100000
	} >jobs.yaml
	# 256 KiB of stack, 1 GiB of addresses
	for words in check list "run --dry-run" "run -j1"; do
		# shellcheck disable=SC2086 # it is one word or two
		run bash -c 'ulimit -s 256 -v 1048576; exec "$0" "$@"' "$SPOOL" $words jobs.yaml
		if [[ $words == "run -j1" ]]; then
			dies_by INT
			stdout_has 'never started'
		else
			status 0
		fi
	done
}
