// SPDX-License-Identifier: MIT
// A file that says how many workers there are, as it changes; the clock is the test's.
#include "base/clock.h"
#include "run/workers_file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const int64_t MS = CLOCK_MS, S = CLOCK_SECOND;

static int make_file(void **state) {
	static char path[32];
	strcpy(path, "/tmp/test_workers.XXXXXX");
	int fd = mkostemp(path, O_CLOEXEC);
	*state = path;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state) {
	unlink(*state);
	return 0;
}

static void put(const char *path, const char *text) {
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void open_it(struct workers_file *file, const char *path, const char *text) {
	put(path, text);
	assert_null(workers_file_open(file, path));
}

static void assert_says(const struct workers_file *file, enum workers_kind kind, unsigned n) {
	assert_int_equal(file->workers.kind, kind);
	assert_int_equal(file->workers.n, n);
}

static void it_says_what_dash_j_may_say(void **state) {
	struct workers_file file;
	open_it(&file, *state, "4");
	assert_says(&file, WORKERS_COUNT, 4);
	open_it(&file, *state, " 50% \n");
	assert_says(&file, WORKERS_PERCENT, 50);
	open_it(&file, *state, "-1\r\n\n");
	assert_says(&file, WORKERS_LESS, 1);
	assert_int_equal(workers_resolve(&file.workers, 4, 9), 3);
	open_it(&file, *state, "\t+2");
	assert_int_equal(workers_resolve(&file.workers, 4, 9), 6);
	open_it(&file, *state, "0\n");
	assert_int_equal(workers_resolve(&file.workers, 4, 9), 9);
}

static void what_is_wrong_at_first_is_said(void **state) {
	struct workers_file file;
	static const char *const wrong[] = {"", "\n", "four", "4 5", "4.5", "--1",
		"                                                               4"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		put(*state, wrong[i]);
		assert_non_null(workers_file_open(&file, *state));
	}
	assert_string_equal(workers_file_open(&file, "/nonexistent"), "No such file or directory");
	assert_string_equal(workers_file_open(&file, "/"), "Is a directory");
}

static void a_change_is_seen(void **state) {
	struct workers_file file;
	const char *wrong;
	open_it(&file, *state, "4\n");
	int64_t t = file.looked;
	assert_int_equal(workers_file_again(&file), t + S);
	put(*state, "5\n"); // as long, and written in the same moment
	assert_int_equal(workers_file_look(&file, t + 249 * MS, &wrong), WORKERS_SAME);
	assert_says(&file, WORKERS_COUNT, 4);
	assert_int_equal(workers_file_look(&file, t + 250 * MS, &wrong), WORKERS_CHANGED);
	assert_says(&file, WORKERS_COUNT, 5);
	assert_int_equal(workers_file_again(&file), t + 250 * MS + S);
	assert_int_equal(workers_file_look(&file, t + 2 * S, &wrong), WORKERS_SAME);
	put(*state, "+5\n");
	assert_int_equal(workers_file_look(&file, t + 3 * S, &wrong), WORKERS_CHANGED);
}

// Half a file is no news; what stays wrong is said once, until it has been right.
static void the_last_number_stays(void **state) {
	struct workers_file file;
	const char *wrong;
	open_it(&file, *state, "4\n");
	int64_t t = file.looked;
	for (int i = 0; i < 2; i++) {
		put(*state, "");
		assert_int_equal(workers_file_look(&file, t += S, &wrong), WORKERS_SAME);
		put(*state, "4");
		assert_int_equal(workers_file_look(&file, t += S, &wrong), WORKERS_SAME);
		put(*state, "many");
		assert_int_equal(workers_file_look(&file, t += S, &wrong), WORKERS_SAME);
		assert_int_equal(workers_file_look(&file, t += S, &wrong), WORKERS_WRONG);
		assert_string_equal(wrong, "a number is written with the digits 0 to 9 alone");
		unlink(*state);
		assert_int_equal(workers_file_look(&file, t += S, &wrong), WORKERS_SAME);
		assert_says(&file, WORKERS_COUNT, 4);
		put(*state, "4\n");
		assert_int_equal(workers_file_look(&file, t += S, &wrong), WORKERS_SAME);
	}
}

static void a_pipe_is_read_once(void **state) {
	(void)state;
	struct workers_file file;
	const char *wrong;
	char path[32];
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], "3\n", 2), 2);
	close(ends[1]);
	snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
	assert_null(workers_file_open(&file, path));
	assert_says(&file, WORKERS_COUNT, 3);
	assert_int_equal(workers_file_look(&file, INT64_MAX, &wrong), WORKERS_SAME);
	assert_int_equal(workers_file_again(&file), INT64_MAX);
	close(ends[0]);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, make_file, remove_file)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(it_says_what_dash_j_may_say),
		TEST(what_is_wrong_at_first_is_said),
		TEST(a_change_is_seen),
		TEST(the_last_number_stays),
		TEST(a_pipe_is_read_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
