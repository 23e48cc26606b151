// SPDX-License-Identifier: MIT
// SimpleQueue: order, blocking, closing, and the descriptor.
#include "pool/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

static void *item(uintptr_t n) {
	return (void *)n;
}

static bool readable(int fd) {
	struct pollfd look = {.fd = fd, .events = POLLIN};
	return poll(&look, 1, 0) == 1;
}

// A thread at one end of a queue.
struct end {
	sp_squeue *queue;
	pthread_t thread;
	atomic_int tid;
	atomic_uint moved;
	unsigned most;
	sp_status status; // of the last call, once joined
};

static void *put_many(void *arg) {
	struct end *end = arg;
	sp_status status = SP_OK;
	end->tid = gettid();
	while (end->moved < end->most && status == SP_OK) {
		status = sp_squeue_put(end->queue, item(end->moved));
		end->moved += status == SP_OK;
	}
	end->status = status;
	return NULL;
}

static void *get_many(void *arg) {
	struct end *end = arg;
	sp_status status = SP_OK;
	end->tid = gettid();
	while (end->moved < end->most && status == SP_OK) {
		void *got;
		status = sp_squeue_get(end->queue, &got);
		end->moved += status == SP_OK;
	}
	end->status = status;
	return NULL;
}

static void start(struct end *end, void *(*run)(void *)) {
	assert_int_equal(pthread_create(&end->thread, NULL, run, end), 0);
}

static bool waits(struct end *end) {
	return end->tid && probe_asleep(end->tid);
}

static void section_6_first_in_first_out(void **state) {
	(void)state;
	sp_squeue *queue;
	assert_int_equal(sp_squeue_new(&queue, 0), SP_OK);
	uintptr_t in = 0, out = 0;
	// The ring grows several times with its head in the middle.
	for (unsigned round = 1; round < 60; round++) {
		for (unsigned i = 0; i < 3 * round; i++) {
			assert_int_equal(sp_squeue_put(queue, item(in++)), SP_OK);
		}
		for (unsigned i = 0; i < 2 * round; i++) {
			void *got;
			assert_int_equal(sp_squeue_get(queue, &got), SP_OK);
			assert_ptr_equal(got, item(out++));
		}
	}
	void *got;
	while (sp_squeue_try_get(queue, &got) == SP_OK) {
		assert_ptr_equal(got, item(out++));
	}
	assert_int_equal(in, out);
	sp_squeue_free(queue);
	sp_squeue_free(NULL);
}

static void section_6_null_is_an_item_and_empty_tells(void **state) {
	(void)state;
	sp_squeue *queue;
	assert_int_equal(sp_squeue_new(&queue, 1), SP_OK);
	bool empty = false;
	void *got = queue;
	assert_int_equal(sp_squeue_empty(queue, &empty), SP_OK);
	assert_true(empty);
	assert_int_equal(sp_squeue_try_get(queue, &got), SP_E_EMPTY);
	assert_ptr_equal(got, queue);
	assert_int_equal(sp_squeue_put(queue, NULL), SP_OK);
	assert_int_equal(sp_squeue_empty(queue, &empty), SP_OK);
	assert_false(empty);
	assert_int_equal(sp_squeue_get(queue, &got), SP_OK);
	assert_null(got);
	sp_squeue_free(queue);
}

static void section_6_put_blocks_while_full(void **state) {
	(void)state;
	struct end putter = {.most = 3};
	assert_int_equal(sp_squeue_new(&putter.queue, 2), SP_OK);
	start(&putter, put_many);
	AWAIT(putter.moved == 2 && waits(&putter));
	assert_int_equal(putter.moved, 2);
	void *got;
	assert_int_equal(sp_squeue_get(putter.queue, &got), SP_OK);
	pthread_join(putter.thread, NULL);
	assert_int_equal(putter.moved, 3);
	sp_squeue_free(putter.queue);
}

static void section_6_get_blocks_while_empty(void **state) {
	(void)state;
	struct end getter = {.most = 1};
	assert_int_equal(sp_squeue_new(&getter.queue, 0), SP_OK);
	start(&getter, get_many);
	AWAIT(waits(&getter));
	assert_int_equal(getter.moved, 0);
	assert_int_equal(sp_squeue_put(getter.queue, NULL), SP_OK);
	pthread_join(getter.thread, NULL);
	assert_int_equal(getter.moved, 1);
	sp_squeue_free(getter.queue);
}

static void section_6_closed_says_closed_and_leaves_the_rest_to_try_get(void **state) {
	(void)state;
	sp_squeue *queue;
	assert_int_equal(sp_squeue_new(&queue, 0), SP_OK);
	assert_int_equal(sp_squeue_put(queue, item(7)), SP_OK);
	sp_squeue_close(queue);
	sp_squeue_close(queue);
	void *got = NULL;
	bool empty = true;
	assert_int_equal(sp_squeue_put(queue, item(8)), SP_E_CLOSED);
	assert_int_equal(sp_squeue_get(queue, &got), SP_E_CLOSED);
	assert_null(got);
	assert_int_equal(sp_squeue_empty(queue, &empty), SP_E_CLOSED);
	assert_int_equal(sp_squeue_try_get(queue, &got), SP_OK);
	assert_ptr_equal(got, item(7));
	assert_int_equal(sp_squeue_try_get(queue, &got), SP_E_CLOSED);
	sp_squeue_free(queue);
}

static void section_6_close_wakes_all_blocked(void **state) {
	(void)state;
	sp_squeue *empty, *full;
	assert_int_equal(sp_squeue_new(&empty, 0), SP_OK);
	assert_int_equal(sp_squeue_new(&full, 1), SP_OK);
	assert_int_equal(sp_squeue_put(full, NULL), SP_OK);
	struct end ends[8] = {0};
	for (int i = 0; i < 8; i++) {
		ends[i].queue = i < 4 ? empty : full;
		ends[i].most = 1;
		start(&ends[i], i < 4 ? get_many : put_many);
	}
	for (int i = 0; i < 8; i++) {
		AWAIT(waits(&ends[i]));
	}
	sp_squeue_close(empty);
	sp_squeue_close(full);
	for (int i = 0; i < 8; i++) {
		pthread_join(ends[i].thread, NULL);
		assert_int_equal(ends[i].status, SP_E_CLOSED);
		assert_int_equal(ends[i].moved, 0);
	}
	sp_squeue_free(empty);
	sp_squeue_free(full);
}

static void section_6_fd_readable_when_get_would_not_block(void **state) {
	(void)state;
	int fds = probe_count("fd");
	sp_squeue *queue;
	void *got;
	assert_int_equal(sp_squeue_new(&queue, 0), SP_OK);
	assert_int_equal(sp_squeue_put(queue, item(1)), SP_OK);
	assert_int_equal(probe_count("fd"), fds); // nobody has asked
	int fd = sp_squeue_fd(queue);
	assert_true(fd > 2);
	assert_int_equal(sp_squeue_fd(queue), fd);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_true(readable(fd));
	assert_int_equal(sp_squeue_put(queue, item(2)), SP_OK);
	assert_int_equal(sp_squeue_get(queue, &got), SP_OK);
	assert_true(readable(fd));
	assert_int_equal(sp_squeue_try_get(queue, &got), SP_OK);
	assert_false(readable(fd));
	assert_int_equal(sp_squeue_try_get(queue, &got), SP_E_EMPTY);
	sp_squeue_close(queue);
	assert_true(readable(fd));
	sp_squeue_free(queue);
	assert_int_equal(probe_count("fd"), fds);

	// Closed with something in it, then emptied: get still does not block.
	assert_int_equal(sp_squeue_new(&queue, 0), SP_OK);
	fd = sp_squeue_fd(queue);
	assert_false(readable(fd));
	assert_int_equal(sp_squeue_put(queue, item(1)), SP_OK);
	sp_squeue_close(queue);
	assert_int_equal(sp_squeue_try_get(queue, &got), SP_OK);
	assert_true(readable(fd));
	sp_squeue_free(queue);
}

static unsigned long eventfd_count(int fd) {
	char path[64], line[128];
	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	unsigned long count = 0;
	while (fgets(line, sizeof line, file)) {
		if (strncmp(line, "eventfd-count:", 14) == 0) {
			count = strtoul(line + 14, NULL, 16);
		}
	}
	fclose(file);
	return count;
}

static void section_6_fd_is_written_once_for_a_burst(void **state) {
	(void)state;
	sp_squeue *queue;
	assert_int_equal(sp_squeue_new(&queue, 0), SP_OK);
	int fd = sp_squeue_fd(queue);
	for (uintptr_t i = 0; i < 1000; i++) {
		assert_int_equal(sp_squeue_put(queue, item(i)), SP_OK);
	}
	assert_int_equal(eventfd_count(fd), 1);
	sp_squeue_free(queue);
}

static void section_6_fd_fails_without_descriptors_and_may_be_asked_again(void **state) {
	(void)state;
	sp_squeue *queue;
	struct rlimit old, none;
	assert_int_equal(sp_squeue_new(&queue, 0), SP_OK);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = (struct rlimit){0, old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	errno = 0;
	int fd = sp_squeue_fd(queue), reason = errno;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(fd, -1);
	assert_int_equal(reason, EMFILE);
	assert_int_equal(sp_squeue_put(queue, NULL), SP_OK);
	assert_true(readable(sp_squeue_fd(queue)));
	sp_squeue_free(queue);
}

enum { PRODUCERS = 4, CONSUMERS = 4, EACH = 5000 };

struct consumer {
	sp_squeue *queue;
	pthread_t thread;
	bool by_fd;
	unsigned got;
	uintptr_t last[PRODUCERS];
	bool disorder, spurious;
};

struct producer {
	sp_squeue *queue;
	pthread_t thread;
	uintptr_t number;
};

static void *produce(void *arg) {
	struct producer *me = arg;
	for (uintptr_t i = 1; i <= EACH; i++) {
		sp_squeue_put(me->queue, item(i * PRODUCERS + me->number));
	}
	return NULL;
}

// Waits on the descriptor as an event loop does; false when nothing came in 20 seconds.
static bool next_by_fd(sp_squeue *queue, void **got) {
	for (;;) {
		struct pollfd look = {.fd = sp_squeue_fd(queue), .events = POLLIN};
		if (poll(&look, 1, 20000) != 1) {
			return false;
		}
		if (sp_squeue_try_get(queue, got) == SP_OK) {
			return true;
		}
	}
}

static void *consume(void *arg) {
	struct consumer *me = arg;
	for (void *got;;) {
		bool here = me->by_fd ? next_by_fd(me->queue, &got)
				      : sp_squeue_get(me->queue, &got) == SP_OK;
		me->spurious |= !here;
		if (!here || !got) {
			return NULL;
		}
		uintptr_t who = (uintptr_t)got % PRODUCERS;
		me->disorder |= (uintptr_t)got <= me->last[who];
		me->last[who] = (uintptr_t)got;
		me->got++;
	}
}

static void stress(size_t capacity, bool by_fd) {
	int fds = probe_count("fd");
	sp_squeue *queue;
	struct producer producers[PRODUCERS];
	struct consumer consumers[CONSUMERS];
	assert_int_equal(sp_squeue_new(&queue, capacity), SP_OK);
	for (unsigned i = 0; i < CONSUMERS; i++) {
		consumers[i] = (struct consumer){.queue = queue, .by_fd = by_fd && i % 2};
		pthread_create(&consumers[i].thread, NULL, consume, &consumers[i]);
	}
	for (unsigned i = 0; i < PRODUCERS; i++) {
		producers[i] = (struct producer){.queue = queue, .number = i};
		pthread_create(&producers[i].thread, NULL, produce, &producers[i]);
	}
	for (unsigned i = 0; i < PRODUCERS; i++) {
		pthread_join(producers[i].thread, NULL);
	}
	for (unsigned i = 0; i < CONSUMERS; i++) {
		assert_int_equal(sp_squeue_put(queue, NULL), SP_OK);
	}
	unsigned got = 0;
	for (unsigned i = 0; i < CONSUMERS; i++) {
		pthread_join(consumers[i].thread, NULL);
		assert_false(consumers[i].disorder);
		assert_false(consumers[i].spurious);
		got += consumers[i].got;
	}
	assert_int_equal(got, PRODUCERS * EACH);
	if (by_fd) {
		assert_false(readable(sp_squeue_fd(queue)));
		assert_int_equal(eventfd_count(sp_squeue_fd(queue)), 0);
	}
	sp_squeue_free(queue);
	assert_int_equal(probe_count("fd"), fds);
}

static void section_6_many_producers_and_consumers(void **state) {
	(void)state;
	stress(0, false);
	stress(3, false);
}

static void section_6_fd_under_many_producers_and_consumers(void **state) {
	(void)state;
	stress(0, true);
	stress(3, true);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(section_6_first_in_first_out),
		cmocka_unit_test(section_6_null_is_an_item_and_empty_tells),
		cmocka_unit_test(section_6_put_blocks_while_full),
		cmocka_unit_test(section_6_get_blocks_while_empty),
		cmocka_unit_test(section_6_closed_says_closed_and_leaves_the_rest_to_try_get),
		cmocka_unit_test(section_6_close_wakes_all_blocked),
		cmocka_unit_test(section_6_fd_readable_when_get_would_not_block),
		cmocka_unit_test(section_6_fd_is_written_once_for_a_burst),
		cmocka_unit_test(section_6_fd_fails_without_descriptors_and_may_be_asked_again),
		cmocka_unit_test(section_6_many_producers_and_consumers),
		cmocka_unit_test(section_6_fd_under_many_producers_and_consumers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
