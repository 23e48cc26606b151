# shellcheck shell=bash disable=SC2016 # expressions in single quotes are for others to expand
# SPDX-License-Identifier: MIT
# Below make: jobs count among those of make -j, and the tokens for them all return.

# many N END: a job file with N jobs that write when they begin and end, and end so
many() {
	cat >jobs.yaml <<-JOBS
		jobs:
		  - matrix: {n: [$(seq -s, "$1")]}
		    run: "echo + >>$PWD/log; sleep 0.05; echo - >>$PWD/log; $2"
	JOBS
}

# at_once: how many ran at most
at_once() {
	awk '/\+/ { n++ } /-/ { n-- } n > most { most = n } END { print most + 0, n + 0 }' log
}

# ran LEAST MOST N: so many at once at most, and N in all
ran() {
	local most unended
	read -r most unended < <(at_once)
	that test "$unended" = 0
	that test "$most" -ge "$1"
	that test "$most" -le "$2"
	that test "$(grep -c '+' log)" = "$3"
}

case_ "no more run than there are tokens, and the same ones return" && {
	needs python3
	many 12 'exit 0'
	run python3 "$ROOT/tests/jobserver.py" abc "$SPOOL" run -q jobs.yaml
	status 0
	stderr_is ''
	ran 2 4 12
	file_is left abc
}

case_ "through a FIFO, too" && {
	needs python3
	many 12 'exit 0'
	run python3 "$ROOT/tests/jobserver.py" fifo xyz "$SPOOL" run -q jobs.yaml
	status 0
	stderr_is ''
	ran 2 4 12
	file_is left xyz
}

case_ "tokens return when jobs fail, and when the run is halted" && {
	needs python3
	many 9 'exit 3'
	run python3 "$ROOT/tests/jobserver.py" abc "$SPOOL" run -q jobs.yaml
	status 1
	file_is left abc
	run python3 "$ROOT/tests/jobserver.py" abc "$SPOOL" run -q --fail-fast jobs.yaml
	status 1
	file_is left abc
}

case_ "tokens return when the run is interrupted" && {
	needs python3
	echo "jobs: [{matrix: {n: [1, 2, 3, 4]}, run: 'echo >>$PWD/log; exec sleep 1000'}]" >jobs.yaml
	start python3 "$ROOT/tests/jobserver.py" abc "$SPOOL" run -q jobs.yaml
	until_ eval '(($(wc -l <log) == 4))' 2>/dev/null
	signal INT
	finish
	dies_by INT
	file_is left abc
}

case_ "jobs hear nothing of it, but of the other flags" && {
	needs python3
	echo "jobs: [{name: a, run: 'echo \"<\$MAKEFLAGS>\"'}]" >jobs.yaml
	run python3 "$ROOT/tests/jobserver.py" abc "$SPOOL" run --output all jobs.yaml
	status 0
	stdout_has '<k>'
	file_is left abc
}

case_ "what is named and closed is not touched: one job at a time" && {
	many 4 'exit 0'
	MAKEFLAGS=' -j4 --jobserver-auth=198,199' run "$SPOOL" run -q jobs.yaml
	status 0
	stderr_has 'spool: warning: one job at a time: the jobserver of make cannot be used:' 'hint: '
	ran 1 1 4
	rm log
	MAKEFLAGS=' -j4 --jobserver-auth=3,4' run "$SPOOL" run -q jobs.yaml 3>"$PWD/mine" 4>&3
	status 0
	stderr_has 'it is not where MAKEFLAGS says'
	ran 1 1 4
	file_is mine ''
}

case_ "-j goes before it" && {
	needs python3
	many 6 'exit 0'
	run python3 "$ROOT/tests/jobserver.py" a "$SPOOL" run -q -j3 jobs.yaml
	status 0
	stderr_is 'spool: warning: -j is given: these jobs do not count among those of make -j'
	ran 2 3 6
	file_is left a
}

case_ "several below one make -j4" && {
	needs make
	many 8 'exit 0'
	printf 'all: a b c\na b c:\n\t+@%s run -q jobs.yaml\n' "$SPOOL" >Makefile
	MAKEFLAGS='' run make -s -j4
	status 0
	stderr_is ''
	ran 2 4 24
}

case_ "map below make -j4, beside run" && {
	needs make
	many 8 'exit 0'
	printf 'all: a b\na:\n\t+@seq 8 | %s map sh -c "%s"\nb:\n\t+@%s run -q jobs.yaml\n' \
		"$SPOOL" 'echo + >>log; sleep 0.05; echo - >>log' "$SPOOL" >Makefile
	MAKEFLAGS='' run make -s -j4
	status 0
	stderr_is ''
	ran 2 4 16
}

case_ "below make without a +" && {
	needs make
	many 4 'exit 0'
	printf 'all:\n\t@%s run -q jobs.yaml\n' "$SPOOL" >Makefile
	MAKEFLAGS='' run make -s -j4
	status 0
	stderr_has 'make keeps it from this recipe'
	ran 1 1 4
}
