// SPDX-License-Identifier: MIT
// Values as they come: pipes, FIFOs and standard input, which are never waited for; and what it
// costs in memory.
#include "as_found.h"
#include "cost.h"
#include "folder.h"
#include "valued.h"

#include "base/fd.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { MIB = 1024 * 1024 };

static void put(int fd, const char *text) {
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

// The name by which this process can open a descriptor again.
static const char *name_of(int fd) {
	static char names[4][32];
	static int turn;
	char *name = names[turn++ % 4];
	snprintf(name, sizeof names[0], "/dev/fd/%d", fd);
	return name;
}

static bool is_readable(int fd) {
	return poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 0) > 0;
}

static void test_a_row_comes_as_soon_as_it_is_whole(void **state) {
	(void)state;
	int ends[2];
	assert_int_equal(fd_pipe(ends), 0);
	struct values *values = values_of(&OPTIONS(FILE_(name_of(ends[0]))));
	assert_int_equal(values_fd(values), -1);
	EXPECT_NOW(values, "wait");
	assert_false(is_readable(values_fd(values)));
	put(ends[1], "a\nb\nc");
	assert_true(is_readable(values_fd(values)));
	EXPECT_NOW(values, "[a]\n[b]\nwait");
	EXPECT_NOW(values, "wait");
	put(ends[1], "d");
	EXPECT_NOW(values, "wait");
	put(ends[1], "\n");
	EXPECT_NOW(values, "[cd]\nwait");
	put(ends[1], "\nlast");
	EXPECT_NOW(values, "[]\nwait");
	fd_close(&ends[1]);
	assert_true(is_readable(values_fd(values)));
	EXPECT_NOW(values, "[last]\n");
	values_close(values);
	fd_close(&ends[0]);
}

static void test_a_row_of_csv_comes_as_soon_as_it_is_whole(void **state) {
	(void)state;
	int ends[2];
	assert_int_equal(fd_pipe(ends), 0);
	struct values_options options = OPTIONS(FILE_(name_of(ends[0])));
	options.csv = true;
	struct values *values = values_of(&options);
	static const struct {
		const char *text, *rows;
	} steps[] = {
		{"\xef", "wait"},
		{"\xbb", "wait"},
		{"\xbf", "wait"},
		{"a,\"b", "wait"},
		{"\"", "wait"},
		{"\"c", "wait"},
		{"\n", "wait"},
		{"\"\r", "wait"},
		{"\n1,", "[a][b\"c\n]\nwait"},
		{"2\n\n", "[1][2]\n[]\nwait"},
		{"x,\"\"", "wait"},
	};
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		put(ends[1], steps[i].text);
		EXPECT_NOW(values, steps[i].rows);
	}
	fd_close(&ends[1]);
	EXPECT_NOW(values, "[x][]\n");
	values_close(values);
	fd_close(&ends[0]);
}

// Process substitution: <(echo a) may have ended before its pipe is opened by name.
static void test_a_pipe_whose_writer_has_gone_is_read_to_its_end(void **state) {
	(void)state;
	int ends[2];
	assert_int_equal(fd_pipe(ends), 0);
	put(ends[1], "a\nb");
	fd_close(&ends[1]);
	EXPECT_ROWS(&OPTIONS(FILE_(name_of(ends[0]))), "[a]\n[b]\n");
	EXPECT_ROWS(&OPTIONS(FILE_(name_of(ends[0]))), "");
	fd_close(&ends[0]);
}

static void test_a_fifo_waits_for_its_writer(void **state) {
	(void)state;
	struct folder folder = folder_new();
	const char *path = in_folder(&folder, "fifo");
	assert_int_equal(mkfifo(path, 0600), 0);
	struct values *values = values_of(&OPTIONS(FILE_(path)));
	EXPECT_NOW(values, "wait");
	// Nor is it readable, which would make a loop spin.
	assert_false(is_readable(values_fd(values)));
	int writer = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(writer >= 0);
	EXPECT_NOW(values, "wait");
	put(writer, "a\nb");
	EXPECT_NOW(values, "[a]\nwait");
	fd_close(&writer);
	assert_true(is_readable(values_fd(values)));
	EXPECT_NOW(values, "[b]\n");
	values_close(values);
	// A writer that says nothing is its end.
	values = values_of(&OPTIONS(FILE_(path)));
	EXPECT_NOW(values, "wait");
	writer = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(writer >= 0);
	fd_close(&writer);
	EXPECT_NOW(values, "");
	values_close(values);
	folder_remove(&folder);
}

static void test_each_source_is_waited_for_in_its_turn(void **state) {
	(void)state;
	int first[2], kept[2], linked[2];
	assert_int_equal(fd_pipe(first), 0);
	assert_int_equal(fd_pipe(kept), 0);
	assert_int_equal(fd_pipe(linked), 0);
	struct values *values = values_of(&OPTIONS(FILE_(name_of(first[0])),
		LINKED_FILE(name_of(linked[0])), WORDS("x"), LINKED_FILE(name_of(kept[0]))));
	put(first[1], "1\n2\n");
	// What is kept is read first, and only as far as it can be used.
	EXPECT_NOW(values, "wait");
	assert_false(is_readable(values_fd(values)));
	put(kept[1], "k\n");
	EXPECT_NOW(values, "wait");
	put(linked[1], "a\n");
	EXPECT_NOW(values, "[1][a][x][k]\nwait");
	put(linked[1], "b\nc\n");
	EXPECT_NOW(values, "[2][b][x][k]\nwait");
	fd_close(&first[1]);
	EXPECT_NOW(values, "");
	values_close(values);
	fd_close(&linked[1]);
	fd_close(&kept[1]);
	fd_close(&first[0]);
	fd_close(&linked[0]);
	fd_close(&kept[0]);
}

static void *write_header(void *arg) {
	int *fd = arg;
	for (const char *p = "n,m\n1,2\n"; *p; p++) {
		probe_rest();
		put(*fd, (char[]){*p, '\0'});
	}
	fd_close(fd);
	return NULL;
}

static void test_a_header_is_waited_for(void **state) {
	(void)state;
	int ends[2];
	pthread_t writer;
	const char *const *names;
	assert_int_equal(fd_pipe(ends), 0);
	struct values_options options = OPTIONS(FILE_(name_of(ends[0])));
	options.header = true;
	options.colsep = ",";
	assert_int_equal(pthread_create(&writer, NULL, write_header, &ends[1]), 0);
	struct values *values = values_of(&options);
	assert_int_equal(values_names(values, &names), 2);
	assert_string_equal(names[1], "m");
	assert_int_equal(pthread_join(writer, NULL), 0);
	EXPECT_NOW(values, "[1][2]\n");
	values_close(values);
	fd_close(&ends[0]);
}

// Standard input becomes a pipe, and is left as it was found.
static void read_standard_input(void) {
	const struct values_options by_lines = {.delimiter = '\n'};
	int ends[2];
	assert_int_equal(fd_pipe(ends), 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	int flags = fcntl(STDIN_FILENO, F_GETFL);
	struct values *values = values_of(&by_lines);
	EXPECT_NOW(values, "wait");
	assert_int_equal(values_fd(values), STDIN_FILENO);
	put(ends[1], "a\n");
	EXPECT_NOW(values, "[a]\nwait");
	assert_int_equal(fcntl(STDIN_FILENO, F_GETFL), flags);
	values_close(values);
	assert_int_equal(fcntl(STDIN_FILENO, F_GETFL), flags);
	// Somebody else has made it so.
	assert_int_equal(fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK), 0);
	values = values_of(&OPTIONS(WORDS("x", "y"), FILE_("-")));
	EXPECT_NOW(values, "wait");
	put(ends[1], "b\nc");
	EXPECT_NOW(values, "wait");
	fd_close(&ends[1]);
	EXPECT_NOW(values, "[x][b]\n[x][c]\n[y][b]\n[y][c]\n");
	values_close(values);
	fd_close(&ends[0]);
}

static void read_no_standard_input(void) {
	const struct values_options by_lines = {.delimiter = '\n'};
	assert_int_equal(close(STDIN_FILENO), 0);
	EXPECT_REFUSED(&by_lines, "cannot read standard input: Bad file descriptor");
	assert_int_equal(open("/dev/null", O_WRONLY | O_CLOEXEC), STDIN_FILENO);
	EXPECT_ROWS(&by_lines, "failed: cannot read standard input: Bad file descriptor");
	assert_int_equal(close(STDIN_FILENO), 0);
	assert_int_equal(open("/", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
	EXPECT_REFUSED(&by_lines, "cannot read standard input: Is a directory");
	// Files of ours take no place of 0, 1, 2.
	assert_int_equal(close(STDIN_FILENO), 0);
	struct values *values = values_of(&OPTIONS(FILE_("/dev/null")));
	assert_int_equal(fcntl(STDIN_FILENO, F_GETFD), -1);
	values_close(values);
}

static void read_wrong_csv_of_standard_input(void) {
	int ends[2];
	struct values_options options = {.delimiter = '\n', .csv = true};
	assert_int_equal(fd_pipe(ends), 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	put(ends[1], "a\nb,\"");
	fd_close(&ends[1]);
	EXPECT_ROWS(&options, "[a]\nfailed: standard input:2:3: a quote that is never closed");
}

// The other end of the socket goes with something unread in it.
static void read_broken_connection(void) {
	const struct values_options by_lines = {.delimiter = '\n'};
	int ends[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	struct values *values = values_of(&by_lines);
	EXPECT_NOW(values, "wait");
	put(ends[1], "a\n");
	put(ends[0], "unread");
	EXPECT_NOW(values, "[a]\nwait");
	fd_close(&ends[1]);
	EXPECT_NOW(values, "failed: cannot read standard input: Connection reset by peer");
	values_close(values);
	fd_close(&ends[0]);
}

static void test_standard_input(void **state) {
	(void)state;
	in_own_process(read_standard_input);
	in_own_process(read_no_standard_input);
	in_own_process(read_wrong_csv_of_standard_input);
	in_own_process(read_broken_connection);
}

enum { DESCRIPTORS = 1200 };

static void read_what_a_child_may_not_inherit(void) {
	bool before[DESCRIPTORS];
	int opened = 0;
	for (int fd = 0; fd < DESCRIPTORS; fd++) {
		before[fd] = fcntl(fd, F_GETFD) >= 0;
	}
	struct values *values = values_of(&OPTIONS(FILE_("/dev/null"), FILE_("/dev/zero")));
	for (int fd = 0; fd < DESCRIPTORS; fd++) {
		int flags = before[fd] ? -1 : fcntl(fd, F_GETFD);
		opened += flags >= 0;
		assert_true(flags < 0 || (flags & FD_CLOEXEC));
	}
	assert_int_equal(opened, 2);
	values_close(values);
}

static void test_descriptors_are_not_inherited(void **state) {
	(void)state;
	in_own_process(read_what_a_child_may_not_inherit);
}

// The file of n lines, each one its number.
static void write_numbers(const char *path, int n) {
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	for (int i = 0; i < n; i++) {
		fprintf(file, "%d,x\n", i);
	}
	assert_int_equal(fclose(file), 0);
}

static void expect_flat(struct values_options *options, int n, size_t columns) {
	struct row row;
	char expected[16];
	size_t after_some = 0;
	struct values *values = values_of(options);
	for (int i = 0; i < n; i++) {
		if (values_next(values, &row) != VALUES_ROW || row.n != columns) {
			fail_msg("row %d", i);
		}
		int len = snprintf(expected, sizeof expected, columns == 1 ? "%d,x" : "%d", i);
		if (row.values[0].len != (size_t)len || strcmp(row.values[0].text, expected) != 0) {
			fail_msg("row %d is %s", i, row.values[0].text);
		}
		after_some = i == 100 ? cost_memory() : after_some;
	}
	assert_int_equal(cost_memory(), after_some);
	assert_int_equal(values_next(values, &row), VALUES_END);
	values_close(values);
}

static void test_a_million_rows_cost_no_more_than_a_hundred(void **state) {
	(void)state;
	struct folder folder = folder_new();
	const char *path = in_folder(&folder, "l");
	int n = strcmp(probe_tool(), "valgrind") == 0 ? 50000 : 1000000;
	write_numbers(path, n);
	struct values_options options = OPTIONS(FILE_(path));
	expect_flat(&options, n, 1);
	options.csv = true;
	expect_flat(&options, n, 2);
	options.csv = false;
	options.colsep = ",";
	expect_flat(&options, n, 2);
	options = OPTIONS(FILE_(path), WORDS("k"));
	options.csv = true;
	expect_flat(&options, n, 3);
	folder_remove(&folder);
}

static void expect_large(struct values_options *options, size_t large) {
	struct row row;
	struct values *values = values_of(options);
	assert_int_equal(values_next(values, &row), VALUES_ROW);
	assert_int_equal(row.values[0].len, 5);
	size_t before = cost_memory();
	assert_int_equal(values_next(values, &row), VALUES_ROW);
	assert_int_equal(row.values[0].len, large);
	assert_int_equal(row.values[0].text[large], '\0');
	assert_int_equal(row.values[0].text[large - 1], 'x');
	for (int i = 0; i < 100000; i++) {
		assert_int_equal(values_next(values, &row), VALUES_ROW);
		assert_string_equal(row.values[0].text, "small");
	}
	// It is not paid for by all that follow.
	assert_true(cost_memory() < before + MIB);
	assert_int_equal(values_next(values, &row), VALUES_END);
	values_close(values);
}

static void test_a_value_may_be_large(void **state) {
	(void)state;
	static const size_t sizes[] = {200 * 1024, 100 * MIB};
	struct folder folder = folder_new();
	const char *path = in_folder(&folder, "l");
	for (size_t i = 0; i < 2; i++) {
		FILE *file = fopen(path, "we");
		assert_non_null(file);
		fprintf(file, "small\n");
		// Sparse: NULs.
		assert_int_equal(fseek(file, (long)sizes[i] - 1, SEEK_CUR), 0);
		fprintf(file, "x\n");
		for (int k = 0; k < 100000; k++) {
			fprintf(file, "small\n");
		}
		assert_int_equal(fclose(file), 0);
		struct values_options options = OPTIONS(FILE_(path));
		expect_large(&options, sizes[i]);
		options.csv = true;
		expect_large(&options, sizes[i]);
	}
	folder_remove(&folder);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(test_a_row_comes_as_soon_as_it_is_whole),
		TEST(test_a_row_of_csv_comes_as_soon_as_it_is_whole),
		TEST(test_a_pipe_whose_writer_has_gone_is_read_to_its_end),
		TEST(test_a_fifo_waits_for_its_writer),
		TEST(test_each_source_is_waited_for_in_its_turn),
		TEST(test_a_header_is_waited_for),
		TEST(test_standard_input),
		TEST(test_descriptors_are_not_inherited),
		TEST(test_a_million_rows_cost_no_more_than_a_hundred),
		TEST(test_a_value_may_be_large),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
