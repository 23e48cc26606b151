# shellcheck shell=bash disable=SC2317 # the words are called from the case files
# SPDX-License-Identifier: MIT
# The words that a case is written in (tests/README.md shows them in use), and what carries out one
# case of a file.
#
#     case.bash FILE           prints the titles of FILE's cases, one a line
#     case.bash FILE NUMBER    carries out that case; silent when it holds
#
# Exits with 0: it holds, 77: left out (says why), else it does not (says what and where).
# A case is in $CASE/here, its TMPDIR is $CASE/tmp; $CASE itself has what the harness writes.
set -u

# shellcheck source=tests/tool.bash
. "${BASH_SOURCE%/*}/../tool.bash"

# ---- Choosing a case

case_count=0

# case_ TITLE && { … }
case_() {
	((++case_count))
	if [[ -z $case_number ]]; then
		printf '%s\n' "$1"
		return 1
	fi
	((case_count == case_number))
}

# ---- Saying what is wrong

# wrong WHAT EXPECTED GOT: ends the case
wrong() {
	printf '%s, line %s: %s\n' "${case_file##*/}" "$(line_of_case)" "$1"
	printf '  command:  %s\n' "$(printf '%q ' "${command[@]:-none}")"
	printf '  expected: %s\n' "$(sed '2,$s/^/            /' <<<"$2")"
	printf '  got:      %s\n' "$(sed '2,$s/^/            /' <<<"$3")"
	[[ $1 == *stdout* ]] || show "standard output" "$CASE/out"
	[[ $1 == *stderr* ]] || show "standard error" "$CASE/err"
	exit 1
}

# show NAME FILE: the beginning of it
show() {
	if [[ -s $2 ]]; then
		echo "  $1:"
		head -c 4000 "$2" | cat -v | sed 's/^/    | /'
	fi
}

# The line of the case file that is being carried out.
line_of_case() {
	local i
	for i in "${!BASH_SOURCE[@]}"; do
		if [[ ${BASH_SOURCE[i]} == "$case_file" ]]; then
			echo "${BASH_LINENO[i - 1]}"
			return
		fi
	done
	echo '?'
}

# ---- Leaving out

skip() {
	printf '%s\n' "$1"
	skipping=true
	exit 77
}

# tagged TOOL REASON: not under this tool
tagged() {
	[[ $SPOOL_TEST_TOOL != "$1" ]] || skip "$1: $2"
}

# takes_long: only in make check-long
takes_long() {
	[[ -n ${SPOOL_TEST_LONG-} ]] || skip "it takes long: make check-long"
}

# needs COMMAND…: not where one of them is missing
needs() {
	local name
	for name; do
		command -v "$name" >/dev/null || skip "there is no $name"
	done
}

# ---- Running

command=() running='' ended='' asked=true began=0 took_us=0

now_us() {
	local now=${EPOCHREALTIME/[.,]/}
	echo "$now"
}

# start COMMAND…: in the background; standard input is that of `start`, standard output goes to
# $CASE/out, or to the path $out_to where that is set
start() {
	local trace=()
	[[ -z $running ]] || wrong "start" "no other command running" "one is"
	$asked || wrong "exact status" "\`status\` or \`dies_by\` after each command" "none"
	command=("$@") asked=false ended=''
	rm -f "$CASE"/{out,err,status,pid,fds,memory}
	if [[ $1 == "$SPOOL" && $SPOOL_TEST_TOOL == release ]]; then
		trace=(--fds "$CASE/fds")
	fi
	began=$(now_us)
	"$TOOLS/tracer" --status "$CASE/status" --pid "$CASE/pid" --memory "$CASE/memory" \
		--limit $((60 * slower)) "${trace[@]}" "$@" <&0 >"${out_to:-$CASE/out}" 2>"$CASE/err" &
	running=$!
	while kill -0 "$running" 2>/dev/null && [[ ! -s $CASE/pid ]]; do
		:
	done
	[[ -s $CASE/pid ]] || wrong "start" "a running command" "none"
}

# finish: waits for what was started
finish() {
	[[ -n $running ]] || wrong "finish" "a running command" "none"
	wait "$running" || wrong "the tracer" "exit 0" "exit $?"
	running='' took_us=$(($(now_us) - began))
	ended=$(<"$CASE/status")
	[[ $ended != limit ]] || wrong "time" "at most $((60 * slower)) s" "killed"
	[[ ! -s $CASE/fds ]] || wrong "descriptors at its exit" "those it was given" "$(<"$CASE/fds")"
}

run() {
	start "$@"
	finish
}

# signal NAME: to what was started
signal() {
	kill -"$1" "$(<"$CASE/pid")"
}

# until_ COMMAND…: waits until it succeeds, 10 s at most
until_() {
	local i
	for ((i = 0; i < 500 * slower; i++)); do
		! "$@" 2>/dev/null || return 0
		sleep 0.02
	done
	wrong "until_ $*" "success within $((10 * slower)) s" "none"
}

# until_grep REGEX FILE
until_grep() {
	until_ grep -qE -e "$1" "$2"
}

# ---- What must have come of it

# status N: it exited with N
status() {
	asked=true
	[[ $ended == "exit $1" ]] || wrong "how it ended" "exit $1" "$ended"
}

# dies_by NAME: it died by that signal
dies_by() {
	asked=true
	[[ $ended == "signal $1" ]] || wrong "how it ended" "signal $1" "$ended"
}

# took LOW HIGH: seconds; HIGH is stretched where a tool slows things down
took() {
	local low=$1 high=$2
	if awk -v t="$took_us" -v low="$low" -v high="$high" -v slower="$slower" \
		'BEGIN { exit !(t < low * 1e6 || t > high * 1e6 * slower) }'; then
		wrong "time taken" "$low to $high s" "$((took_us / 1000)) ms"
	fi
}

# needed_below MIB: so much of it was resident at most; a tool needs its own
needed_below() {
	local kib
	kib=$(<"$CASE/memory")
	[[ $SPOOL_TEST_TOOL != release ]] || ((kib < $1 * 1024)) ||
		wrong "memory" "below $1 MiB" "$((kib / 1024)) MiB"
}

# wanted LINE…: what the lines say, each with its newline; '' alone is nothing; - is standard input
wanted() {
	if (($# == 1)) && [[ $1 == - ]]; then
		cat
	elif (($# > 1)) || [[ -n ${1-} ]]; then
		printf '%s\n' "$@"
	fi
}

# same WHAT FILE LINE…
same() {
	local what=$1 file=$2
	shift 2
	wanted "$@" >"$CASE/wanted"
	cmp -s "$CASE/wanted" "$file" || wrong "$what" "this, - what is missing, + what is too much" \
		"$(diff -u --label expected --label got "$CASE/wanted" "$file" | cat -v | sed 1,2d | head -n 60)"
}

# matches WHAT FILE REGEX…: one whole line for each, no more, no less
matches() {
	local what=$1 file=$2 line number=0
	shift 2
	while IFS= read -r line || [[ -n $line ]]; do
		((++number))
		(($#)) || wrong "$what" "no line $number" "$line"
		[[ $line =~ ^$1$ ]] || wrong "$what, line $number" "$1" "$line"
		shift
	done <"$file"
	(($# == 0)) || wrong "$what" "a line $((number + 1)): $1" "the end"
}

stdout_is() { same stdout "$CASE/out" "$@"; }
stderr_is() { same stderr "$CASE/err" "$@"; }
stdout_matches() { matches stdout "$CASE/out" "$@"; }
stderr_matches() { matches stderr "$CASE/err" "$@"; }

# has WHAT FILE TEXT…, lacks WHAT FILE TEXT…: somewhere in a line
has() {
	local what=$1 file=$2 text
	for text in "${@:3}"; do
		grep -qF -e "$text" "$file" || wrong "$what" "$text" "$(head -c 4000 "$file" | cat -v)"
	done
}

lacks() {
	local what=$1 file=$2 text
	for text in "${@:3}"; do
		! grep -qF -e "$text" "$file" || wrong "$what" "no $text" "$(grep -F -e "$text" "$file")"
	done
}

stdout_has() { has stdout "$CASE/out" "$@"; }
stderr_has() { has stderr "$CASE/err" "$@"; }
stdout_lacks() { lacks stdout "$CASE/out" "$@"; }
stderr_lacks() { lacks stderr "$CASE/err" "$@"; }

# that COMMAND…: it succeeds
that() {
	local said
	said=$("$@" 2>&1) || wrong "that $*" "success" "status $?: $said"
}

# file_is FILE LINE…
file_is() { same "$1" "$@"; }

# ---- At the end of a case

# What holds after every case; the witness sees to the processes.
conclude() {
	local left log said
	$skipping && return
	[[ -z $running ]] || wrong "the end of the case" "\`finish\`" "a command is still running"
	$asked || wrong "exact status" "\`status\` or \`dies_by\` after each command" "none"
	left=$(find "$CASE/tmp" -mindepth 1)
	[[ -z $left ]] || wrong "files left in TMPDIR" "none" "$left"
	for log in "$CASE"/log.*; do
		said=$([[ ! -s $log ]] || complaints "$log" | head -n 60)
		[[ -z $said ]] || wrong "$SPOOL_TEST_TOOL" "no complaint" "$said"
	done
}

case_file=$(realpath -- "$1") case_number=${2-} skipping=false
if [[ -n $case_number ]]; then
	mkdir "$CASE/here" "$CASE/tmp"
	cd "$CASE/here" || exit 1
	export TMPDIR=$CASE/tmp HOME=$CASE/here CHILD=$TOOLS/child PTY=$TOOLS/pty
	export SPOOL_TEST_LOG=$CASE/log
	export ASAN_OPTIONS=${ASAN_OPTIONS-}:log_path=$CASE/log UBSAN_OPTIONS=${UBSAN_OPTIONS-}:log_path=$CASE/log
	export TSAN_OPTIONS=${TSAN_OPTIONS-}:log_path=$CASE/log
	unset NO_COLOR CLICOLOR_FORCE
fi
# shellcheck source=/dev/null
. "$case_file"
if [[ -n $case_number ]]; then
	((case_count >= case_number)) || wrong "case $case_number" "it was carried out" "$case_count cases"
	conclude
fi
exit 0
