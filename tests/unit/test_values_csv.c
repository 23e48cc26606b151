// SPDX-License-Identifier: MIT
// How a record is cut into columns: by a separator, and as CSV.
#include "as_found.h"
#include "folder.h"
#include "valued.h"

struct cut {
	const char *colsep, *text, *row;
};

static void expect_cuts(const struct cut *cuts, size_t n, bool csv) {
	for (size_t i = 0; i < n; i++) {
		struct values_options options = OPTIONS(WORDS(cuts[i].text));
		options.colsep = cuts[i].colsep;
		options.csv = csv;
		EXPECT_ROWS(&options, cuts[i].row);
	}
}

static void test_one_character_separates_and_stands_for_itself(void **state) {
	(void)state;
	static const struct cut cuts[] = {
		{",", "a,b", "[a][b]\n"},
		{",", "a", "[a]\n"},
		{",", "", "[]\n"},
		// As GNU parallel does, but for the blanks.
		{",", "a,b,", "[a][b][]\n"},
		{",", "a,,c", "[a][][c]\n"},
		{",", ",,,", "[][][][]\n"},
		{",", "a , b", "[a ][ b]\n"},
		{".", "a.b|c", "[a][b|c]\n"},
		{"|", "a.b|c", "[a.b][c]\n"},
		{"\\|", "a.b|c", "[a.b][c]\n"},
		{"\\.", "a.b|c", "[a][b|c]\n"},
		{"*", "a*b", "[a][b]\n"},
		{"[", "a[b", "[a][b]\n"},
		{"\\", "a\\b", "[a][b]\n"},
		{"\\t", "a\tb t", "[a][b t]\n"},
		{"\t", "a\tb t", "[a][b t]\n"},
		{"\\n", "a\nb", "[a][b]\n"},
		{"\xff", "a\xff\xfe", "[a][\xfe]\n"},
	};
	expect_cuts(cuts, sizeof cuts / sizeof *cuts, false);
}

static void test_an_expression_separates(void **state) {
	(void)state;
	static const struct cut cuts[] = {
		{", *", "a,  b,c", "[a][b][c]\n"},
		{", *", ",a, ", "[][a][]\n"},
		{"[ \\t]+", "a \t b\tc", "[a][b][c]\n"},
		{"\\s+", "a \t b\tc", "[a][b][c]\n"},
		{" - | = ", "a - b = c", "[a][b][c]\n"},
		{"a|aa", "baac", "[b][c]\n"},
		{"::", "a:::b", "[a][:b]\n"},
		{"(,)(;)?", "a,;b,c", "[a][b][c]\n"},
		{"^a", "aab", "[][ab]\n"},
		{",$", "a,b,", "[a,b][]\n"},
		{",$", ",b", "[,b]\n"},
		{"\\\\t", "a\\tb\tc", "[a][b\tc]\n"},
		{"[\\]x", "a\\xb", "[a][b]\n"},
		{"::", "", "[]\n"},
		{"\\<b", "ab b", "[ab ][]\n"},
		// Where it matches nothing it separates nothing.
		{"\\<|,", "ab,c", "[ab][c]\n"},
		// Characters, not bytes, where it has some.
		{"[äö]", "aäbößc", "[a][b][ßc]\n"},
		{"[äö]", "a\xc3,ö\xff", "[a\xc3,][\xff]\n"},
		{"→", "a→b", "[a][b]\n"},
	};
	expect_cuts(cuts, sizeof cuts / sizeof *cuts, false);
}

static void test_a_separator_sees_behind_a_nul(void **state) {
	(void)state;
	struct folder folder = folder_new();
	const char *path = in_folder(&folder, "l");
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite("a\0b::c\n\0::\0\n::", 1, 13, file), 13);
	assert_int_equal(fclose(file), 0);
	struct values_options options = OPTIONS(FILE_(path));
	options.colsep = "::";
	EXPECT_ROWS(&options, "[a\\0b][c]\n[\\0][\\0]\n[:]\n");
	options.colsep = ":";
	EXPECT_ROWS(&options, "[a\\0b][][c]\n[\\0][][\\0]\n[][]\n");
	folder_remove(&folder);
}

static void test_what_is_no_separator_is_refused(void **state) {
	(void)state;
	struct values_options options = OPTIONS(WORDS("a"));
	options.colsep = "a(";
	EXPECT_REFUSED(
		&options, "the column separator 'a(' is no regular expression: Unmatched ( or \\(");
	options.colsep = "[é";
	EXPECT_REFUSED(&options, "the column separator '[é' is no regular expression: Unmatched [, "
				 "[^, [:, [., or [=");
	static const char *const empty[] = {"", "x*", "a||b", "^", "(ä)?"};
	for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
		char expected[100];
		options.colsep = empty[i];
		snprintf(expected, sizeof expected,
			"the column separator '%s' matches where there is nothing, too", empty[i]);
		if (empty[i][0] == '^') {
			EXPECT_ROWS(&options, "[a]\n"); // a single character
		} else {
			EXPECT_REFUSED(&options, expected);
		}
	}
	options.csv = true;
	options.colsep = ";;";
	EXPECT_REFUSED(&options, "the separator of CSV is one character");
	options.colsep = "\"";
	EXPECT_REFUSED(
		&options, "the separator of CSV is neither a double quote nor what ends a record");
	options.colsep = "\\n";
	EXPECT_REFUSED(
		&options, "the separator of CSV is neither a double quote nor what ends a record");
}

static void test_a_word_is_a_record_of_csv(void **state) {
	(void)state;
	static const struct cut cuts[] = {
		{NULL, "a,\"b,c\"", "[a][b,c]\n"},
		{NULL, "", "[]\n"},
		{NULL, ",", "[][]\n"},
		{NULL, "\"\"", "[]\n"},
		{NULL, "\"\",\"\"", "[][]\n"},
		{NULL, "\"a\"\"b\"", "[a\"b]\n"},
		{NULL, "\"\"\"\"", "[\"]\n"},
		{NULL, "a\"b,c\"", "[a\"b][c\"]\n"},
		{NULL, "a, \"b\"", "[a][ \"b\"]\n"},
		{NULL, "\"a\"x,b", "[ax][b]\n"},
		{NULL, "\"a\"x\",b", "[ax\"][b]\n"},
		{NULL, "\"a\nb\",c", "[a\nb][c]\n"},
		{NULL, "a\nb,c\n", "[a\nb][c\n]\n"},
		{NULL, "a\r\n", "[a\r\n]\n"},
		{";", "a;\"b;c\",d", "[a][b;c,d]\n"},
		{"\\t", "a,b\tc", "[a,b][c]\n"},
		{"|", "a|b", "[a][b]\n"},
		{NULL, "\"open", "failed: value 1: a quote that is never closed"},
		{NULL, "\"a\nb\",\"c\n", "failed: value 1: a quote that is never closed"},
	};
	expect_cuts(cuts, sizeof cuts / sizeof *cuts, true);
}

static void test_a_file_of_csv(void **state) {
	(void)state;
	struct folder folder = folder_new();
	struct values_options options = OPTIONS(FILE_(in_folder(&folder, "c")));
	options.csv = true;
	static const struct {
		const char *text, *rows;
	} cases[] = {
		{"", ""},
		{"\n", "[]\n"},
		{"\r\n", "[]\n"},
		{"a,b\n\n1,2\n", "[a][b]\n[]\n[1][2]\n"},
		{"a,b\r\n1,2\r\n", "[a][b]\n[1][2]\n"},
		{"a,b", "[a][b]\n"},
		{"a,", "[a][]\n"},
		{"a,\n", "[a][]\n"},
		{"a,\r\n", "[a][]\n"},
		{"\"a\nb\",c\n\"d\r\ne\"\r\n\"x\"", "[a\nb][c]\n[d\r\ne]\n[x]\n"},
		{"a\rb,c\r", "[a\rb][c\r]\n"},
		{"\"a\r\"\nb\r\r\n\"\r\"x\r\n", "[a\r]\n[b\r]\n[\rx]\n"},
		{"\"\"\n\"\"\r\n\"\"", "[]\n[]\n[]\n"},
		{"\"2\"\"x4\"\" plank\",12.34\n", "[2\"x4\" plank][12.34]\n"},
		{"\xef\xbb\xbf\"a,b\",c\n\xef\xbb\xbf", "[a,b][c]\n[\xef\xbb\xbf]\n"},
		{"\xef\xbb\xbf", ""},
		{"\xef\xbb", "[\xef\xbb]\n"},
		{"\xef\n", "[\xef]\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		folder_file(&folder, "c", 0600, cases[i].text);
		EXPECT_ROWS(&options, cases[i].rows);
	}
	folder_file(&folder, "c", 0600, "\xef\xbb\xbf\"n 1\",m\r\n1,2\r\n");
	options.header = true;
	struct values *values = values_of(&options);
	const char *const *names;
	assert_int_equal(values_names(values, &names), 2);
	assert_string_equal(names[0], "n 1");
	assert_string_equal(names[1], "m");
	EXPECT_NOW(values, "[1][2]\n");
	values_close(values);
	folder_remove(&folder);
}

static void test_records_of_csv_may_end_otherwise(void **state) {
	(void)state;
	struct folder folder = folder_new();
	const char *path = in_folder(&folder, "c");
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite("a\r\n,b\0\"\0\",c\r\0", 1, 13, file), 13);
	assert_int_equal(fclose(file), 0);
	struct values_options options = OPTIONS(FILE_(path));
	options.csv = true;
	options.delimiter = '\0';
	EXPECT_ROWS(&options, "[a\r\n][b]\n[\\0][c\r]\n");
	options.delimiter = '\n';
	EXPECT_ROWS(&options, "[a]\n[][b\\0\"\\0\"][c\r\\0]\n");
	folder_remove(&folder);
}

static void test_a_quote_that_is_not_closed_is_shown(void **state) {
	(void)state;
	struct folder folder = folder_new();
	const char *path = in_folder(&folder, "c");
	struct values_options options = OPTIONS(FILE_(path));
	options.csv = true;
	static const struct {
		const char *text, *rows, *place;
	} cases[] = {
		{"\"", "", "1:1"},
		{"\"a\n\nb", "", "1:1"},
		{"a,b\nc,\"d\n", "[a][b]\n", "2:3"},
		{"a,\"b\nc\nd\",e,\"\"\"f", "", "3:6"},
		{"\"\"\"\",\"b\",\"c", "", "1:10"},
		{"\"x\n\"\"ä\",ö,\"c\n\nx", "", "2:8"},
		{"a\n\"b\nc\"\r\n\xef\xbb\xbf,ß\xff,\"", "[a]\n[b\nc]\n", "4:6"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char expected[200];
		folder_file(&folder, "c", 0600, cases[i].text);
		snprintf(expected, sizeof expected, "%sfailed: %s:%s: a quote that is never closed",
			cases[i].rows, path, cases[i].place);
		EXPECT_ROWS(&options, expected);
	}
	folder_file(&folder, "c", 0600, "a,\"b\nc");
	options.header = true;
	char place[200];
	snprintf(place, sizeof place, "%s:1:3: a quote that is never closed", path);
	EXPECT_REFUSED(&options, place);
	folder_remove(&folder);
}

// Columns of each source, the names of all.
static void test_sources_have_columns_of_their_own(void **state) {
	(void)state;
	struct values_options options = OPTIONS(
		WORDS("A-B", "C-D"), WORDS("e-f", "g-h-i"), LINKED_WORDS("", "-"));
	options.colsep = "-";
	EXPECT_ROWS(&options,
		"[A][B][e][f][]\n[A][B][g][h][i][][]\n[C][D][e][f][]\n[C][D][g][h][i][][]\n");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(test_one_character_separates_and_stands_for_itself),
		TEST(test_an_expression_separates),
		TEST(test_a_separator_sees_behind_a_nul),
		TEST(test_what_is_no_separator_is_refused),
		TEST(test_a_word_is_a_record_of_csv),
		TEST(test_a_file_of_csv),
		TEST(test_records_of_csv_may_end_otherwise),
		TEST(test_a_quote_that_is_not_closed_is_shown),
		TEST(test_sources_have_columns_of_their_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
