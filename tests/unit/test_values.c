// SPDX-License-Identifier: MIT
// Where values come from: words and files by lines, several sources, headers, and what is said of
// what cannot be read. What GNU parallel does with the same sources was seen by running it.
#include "as_found.h"
#include "folder.h"
#include "valued.h"

static void test_a_word_is_a_value_and_nothing_in_it_is_special(void **state) {
	(void)state;
	EXPECT_ROWS(&OPTIONS(WORDS("a", "", " b ", "c\nd", "\xff")),
		"[a]\n[]\n[ b ]\n[c\nd]\n[\xff]\n");
	EXPECT_ROWS(&OPTIONS(NO_WORDS), "");
}

static void test_a_line_is_a_value_and_nothing_in_it_is_special(void **state) {
	(void)state;
	struct folder folder = folder_new();
	struct values_options options = OPTIONS(FILE_(in_folder(&folder, "l")));
	static const struct {
		const char *text, *rows;
	} cases[] = {
		{"", ""},
		{"\n", "[]\n"},
		{"a", "[a]\n"},
		{"a\n", "[a]\n"},
		{"a\n\nb", "[a]\n[]\n[b]\n"},
		{"a\n\n", "[a]\n[]\n"},
		{" it's \"q\"\t\n", "[ it's \"q\"\t]\n"},
		{"crlf\r\nend\r", "[crlf\r]\n[end\r]\n"},
		{"\xef\xbb\xbfmark\n", "[\xef\xbb\xbfmark]\n"},
		{"\xff\xc0\n", "[\xff\xc0]\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		folder_file(&folder, "l", 0600, cases[i].text);
		EXPECT_ROWS(&options, cases[i].rows);
	}
	folder_remove(&folder);
}

static void write_bytes(const char *path, const char *bytes, size_t n) {
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

static void test_a_nul_is_part_of_a_value_or_ends_it(void **state) {
	(void)state;
	struct folder folder = folder_new();
	const char *path = in_folder(&folder, "l");
	struct values_options options = OPTIONS(FILE_(path));
	write_bytes(path, "a\0b\nc\0\0d", 8);
	EXPECT_ROWS(&options, "[a\\0b]\n[c\\0\\0d]\n");
	// Also in what is kept.
	EXPECT_ROWS(&OPTIONS(WORDS("x"), FILE_(path)), "[x][a\\0b]\n[x][c\\0\\0d]\n");
	options.delimiter = '\0';
	EXPECT_ROWS(&options, "[a]\n[b\nc]\n[]\n[d]\n");
	options.delimiter = 'b';
	EXPECT_ROWS(&options, "[a\\0]\n[\nc\\0\\0d]\n");
	folder_remove(&folder);
}

static void test_of_several_sources_the_first_varies_slowest(void **state) {
	(void)state;
	struct folder folder = folder_new();
	const char *list = folder_file(&folder, "list", 0600, "1\n2\n");
	EXPECT_ROWS(&OPTIONS(WORDS("a", "b"), FILE_(list), WORDS("x", "y")),
		"[a][1][x]\n[a][1][y]\n[a][2][x]\n[a][2][y]\n"
		"[b][1][x]\n[b][1][y]\n[b][2][x]\n[b][2][y]\n");
	EXPECT_ROWS(&OPTIONS(FILE_(list), FILE_(list)), "[1][1]\n[1][2]\n[2][1]\n[2][2]\n");
	folder_remove(&folder);
}

static void test_a_source_without_records_leaves_no_combination(void **state) {
	(void)state;
	struct folder folder = folder_new();
	const char *none = folder_file(&folder, "none", 0600, "");
	EXPECT_ROWS(&OPTIONS(WORDS("a", "b"), FILE_(none)), "");
	EXPECT_ROWS(&OPTIONS(FILE_(none), WORDS("a", "b")), "");
	EXPECT_ROWS(&OPTIONS(WORDS("a"), WORDS("b"), LINKED_FILE(none), WORDS("c")), "");
	EXPECT_ROWS(&OPTIONS(WORDS("a"), NO_WORDS), "");
	folder_remove(&folder);
}

static void test_linked_sources_go_in_step_and_the_shortest_ends_them(void **state) {
	(void)state;
	struct folder folder = folder_new();
	const char *list = folder_file(&folder, "list", 0600, "1\n2\n3");
	EXPECT_ROWS(&OPTIONS(WORDS("a", "b", "c"), LINKED_FILE(list), WORDS("X", "Y"),
			    LINKED_WORDS("11", "22")),
		"[a][1][X][11]\n[a][1][Y][22]\n[b][2][X][11]\n[b][2][Y][22]\n"
		"[c][3][X][11]\n[c][3][Y][22]\n");
	EXPECT_ROWS(&OPTIONS(WORDS("a", "b", "c"), LINKED_WORDS("1", "2")), "[a][1]\n[b][2]\n");
	EXPECT_ROWS(&OPTIONS(WORDS("a", "b"), LINKED_WORDS("1", "2", "3")), "[a][1]\n[b][2]\n");
	EXPECT_ROWS(
		&OPTIONS(WORDS("a", "b", "c"), LINKED_WORDS("1", "2"), LINKED_WORDS("x", "y", "z")),
		"[a][1][x]\n[b][2][y]\n");
	EXPECT_ROWS(&OPTIONS(WORDS("a", "b"), WORDS("X", "Y", "Z"), LINKED_WORDS("11", "22")),
		"[a][X][11]\n[a][Y][22]\n[b][X][11]\n[b][Y][22]\n");
	EXPECT_ROWS(&OPTIONS(WORDS("a"), WORDS("X"), LINKED_FILE(list), LINKED_WORDS("u", "v")),
		"[a][X][1][u]\n");
	folder_remove(&folder);
}

// What is behind the end of the shortest is not even read.
static void test_a_linked_source_may_be_endless(void **state) {
	(void)state;
	struct values_options options = OPTIONS(
		WORDS("a"), WORDS("b", "c"), LINKED_FILE("/dev/zero"));
	options.delimiter = '\0';
	EXPECT_ROWS(&options, "[a][b][]\n[a][c][]\n");
	options = OPTIONS(WORDS("b", "c"), LINKED_FILE("/dev/zero"));
	options.delimiter = '\0';
	EXPECT_ROWS(&options, "[b][]\n[c][]\n");
}

static void expect_names(const struct values *values, const char *expected) {
	const char *const *names;
	struct buf shown = {0};
	size_t n = values_names(values, &names);
	for (size_t i = 0; i < n; i++) {
		buf_printf(&shown, "%s%s", i ? " " : "", names[i]);
	}
	char *text = buf_take(&shown);
	assert_string_equal(text, expected);
	free(text);
}

#define EXPECT_NAMED(options, names, rows)                 \
	do {                                               \
		struct values *named = values_of(options); \
		expect_names(named, names);                \
		EXPECT_NOW(named, rows);                   \
		expect_names(named, names);                \
		values_close(named);                       \
	} while (0)

static void test_the_first_record_of_each_source_names_its_columns(void **state) {
	(void)state;
	struct folder folder = folder_new();
	const char *one = folder_file(&folder, "one", 0600, "n\n1\n2\n");
	const char *two = folder_file(&folder, "two", 0600, "\xef\xbb\xbfm,o\nx,y\nz\n");
	const char *tabs = folder_file(&folder, "tabs", 0600, "a b\tc\n1 2\t3\n");
	struct values_options options = OPTIONS(FILE_(one), WORDS("m", "x", "y"));
	EXPECT_NAMED(&options, "",
		"[n][m]\n[n][x]\n[n][y]\n[1][m]\n[1][x]\n[1][y]\n[2][m]\n[2][x]\n[2][y]\n");
	options.header = true;
	EXPECT_NAMED(&options, "n m", "[1][x]\n[1][y]\n[2][x]\n[2][y]\n");
	options = OPTIONS(FILE_(one), FILE_(two));
	options.header = true;
	options.colsep = ",";
	EXPECT_NAMED(&options, "n m o", "[1][x][y]\n[1][z]\n[2][x][y]\n[2][z]\n");
	options = OPTIONS(WORDS("n", "1", "2"), LINKED_WORDS("m", "a", "b", "c"));
	options.header = true;
	EXPECT_NAMED(&options, "n m", "[1][a]\n[2][b]\n");
	options = OPTIONS(FILE_(tabs));
	EXPECT_NAMED(&options, "", "[a b\tc]\n[1 2\t3]\n");
	options.header = true;
	EXPECT_NAMED(&options, "a b c", "[1 2][3]\n");
	folder_remove(&folder);
}

static void test_a_header_may_be_all_or_missing(void **state) {
	(void)state;
	struct folder folder = folder_new();
	const char *only = folder_file(&folder, "only", 0600, "h");
	const char *none = folder_file(&folder, "none", 0600, "");
	struct values_options options = OPTIONS(FILE_(only));
	options.header = true;
	EXPECT_NAMED(&options, "h", "");
	options = OPTIONS(FILE_(none), WORDS("w", "1"));
	options.header = true;
	EXPECT_NAMED(&options, "w", "");
	folder_remove(&folder);
}

static void test_what_cannot_be_opened_is_named(void **state) {
	(void)state;
	struct folder folder = folder_new();
	const char *list = folder_file(&folder, "list", 0600, "a\n");
	EXPECT_REFUSED(&OPTIONS(FILE_("/nowhere/list")),
		"cannot read '/nowhere/list': No such file or directory");
	EXPECT_REFUSED(&OPTIONS(WORDS("a"), FILE_(list), LINKED_FILE("/tmp")),
		"cannot read '/tmp': Is a directory");
	EXPECT_REFUSED(&OPTIONS(FILE_("")), "cannot read '': No such file or directory");
	EXPECT_REFUSED(&OPTIONS(FILE_("-"), FILE_(list), FILE_("-")),
		"standard input can be read only once");
	struct values_options options = OPTIONS(FILE_("/nowhere"));
	options.header = true;
	EXPECT_REFUSED(&options, "cannot read '/nowhere': No such file or directory");
	folder_remove(&folder);
}

static void read_as_nobody(void) {
	struct folder folder = folder_new();
	const char *list = folder_file(&folder, "list", 0, "a\n");
	assert_int_equal(chown(folder.path, 65534, 65534), 0);
	struct values *values;
	char *problem;
	become_nobody();
	assert_int_equal(values_open(&values, &OPTIONS(FILE_(list)), &problem), -1);
	assert_non_null(strstr(problem, "/list': Permission denied"));
	free(problem);
	assert_int_equal(unlink(list), 0);
	// Its own folder is in root's /tmp, which is sticky.
	assert_int_equal(rmdir(folder.path), 0);
}

static void test_what_may_not_be_read_is_named(void **state) {
	(void)state;
	if (geteuid() != 0) {
		skip();
	}
	in_own_process(read_as_nobody);
}

static void test_what_cannot_be_read_later_is_named(void **state) {
	(void)state;
	// Nothing is mapped at its beginning.
	const char *problem = "failed: cannot read '/proc/self/mem': Input/output error";
	EXPECT_ROWS(&OPTIONS(FILE_("/proc/self/mem")), problem);
	EXPECT_ROWS(&OPTIONS(WORDS("a"), FILE_("/proc/self/mem")), problem);
	struct values_options options = OPTIONS(WORDS("h"), FILE_("/proc/self/mem"));
	options.header = true;
	EXPECT_REFUSED(&options, "cannot read '/proc/self/mem': Input/output error");
}

static void test_a_record_has_a_longest(void **state) {
	(void)state;
	struct folder folder = folder_new();
	const char *list = folder_file(&folder, "list", 0600, "1234\n12345\n1");
	struct values_options options = OPTIONS(FILE_(list));
	char expected[200];
	options.longest = 4;
	snprintf(expected, sizeof expected, "[1234]\nfailed: %s:2: longer than 4 bytes", list);
	EXPECT_ROWS(&options, expected);
	options.csv = true;
	EXPECT_ROWS(&options, expected);
	options.longest = 5;
	EXPECT_ROWS(&options, "[1234]\n[12345]\n[1]\n");
	options.csv = false;
	EXPECT_ROWS(&options, "[1234]\n[12345]\n[1]\n");
	// What never ends is not kept until memory does.
	struct values_options endless = OPTIONS(FILE_("/dev/zero"));
	endless.longest = 1000000;
	EXPECT_ROWS(&endless, "failed: /dev/zero:1: longer than 1000000 bytes");
	folder_remove(&folder);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(test_a_word_is_a_value_and_nothing_in_it_is_special),
		TEST(test_a_line_is_a_value_and_nothing_in_it_is_special),
		TEST(test_a_nul_is_part_of_a_value_or_ends_it),
		TEST(test_of_several_sources_the_first_varies_slowest),
		TEST(test_a_source_without_records_leaves_no_combination),
		TEST(test_linked_sources_go_in_step_and_the_shortest_ends_them),
		TEST(test_a_linked_source_may_be_endless),
		TEST(test_the_first_record_of_each_source_names_its_columns),
		TEST(test_a_header_may_be_all_or_missing),
		TEST(test_what_cannot_be_opened_is_named),
		TEST(test_what_may_not_be_read_is_named),
		TEST(test_what_cannot_be_read_later_is_named),
		TEST(test_a_record_has_a_longest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
