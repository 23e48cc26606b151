// SPDX-License-Identifier: MIT
// Files of NAME=value lines: what they mean, what is wrong in them, and what goes before what.
#include "base/arena.h"
#include "plan/env_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// A parsed file and what was wrong in it.
struct parsed {
	struct arena *arena;
	struct problems problems;
	struct env_file file;
};

static struct parsed parse(const char *text, size_t len) {
	struct parsed parsed = {.arena = arena_new()};
	parsed.problems.arena = parsed.arena;
	const struct env_source source = {parsed.arena, {3, 5}, &parsed.problems};
	// Memory of its own, so that a tool sees what is read behind its end.
	char *copy = malloc(len ? len : 1);
	memcpy(copy, text, len);
	parsed.file = env_file_parse("f", copy, len, &source);
	free(copy);
	return parsed;
}

static void test_what_a_line_means(void **state) {
	(void)state;
	static const struct {
		const char *text, *name, *value;
	} cases[] = {
		{"A=1", "A", "1"},
		{"A=1\n", "A", "1"},
		{"A=1\r\n", "A", "1"},
		{"A=", "A", ""},
		{"A=\"\"", "A", ""},
		{"_a1=x=y", "_a1", "x=y"},
		{" \tA = b c \t", "A", "b c"},
		{"export A=1", "A", "1"},
		{"export\tA=1", "A", "1"},
		{"export=1", "export", "1"},
		{"exportA=1", "exportA", "1"},
		{"A=\" b \"", "A", " b "},
		{"A=' b '  ", "A", " b "},
		{"A='\"'", "A", "\""},
		{"A=\"it's\"", "A", "it's"},
		{"A=b\"c\"", "A", "b\"c\""},
		{"A=\"\\n$B`c`\"", "A", "\\n$B`c`"},
		{"A=x # y", "A", "x # y"},
		{"A=#", "A", "#"},
		{"A=${{ n }}", "A", "${{ n }}"},
		{"A=\xff", "A", "\xff"},
		{"\xef\xbb\xbf"
		 "A=1",
			"A", "1"},
		{"# B=1\n\n  \n\t# C\n\r\nA=1\n\n", "A", "1"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct parsed parsed = parse(cases[i].text, strlen(cases[i].text));
		assert_int_equal(parsed.problems.n, 0);
		assert_int_equal(parsed.file.n, 1);
		assert_string_equal(parsed.file.lines[0].name, cases[i].name);
		assert_string_equal(parsed.file.lines[0].value.text, cases[i].value);
		arena_free(parsed.arena);
	}
}

static void test_what_is_refused(void **state) {
	(void)state;
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"A\n", "f:1: there is no '=' in the line"},
		{"\n\nexport A", "f:3: there is no '=' in the line"},
		{"=1", "f:1: '' is no name of a variable"},
		{"export =1", "f:1: '' is no name of a variable"},
		{"1A=1", "f:1: '1A' is no name of a variable"},
		{"A-B=1", "f:1: 'A-B' is no name of a variable"},
		{"A B=1", "f:1: 'A B' is no name of a variable"},
		{"\"A\"=1", "f:1: '\"A\"' is no name of a variable"},
		{"SPOOL_JOB=1", "f:1: 'SPOOL_JOB' cannot be given: SPOOL_ names are set by spool "
				"itself"},
		{"A=\"", "f:1: the quote is not closed on its line"},
		{"A='b\nc'", "f:1: the quote is not closed on its line"},
		{"A=\"b\" c", "f:1: the value goes on behind its closing quote"},
		{"A=\"b\" # c", "f:1: the value goes on behind its closing quote"},
		{"A='b''c'", "f:1: the value goes on behind its closing quote"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct parsed parsed = parse(cases[i].text, strlen(cases[i].text));
		assert_true(parsed.problems.n >= 1);
		assert_string_equal(parsed.problems.items[0].message, cases[i].message);
		assert_int_equal(parsed.problems.items[0].at.line, 3);
		assert_int_equal(parsed.file.n, 0);
		arena_free(parsed.arena);
	}
	struct parsed parsed = parse("A=1\nB=\0\nC=2", 11);
	assert_int_equal(parsed.problems.n, 1);
	assert_string_equal(
		parsed.problems.items[0].message, "f:2: there is a NUL byte in the line");
	assert_int_equal(parsed.file.n, 2);
	arena_free(parsed.arena);
}

static void test_an_empty_file_has_no_lines(void **state) {
	(void)state;
	static const char *const texts[] = {"", "\n", "\xef\xbb\xbf", "#", "\r\n"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct parsed parsed = parse(texts[i], strlen(texts[i]));
		assert_int_equal(parsed.problems.n, 0);
		assert_int_equal(parsed.file.n, 0);
		arena_free(parsed.arena);
	}
}

static void test_later_lines_and_files_go_before_and_env_before_all(void **state) {
	(void)state;
	static const char one[] = "A=1\nB=1\nC=1\nA=2\n", two[] = "B=3\nD=3\n";
	struct parsed first = parse(one, sizeof one - 1), second = parse(two, sizeof two - 1);
	const struct env_file *const files[] = {&first.file, &second.file};
	const struct piece text = {PIECE_TEXT, "env"};
	const struct plan_env env[] = {{"C", {&text, 1}, false}, {"D", {0}, true}};
	size_t n = 2;
	const struct plan_env *all = env_file_lay(files, 2, env, &n, first.arena);
	static const struct {
		const char *name, *value;
	} wanted[] = {{"A", "2"}, {"B", "3"}, {"C", "env"}, {"D", NULL}};
	assert_int_equal(n, 4);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(all[i].name, wanted[i].name);
		assert_int_equal(all[i].unset, !wanted[i].value);
		if (wanted[i].value) {
			assert_string_equal(all[i].value.pieces[0].text, wanted[i].value);
		}
	}
	arena_free(first.arena);
	arena_free(second.arena);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_line_means),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_an_empty_file_has_no_lines),
		cmocka_unit_test(test_later_lines_and_files_go_before_and_env_before_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
