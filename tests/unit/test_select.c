// SPDX-License-Identifier: MIT
// Which jobs of a file the command line takes, and what their tags are. Each case is three lists of
// words and the names of the jobs that they leave.
#include "base/buf.h"
#include "plan/matching.h"
#include "plan/plan.h"

#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "cost.h"
#include "probe.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct plan_options plain = {.cpus = 3};

// Each word ends with a bar.
enum { MOST_WORDS = 16 };
struct words {
	char *text;
	const char *items[MOST_WORDS];
	size_t n;
};

static struct plan_words split(struct words *words, const char *text) {
	*words = (struct words){.text = strdup(text)};
	assert_non_null(words->text);
	char *rest = words->text;
	for (char *word; (word = strsep(&rest, "|")) && rest;) {
		assert_true(words->n < MOST_WORDS);
		words->items[words->n++] = word;
	}
	return (struct plan_words){words->items, words->n};
}

struct example {
	const char *jobs, *only, *skip;
	const char *taken; // names and what is wrong, one a line
};

static char *dump(const struct plan *plan, const struct problems *problems, bool tags) {
	struct buf buf = {0};
	for (size_t i = 0; i < plan->n_jobs; i++) {
		buf_puts(&buf, plan->jobs[i].name);
		for (const char *const *tag = plan->jobs[i].tags; tags && tag && *tag; tag++) {
			buf_printf(&buf, " #%s", *tag);
		}
		buf_putc(&buf, '\n');
	}
	for (size_t i = 0; i < problems->n; i++) {
		const struct problem *problem = &problems->items[i];
		buf_puts(&buf, "! ");
		if (problem->at.line) {
			buf_printf(&buf, "%u:%u: ", problem->at.line, problem->at.col);
		}
		buf_printf(&buf, "%s\n", problem->message);
		if (problem->hint) {
			buf_printf(&buf, "? %s\n", problem->hint);
		}
	}
	char *text = buf_take(&buf);
	assert_non_null(text);
	return text;
}

static void assert_plan(
	const char *yaml, const struct plan_options *options, bool tags, const char *expected) {
	struct problems problems = {0};
	bool unreadable;
	struct spec *spec = spec_parse("jobs.yaml", yaml, strlen(yaml), &problems, &unreadable);
	assert_false(unreadable);
	struct plan *plan = plan_make(spec, options, &problems);
	problems_sort(&problems);
	char *text = dump(plan, &problems, tags);
	assert_string_equal(text, expected);
	free(text);
	spec_free(spec);
}

static void assert_taken(const char *yaml, const struct example *examples, size_t n) {
	for (size_t i = 0; i < n; i++) {
		struct words jobs, only, skip;
		struct plan_options options = plain;
		options.jobs = split(&jobs, examples[i].jobs);
		options.only = split(&only, examples[i].only);
		options.skip = split(&skip, examples[i].skip);
		assert_plan(yaml, &options, false, examples[i].taken);
		free(jobs.text);
		free(only.text);
		free(skip.text);
	}
}

static const char file[] =
	"jobs:\n"
	"- {name: build, matrix: {os: [linux, bsd], v: [1, 2]}, args: [a]}\n"
	"- {name: 'test-${{ n }}', matrix: {n: [x, y]}, args: [a], tags: [slow, '${{ n }}']}\n"
	"- {name: lint, args: [a], tags: [quick]}\n"
	"- {name: grün/é, args: [a], tags: [slow]}\n";

// matching_text, which is fnmatch but for characters of more than one byte.
static void globs_are_those_of_fnmatch(void **state) {
	(void)state;
	static const char *const globs[] = {"", "*", "?", "a", "a*", "*a", "*a*", "**", "a?c", "*?",
		"?*?", "*ab*ab*", "a*b*c", "[abc]", "[!abc]", "[^a]", "[a-c]b*", "[]]", "[]a]*",
		"[!]a]", "[", "[a", "a[", "*[", "[[:alpha:]]*", "*[[:digit:]]", "\\*", "\\a*",
		"a\\", "[\\]]*", "[[.a.]]b", "*]*"};
	static const char *const texts[] = {"", "a", "b", "ab", "abc", "aab", "abab", "xabyabz",
		"a*", "*", "]", "]a", "[", "[a", "a[", "1", "a1", "\\", "a\\", "-", "a/b", ".a"};
	struct matching matching;
	matching_begin(&matching);
	for (size_t i = 0; i < sizeof globs / sizeof *globs; i++) {
		for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
			bool as_fnmatch = fnmatch(globs[i], texts[k], 0) == 0;
			if (matching_text(globs[i], texts[k]) != as_fnmatch) {
				fail_msg("%s is held against %s", globs[i], texts[k]);
			}
		}
	}
	assert_true(matching_text("?? ?", "aü x"));
	assert_false(matching_text("?? ?", "ü x")); // of three characters in four bytes
	assert_false(matching_text("[!a][!a]", "ü"));
	assert_true(matching_text("[à-ý]?", "üx"));
	assert_true(matching_text("??", "\xff\xc3")); // what is no character counts as one
	matching_end(&matching);
}

static char *many(const char *start, const char *part, size_t n, const char *end) {
	struct buf buf = {0};
	buf_puts(&buf, start);
	for (size_t i = 0; i < n; i++) {
		buf_puts(&buf, part);
	}
	buf_puts(&buf, end);
	buf_putc(&buf, '\0');
	return buf_take(&buf);
}

// Brackets that are not closed, or far away, and a part behind a '*' that fits everywhere: the
// first asks for more steps than a computer has time for, when each looks at all of the rest.
static void long_globs_take_no_longer_than_their_length(void **state) {
	SKIP_UNDER("valgrind", "it takes long there, and the other builds look at it");
	(void)state;
	enum { LONG = 20000 }; // a tool may look at all of a text at each step
	struct matching matching;
	matching_begin(&matching);
	char *text = many("", "[", LONG, ""), *open = many("*", "[", LONG / 2, "");
	char *far = many("*", "[[:", LONG / 2, "]"), *close = many("*", "[]", LONG / 2, "");
	assert_true(matching_text(open, text));
	assert_false(matching_text(far, text));
	assert_true(matching_text(close, text)); // [][] is a ']' or a '['
	free(text);
	free(open);
	free(far);
	free(close);
	matching_end(&matching);
}

static void a_word_is_a_name_the_name_of_a_matrix_or_a_glob(void **state) {
	(void)state;
	static const struct example examples[] = {
		{"", "", "",
			"build (linux, 1)\nbuild (linux, 2)\nbuild (bsd, 1)\nbuild (bsd, 2)\n"
			"test-x\ntest-y\nlint\ngrün/é\n"},
		{"lint|build (bsd, 1)|lint|", "", "", "build (bsd, 1)\nlint\n"},
		{"build|", "", "",
			"build (linux, 1)\nbuild (linux, 2)\nbuild (bsd, 1)\nbuild (bsd, 2)\n"},
		{"*bsd*|test-?|", "", "", "build (bsd, 1)\nbuild (bsd, 2)\ntest-x\ntest-y\n"},
		{"test-[!x]|", "", "", "test-y\n"},
		// A glob means the name of a matrix too: nothing else here has five characters.
		{"?????|", "", "",
			"build (linux, 1)\nbuild (linux, 2)\nbuild (bsd, 1)\nbuild (bsd, 2)\n"},
		// Characters are counted, not bytes, and a slash is one like any other.
		{"gr?n??|", "", "", "grün/é\n"},
		{"g*|", "", "", "grün/é\n"},
		{"gr[!a]n[^a]*|", "", "", "grün/é\n"},
		{"gr[[:alpha:]]n*[é]|", "", "", "grün/é\n"},
		{"\\g*|", "", "", "grün/é\n"},
		{"", "lint|test-x|", "", "test-x\nlint\n"},
		{"", "", "build|grün/é|", "test-x\ntest-y\nlint\n"},
		{"", "tag:slow|", "", "test-x\ntest-y\ngrün/é\n"},
		{"", "tag:quick|tag:y|", "", "test-y\nlint\n"},
		{"", "tag:slow|", "tag:x|gr*|", "test-y\n"},
		{"", "", "tag:slow|build|", "lint\n"},
		// --only narrows what is named, --skip goes before both.
		{"test-*|lint|", "tag:slow|", "", "test-x\ntest-y\n"},
		{"lint|test-x|", "lint|test-*|", "lint|", "test-x\n"},
	};
	assert_taken(file, examples, COUNT(examples));
}

static void an_exact_name_goes_before_all_else(void **state) {
	(void)state;
	static const char yaml[] =
		"jobs:\n"
		"- {name: a*, args: [a]}\n- {name: abc, args: [a]}\n- {name: '[ab]', args: [a]}\n"
		"- {name: a, args: [a]}\n- {name: m, matrix: {n: [1, 2]}, args: [a]}\n"
		"- {name: m, args: [a]}\n- {name: 'm (?)', args: [a]}\n"
		"- {name: 'tag:t', args: [a]}\n- {name: 'x\\y', args: [a], tags: [t]}\n";
	static const struct example examples[] = {
		{"a*|", "", "", "a*\n"},
		{"[ab]|", "", "", "[ab]\n"},
		{"m|", "", "", "m\n"},
		{"m (?)|", "", "", "m (?)\n"},
		{"m*|", "", "", "m (1)\nm (2)\nm\nm (?)\n"},
		{"ab*|", "", "", "abc\n"},
		{"", "a*|", "", "a*\n"},
		{"", "a*|m|[ab]|", "a*|", "[ab]\nm\n"},
		{"x\\y|", "", "", "x\\y\n"},
		{"m [(]?)|", "", "", "m (1)\nm (2)\nm (?)\n"},
		// The operands know no tags, and the options no job of such a name.
		{"tag:t|", "", "", "tag:t\n"},
		{"", "tag:t|", "", "x\\y\n"},
		{"", "tag?t|", "", "tag:t\n"},
	};
	assert_taken(yaml, examples, COUNT(examples));
}

static void what_means_no_job_is_said_with_the_nearest(void **state) {
	(void)state;
	static const struct example examples[] = {
		{"lnit|", "", "", "! no job is named 'lnit'\n? did you mean 'lint'?\n"},
		{"buidl|", "", "", "! no job is named 'buidl'\n? did you mean 'build'?\n"},
		{"lint|zzzzzz|", "", "",
			"lint\n! no job is named 'zzzzzz'\n"
			"? the file has 8 jobs: 'build (linux, 1)', 'build (linux, 2)', "
			"'build (bsd, 1)', 'build (bsd, 2)', 'test-x', 'test-y', 'lint', "
			"'grün/é'\n"},
		{"tset-*|", "", "", "! no job's name matches 'tset-*'\n? did you mean 'test-x'?\n"},
		{"slow|", "", "",
			"! no job is named 'slow'\n? --only 'tag:slow' selects by a tag\n"},
		{"tag:slow|", "", "",
			"! no job is named 'tag:slow'\n? --only 'tag:slow' selects by a tag\n"},
		{"", "slow|", "", "! --only: no job is named 'slow'\n? did you mean 'tag:slow'?\n"},
		{"", "tag:slwo|", "",
			"! --only: no job has the tag 'slwo'\n? did you mean 'tag:slow'?\n"},
		{"", "lint|", "tag:zzzzzz|",
			"lint\n! --skip: no job has the tag 'zzzzzz'\n"
			"? the file has 4 tags: 'slow', 'x', 'y', 'quick'\n"},
		{"lint|", "build|", "",
			"! --only takes none of the jobs that are named\n"
			"? a job must be named and be one of --only\n"},
		{"lint|", "", "l*|", "! --skip 'l*' leaves no job to run\n"},
		{"", "", "tag:slow|*|", "! --skip leaves no job to run\n"},
		{"a|", "tag:b|", "c|",
			"! no job is named 'a'\n"
			"? the file has 8 jobs: 'build (linux, 1)', 'build (linux, 2)', "
			"'build (bsd, 1)', 'build (bsd, 2)', 'test-x', 'test-y', 'lint', 'grün/é'\n"
			"! --only: no job has the tag 'b'\n? did you mean 'tag:x'?\n"
			"! --skip: no job is named 'c'\n"
			"? the file has 8 jobs: 'build (linux, 1)', 'build (linux, 2)', "
			"'build (bsd, 1)', 'build (bsd, 2)', 'test-x', 'test-y', 'lint', "
			"'grün/é'\n"},
	};
	assert_taken(file, examples, COUNT(examples));
	static const struct example untagged[] = {
		{"", "tag:slow|", "",
			"! --only: no job has the tag 'slow'\n? no job of the file has tags\n"},
	};
	assert_taken("jobs: [{args: [a]}]", untagged, COUNT(untagged));
	// Another mistake goes first: with it not all names are known.
	static const struct example wrong[] = {
		{"y|", "", "",
			"! 1:37: two jobs are named 'x', the first at line 1:15\n"
			"? give one of them another name\n"},
	};
	assert_taken("jobs: [{name: x, args: [a]}, {name: x, args: [a]}]", wrong, COUNT(wrong));
}

static void tags_are_added_to_those_of_the_defaults(void **state) {
	(void)state;
	assert_plan("defaults: {tags: [ci, 'w${{ spool.workers }}']}\n"
		    "jobs:\n"
		    "- {name: none, args: [a]}\n"
		    "- {name: same, args: [a]}\n"
		    "- {name: empty, args: [a], tags: []}\n"
		    "- {name: own, args: [a], tags: [slow, ci, slow, 3.10, yes]}\n"
		    "- {name: m, matrix: {n: [1, 2]}, args: [a], tags: ['v${{ n }}', '${{ job.name "
		    "}}x']}\n",
		&plain, true,
		"none #ci #w3\nsame #ci #w3\nempty #ci #w3\nown #ci #w3 #slow #3.10 #yes\n"
		"m (1) #ci #w3 #v1\nm (2) #ci #w3 #v2\n"
		"! 7:65: a tag is one word: it holds no blank and no control character\n");
	assert_plan("defaults: {tags: ['${{ n }}', d]}\n"
		    "jobs: [{name: '${{ n }}', matrix: {n: [a, b]}, args: [a]}]\n",
		&plain, true, "a #a #d\nb #b #d\n");
	assert_plan("jobs: [{name: x, args: [a]}]", &plain, true, "x\n");
	assert_plan("jobs:\n- {name: x, args: [a], tags: ['', \"a\\tb\", '${{ spool.slot }}']}\n"
		    "- {name: y, matrix: {n: ['']}, args: [a], tags: ['${{ n }}']}\n",
		&plain, true,
		"x\ny ()\n! 2:31: a tag is empty\n"
		"! 2:35: a tag is one word: it holds no blank and no control character\n"
		"! 2:43: a tag cannot hold what is known only when the job starts\n"
		"! 3:50: a tag is empty\n");
	assert_plan("jobs:\n- {name: x, args: [a], tags: slow}\n", &plain, true,
		"x\n! 2:30: 'tags' must be a list, not a text\n? write tags: [slow, nightly]\n");
	assert_plan("jobs:\n- {name: x, args: [a], tags: [a, [b]]}\n", &plain, true,
		"x #a\n! 2:34: an entry of 'tags' must be a text, not a list\n"
		"? write tags: [slow, nightly]\n");
}

// A name is the one that the job has when all are run; the number of workers is that of this run.
static void selection_changes_no_name(void **state) {
	(void)state;
	static const char yaml[] = "workers: 0\njobs:\n"
				   "- {name: 'w${{ spool.workers }}', args: [a]}\n"
				   "- {name: b, args: [a], tags: ['of${{ spool.workers }}']}\n";
	static const struct example examples[] = {
		{"w2|", "", "", "w2\n"},
		{"", "tag:of2|", "", "b\n"},
		{"", "", "b|", "w2\n"},
	};
	assert_taken(yaml, examples, COUNT(examples));
}

enum { MANY_JOBS = 100000, MANY_WORDS = 1000 };

// Seconds for so many words, each the name of a job or, wrong, of none, among many jobs.
static double seconds_for(const struct buf *yaml, const char *format, bool wrong) {
	static const char *words[MANY_WORDS];
	struct arena *arena = arena_new();
	struct problems problems = {0};
	bool unreadable;
	for (int i = 0; i < MANY_WORDS; i++) {
		words[i] = arena_printf(arena, "%s%d%s", format, i * 97, wrong ? "-no" : "");
	}
	struct plan_options options = plain;
	options.only = (struct plan_words){words, MANY_WORDS};
	struct spec *spec = spec_parse("jobs.yaml", yaml->data, yaml->len, &problems, &unreadable);
	double before = cost_cpu();
	struct plan *plan = plan_make(spec, &options, &problems);
	double seconds = cost_cpu() - before;
	assert_int_equal(problems.n, wrong ? MANY_WORDS : 0);
	assert_int_equal(plan->n_jobs, wrong ? 0 : MANY_WORDS);
	assert_int_equal(plan->n_all, MANY_JOBS);
	spec_free(spec);
	arena_free(arena);
	return seconds;
}

// Tenths of a second are expected; a hundred million comparisons would be many seconds.
static void many_words_are_looked_up(void **state) {
	SKIP_UNDER("valgrind", "it takes long there, and the other builds look at it");
	(void)state;
	double most = cost_most();
	struct buf yaml = {0};
	buf_puts(&yaml, "jobs:\n");
	for (int i = 0; i < MANY_JOBS; i++) {
		buf_printf(&yaml, "- {name: job%d, args: [a], tags: [t%d]}\n", i, i);
	}
	assert_true(seconds_for(&yaml, "job", false) < most);
	assert_true(seconds_for(&yaml, "tag:t", false) < most);
	assert_true(seconds_for(&yaml, "job", true) < most);
	buf_clear(&yaml);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs_are_those_of_fnmatch),
		cmocka_unit_test(long_globs_take_no_longer_than_their_length),
		cmocka_unit_test(a_word_is_a_name_the_name_of_a_matrix_or_a_glob),
		cmocka_unit_test(an_exact_name_goes_before_all_else),
		cmocka_unit_test(what_means_no_job_is_said_with_the_nearest),
		cmocka_unit_test(tags_are_added_to_those_of_the_defaults),
		cmocka_unit_test(selection_changes_no_name),
		cmocka_unit_test(many_words_are_looked_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
