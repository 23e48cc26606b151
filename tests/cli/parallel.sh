# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What people know from GNU parallel: the examples of its manual, each run by spool map, whose
# output and exit status are held against what GNU parallel is known to print. Where that is
# installed it is run too, so that nobody need believe the tables, tests/cli/parallel/FAMILY.
#
# A table has blocks with an empty line between:
#
#     = TITLE
#     from PAGE: PLACE     where in its manual; none: not there, but people will try it
#     given COMMANDS       run before, by the same shell
#     needs COMMAND        left out where there is no such command
#     peer COMMAND         GNU parallel is left out where this fails
#     parallel LINE        for bash
#     spool LINE           the same for us; without it, `spool map` in the place of `parallel`
#     differs WHY          where we chose otherwise; spool-map(1) has the table
#     status N [N]         the second one is ours, where it differs
#     | OUTPUT
#
# Against the manual -k or -j are added where the order would not be known, and pauses are shorter.
# The files of parallel_tutorial(7) are there. Jobs of GNU parallel are scripts of /bin/sh; we need
# --shell for that, and a script in one word.

families=(sources placeholders arguments output control)

# What parallel_tutorial(7) asks its readers to make, but for the large ones.
tutorial_files() {
	printf '%s\n' A B C >abc-file
	printf '%s\n' D E F >def-file
	printf '%s\0' A B C >abc0-file
	printf '%s_' A B C >abc_-file
	printf '%s\t%s\n' f1 f2 A B C D >tsv-file.tsv
	seq 8 >num8
	seq 30000 >num30000
}

titles_of() {
	sed -n 's/^= //p' "$ROOT/tests/cli/parallel/$1"
}

# example FAMILY TITLE: what the table says of it, into the variables; the output into $CASE/kept
example() {
	local key text inside=false
	given='' needed='' peer=true parallel='' spool='' kept_status=()
	: >"$CASE/kept"
	while IFS=' ' read -r key text; do
		if [[ $key == = ]]; then
			[[ $text == "$2" ]] && inside=true || inside=false
		fi
		$inside || continue
		case $key in
		given) given=$text ;;
		needs) needed=$text ;;
		peer) peer=$text ;;
		parallel) parallel=$text ;;
		spool) spool=$text ;;
		status) read -ra kept_status <<<"$text" ;;
		esac
	done <"$ROOT/tests/cli/parallel/$1"
	awk -v title="= $2" '
		/^= / { inside = $0 == title }
		inside && /^[|]/ { sub(/^[|] ?/, ""); print }' "$ROOT/tests/cli/parallel/$1" >"$CASE/kept"
	[[ -n $parallel && ${#kept_status[@]} -gt 0 ]] || wrong "$1: $2" "a whole block" "parts are missing"
	spool=${spool:-${parallel/parallel/spool map}}
}

# prints_what_is_kept LINE STATUS
prints_what_is_kept() {
	tutorial_files
	run bash -c "$given"$'\n'"$1"
	status "$2"
	stdout_is - <"$CASE/kept"
}

by_spool() {
	example "$@"
	[[ -z $needed ]] || needs "$needed"
	mkdir "$CASE/bin"
	ln -s "$SPOOL" "$CASE/bin/spool"
	PATH=$CASE/bin:$PATH
	prints_what_is_kept "$spool" "${kept_status[-1]}"
}

# by_parallel FAMILY: all of them
by_parallel() {
	local title titles
	[[ $(parallel --version 2>/dev/null) == 'GNU parallel '* ]] || skip "there is no GNU parallel"
	[[ $SPOOL_TEST_TOOL == release ]] || skip "GNU parallel is not ours to watch"
	# Its folder ~/.parallel would be among the files that examples find.
	mkdir "$CASE/home"
	export HOME=$CASE/home PARALLEL_SHELL=/bin/sh
	unset PARALLEL PARALLEL_HOME
	mapfile -t titles < <(titles_of "$1")
	for title in "${titles[@]}"; do
		example "$1" "$title"
		if eval "$peer" 2>/dev/null && { [[ -z $needed ]] || command -v "$needed" >/dev/null; }; then
			mkdir "$CASE/here/$1" && cd "$CASE/here/$1" || exit
			prints_what_is_kept "$parallel" "${kept_status[0]}"
			cd "$CASE/here" && rm -r "$1" || exit
		fi
	done
}

for family in "${families[@]}"; do
	while IFS= read -r title; do
		case_ "parallel, $family: $title" && by_spool "$family" "$title"
	done < <(titles_of "$family")
	case_ "parallel, $family: GNU parallel itself" && by_parallel "$family"
done

case_ "parallel: enough of each family is from its manual, and each title is there once" && {
	for family in "${families[@]}"; do
		that test "$(grep -c '^from parallel' "$ROOT/tests/cli/parallel/$family")" -ge 6
		that test "$(titles_of "$family" | sort | uniq -d | wc -l)" = 0
	done
	that test "$(cat "${families[@]/#/$ROOT/tests/cli/parallel/}" | grep -c '^from parallel')" -ge 44
}
