// SPDX-License-Identifier: MIT
/*
 * Random scripts with placeholders, some of them broken, run by the shells of this machine. What a
 * script prints with references must be what it prints with a harmless text pasted in their place,
 * and with any other value the same but for the value; nothing of a value is ever run.
 *
 * SPOOL_TEST_SEED   only the script with this number
 * SPOOL_TEST_LONG   many more
 */
#include "script.h"

enum { SCRIPTS = 200, SCRIPTS_LONG = 6000, MOST_DEPTH = 4 };

// Not the empty one: an expansion without quotes drops it.
static const char *const values[] = {
	"it's",
	"\"q\"",
	"a b",
	"$(touch pwned)",
	"`touch pwned`",
	"-rf",
	"*",
	"a\nb",
	"\\",
	"{}",
	"!",
	"~",
	"#",
	";touch pwned;",
	"'; touch pwned; '",
	"\"; touch pwned; \"",
	"\x80\x81\x82\x83",
	"\x84\x85\x86\x87\x88\xff",
	"a[$(touch pwned)]",
	"$1",
	"${1}",
	"\n",
	" ",
	"a\\",
	"?",
	"[a]",
	"&touch pwned",
	"|touch pwned",
	")touch pwned;(",
	"\\'",
	"\\\"",
	"$'\\''",
	"\x01\x7f",
	"é",
	"=",
};

struct source {
	uint64_t state;
	struct buf text;
};

static unsigned pick(struct source *source, unsigned n) {
	source->state += 0x9e3779b97f4a7c15;
	uint64_t z = source->state;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (unsigned)((z ^ (z >> 31)) % n);
}

static void put(struct source *source, const char *text) {
	assert_int_equal(buf_puts(&source->text, text), 0);
}

#define ONE_OF(source, ...)                                  \
	put(source, (const char *const[]){__VA_ARGS__}[pick( \
			    source, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))])

static void list(struct source *source, unsigned depth);

static void in_double(struct source *source, unsigned depth) {
	for (unsigned i = pick(source, 4); i > 0; i--) {
		switch (pick(source, 8)) {
		case 0:
		case 1:
			put(source, "{}");
			break;
		case 2:
			if (depth < MOST_DEPTH) {
				put(source, "$(");
				list(source, depth + 1);
				put(source, ")");
			}
			break;
		case 3:
			ONE_OF(source, "${x:-d}", "${x:-\"a}b\"}", "${x#\"$y\"}", "${x:-\\}}", "$x",
				"$", "${x:-$(p a)}", "`p a`", "`p \\\"a`", "$((1+(2)))", "${#y}");
			if (pick(source, 8) == 0) {
				ONE_OF(source, "${x:-{}}", "${x%'}", "$[1]");
			}
			break;
		default:
			ONE_OF(source, "a", " ", "'", "\\\"", "\\\\", "\\$", "\\`", "\\", "#", "(",
				")", "\n", "\\\n", ";", "<<E", "it's", "case");
		}
	}
}

static void word(struct source *source, unsigned depth) {
	for (unsigned i = 1 + pick(source, 3); i > 0; i--) {
		switch (pick(source, 13)) {
		case 0:
		case 1:
		case 2:
			put(source, "{}");
			break;
		case 3:
			put(source, "'");
			ONE_OF(source, "", "a b", "\"", "\\", "$x", "{}", "x{}y", "`", ")", "#",
				"\n");
			put(source, "'");
			break;
		case 4:
		case 5:
			put(source, "\"");
			in_double(source, depth);
			put(source, "\"");
			break;
		case 6:
			if (depth < MOST_DEPTH) {
				put(source, "$(");
				list(source, depth + 1);
				put(source, ")");
			}
			break;
		case 7:
			ONE_OF(source, "${x:-d}", "${x:-'a}b'}", "${x:-\"}\"}", "$((1+(2)))", "$x",
				"$", "`p a`", "$((1<<2))", "~", "${x:-$(p ')')}", "$'a'", "\\\\");
			if (pick(source, 6) > 0) {
				break;
			}
			ONE_OF(source, "${x:-{}}", "$(( {} ))", "$'a\\'b'", "$'a'", "$\"a\"",
				"$'{}'", "`p a`", "`p '`'`", "$", "$x", "$#", "${#y}", "$[1]",
				"${x:-$(p ')')}", "$((1<<2))", "\\\\", "~");
			break;
		case 8:
			ONE_OF(source, "\\\"", "\\'", "\\\\", "\\ ", "\\\n", "\\$", "\\#", "\\{}",
				"\\a", "\\;", "\\(", "\\`");
			break;
		default:
			ONE_OF(source, "a", "b#", "x=", "-", ".", "~", "*", "]", "!", "^", "case",
				"esac", "in", "do", "{", "}", "=", "a#b", "%", "@", "é", "\x81",
				"a", "b", "c", "d", "[");
		}
	}
}

static void command(struct source *source, unsigned depth);

static void simple(struct source *source, unsigned depth) {
	if (pick(source, 8) > 0) {
		ONE_OF(source, "p", "x=1 p", "p p", "</dev/null p", "2>/dev/null p", "command p",
			"! p", "\\p", "'p'", "p 3>&1", "\"p\"", "set -f;p");
	} else {
		ONE_OF(source, "command eval p", "eval p", "sh -c", "\nsh -ec", "trap", "set --",
			"export", "read", "declare", "f() ");
	}
	for (unsigned i = 1 + pick(source, 3); i > 0; i--) {
		put(source, " ");
		word(source, depth);
	}
	if (pick(source, 8) == 0) {
		ONE_OF(source, " 2>/dev/null", " >&2", " </dev/null", " 2>&1", " # it's {}\n",
			" #\n", "#", " <<<{}", " <<E\n{}'\nE\n", " <<'E'\n\"$1\nE\n",
			" &>/dev/null", " <(p {})", " >to{}");
	}
}

static void compound(struct source *source, unsigned depth) {
	switch (pick(source, 9)) {
	case 0:
		put(source, "case ");
		word(source, depth);
		put(source, " in ");
		ONE_OF(source, "x) ", "(x) ", "{}) ", "'{}'|a) ", "esac) ", "(esac) ");
		list(source, depth + 1);
		ONE_OF(source, ";; *) ", "\n;;\n(*) ", ";& *)", "; *)");
		list(source, depth + 1);
		ONE_OF(source, ";; esac", "\nesac", ";;\nesac", "");
		break;
	case 1:
		put(source, "(");
		list(source, depth + 1);
		put(source, ")");
		break;
	case 2:
		put(source, "{ ");
		list(source, depth + 1);
		put(source, "\n}");
		break;
	case 3:
		put(source, "for i in ");
		word(source, depth);
		put(source, "; do ");
		list(source, depth + 1);
		put(source, "; done");
		break;
	case 4:
		put(source, "if ");
		list(source, depth + 1);
		put(source, "\nthen ");
		list(source, depth + 1);
		put(source, "\nfi");
		break;
	case 5:
		ONE_OF(source, "f() ", "f ( )\n", "f()(");
		put(source, "{ ");
		list(source, depth + 1);
		ONE_OF(source, "\n}; f a", "; }", "\n})");
		break;
	case 6:
		ONE_OF(source, "[[ {} == ", "[[ a == ", "[[ ! ", "[[ {} -eq ", "[[ ( ", "[[ a || ");
		word(source, depth);
		put(source, " ]] && p {}");
		break;
	case 7:
		put(source, "x=");
		word(source, depth);
		ONE_OF(source, "; p \"$x\"", "\np \"$x\" {}", " p a");
		break;
	default:
		ONE_OF(source, "x=", "x+=", "a=(", "((",
			"PS4=", "RANDOM=", "declare -i x; x=", "x=a:");
		word(source, depth);
		ONE_OF(source, "", ")", "))", "; p \"$x\"", "; p \"$x\" {}");
	}
}

static void command(struct source *source, unsigned depth) {
	if (depth < MOST_DEPTH && pick(source, 3) == 0) {
		compound(source, depth);
	} else {
		simple(source, depth);
	}
}

static void list(struct source *source, unsigned depth) {
	command(source, depth);
	for (unsigned i = pick(source, depth > 0 ? 2 : 4); i > 0; i--) {
		ONE_OF(source, "; ", "\n", " && ", " || ", "\n", ";", " | ", "|");
		command(source, depth);
	}
}

// Takes a byte away or puts one in: scripts that a grammar would not have.
static void spoil(struct source *source) {
	struct buf spoilt = {0};
	for (size_t i = 0; i < source->text.len; i++) {
		unsigned luck = pick(source, 60);
		if (luck == 0) {
			continue;
		}
		assert_int_equal(buf_putc(&spoilt, source->text.data[i]), 0);
		if (luck == 1) {
			assert_int_equal(
				buf_putc(&spoilt, "'\"\\`$(){};#&|<> \n=["[pick(source, 18)]), 0);
		}
	}
	buf_clear(&source->text);
	source->text = spoilt;
}

struct tally {
	unsigned long scripts, accepted, runs;
};

// It prints the same each time: nothing runs in the background ("&>" does in dash), no pid is
// shown.
static bool is_steady(const char *text) {
	for (const char *at = text; (at = strchr(at, '&')); at++) {
		bool pair = at[1] == '&';
		if (!pair && (at == text || !strchr("<>;", at[-1]))) {
			return false;
		}
		at += pair;
	}
	return !strstr(text, "$$") && !strstr(text, "$!");
}

static void random_scripts_see_the_bytes_or_are_refused(void **state) {
	(void)state;
	static const char *const shells[] = {"/bin/sh", "/bin/bash"};
	const char *only = getenv("SPOOL_TEST_SEED"), *longer = getenv("SPOOL_TEST_LONG");
	unsigned long first = only ? strtoul(only, NULL, 0) : 1;
	unsigned long last = only ? first : longer && *longer ? SCRIPTS_LONG : SCRIPTS;
	const struct folder folder = folder_new();
	struct tally tally = {0};
	for (unsigned long seed = first; seed <= last; seed++) {
		struct source source = {.state = seed * 7919};
		list(&source, 0);
		if (pick(&source, 3) == 0) {
			spoil(&source);
		}
		buf_append(&source.text, "", 1);
		struct script script = script_of(source.text.data);
		script.number = seed;
		tally.scripts++;
		if (is_steady(source.text.data) && script.n > 0 && script.n < SCRIPT_MOST_MARKS &&
			!script.refused) {
			tally.accepted++;
			for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
				for (int k = 0; k < 2; k++) {
					unsigned value = pick(
						&source, sizeof values / sizeof *values);
					script_check(&script, &folder, shells[i], values[value]);
					tally.runs++;
				}
			}
		}
		buf_clear(&source.text);
	}
	folder_remove(&folder);
	print_message("# %lu scripts, %lu accepted, %lu runs\n", tally.scripts, tally.accepted,
		tally.runs);
}

// ---- Programs that run text

static const char *const attacks[] = {"$(touch pwned)", "; touch pwned; ", "'; touch pwned; '",
	"\"; touch pwned; \"", "a[$(touch pwned)]", "touch pwned", "`touch pwned`", "-c", "-e",
	"system(\"touch pwned\")", "\"; system(\"touch pwned\"); \"",
	"__import__('os').system('touch pwned')", "BEGIN { system(\"touch pwned\") }"};

// A command of words that mean something to one program or another.
static void program(struct source *source) {
	ONE_OF(source, "", "", "command ", "exec ", "x=1 ", "env ", "nice -n 1 ", "timeout 9 ",
		"</dev/null ", "find . -prune -exec ", "echo a | xargs ", "! ", "2>/dev/null ",
		"\\", "stdbuf -oL ");
	ONE_OF(source, "sh", "bash", "dash", "/bin/sh", "$SHELL", "awk", "perl", "python3", "eval",
		"trap", "printf", "read", "export", "unset", "declare", "[", "test", "env", "x={};",
		"flock f", "let", "b\\ash", "'sh'", "\"bash\"", "command", "[[", "wait", "local",
		"alias", "zsh", "mawk");
	for (unsigned i = 1 + pick(source, 5); i > 0; i--) {
		put(source, " ");
		ONE_OF(source, "{}", "{}", "\"{}\"", "'{}'", "'echo {}'", "\"echo {}\"",
			"\"echo '{}'\"", "'echo \"$1\"'", "sh", "-c", "-ec", "-o pipefail", "-o",
			"-e", "--", "-", "x", "x={}", "'print {}'", "'BEGIN { print {} }'", "-v",
			"x=1", "-ne", "-S", "-i", "-n", "-x", "EXIT", "-eq", "1", "-F", "-f", "-W",
			"+o", "-Oc", "-s", "+c", "-p", "-l", "x[{}]=1", "$x", "'echo {}; echo'",
			"-E", "bash", "--rcfile", "--norc", "--x={}", "-c{}", "]]", "]", "''");
	}
	ONE_OF(source, "", "", " \\;", " EXIT", " ]", " ]]", "; {}", " >/dev/null");
}

static void no_value_is_run_by_a_program(void **state) {
	(void)state;
	const char *only = getenv("SPOOL_TEST_SEED"), *longer = getenv("SPOOL_TEST_LONG");
	unsigned long first = only ? strtoul(only, NULL, 0) : 1;
	unsigned long last = only ? first : longer && *longer ? SCRIPTS_LONG : SCRIPTS;
	const struct folder folder = folder_new();
	struct tally tally = {0};
	for (unsigned long seed = first; seed <= last; seed++) {
		struct source source = {.state = seed * 104729};
		program(&source);
		buf_append(&source.text, "", 1);
		struct script script = script_of(source.text.data);
		tally.scripts++;
		if (script.n > 0 && !script.refused) {
			tally.accepted++;
			char *text = script_prepared(&script, NULL);
			for (int k = 0; k < 2; k++) {
				const char *value =
					attacks[pick(&source, sizeof attacks / sizeof *attacks)];
				const char *shell = pick(&source, 2) ? "/bin/sh" : "/bin/bash";
				free(script_run(shell, folder.path, text, value));
				if (access(in_folder(&folder, "pwned"), F_OK) == 0) {
					fail_msg("SPOOL_TEST_SEED=%lu: %s ran <%s>:\n%s", seed,
						shell, value, source.text.data);
				}
				tally.runs++;
			}
			free(text);
		}
		buf_clear(&source.text);
	}
	folder_remove(&folder);
	print_message("# %lu commands, %lu accepted, %lu runs\n", tally.scripts, tally.accepted,
		tally.runs);
}

int main(void) {
	setenv("SHELL", "/bin/bash", 1);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_scripts_see_the_bytes_or_are_refused),
		cmocka_unit_test(no_value_is_run_by_a_program),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
