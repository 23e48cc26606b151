// SPDX-License-Identifier: MIT
// Placeholders against what GNU parallel 20221122 makes of them: all tables were printed by it
// (parallel -k -q printf '<%s>\n' '{//}' ::: ...), but for the lines that say so.
#include "plan/placeholder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mapped.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void parts_of_a_value(void **state) {
	(void)state;
	static const struct {
		const char *value, *stem, *base, *folder, *base_stem;
	} rows[] = {
		{"a/b.c/d", "a/b.c/d", "d", "a/b.c", "d"},
		{".bashrc", "", ".bashrc", ".", ""},
		{"x.", "x", "x.", ".", "x"},
		{"a/b/", "a/b/", "", "a", ""},
		{"a", "a", "a", ".", "a"},
		{"a.b.c", "a.b", "a.b.c", ".", "a.b"},
		{"/a.b/c.d", "/a.b/c", "c.d", "/a.b", "c"},
		{"/", "/", "", "/", ""},
		{"//", "//", "", "/", ""},
		{"/a", "/a", "a", "/", "a"},
		{"./a.", "./a", "a.", ".", "a"},
		{"a/.b", "a/", ".b", "a", ""},
		{"", "", "", ".", ""},
		{".", "", ".", ".", ""},
		{"..", ".", "..", ".", "."},
		{"...", "..", "...", ".", ".."},
		{"a..b", "a.", "a..b", ".", "a."},
		{"a//b", "a//b", "b", "a", "b"},
		{"//a", "//a", "a", "/", "a"},
		{"a.b/c", "a.b/c", "c", "a.b", "c"},
		{"a/b.c/", "a/b.c/", "", "a", ""},
		{"/.", "/", ".", "/", ""},
		{"b/.c.d", "b/.c", ".c.d", "b", ".c"},
		{"a/b.tar.gz", "a/b.tar", "b.tar.gz", "a", "b.tar"},
		{"a b/c d.e f", "a b/c d", "c d.e f", "a b", "c d"},
		// Ours: a newline is a character like others. (parallel takes the first line's
		// folder.)
		{"a/x\nb/c.d\n", "a/x\nb/c", "c.d\n", "a/x\nb", "c"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *expected[] = {[PART_WHOLE] = rows[i].value,
			[PART_STEM] = rows[i].stem,
			[PART_BASE] = rows[i].base,
			[PART_FOLDER] = rows[i].folder,
			[PART_BASE_STEM] = rows[i].base_stem};
		for (size_t part = 0; part < COUNT(expected); part++) {
			struct value value = {rows[i].value, strlen(rows[i].value)};
			value = placeholder_part((enum placeholder_part)part, value);
			char text[64] = "";
			memcpy(text, value.text, value.len);
			assert_string_equal(text, expected[part]);
		}
	}
}

static void what_is_in_a_word(void **state) {
	(void)state;
	static const struct {
		const char *word, *becomes;
	} rows[] = {
		{"{2}-{-1}-{2/.}-{3}", "c/d.e-c/d.e-d-"},
		{"{-2}-{1}{2}-{-1/}{-1//}{-1.}{-1/.}", "a-ac/d.e-d.ecc/dd"},
		{"x{3}y{9/}q{9//}p", "xyqp"},
		{"{01}{01/.}{-01//}{99999999999999999999}", "aac"},
		{"{{}}{{1}}", "{a c/d.e}{a}"},
		{"{{ }} { } {-} {--1} {+1}", "{{ }} { } {-} {--1} {+1}"},
		{"{1./}{1/./}{///}{..}{./}{##}", "{1./}{1/./}{///}{..}{./}{##}"},
		{"{#}{%}", "7<%>"},
		{"x{}y{.}{/}{//}{/.}", "xa c/d.eya c/da d.e. ca d"},
		// Ours: empty as {3} is; text.
		{"x{-3}{-99999999999999999999}", "x"},
		{"{0}{-0}{0.}", "{0}{-0}{0.}"},
		{"{1 }{=$_=}{", "{1 }{=$_=}{"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *expected;
		assert_true(asprintf(&expected, "[echo][%s][{a c/d.e}]", rows[i].becomes) > 0);
		assert_argv(&(struct mapping_options){COMMAND("echo", rows[i].word, "{{}}")},
			ROW("a", "c/d.e"), expected);
		free(expected);
	}
}

static void names_of_columns(void **state) {
	(void)state;
	static const struct {
		const char *names[3], *word, *becomes;
	} rows[] = {
		{{"x", "y z", "n"}, "{x}{x.}{x/}{x//}{x/.}", "a/b.ca/bb.cab"},
		{{"x", "y z", "n"}, "{y z}{y z.}", "c.dc"},
		{{"x", "y z", "n"}, "{y}{z}{X}{x }{}", "{y}{z}{X}{x }a/b.c c.d q"},
		// A name goes before a position and before all else, the first one of two that fit.
		{{"2", "1", "m"}, "{1}{2}{3}", "c.da/b.cq"},
		{{"x", "x.", "x"}, "{x}{x.}{x..}", "a/b.ca/bc"},
		{{".", "#", "m"}, "{.}{#}", "a/b.cc.d"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mapping_options options = {COMMAND("e", rows[i].word),
			.names = rows[i].names, .n_names = COUNT(rows[i].names)};
		char *expected;
		assert_true(asprintf(&expected, "[e][%s]", rows[i].becomes) > 0);
		assert_argv(&options, ROW("a/b.c", "c.d", "q"), expected);
		free(expected);
	}
}

static void another_text_for_the_value(void **state) {
	(void)state;
	static const struct {
		const char *replace, *word, *becomes;
	} rows[] = {
		{"@@", "{}@@{.}{1}@", "{}a.baa.b@"},
		{",", "{},{.}{1}", "{}a.baa.b"},
		{"x", "xxx", "a.ba.ba.b"},
		{"{x", "{x{x}", "a.ba.b}"},
		{"{.}", "{}{.}", "{}a.b"},
		{"{1}", "{}{1}", "{}a.b"},
		{"{}", "{}{.}", "a.ba"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mapping_options options = {
			COMMAND("e", rows[i].word), .replace = rows[i].replace};
		char *expected;
		assert_true(asprintf(&expected, "[e][%s]", rows[i].becomes) > 0);
		assert_argv(&options, ROW("a.b"), expected);
		free(expected);
	}
	assert_argv(&(struct mapping_options){COMMAND("e", "{}"), .replace = "@"}, ROW("a.b"),
		"[e][{}][a.b]");
}

static void a_value_is_not_looked_into(void **state) {
	(void)state;
	assert_argv(&(struct mapping_options){COMMAND("e", "{1}", "{2}", "x{1}{2}")},
		ROW("{2}", "{}${1}"), "[e][{2}][{}${1}][x{2}{}${1}]");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_of_a_value),
		cmocka_unit_test(what_is_in_a_word),
		cmocka_unit_test(names_of_columns),
		cmocka_unit_test(another_text_for_the_value),
		cmocka_unit_test(a_value_is_not_looked_into),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
