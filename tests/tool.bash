# shellcheck shell=bash disable=SC2034 # the variables are for those who read this in
# SPDX-License-Identifier: MIT
# What the unit and the end-to-end tests share: a clean start, whatever make or a terminal has left
# in the environment, and the tool they run under.
#
#     tool           release, asan, tsan, valgrind: SPOOL_TEST_TOOL
#     tool_command   what stands before a command that is to run under the tool
#     slower         how many times longer than a release build it may take; SPOOL_TEST_SLOWER

# A make's jobserver and what the shell that started us has open are nothing for tests.
unset MAKEFLAGS MFLAGS MAKELEVEL GNUMAKEFLAGS MAKE CC BUILD
unset "${!SPOOL_JOB@}" "${!SPOOL_RUN@}" SPOOL_SEQ SPOOL_SLOT SPOOL_ATTEMPT SPOOL_WORKERS SPOOL_ID
for fd in /proc/self/fd/*; do
	fd=${fd##*/}
	# 255 is bash's own, of this script.
	if ((fd > 2 && fd != 255)); then
		exec {fd}>&-
	fi
done

tool=${SPOOL_TEST_TOOL:=release}
tool_command=()
slower=1
export SPOOL_TEST_TOOL
export LC_ALL=C

case $tool in
asan)
	slower=4
	export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1
	export UBSAN_OPTIONS=print_stacktrace=1
	;;
tsan)
	slower=6
	# Its shadow memory does not go with every address that the kernel may choose. What setarch
	# sets is inherited, so it is done once, for the script that has read this in.
	if [[ -z ${SPOOL_TEST_FIXED_ADDRESSES-} ]]; then
		export SPOOL_TEST_FIXED_ADDRESSES=1
		exec setarch -R "$0" "$@"
	fi
	export TSAN_OPTIONS=halt_on_error=0:second_deadlock_stack=1:exitcode=66
	;;
valgrind)
	slower=20
	tool_command=(valgrind -q --error-exitcode=99 --leak-check=full --trace-children=no
		"--show-leak-kinds=definite,indirect" "--errors-for-leak-kinds=definite,indirect")
	;;
esac

export SPOOL_TEST_SLOWER=$slower

# complaints FILE: what the tool has written there, without valgrind's remark on system calls that
# are newer than itself
complaints() {
	grep -vE '^--[0-9]+-- (WARNING: unhandled [a-z0-9-]+ syscall|You may be able|Read the file README_MISSING|Nevertheless we consider|it at http)' "$1"
}

# summary PASSED FAILED SKIPPED: the last line of a run; status 0 when nothing failed.
summary() {
	if (($3 > 0)); then
		echo "$1 passed, $2 failed, $3 skipped"
	else
		echo "$1 passed, $2 failed"
	fi
	(($2 == 0))
}
