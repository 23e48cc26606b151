// SPDX-License-Identifier: MIT
// Reading captured output back, over hand-made structs; words and counts of results and events.
#include "base/fd.h"
#include "probe.h"
#include "result/result.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static int file_of(const char *text) {
	int fd = fd_unnamed_file(NULL);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

// Reads all, at most n bytes at a time.
static void compare(const struct output *output, size_t n, const char *wanted) {
	char text[100] = "";
	uint64_t pos = 0, gap = output_gap(output);
	ssize_t r;
	assert_true(n <= 32);
	while ((r = output_read(output, pos, text + pos, n)) > 0) {
		assert_true((size_t)r <= n);
		assert_true(pos >= gap || pos + (uint64_t)r <= gap);
		pos += (uint64_t)r;
		assert_true(pos < 60);
	}
	assert_int_equal(r, 0);
	assert_true(pos == output_kept(output));
	text[pos] = '\0';
	assert_string_equal(text, wanted);
}

static void an_empty_output_has_nothing(void **state) {
	struct output output = OUTPUT_EMPTY;
	char c;
	(void)state;
	assert_true(output_kept(&output) == 0);
	assert_true(output_gap(&output) == 0);
	assert_int_equal(output_read(&output, 0, &c, 1), 0);
	assert_int_equal(output_read(&output, 17, &c, 1), 0);
	output_clear(&output);
	output_clear(&output);
}

// head "abc", first half of the file "DEFG", ring "hijkl" that starts in its middle, tail ring.
static struct output whole(void) {
	struct output output = {
		.head = strdup("abc"),
		.head_len = 3,
		.fd = file_of("DEFGkl_hij"),
		.first_len = 4,
		.ring_at = 4,
		.ring_size = 6,
		.ring_start = 3,
		.ring_len = 5,
		.tail = strdup("QR.MNOP"),
		.tail_size = 7,
		.tail_start = 3,
		.tail_len = 6,
		.omitted = 1000,
		.total = 1018,
	};
	return output;
}

static void all_parts_come_in_reading_order(void **state) {
	struct output output = whole();
	(void)state;
	assert_true(output_kept(&output) == 18);
	assert_true(output_gap(&output) == 7);
	for (size_t n = 1; n <= 32; n++) {
		compare(&output, n, "abcDEFGhijklMNOPQR");
	}
	output_clear(&output);
	assert_int_equal(output.fd, -1);
	assert_true(output_kept(&output) == 0);
}

static void each_position_can_be_read_alone(void **state) {
	struct output output = whole();
	(void)state;
	for (uint64_t pos = 0; pos < 18; pos++) {
		char c;
		assert_int_equal(output_read(&output, pos, &c, 1), 1);
		assert_int_equal(c, "abcDEFGhijklMNOPQR"[pos]);
	}
	output_clear(&output);
}

static void parts_may_be_missing(void **state) {
	struct output head = {.head = strdup("abc"), .head_len = 3, .fd = -1};
	struct output file = {.fd = file_of("DEFG"), .first_len = 4};
	struct output ring = {
		.fd = file_of("kl_hij"), .ring_size = 6, .ring_start = 3, .ring_len = 5};
	struct output tail = {
		.fd = -1, .tail = strdup("xyz"), .tail_size = 3, .tail_len = 3, .omitted = 1};
	(void)state;
	compare(&head, 2, "abc");
	compare(&file, 3, "DEFG");
	compare(&ring, 4, "hijkl");
	compare(&tail, 2, "xyz");
	assert_true(output_gap(&tail) == 0);
	output_clear(&head);
	output_clear(&file);
	output_clear(&ring);
	output_clear(&tail);
}

static void a_file_that_fails_says_why(void **state) {
	struct output output = whole();
	char c;
	(void)state;
	fd_close(&output.fd);
	assert_int_equal(output_read(&output, 3, &c, 1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(output_read(&output, 0, &c, 1), 1);
	assert_int_equal(output_read(&output, 17, &c, 1), 1);
	output_clear(&output);
}

static void memory_goes_back_to_the_budget(void **state) {
	atomic_size_t budget = 100;
	struct output output = {
		.head = strdup("abc"), .head_len = 3, .fd = -1, .budget = &budget, .charged = 64};
	(void)state;
	output_clear(&output);
	assert_int_equal(atomic_load(&budget), 164);
	output_clear(&output);
	assert_int_equal(atomic_load(&budget), 164);
}

static void an_event_owns_its_result_until_it_is_taken(void **state) {
	struct result *result = calloc(1, sizeof *result);
	struct event event = {.kind = EVENT_RESULT, .result = result, .text = strdup("text")};
	(void)state;
	result->error = strdup("why");
	result->out = whole();
	result->err = OUTPUT_EMPTY;
	assert_ptr_equal(event_take_result(&event), result);
	assert_null(event.result);
	assert_null(event_take_result(&event));
	event_clear(&event);
	assert_int_equal(event.kind, EVENT_NONE);
	assert_null(event.text);
	event.result = result;
	event_clear(&event); // frees it
	assert_null(event.result);
}

static void the_last_holder_frees_a_result(void **state) {
	struct result *result = calloc(1, sizeof *result);
	struct event event = {.kind = EVENT_RESULT, .result = result};
	(void)state;
	result->out = whole();
	result->err = OUTPUT_EMPTY;
	assert_false(result_is_shared(result));
	assert_ptr_equal(result_hold(result), result);
	assert_true(result_is_shared(result));
	event_clear(&event);
	assert_false(result_is_shared(result));
	assert_true(output_kept(&result->out) > 0);
	result_release(result);
}

static void a_copy_of_a_result_may_leave_the_output_out(void **state) {
	struct result result = {.index = 3,
		.attempt = 2,
		.slot = 4,
		.verdict = VERDICT_EXEC,
		.os_errno = 2,
		.allowed = true,
		.error = strdup("why"),
		.end_ns = 7,
		.usage.ru_maxrss = 5,
		.out = whole(),
		.err = OUTPUT_EMPTY};
	struct result *copy = result_without_output(&result);
	(void)state;
	assert_non_null(copy);
	assert_true(copy->index == 3 && copy->attempt == 2 && copy->slot == 4 && copy->allowed);
	assert_true(copy->verdict == VERDICT_EXEC && copy->os_errno == 2 && copy->end_ns == 7);
	assert_int_equal(copy->usage.ru_maxrss, 5);
	assert_string_equal(copy->error, "why");
	assert_ptr_not_equal(copy->error, result.error);
	assert_true(output_kept(&copy->out) == 0 && copy->out.fd == -1);
	result_release(copy);
	result_clear(&result);
}

static void cancelled_and_passed_jobs_have_not_failed(void **state) {
	struct tally tally = {.jobs = 30, .done = 21, .not_started = 9};
	(void)state;
	for (unsigned i = 0; i < N_VERDICTS; i++) {
		tally.verdicts[i] = i + 1;
	}
	assert_int_equal(tally_failed(&tally), 21 - 1 - 6);
	assert_string_equal(verdict_word(VERDICT_PASS), "pass");
	assert_string_equal(verdict_word(VERDICT_CANCELLED), "cancelled");
}

static int count_fds(void **state) {
	static int before;
	int now = probe_count("fd");
	(void)state;
	if (before == 0) {
		before = now;
	}
	return now == before ? 0 : -1;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(an_empty_output_has_nothing, count_fds),
		cmocka_unit_test_teardown(all_parts_come_in_reading_order, count_fds),
		cmocka_unit_test_teardown(each_position_can_be_read_alone, count_fds),
		cmocka_unit_test_teardown(parts_may_be_missing, count_fds),
		cmocka_unit_test_teardown(a_file_that_fails_says_why, count_fds),
		cmocka_unit_test_teardown(memory_goes_back_to_the_budget, count_fds),
		cmocka_unit_test_teardown(an_event_owns_its_result_until_it_is_taken, count_fds),
		cmocka_unit_test_teardown(the_last_holder_frees_a_result, count_fds),
		cmocka_unit_test_teardown(a_copy_of_a_result_may_leave_the_output_out, count_fds),
		cmocka_unit_test_teardown(cancelled_and_passed_jobs_have_not_failed, count_fds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
