// SPDX-License-Identifier: MIT
// base: durations, quoting, nearest word, buffers, arena, descriptors, cancel.
#include "base/arena.h"
#include "base/base.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/nearest.h"
#include "base/quote.h"
#include "base/sized.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void durations_are_read(void **state) {
	static const struct {
		const char *text;
		int64_t ns;
	} good[] = {
		{"0", 0},
		{"1", INT64_C(1000000000)},
		{"1.5", INT64_C(1500000000)},
		{"250ms", INT64_C(250000000)},
		{"2m30s", INT64_C(150000000000)},
		{"1h", INT64_C(3600000000000)},
		{"1d2h3m4s5ms", INT64_C(93784005000000)},
		{"0.5m", INT64_C(30000000000)},
		{"0.000000001", 1},
		{"0.0000000001", 1}, // never down to "no limit"
		{"0.1ms", 100000},
		{"inf", SP_FOREVER},
		{"none", SP_FOREVER},
		{"9223372036", INT64_C(9223372036000000000)},
		{"18446744073709551616", SP_FOREVER},
		{"99999999999999999999999999999999d", SP_FOREVER},
	};
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		int64_t ns = -1;
		const char *wrong = duration_parse(good[i].text, strlen(good[i].text), &ns);
		if (wrong || ns != good[i].ns) {
			fail_msg("'%s': %lld %s", good[i].text, (long long)ns, wrong ? wrong : "");
		}
	}
}

static void bad_durations_are_refused(void **state) {
	static const char *const bad[] = {"", "-1", "5x", "nan", "1e9", "1e-9", "1e400", "1:30",
		".5", "1.", "1.2.3", "s", "1s2m", "1s2s", "1m30", " 1", "1 s", "+1", "0x10",
		"1_000", "infinity", "None"};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		int64_t ns;
		if (!duration_parse(bad[i], strlen(bad[i]), &ns)) {
			fail_msg("'%s' was taken for %lld", bad[i], (long long)ns);
		}
	}
}

static void durations_are_written_as_people_do(void **state) {
	static const struct {
		int64_t ns;
		const char *text;
	} pairs[] = {{0, "0s"}, {250000000, "250ms"}, {INT64_C(1500000000), "1.5s"},
		{INT64_C(60000000000), "60s"}, {INT64_C(150000000000), "2m30s"},
		{INT64_C(5400000000000), "90m"}, {INT64_C(7200000000000), "2h"},
		{SP_FOREVER, "none"}};
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		char text[64];
		assert_string_equal(duration_format(pairs[i].ns, text, sizeof text), pairs[i].text);
	}
}

static void deadlines_do_not_overflow(void **state) {
	(void)state;
	assert_true(clock_deadline(SP_FOREVER) == SP_FOREVER);
	assert_true(clock_deadline(SP_FOREVER - 1) == SP_FOREVER);
	assert_int_equal(clock_poll_ms(SP_FOREVER), -1);
	assert_int_equal(clock_poll_ms(0), 0);
	assert_true(clock_poll_ms(clock_now() + 400000) <= 1); // 0.4 ms: up to 1, never spinning
	assert_int_equal(clock_poll_ms(clock_now() + 10 * (int64_t)CLOCK_MS), 10);
}

static void quoted(const char *word, const char *expected) {
	struct buf buf = {0};
	assert_int_equal(quote_shell(&buf, word), 0);
	char *text = buf_take(&buf);
	assert_string_equal(text, expected);
	free(text);
}

static void words_are_quoted_as_shlex_does(void **state) {
	(void)state;
	quoted("plain-1.2_3/x@y%z+=:,", "plain-1.2_3/x@y%z+=:,");
	quoted("", "''");
	quoted("a b", "'a b'");
	quoted("it's", "'it'\"'\"'s'");
	quoted("$(touch x)", "'$(touch x)'");
	quoted("\n", "'\n'");
	quoted("*", "'*'");
	quoted("~", "'~'");
}

static void the_nearest_word_is_found(void **state) {
	static const char *const words[] = {"timeout", "args", "run", "success_codes", "env"};
	(void)state;
	assert_string_equal(nearest_word("timout", words, 5), "timeout");
	assert_string_equal(nearest_word("Timeout", words, 5), "timeout");
	assert_string_equal(nearest_word("agrs", words, 5), "args");
	assert_string_equal(nearest_word("succes_code", words, 5), "success_codes");
	assert_null(nearest_word("banana", words, 5));
	assert_null(nearest_word("", words, 5));
}

// As aligned as a type of the size can want it, zeroed, and filled so that what overlaps shows.
static void take_piece(struct arena *arena, size_t n, size_t size) {
	size_t align = size & -size;
	unsigned char *memory = arena_alloc(arena, n, size);
	assert_int_equal((uintptr_t)memory % (align < 16 ? align : 16), 0);
	for (size_t i = 0; i < n * size; i++) {
		assert_int_equal(memory[i], 0);
	}
	memset(memory, 0xff, n * size);
}

static void an_arena_gives_zeroed_memory(void **state) {
	static const size_t sizes[] = {1, 37, 2, 4, 24, 8, 16, 408};
	struct arena *arena = arena_new();
	(void)state;
	for (size_t i = 1; i < 2000; i += 7) {
		take_piece(arena, i, sizes[i % 8]);
	}
	int *numbers = NULL;
	size_t cap = 0;
	for (int i = 0; i < 100; i++) {
		numbers = arena_grow(arena, numbers, (size_t)i, &cap, sizeof *numbers);
		numbers[i] = i;
	}
	assert_int_equal(numbers[99], 99);
	arena_free(arena);
}

// Whether or not it fits in what is left of a block.
static void an_arena_prints(void **state) {
	(void)state;
	struct arena *arena = arena_new();
	assert_string_equal(arena_printf(arena, "%s", ""), "");
	const char *first = arena_printf(arena, "%d-%s", 7, "x");
	for (int width = 1; width < 3000; width += 13) {
		const char *text = arena_printf(arena, "%*d", width, width);
		assert_int_equal(strlen(text), width < 2 ? 1 : width);
		assert_int_equal(atoi(text), width);
		take_piece(arena, 3, 8);
	}
	assert_string_equal(first, "7-x");
	// So long that the block goes on behind it.
	assert_int_equal(strlen(arena_printf(arena, "%0*d", 70000, 1)), 70000);
	take_piece(arena, 3, 1);
	arena_free(arena);
}

static void our_descriptors_stay_above_stdio(void **state) {
	int ends[2];
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		close(0);
		close(1);
		_exit(fd_pipe(ends) == 0 && ends[0] > 2 && ends[1] > 2 &&
					(fcntl(ends[0], F_GETFD) & FD_CLOEXEC) &&
					(fcntl(ends[1], F_GETFD) & FD_CLOEXEC)
				? 0
				: 1);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void unnamed_files_leave_no_name(void **state) {
	char dir[] = "/tmp/spool-base-XXXXXX";
	struct stat st;
	(void)state;
	assert_non_null(mkdtemp(dir));
	int fd = fd_unnamed_file(dir);
	assert_true(fd > 2);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	close(fd);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(fd_unnamed_file(dir), -1);
	assert_int_equal(errno, ENOENT);
}

static void a_cancel_polls_readable_once_set(void **state) {
	sp_cancel *cancel;
	(void)state;
	assert_int_equal(sp_cancel_new(&cancel), SP_OK);
	struct pollfd fd = {.fd = sp_cancel_fd(cancel), .events = POLLIN};
	assert_false(sp_cancelled(cancel));
	assert_int_equal(poll(&fd, 1, 0), 0);
	sp_cancel_set(cancel);
	sp_cancel_set(cancel);
	assert_true(sp_cancelled(cancel));
	assert_int_equal(poll(&fd, 1, 0), 1);
	assert_false(sp_cancelled(NULL));
	sp_cancel_free(cancel);
	sp_cancel_free(NULL);
}

static void errors_are_filled_and_cleared(void **state) {
	sp_error error = SP_ERROR_INIT;
	(void)state;
	assert_int_equal(error_os(&error, ENOENT, SP_AT_EXEC, "prog"), SP_E_OS);
	assert_string_equal(error.filename, "prog");
	assert_int_equal(error.os_errno, ENOENT);
	assert_int_equal(error_set(&error, SP_E_VALUE, "no %s", "args"), SP_E_VALUE);
	assert_null(error.filename);
	assert_string_equal(error.msg, "no args");
	sp_error_clear(&error);
	assert_int_equal(error.code, SP_OK);
	assert_int_equal(error_set(NULL, SP_E_VALUE, "x"), SP_E_VALUE);
}

// What is set in it afterwards counts for those who load it again.
static void a_struct_of_an_older_header_grows(void **state) {
	struct options {
		size_t size;
		int old, new;
	};
	(void)state;
	struct options theirs = {offsetof(struct options, new), 7, 8};
	struct options mine = {sizeof mine, 1, 2};
	assert_int_equal(sized_load(&mine, sizeof mine, &theirs, "options", NULL), SP_OK);
	assert_int_equal(mine.size, sizeof mine);
	assert_int_equal(mine.old, 7);
	assert_int_equal(mine.new, 2);
	theirs.size = sizeof theirs + 1;
	assert_int_equal(sized_load(&mine, sizeof mine, &theirs, "options", NULL), SP_E_VALUE);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_are_read),
		cmocka_unit_test(bad_durations_are_refused),
		cmocka_unit_test(durations_are_written_as_people_do),
		cmocka_unit_test(deadlines_do_not_overflow),
		cmocka_unit_test(words_are_quoted_as_shlex_does),
		cmocka_unit_test(the_nearest_word_is_found),
		cmocka_unit_test(an_arena_gives_zeroed_memory),
		cmocka_unit_test(an_arena_prints),
		cmocka_unit_test(our_descriptors_stay_above_stdio),
		cmocka_unit_test(unnamed_files_leave_no_name),
		cmocka_unit_test(a_cancel_polls_readable_once_set),
		cmocka_unit_test(errors_are_filled_and_cleared),
		cmocka_unit_test(a_struct_of_an_older_header_grows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
