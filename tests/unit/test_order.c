// SPDX-License-Identifier: MIT
// Results that wait for their turn, and what they hold meanwhile.
#include "base/buf.h"
#include "base/fd.h"
#include "probe.h"
#include "report/order.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { JOBS = 50 };

static void put(struct order *order, size_t job, struct output out) {
	struct event event = {
		.kind = EVENT_RESULT, .index = job, .result = calloc(1, sizeof(struct result))};
	event.result->index = job;
	event.result->out = out;
	event.result->err = OUTPUT_EMPTY;
	order_put(order, &event);
	assert_null(event.result);
	event_clear(&event);
}

static char letter(size_t job, size_t at) {
	return (char)('a' + (job * 7 + at) % 26);
}

// n bytes, the middle of them in a file of its own: two parts, between which some are missing, and
// a ring that has gone round.
static struct output long_output(size_t job, size_t n) {
	size_t third = n / 3;
	struct output output = {.fd = fd_unnamed_file(NULL),
		.head = malloc(third),
		.head_len = third,
		.tail = malloc(third),
		.tail_size = third,
		.tail_len = third,
		.first_len = 10,
		.ring_at = 10,
		.ring_size = third - 10,
		.ring_len = third - 10,
		.ring_start = 5,
		.omitted = 1000,
		.total = n + 1000};
	char *middle = malloc(third);
	for (size_t i = 0; i < third; i++) {
		size_t in_ring = (i + output.ring_size - 10 - 5) % output.ring_size;
		output.head[i] = letter(job, i);
		middle[i] = i < 10 ? letter(job, third + i) : letter(job, third + 10 + in_ring);
		output.tail[i] = letter(job, 2 * third + i);
	}
	assert_int_equal(write(output.fd, middle, third), third);
	free(middle);
	return output;
}

static void compare(const struct output *output, size_t job, size_t n) {
	char *text = malloc(n + 1);
	size_t len = 0;
	ssize_t r;
	while ((r = output_read(output, len, text + len, n + 1 - len)) > 0) {
		len += (size_t)r;
	}
	assert_int_equal(r, 0);
	assert_int_equal(len, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(text[i], letter(job, i));
	}
	free(text);
}

static void many_that_wait_hold_one_descriptor_and_lose_nothing(void **state) {
	enum { SIZE = 3 * 10000 };
	int fds = probe_count("fd");
	struct order *order = order_new(JOBS, NULL);
	struct event event;
	(void)state;
	for (size_t i = JOBS - 1; i > 0; i--) {
		put(order, i, long_output(i, SIZE));
		assert_int_equal(probe_count("fd"), fds + 1);
		assert_false(order_next(order, &event));
	}
	put(order, 0, long_output(0, SIZE));
	for (size_t i = 0; i < JOBS; i++) {
		assert_true(order_next(order, &event));
		assert_int_equal(event.kind, EVENT_RESULT);
		assert_int_equal(event.index, i);
		compare(&event.result->out, i, SIZE);
		assert_true(output_gap(&event.result->out) == SIZE / 3 + 10);
		assert_true(event.result->out.omitted == 1000);
		assert_true(event.result->out.total == SIZE + 1000);
		event_clear(&event);
	}
	assert_false(order_next(order, &event));
	assert_int_equal(probe_count("fd"), fds + 1);
	order_free(order);
	assert_int_equal(probe_count("fd"), fds);
}

// Whether the file system takes back parts of a file.
static bool can_give_back(void) {
	int fd = fd_unnamed_file(NULL);
	int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	assert_int_equal(write(fd, "x", 1), 1);
	bool can = fallocate(fd, mode, 0, 1) == 0;
	close(fd);
	return can;
}

static void what_was_printed_is_given_back_to_the_disk(void **state) {
	enum { SIZE = 3 * 100000 };
	struct order *order = order_new(3, NULL);
	struct event event;
	struct stat stat;
	(void)state;
	if (!can_give_back()) {
		skip();
	}
	put(order, 2, long_output(2, SIZE));
	put(order, 1, long_output(1, SIZE));
	put(order, 0, OUTPUT_EMPTY);
	assert_true(order_next(order, &event));
	event_clear(&event);
	for (size_t i = 1; i < 3; i++) {
		assert_true(order_next(order, &event));
		compare(&event.result->out, i, SIZE);
		int fd = event.result->out.fd;
		event_clear(&event);
		assert_int_equal(fstat(fd, &stat), 0);
		assert_true(stat.st_blocks * 512 <= (blkcnt_t)(2 - i) * SIZE + 3 * 4096);
	}
	order_free(order);
}

static struct output in_memory(size_t job, size_t n, atomic_size_t *budget) {
	struct output output = {.fd = -1, .head = malloc(n), .head_len = n, .total = n};
	for (size_t i = 0; i < n; i++) {
		output.head[i] = letter(job, i);
	}
	output.budget = budget;
	output.charged = n;
	atomic_fetch_sub(budget, n);
	return output;
}

static void memory_that_waits_is_bounded(void **state) {
	enum { SIZE = 64 * 1024 };
	struct order *order = order_new(JOBS, NULL);
	atomic_size_t budget = JOBS * SIZE;
	struct event event;
	(void)state;
	for (size_t i = JOBS - 1; i > 0; i--) {
		put(order, i, in_memory(i, SIZE, &budget));
	}
	assert_true(JOBS * SIZE - atomic_load(&budget) <= ORDER_MEMORY);
	put(order, 0, in_memory(0, SIZE, &budget));
	for (size_t i = 0; i < JOBS; i++) {
		assert_true(order_next(order, &event));
		compare(&event.result->out, i, SIZE);
		event_clear(&event);
	}
	assert_true(atomic_load(&budget) == JOBS * SIZE);
	order_free(order);
}

static void without_a_file_the_ends_stay(void **state) {
	enum { SIZE = 3 * 1000 };
	struct order *order = order_new(2, "/nonesuch");
	struct event event;
	(void)state;
	put(order, 1, long_output(1, SIZE));
	put(order, 0, OUTPUT_EMPTY);
	assert_true(order_next(order, &event));
	event_clear(&event);
	assert_true(order_next(order, &event));
	assert_true(event.result->out.incomplete);
	assert_int_equal(event.result->out.fd, -1);
	assert_true(event.result->out.omitted == 1000 + SIZE / 3);
	assert_true(output_kept(&event.result->out) == SIZE - SIZE / 3);
	event_clear(&event);
	order_free(order);
}

static void what_has_not_come_is_left_out_at_the_end(void **state) {
	struct order *order = order_new(4, NULL);
	struct event event = {.kind = EVENT_SKIPPED, .index = 1};
	(void)state;
	order_put(order, &event);
	put(order, 3, OUTPUT_EMPTY);
	assert_false(order_next(order, &event));
	order_close(order);
	assert_true(order_next(order, &event));
	assert_int_equal(event.kind, EVENT_SKIPPED);
	assert_int_equal(event.index, 1);
	assert_true(order_next(order, &event));
	assert_int_equal(event.index, 3);
	event_clear(&event);
	assert_false(order_next(order, &event));
	order_free(order);
}

// Another reporter's writer may be reading it just now.
static void what_is_shared_is_copied_and_left_alone(void **state) {
	enum { SIZE = 3000 };
	int fds = probe_count("fd");
	(void)state;
	for (int possible = 0; possible < 2; possible++) {
		struct order *order = order_new(2, possible ? NULL : "/nonesuch");
		struct event event = {.kind = EVENT_RESULT, .index = 1};
		struct result *shared = event.result = calloc(1, sizeof(struct result));
		shared->index = 1;
		shared->out = long_output(1, SIZE);
		shared->err = OUTPUT_EMPTY;
		struct output before = shared->out;
		result_hold(shared);
		order_put(order, &event);
		assert_memory_equal(&shared->out, &before, sizeof before);
		assert_int_equal(result_is_shared(shared), !possible);
		put(order, 0, OUTPUT_EMPTY);
		assert_true(order_next(order, &event));
		event_clear(&event);
		assert_true(order_next(order, &event));
		assert_int_equal(event.result != shared, possible);
		assert_true(event.result->out.omitted == 1000);
		compare(&event.result->out, 1, SIZE);
		event_clear(&event);
		compare(&shared->out, 1, SIZE);
		result_release(shared);
		order_free(order);
	}
	assert_int_equal(probe_count("fd"), fds);
}

static void what_still_waits_is_freed(void **state) {
	int fds = probe_count("fd");
	struct order *order = order_new(3, NULL);
	(void)state;
	put(order, 1, long_output(1, 3000));
	put(order, 2, long_output(2, 3000));
	order_free(order);
	order_free(NULL);
	assert_int_equal(probe_count("fd"), fds);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_that_wait_hold_one_descriptor_and_lose_nothing),
		cmocka_unit_test(what_was_printed_is_given_back_to_the_disk),
		cmocka_unit_test(memory_that_waits_is_bounded),
		cmocka_unit_test(without_a_file_the_ends_stay),
		cmocka_unit_test(what_has_not_come_is_left_out_at_the_end),
		cmocka_unit_test(what_is_shared_is_copied_and_left_alone),
		cmocka_unit_test(what_still_waits_is_freed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
