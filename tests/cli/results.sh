# shellcheck shell=bash disable=SC2016 # expressions in single quotes are for others to expand
# SPDX-License-Identifier: MIT
# --results: what jobs write, in files of their own.

# kept_is LINE…: the files that there are in kept, sorted
kept_is() {
	find kept -mindepth 1 ! -type d -printf '%P\n' | LC_ALL=C sort >"$CASE/kept"
	file_is "$CASE/kept" "$@"
}

case_ "map: both streams of each job are kept, and printed all the same" && {
	run "$SPOOL" map -k --results kept --shell 'echo {}; echo not {} >&2' ::: one 'a b'
	status 0
	stdout_is one 'a b'
	stderr_is 'not one' 'not a b'
	kept_is 000001-one/{stderr,stdout} 000002-a_b/{stderr,stdout}
	file_is kept/000001-one/stdout one
	file_is kept/000002-a_b/stderr 'not a b'
}

case_ "run: whole, whatever max_output and --output say" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: flood, args: [$CHILD, flood, 1, "3000000"], max_output: 1K}
		  - {name: fails, run: "echo out; echo err >&2; exit 3"}
		  - {name: "test/../x (1)", args: [$CHILD]}
	END
	run "$SPOOL" run --results kept --output never jobs.yaml
	status 1
	stderr_is ''
	kept_is 000001-flood/{stderr,stdout} 000002-fails/{stderr,stdout} 000003-test_.._x__1_/{stderr,stdout}
	that "$CHILD" verify 3000000 <kept/000001-flood/stdout
	file_is kept/000002-fails/stdout out
	file_is kept/000002-fails/stderr err
}

case_ "run: the number is that of the file, and a file that a stream goes to is not here too" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: a, args: [$CHILD]}
		  - {name: b, run: "echo out; echo err >&2", stdout: own}
	END
	run "$SPOOL" run --results kept jobs.yaml b
	status 0
	kept_is 000002-b/stderr
	file_is kept/000002-b/stderr err
	file_is own out
}

case_ "map: no value leads out of the directory" && {
	long=$(printf 'x%.0s' {1..300})
	run "$SPOOL" map --results kept --output never true ::: ../../up . .. '' $'a\nb' /etc/passwd "$long" '-é*'
	status 0
	kept_is 000001-.._.._up/{stderr,stdout} 000002-./{stderr,stdout} 000003-../{stderr,stdout} \
		000004-_/{stderr,stdout} 000005-a_b/{stderr,stdout} 000006-_etc_passwd/{stderr,stdout} \
		"000007-${long:0:80}"/{stderr,stdout} 000008--___/{stderr,stdout}
	that test ! -e ../up
}

case_ "map: with live output too" && {
	run "$SPOOL" map --lb --results kept --shell 'echo one; printf half' ::: x
	status 0
	stdout_has one half
	printf 'one\nhalf' >wanted
	that cmp wanted kept/000001-x/stdout
}

case_ "map: each try has files of its own, and the next run leaves nothing of them" && {
	run "$SPOOL" map --retry 3 --results kept --output never --shell 'echo try $SPOOL_ATTEMPT; test {} = good' ::: good bad
	status 1
	kept_is 000001-good/{stderr,stdout} 000002-bad/{stderr{,.1,.2},stdout{,.1,.2}}
	file_is kept/000002-bad/stdout.1 'try 1'
	file_is kept/000002-bad/stdout.2 'try 2'
	file_is kept/000002-bad/stdout 'try 3'
	run "$SPOOL" map --results kept --output never echo again ::: good bad
	status 0
	kept_is 000001-good/{stderr,stdout} 000002-bad/{stderr,stdout}
	file_is kept/000002-bad/stdout 'again bad'
}

case_ "links that were planted are not followed" && {
	mkdir -p kept/000001-file elsewhere
	echo mine >outside
	ln -s "$PWD/outside" kept/000001-file/stdout
	ln -s ../../outside kept/000001-file/stderr
	ln -s "$PWD/elsewhere" kept/000002-folder
	for _ in 1 2; do
		run "$SPOOL" map -k --results kept echo ::: file folder
		status 3
		stdout_is file folder
		stderr_matches "spool: the results in '000002-folder' are not whole: .*"
		file_is outside mine
		that rmdir elsewhere
		mkdir elsewhere
		file_is kept/000001-file/stdout file
		that test ! -L kept/000001-file/stderr
	done
}

case_ "a directory that cannot be made or written: 3, and nothing starts" && {
	echo "jobs: [{name: a, args: [$CHILD, ready, started]}]" >jobs.yaml
	touch file
	mkdir locked
	chmod 555 locked
	run "$SPOOL" run --results not/there jobs.yaml
	status 3
	stdout_is ''
	stderr_is "spool: --results 'not/there': the directory that it would be in is not there" \
		'hint: mkdir -p makes those above it too'
	run "$SPOOL" run --results file jobs.yaml
	status 3
	stderr_matches "spool: --results 'file': this is no directory" 'hint: .*'
	run "$SPOOL" run --results file/below jobs.yaml
	status 3
	stderr_is "spool: --results 'file/below': cannot make the directory: Not a directory"
	run "$SPOOL" map --results file "$CHILD" ready ::: started
	status 3
	stdout_is ''
	run "$SPOOL" run --results '' jobs.yaml
	status 2
	that test ! -e started
	if [[ $(id -u) != 0 ]]; then
		run "$SPOOL" run --results locked jobs.yaml
		status 3
		stderr_is "spool: --results 'locked': cannot make anything there: Permission denied"
		that test ! -e started
	fi
}

case_ "with --dry-run nothing is made" && {
	run "$SPOOL" map --dry-run --results kept echo ::: a
	status 0
	stdout_is 'echo a'
	that test ! -e kept
}

case_ "a full disk is said once and costs what did not fit, not the run: 3" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {name: one, args: [$CHILD, flood, 1, "3000000"], max_output: 1K}
		  - {name: two, args: [$CHILD, flood, 1, "3000000"], max_output: 1K}
	END
	run bash -c 'ulimit -f 100; exec "$0" run -j1 --results kept jobs.yaml' "$SPOOL"
	status 3
	stdout_has 'one PASS' 'two PASS'
	stderr_is "spool: the results in '000001-one' are not whole: File too large"
	that test "$(stat -c %s kept/000001-one/stdout)" = 102400
	that test "$(stat -c %s kept/000002-two/stdout)" = 102400
	run bash -c 'ulimit -f 100; exec "$0" map -j1 --output never --results kept "$1" flood 1 {} ::: 3000000 10' "$SPOOL" "$CHILD"
	status 3
	stderr_has "spool: the results in '000001-3000000' are not whole: File too large"
	stderr_lacks 000002
	that test "$(stat -c %s kept/000002-10/stdout)" = 10
}

case_ "a run that is killed leaves what there was" && {
	start "$SPOOL" map --results kept --shell 'echo {}; touch ready; sleep 1000' ::: job
	until_ test -s kept/000001-job/stdout
	signal TERM
	finish
	dies_by TERM
	file_is kept/000001-job/stdout job
}

case_ "a low limit on open files lowers the workers, and all is kept" && {
	tagged valgrind "it needs descriptors of its own"
	run bash -c 'ulimit -n 64; seq 200 | "$0" map -j50 --output never --results kept echo' "$SPOOL"
	status 0
	stderr_matches 'spool: warning: [1-9][0-9]? of 50 workers: the limit on open files \(ulimit -n [0-9]+\) carries no more'
	that test "$(cat kept/*/stdout | sort -n | tail -n 1)" = 200
	that test "$(find kept -mindepth 1 -maxdepth 1 | wc -l)" = 200
}
