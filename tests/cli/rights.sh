# shellcheck shell=bash disable=SC2016 # expressions in single quotes are for others to expand
# SPDX-License-Identifier: MIT
# What a job may: user, group, extra_groups, umask, nice, limits. spool executes itself in between.

# by_step: leaves the case out where spool cannot execute itself, or is not root but has to be
by_step() {
	tagged valgrind "the program that runs is valgrind, so spool cannot execute itself"
}

as_root() {
	by_step
	if [[ $(id -u) != 0 ]]; then
		tagged "$SPOOL_TEST_TOOL" "needs root"
	fi
}

# as_nobody ARGUMENT…: spool, a copy of it that everybody may execute, as the user nobody
as_nobody() {
	as_root
	tagged asan "it is started by a script, which nobody else may read"
	tagged tsan "it is started by a script, which nobody else may read"
	needs setpriv
	chmod 755 . .. "$CASE"
	cp "$SPOOL" spool
	run setpriv --reuid=65534 --regid=65534 --clear-groups ./spool "$@"
}

case_ "user, group and no extra groups are exactly that" && {
	as_root
	cat >jobs.yaml <<-'END'
		jobs:
		  - {name: names, user: nobody, group: nogroup, extra_groups: [], run: 'id -u; id -g; id -G'}
		  - {name: numbers, user: 65534, group: 12, extra_groups: [3, 65534], args: [id, -G]}
	END
	run "$SPOOL" run -j1 --output all jobs.yaml
	status 0
	stdout_matches 'Running .*' ' +names PASS .*' '    65534' '    65534' '    65534' \
		' +numbers PASS .*' '    12 3 65534' '2 jobs in .*'
	stderr_is ''
}

case_ "umask, nice and limits hold, merged with the defaults by name" && {
	by_step
	cat >jobs.yaml <<-'END'
		defaults: {umask: '077', nice: 2, limits: {nofile: 64, fsize: 4K}}
		jobs:
		  - {name: a, run: 'umask; ulimit -n; ulimit -f; ulimit -c; ulimit -t', limits: {nofile: 32, core: 0, cpu: 1500ms}}
		  - {name: b, run: 'umask; ulimit -n; echo $(($(nice) - $0))', shell: /bin/sh, umask: 27, nice: 5}
	END
	sed -i "s/\$0/$(nice)/" jobs.yaml
	run "$SPOOL" run -j1 --output all jobs.yaml
	status 0
	stdout_matches 'Running .*' ' +a PASS .*' '    0?077' '    32' '    (8|4)' '    0' '    2' \
		' +b PASS .*' '    0?027' '    64' '    5' '2 jobs in .*'
}

case_ "who allocates more than the limit fails" && {
	by_step
	echo "jobs: [{args: [$CHILD, alloc, '100000000'], limits: {as: 64M}}, {args: [$CHILD, alloc, '100000000']}]" >jobs.yaml
	run "$SPOOL" run -j1 jobs.yaml
	status 1
	stdout_has 'child-1 FAIL' 'child-2 PASS'
}

case_ "a timeout ends a job of another user" && {
	as_root
	echo "jobs: [{name: slow, args: [sleep, '60'], user: nobody, extra_groups: [], timeout: 300ms}]" >jobs.yaml
	run "$SPOOL" run jobs.yaml
	status 1
	stdout_has 'slow TIMEOUT'
}

case_ "a program that the user may not execute is that job's error" && {
	as_root
	printf '#!/bin/sh\n' >program
	chmod 700 program
	echo "jobs: [{name: a, args: [./program], user: nobody, extra_groups: []}, {name: b, args: [./program]}]" >jobs.yaml
	run "$SPOOL" run -j1 jobs.yaml
	status 1
	stdout_has 'a EXEC' "cannot execute './program': Permission denied" 'b PASS'
}

case_ "what this spool cannot give is an error before anything starts" && {
	cat >jobs.yaml <<-END
		jobs:
		  - {args: [$CHILD, ready, started]}
		  - {args: ['true'], user: root}
		  - {args: ['true'], group: root}
		  - {args: ['true'], extra_groups: []}
		  - {args: ['true'], nice: -1}
		  - {args: ['true'], limits: {nofile: 2000000000}}
	END
	as_nobody run jobs.yaml
	status 2
	stdout_is ''
	stderr_has "jobs.yaml:3:28: only root can run a job as another user: 'root'" \
		"jobs.yaml:4:29: only root can run a job with another group: 'root'" \
		"jobs.yaml:5:36: only root can set 'extra_groups'" \
		"jobs.yaml:6:28: only root can lower the niceness" \
		"jobs.yaml:7:39: only root can raise 'nofile' above spool's own hard limit, " \
		'hint: run spool as root'
	that test ! -e started
}

case_ "what anybody may works for anybody" && {
	cat >jobs.yaml <<-'END'
		jobs: [{name: a, run: 'umask; ulimit -n', umask: 026, user: nobody, limits: {nofile: 20}}]
	END
	as_nobody run --output all jobs.yaml
	status 0
	stdout_has '0026' '    20'
}

case_ "all that is wrong is said with its place" && {
	cat >jobs.yaml <<-'END'
		jobs:
		  - args: [a]
		    user: no-such-user
		    group: ${{ spool.slot }}
		    extra_groups: [no-such-group, []]
		    umask: 88
		    nice: 1.5
		    limits: {nofile: 10K, as: 5X, cpu: 1:30, fsize: -1, stack: 8M}
	END
	run "$SPOOL" check jobs.yaml
	status 2
	stderr_has "jobs.yaml:3:11: there is no user 'no-such-user'" \
		"jobs.yaml:4:12: '\${{ spool.slot }}' is known only when the job starts" \
		"jobs.yaml:5:35: an entry of 'extra_groups' must be a text, not a list" \
		"jobs.yaml:6:12: '88' is no umask, which is up to three octal digits" \
		"jobs.yaml:7:11: '1.5' is no number from -39 to 39" \
		"jobs.yaml:8:22: '10K' is no limit for 'nofile'" \
		"jobs.yaml:8:31: '5X' is no limit for 'as': the units are K, M, G and T" \
		"jobs.yaml:8:40: '1:30' is no limit for 'cpu'" \
		"jobs.yaml:8:53: '-1' is no limit for 'fsize': it cannot be negative" \
		"jobs.yaml:8:57: unknown limit 'stack'"
}

case_ "names may come from the matrix and the environment" && {
	as_root
	cat >jobs.yaml <<-'END'
		jobs: [{name: '${{ u }}', matrix: {u: [nobody, '0']}, user: '${{ u }}', extra_groups: ['${{ env.G }}'], args: [id, -un]}]
	END
	G=12 run "$SPOOL" run -j1 --output all jobs.yaml
	status 0
	stdout_has '    nobody' '    root'
}

case_ "another user with spool's own groups is warned of" && {
	as_root
	echo "jobs: [{name: a, args: ['true'], user: nobody}, {name: b, args: ['true']}]" >jobs.yaml
	run "$SPOOL" run jobs.yaml
	status 0
	stderr_is "spool: jobs.yaml:1:9: warning: job 'a' runs as another user with spool's own groups" \
		"hint: extra_groups: [] takes them away, and 'group' sets the first one"
}

case_ "a dry run says it in words that can be pasted" && {
	as_root
	needs prlimit setpriv
	cat >jobs.yaml <<-'END'
		jobs: [{name: a, run: 'id -u; id -G; umask; ulimit -n', user: 65534, group: 12, extra_groups: [3], umask: 027, nice: 1, limits: {nofile: 30, core: none}}]
	END
	run "$SPOOL" run --dry-run jobs.yaml
	status 0
	stdout_is "(umask 027 && nice -n 1 prlimit --nofile=30 --core=unlimited setpriv --reuid=65534 --regid=12 --groups=3 /bin/sh -e -c 'id -u; id -G; umask; ulimit -n' </dev/null)"
	cp "$CASE/out" script
	run sh script
	status 0
	stdout_is 65534 '12 3' 0027 30
}
