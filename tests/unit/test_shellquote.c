// SPDX-License-Identifier: MIT
// Where placeholders stand in scripts, which are refused, and that what is accepted shows dash and
// bash the bytes of each value.
#include "script.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define C(script) "sh -c '" script "' sh"

// contexts: of each placeholder B, D or S. p prints its arguments.
struct example {
	const char *script, *contexts;
};

// Run with all values: each must print as with a harmless text in its place.
static const struct example run[] = {
	{"p {}", "B"},
	{"p \"{}\"", "D"},
	{"p '{}'", "S"},
	{"p '\"{}\"' \"'{}'\"", "SD"},
	{"p {}{} a{}b \"a\"{}'b'", "BBBB"},
	{"p {}.txt pre-{} --x={} -- {}", "BBBB"},
	{"p \\'{} \\\\{} \"\\\"{}\\\"\" \"\\\\{}\"", "BBDD"},
	{"p '\\{}' \"a\\b{}\"", "SD"},
	{"p \"$\"{} '$'{} \\${}", "BBB"},
	{"p \"\\${}\" \"$x{}\" $x{}", "DDB"},
	{"p a\\\n{} \\\n# {}\n", NULL},
	{"p a\\\n{} a#{} \\#{}", "BBB"},
	{"p \"$(p {} \"{}\" '{}')\" {}", "BDSB"},
	{"p \"$(p \"$(p \"{}\")\")\"", "D"},
	{"p $(p a # it's\n){}", "B"},
	{"p \"$(p ')' \"(\" \\) {})\"", "B"},
	{"p \"$(case a in (b) ;; a) p {};; esac)\" {}", "BB"},
	{"p \"$(case a in a) p b; esac)\" {}", "B"},
	{"p `p '`'`{}", NULL},
	{"p `p \\`p a\\`` {}", "B"},
	{"x={}; p \"$x\"", "B"},
	{"x=~{} y=a:{}; p \"$x\" \"$y\"", "BB"},
	{"export x={}; p \"$x\"", "B"},
	{"p ~{} {}~ !{} *{} {}? ={}", "BBBBBB"},
	{"for x in {} a{}; do p \"$x\"; done", "BB"},
	{"for x in a b\ndo p {} $x; done", "B"},
	{"case {} in a) p a;; {}) p {};; esac", "BBB"},
	{"case {} in '{}'*) p yes;; esac", "BS"},
	{"case {} in \"{}\") p yes;; esac", "BD"},
	{"if p a; then { p {}; } fi; (p {})", "BB"},
	{"while p {}; do break; done", "B"},
	{"! p {} && p a || p {}", "BB"},
	{"p {} | cat; p a;p {}", "BB"},
	{"f() { p \"$1\"; }; f {}", "B"},
	{"f() (p \"$1\"); f {}\n", "B"},
	{"(f() { p \"$1\"; }; f {})", "B"},
	{"p ${y:-a} ${y:-'}'} ${y:-\"}\"} \"${y:-a b}\" {}", "B"},
	{"x=a.b; p \"${x%\".b\"}\" ${#x} ${x##*.} {}", "B"},
	{"p $((1 + (2 << 1))) \"$((3))\" {}", "B"},
	{"p {} <<E\nit's $x `p a`\nE\np b", "B"},
	{"cat <<E\nit's\nE", ""},
	{"p {} # it's\np \"{}\"", "BD"},
	{"p {} 2>/dev/null >&1 </dev/null", "B"},
	{"2>/dev/null p {}; </dev/null x=1 p {}", "BB"},
	{"set -eu; p {}", "B"},
	{"set -o noglob +x; p {}", "B"},
	{C("printf \"<%s>\" \"$1\" \"$2\"") " {} \"{}\"", "BD"},
	{"awk 'BEGIN { printf \"<%s>\", ARGV[1] }' {}", "B"},
	{"p sed 's/a/{}/' grep \"{}\"", "SD"},
	{"p {a,b} {1..3} {} }", "B"},
	{"p \x80{}\xff '\x81{}' \"\x82{}\"", "BSD"},
	{"[ {} = {} ] || p no", "BB"},
	{"p $ {} $'a' {}", "BB"},
	{"trap 'p end' EXIT; p {}", "B"},
	{"printf '<%s>' {}", "B"},
	{"find . -name {} -exec true {} +", "BB"},
	{"\\p {}; 'p' {}; command p {}", "BBB"},
};

static const struct example run_in_bash[] = {
	{"[[ {} == {} ]] && p yes", "BB"},
	{"[[ {} == \"{}\" && a < b ]] && p {}", "BDB"},
	{"[[ x{} =~ {} ]] && p {}", "BBB"},
	{"p <(p {}); cat <(p {})", "BB"},
	{"cat <<<{}; cat <<< \"{}\"", "BD"},
	{"x=({} a); p \"${x[@]}\" {}", "BB"},
	{"p {} &>/dev/null; p {}", "BB"},
	{"p {} |& cat", "B"},
};

// Refused, or not for running; "": accepted.
static const struct example not_run[] = {
	{"> {}", "B"},
	{"cmd > \"{}.log\" 2>&1 &", "D"},
	{"cmd &> {}.log", "B"},
	{". ./env.sh; cmd {}", "B"},
	{"ssh {} uptime | sort; ssh -p 22 a@{} 'x \"y\"'", "BB"},
	{"bash -o pipefail -ec 'a | b \"$1\"' bash {} {}", "BB"},
	{"sudo -u x nice sh -c 'cat \"$1\"' sh {}", "B"},
	{"sh script {} {}; sh -- {} {}; sh {}", "BBBBB"},
	{"python3 x.py {} {}; python3 -c 'x' {} {}; python3 -u x.py {} {}", "BBBBBB"},
	{"python x.py -c {} -c{} --code={}; python -m x -c {}", "BBBB"},
	{"perl -ne 'print' {}; perl -MX -e 'a' -- {} {}", "BBB"},
	{"awk -F, -v x={} '{ print $1 }' {} {}; awk -f x.awk {}", "BBBB"},
	{"gcc -c {} -o {}.o; tar -c {}; env A={} gcc -e {}", "BBBBB"},
	{"while read -r x; do cmd {} \"$x\"; done < {}", "BB"},
	{"read x <<< {}; unset y; cmd {}", "BB"},
	{"local x={}; readonly y=a{}", "BB"},
	{"docker exec {} bash -c 'x'; find {} -exec sh -c 'y \"$1\"' sh \"{}\" \\;", "BBD"},
	{"for x; do cmd; done", ""},
	{"'", ""},
	{"$(", ""},

	{"p \\{}", NULL},
	{"p \"\\{}\"", NULL},
	{"p ${}", NULL},
	{"p \"${}\"", NULL},
	{"p ${#}{} ${x:-{}}", NULL},
	{"p \"${x:-{}}\"", NULL},
	{"p \"${x:-$(p {})}\"", NULL},
	{"p ${x:-\"{}\"}", NULL},
	{"p $(( {} ))", NULL},
	{"p $((1 + $(p {})))", NULL},
	{"p $[ {} ]", NULL},
	{"p \"$[ {} ]\"", NULL},
	{"((x = {}))", NULL},
	{"((x = 1)); p {}", NULL},
	{"p $((p a) | (p b)) {}", NULL},
	{"p $'{}'", NULL},
	{"p $'\\'' {}", NULL},
	{"p $\"{}\"", NULL},
	{"p `p {}`", NULL},
	{"p \"`p {}`\"", NULL},
	{"p # {}", NULL},
	{"# it's {}\np", NULL},
	{"p \"$(p # {}\n)\"", NULL},
	{"cat <<E\n{}\nE", NULL},
	{"cat <<'E'\n{}\nE", NULL},
	{"cat <<E\nE\np {}", NULL},
	{"cat <\\\n<E {}", NULL},
	{"f() { p {}; }; f", NULL},
	{"f() ( p {} ); f", NULL},
	{"f()\n{ g() { p a; }; p {}; }", NULL},
	{"f() if p {}; then p; fi", NULL},
	{"function f { p {}; }", NULL},
	{"shift; p {}", NULL},
	{"while p {}; do shift; done", NULL},
	{"set -- a; p {}", NULL},
	{"set a; p {}", NULL},
	{"set {}", NULL},
	{"set -e $x; p {}", NULL},
	{"s\\hift; p {}", NULL},
	{"command set -- a; p {}", NULL},
	{"eval \"x\"; p {}", NULL},
	{"eval {}", NULL},
	{"x=1 \\eval 'p {}'", NULL},
	{"2>/dev/null command -p eval 'p {}'", NULL},
	{"if a; then eval p; fi; p {}", NULL},
	{"trap 'rm {}' EXIT", NULL},
	{"alias p='q \"'; p {}", NULL},
	{"declare -i x; x={}", NULL},
	{"local -n x={}", NULL},
	{"export {}=1", NULL},
	{"export {}", NULL},
	{"unset {}", NULL},
	{"read {}", NULL},
	{"printf -v {} a", NULL},
	{"test -v {}", NULL},
	{"[ -v {} ]", NULL},
	{"let {}", NULL},
	{"PS4={}", NULL},
	{"RANDOM={}; x", NULL},
	{"for OPTIND in {}; do x; done", NULL},
	{"export RANDOM={}", NULL},
	{"[[ {} -eq 1 ]]", NULL},
	{"[[ 1 -lt {} ]]", NULL},
	{"[[ -v {} ]]", NULL},
	{"[[ a || eval {} ]]", NULL},
	{"x[{}]=1", NULL},
	{"p [{}]*", NULL},
	{"case a in [{}]) p;; esac", NULL},
	{"x=([{}]=1)", NULL},
	{"p @(a|b) {}", NULL},
	{"p a &>b p {}", NULL},
	{"p ) {}", NULL},
	{"p } ; } p {}", NULL},
	{"sh -c {}", NULL},
	{"sh -c 'p {}'", NULL},
	{"bash -lc \"p {}\"", NULL},
	{"bash -o pipefail -c 'p {}'", NULL},
	{"bash -c -o pipefail 'p {}'", NULL},
	{"sh -c -- 'p {}'", NULL},
	{"sh {} {}", NULL},
	{"sh $x 'p {}'", NULL},
	{"/usr/bin/env bash -c 'p {}'", NULL},
	{"$SHELL -c 'p {}'", NULL},
	{"\"${SHELL:-/bin/sh}\" -c 'p {}'", NULL},
	{"sudo -u x sh -c 'p {}'", NULL},
	{"unknown --with -y sh -c 'p {}'", NULL},
	{"find . -exec sh -c 'p {}' \\;", NULL},
	{"xargs -n 1 bash -c 'p {}'", NULL},
	{"docker exec x bash -lc 'p {}'", NULL},
	{"su -c 'p {}' x", NULL},
	{"su x --command='p {}'", NULL},
	{"ssh host p {}", NULL},
	{"ssh -o ProxyCommand={} host", NULL},
	{"ssh {} cat {}", NULL},
	{"watch 'p {}'", NULL},
	{"nice -n 5 watch p {}", NULL},
	{"env -S 'p {}'", NULL},
	{"node --require x -e 'y {}'", NULL},
	{"python -W x -c 'y {}'", NULL},
	{"perl -ne 'print \"{}\"'", NULL},
	{"perl -i.te -e 'print \"{}\"'", NULL},
	{"python3.11 -c 'print(\"{}\")'", NULL},
	{"node --eval '{}'", NULL},
	{"awk '{ print \"{}\" }'", NULL},
	{"awk -v x=1 {}", NULL},
	{"p '{}", NULL},
	{"p \"{}", NULL},
	{"(p {}", NULL},
	{"p \"$(p {}\"", NULL},
	{"if p {}; then case a in a) p; fi", NULL},
};

static const char *const values[] = {"it's", "\"q\"", "a b", "$(touch pwned)", "-rf", "", "*",
	"a\nb", "\\", "`touch pwned`", "{}", "!", "~", "#", "\n", "\x01\x02\x7f",
	"a[$(touch pwned)]", "'; touch pwned; '", "\"; touch pwned; \""};

static void check_contexts(const struct example *example) {
	const struct script script = script_of(example->script);
	if (!example->contexts) {
		if (!script.refused) {
			fail_msg("accepted: %s", example->script);
		}
		assert_true(script.which < script.n);
		assert_non_null(strstr(script.refused, "; "));
		return;
	}
	if (script.refused) {
		fail_msg("refused: %s: %s", example->script, script.refused);
	}
	if (script.n != strlen(example->contexts)) {
		fail_msg("%zu placeholders: %s", script.n, example->script);
	}
	for (size_t i = 0; i < script.n; i++) {
		if (example->contexts[i] != "BDS"[script.marks[i].quoting]) {
			fail_msg("placeholder %zu: %s", i, example->script);
		}
	}
}

static void contexts_and_refusals(void **state) {
	(void)state;
	for (size_t i = 0; i < COUNT(run); i++) {
		check_contexts(&run[i]);
	}
	for (size_t i = 0; i < COUNT(run_in_bash); i++) {
		check_contexts(&run_in_bash[i]);
	}
	for (size_t i = 0; i < COUNT(not_run); i++) {
		check_contexts(&not_run[i]);
	}
}

// Some of them, others for each script; and all bytes that do not stand for a character of ASCII.
static void see_values(
	const struct folder *folder, const char *shell, size_t i, const struct example *example) {
	const struct script script = script_of(example->script);
	size_t some = getenv("SPOOL_TEST_LONG") ? COUNT(values) : 2;
	char bytes[129] = {0};
	for (int k = 0; k < 128; k++) {
		bytes[k] = (char)(0x80 + k);
	}
	for (size_t k = 0; k < some; k++) {
		script_check(&script, folder, shell, values[(i * some + k) % COUNT(values)]);
	}
	script_check(&script, folder, shell, bytes);
}

static void what_is_accepted_shows_the_bytes_of_the_value(void **state) {
	(void)state;
	const struct folder folder = folder_new();
	for (size_t i = 0; i < COUNT(run); i++) {
		if (run[i].contexts) {
			see_values(&folder, "/bin/sh", i, &run[i]);
			see_values(&folder, "/bin/bash", i, &run[i]);
		}
	}
	for (size_t i = 0; i < COUNT(run_in_bash); i++) {
		see_values(&folder, "/bin/bash", i, &run_in_bash[i]);
	}
	folder_remove(&folder);
}

// ---- What a script uses itself

struct use_example {
	const char *script, *uses; // "", "1": some, "@": all
};

static const struct use_example uses[] = {
	{"cat", ""},
	{"cat {}", ""},
	{"cat $1", "1"},
	{"cat \"$1\" ${2} \"${3%.*}\"", "1"},
	{"cat \"${10}\" ${1:-x}", "1"},
	{"cat $0 $x ${x1} $$ $? $! $- ${#x} ${x#1}", ""},
	{"cat ${#1}", "1"},
	{"cat \"$@\"", "@"},
	{"cat $*", "@"},
	{"echo $#", "@"},
	{"echo ${#}", "@"},
	{"echo ${#@} ${@:2}", "@"},
	{"cat '$1' \\$1 \"\\$1\"", ""},
	{"awk '{ print $1 }'", ""},
	{"awk \"{ print $1 }\"", "1"},
	{"cat # $1", ""},
	{"cat a#$1", "1"},
	{"# it's\ncat $1", "1"},
	{"cat \"$(cat \"$1\")\"", "1"},
	{"cat `cat $1`", "1"},
	{"cat `awk '{ print $1 }'`", ""},
	{"echo $(( $1 + 1 ))", "1"},
	{"echo ${x:-$1}", "1"},
	{"echo \"${x:-'$1'}\"", "1"},
	{"echo ${x:-'$1'}", ""},
	{"cat <<E\n$1\nE", "1"},
	{"cat <<E\n\\$1 it's\nE\ncat '$1'", ""},
	{"cat <<'E'\n$1\nE", ""},
	{"cat <<\\E\n$1\nE\ncat x", ""},
	{"cat <<-E\n\tit's\n\tE\ncat $1", "1"},
	{"cat <<E <<'F'\na\nE\n$1\nF", ""},
	{"cat <<'E F'\n$1\nE F", ""},
	{"echo $((1<<2))\n$x '$1'", ""},
	{"cat <<<$1", "1"},
	{"shift; cat", "@"},
	{"set -- a; cat", "@"},
	{"set -eu; cat", ""},
	{"set -o pipefail; cat", ""},
	{"echo shift set", ""},
	{"getopts a x", "@"},
	{"for x; do cat; done", "@"},
	{"for x do cat; done", "@"},
	{"for x\ndo cat; done", "@"},
	{"for x in a; do cat; done", ""},
	{"for x\nin a; do cat; done", ""},
	{"f() { echo $1; shift; }; f", ""},
	{"f() { echo a; }; f $1", "1"},
	{"eval 'echo $1'", "1"},
	{"trap 'rm \"$1\"' EXIT; cat", "1"},
	{"echo $'$1' $'\\'' \"$1\"", "1"},
	{"", ""},
};

static void positional_parameters_are_found_where_they_count(void **state) {
	(void)state;
	for (size_t i = 0; i < COUNT(uses); i++) {
		const struct script script = script_of(uses[i].script);
		struct shell_use use = shellquote_use(script.text, script.marks, script.n);
		const char *found = use.all ? "@" : use.positional ? "1" : "";
		if (strcmp(found, uses[i].uses) != 0 || (use.all && !use.positional)) {
			fail_msg("uses '%s': %s", found, script.text);
		}
	}
}

// ---- Sizes

static void deep_scripts_are_refused_and_long_ones_are_not(void **state) {
	(void)state;
	struct buf deep = {0}, wide = {0};
	for (int i = 0; i < 100000; i++) {
		buf_puts(&deep, "\"$(");
		buf_puts(&wide, "p \"$(p a)\" 'b' ${x:-c};\n");
	}
	buf_append(&deep, "{}", 3);
	buf_append(&wide, "p {}", 5);
	struct script script = script_of(deep.data);
	assert_non_null(strstr(script.refused, "nests"));
	shellquote_use(deep.data, script.marks, script.n);
	assert_null(script_of(wide.data).refused);
	buf_clear(&deep);
	buf_clear(&wide);
}

// -I STR: whatever it is, it is not read as the shell's.
static void a_placeholder_may_be_any_text(void **state) {
	(void)state;
	struct shell_mark marks[] = {{2, 2, QUOTING_BARE}, {6, 3, QUOTING_BARE}};
	size_t which;
	assert_null(shellquote_scan("p $' \"#'`\"", marks, 2, &which));
	assert_int_equal(marks[0].quoting, QUOTING_BARE);
	assert_int_equal(marks[1].quoting, QUOTING_DOUBLE);
	struct shell_use use = shellquote_use("p $1 \"#'`\"", marks, 2);
	assert_false(use.positional);
	struct shell_mark overlapping[] = {{2, 3, QUOTING_BARE}, {4, 2, QUOTING_BARE}};
	assert_non_null(shellquote_scan("p {}}{}", overlapping, 2, &which));
	assert_int_equal(which, 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contexts_and_refusals),
		cmocka_unit_test(what_is_accepted_shows_the_bytes_of_the_value),
		cmocka_unit_test(positional_parameters_are_found_where_they_count),
		cmocka_unit_test(deep_scripts_are_refused_and_long_ones_are_not),
		cmocka_unit_test(a_placeholder_may_be_any_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
