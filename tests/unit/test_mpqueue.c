// SPDX-License-Identifier: MIT
// Queue and JoinableQueue: order, timeouts and their clock, closing, and counting what is done.
#include "pool/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

static const int64_t MS = 1000000;

static atomic_bool no_memory;

// Instead of glibc's: the memory that a queue grows by can be refused.
void *reallocarray(void *old, size_t n, size_t size) {
	size_t bytes;
	if (no_memory || __builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, bytes);
}

// What happens just as the time of the next one who waits is over; NULL: nothing.
static void (*_Atomic in_the_last_moment)(sp_queue *queue);
static sp_queue *_Atomic waited_for;

// Instead of glibc's, which does the work: time can be over in the worst moment.
int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
	const struct timespec *until) {
	void (*happen)(sp_queue * queue) = atomic_exchange(&in_the_last_moment, NULL);
	if (happen) {
		pthread_mutex_unlock(mutex);
		happen(waited_for);
		pthread_mutex_lock(mutex);
		return ETIMEDOUT;
	}
	int (*wait)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);
	*(void **)&wait = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
	return wait(condition, mutex, clock, until);
}

static void *item(uintptr_t n) {
	return (void *)n;
}

static bool readable(int fd) {
	struct pollfd look = {.fd = fd, .events = POLLIN};
	return poll(&look, 1, 0) == 1;
}

static sp_queue *queue_of(size_t maxsize, size_t n) {
	sp_queue *queue;
	assert_int_equal(sp_queue_new(&queue, maxsize), SP_OK);
	for (size_t i = 1; i <= n; i++) {
		assert_int_equal(sp_queue_put_nowait(queue, item(i)), SP_OK);
	}
	return queue;
}

// A thread in one call of a queue.
enum call { PUT, GET, JOIN };
struct caller {
	sp_queue *queue;
	enum call call;
	int64_t timeout_ns;
	void *item;
	sp_status status;
	pthread_t thread;
	atomic_int tid;
	atomic_bool back;
};

static void *call(void *arg) {
	struct caller *me = arg;
	me->tid = gettid();
	switch (me->call) {
	case PUT:
		me->status = sp_queue_put(me->queue, me->item, true, me->timeout_ns);
		break;
	case GET:
		me->status = sp_queue_get(me->queue, &me->item, true, me->timeout_ns);
		break;
	case JOIN:
		me->status = sp_queue_join(me->queue, me->timeout_ns);
		break;
	}
	me->back = true;
	return NULL;
}

// Begins the call, in which it has to wait.
static void begin(struct caller *caller) {
	assert_int_equal(pthread_create(&caller->thread, NULL, call, caller), 0);
	AWAIT(caller->tid && probe_asleep(caller->tid));
	assert_false(caller->back);
}

static sp_status end(struct caller *caller) {
	pthread_join(caller->thread, NULL);
	return caller->status;
}

// ---- Queue

static void section_6_Queue_first_in_first_out_visible_at_once(void **state) {
	(void)state;
	sp_queue *queue = queue_of(0, 0);
	uintptr_t in = 0, out = 0;
	bool empty;
	// The ring grows several times with its head in the middle; 0 is NULL, an item like any.
	for (unsigned round = 1; round < 60; round++) {
		for (unsigned i = 0; i < 3 * round; i++) {
			assert_int_equal(sp_queue_put(queue, item(in++), true, SP_FOREVER), SP_OK);
			assert_int_equal(sp_queue_empty(queue, &empty), SP_OK);
			assert_false(empty);
			assert_int_equal(sp_queue_qsize(queue), in - out);
		}
		for (unsigned i = 0; i < 2 * round; i++) {
			void *got = queue;
			assert_int_equal(sp_queue_get(queue, &got, true, SP_FOREVER), SP_OK);
			assert_ptr_equal(got, item(out++));
		}
	}
	assert_false(sp_queue_full(queue));
	for (void *got; sp_queue_get_nowait(queue, &got) == SP_OK;) {
		assert_ptr_equal(got, item(out++));
	}
	assert_int_equal(in, out);
	sp_queue_free(queue);
	sp_queue_free(NULL);
}

static void section_6_Queue_qsize_empty_full(void **state) {
	(void)state;
	sp_queue *queue = queue_of(2, 0);
	void *got;
	bool empty = false;
	assert_int_equal(sp_queue_empty(queue, &empty), SP_OK);
	assert_true(empty);
	assert_false(sp_queue_full(queue));
	assert_int_equal(sp_queue_qsize(queue), 0);
	assert_int_equal(sp_queue_put_nowait(queue, NULL), SP_OK);
	assert_false(sp_queue_full(queue));
	assert_int_equal(sp_queue_put_nowait(queue, NULL), SP_OK);
	assert_int_equal(sp_queue_empty(queue, &empty), SP_OK);
	assert_false(empty);
	assert_true(sp_queue_full(queue));
	assert_int_equal(sp_queue_qsize(queue), 2);
	assert_int_equal(sp_queue_get_nowait(queue, &got), SP_OK);
	assert_null(got);
	assert_false(sp_queue_full(queue));
	assert_int_equal(sp_queue_qsize(queue), 1);
	sp_queue_free(queue);
}

static void section_6_Queue_Full_and_Empty_at_once(void **state) {
	(void)state;
	sp_queue *full = queue_of(1, 1), *empty = queue_of(0, 0);
	void *got = full;
	int64_t start = probe_now();
	assert_int_equal(sp_queue_put_nowait(full, NULL), SP_E_FULL);
	assert_int_equal(sp_queue_put(full, NULL, false, SP_FOREVER), SP_E_FULL);
	assert_int_equal(sp_queue_put(full, NULL, true, 0), SP_E_FULL);
	assert_int_equal(sp_queue_put(full, NULL, true, -1), SP_E_FULL);
	assert_int_equal(sp_queue_put(full, NULL, true, INT64_MIN), SP_E_FULL);
	assert_int_equal(sp_queue_get_nowait(empty, &got), SP_E_EMPTY);
	assert_int_equal(sp_queue_get(empty, &got, false, SP_FOREVER), SP_E_EMPTY);
	assert_int_equal(sp_queue_get(empty, &got, true, 0), SP_E_EMPTY);
	assert_int_equal(sp_queue_get(empty, &got, true, -1), SP_E_EMPTY);
	assert_int_equal(sp_queue_get(empty, &got, true, INT64_MIN), SP_E_EMPTY);
	assert_int_equal(sp_queue_try_get(empty, &got), SP_E_EMPTY);
	assert_true(probe_now() - start < 2000 * MS);
	assert_ptr_equal(got, full);
	assert_int_equal(sp_queue_qsize(full), 1);
	sp_queue_free(full);
	sp_queue_free(empty);
}

static void section_6_Queue_Full_and_Empty_after_the_time(void **state) {
	(void)state;
	sp_queue *full = queue_of(1, 1), *empty = queue_of(0, 0);
	void *got = full;
	int64_t start = probe_now();
	assert_int_equal(sp_queue_put(full, NULL, true, 30 * MS), SP_E_FULL);
	int64_t between = probe_now();
	assert_int_equal(sp_queue_get(empty, &got, true, 30 * MS), SP_E_EMPTY);
	int64_t stop = probe_now();
	assert_true(between - start >= 30 * MS && between - start < 2000 * MS);
	assert_true(stop - between >= 30 * MS && stop - between < 2000 * MS);
	assert_ptr_equal(got, full);
	// What is there is handed out whatever the time.
	assert_int_equal(sp_queue_get(full, &got, true, -1), SP_OK);
	assert_ptr_equal(got, item(1));
	assert_int_equal(sp_queue_put(full, item(2), true, -1), SP_OK);
	sp_queue_free(full);
	sp_queue_free(empty);
}

static void section_6_Queue_put_waits_for_room_and_get_for_an_item(void **state) {
	(void)state;
	// The last is so long that it is no deadline any more.
	const int64_t timeouts[] = {20000 * MS, SP_FOREVER, SP_FOREVER - 1};
	for (size_t i = 0; i < sizeof timeouts / sizeof *timeouts; i++) {
		void *got;
		struct caller putter = {.queue = queue_of(1, 1),
			.call = PUT,
			.item = item(2),
			.timeout_ns = timeouts[i]};
		begin(&putter);
		assert_int_equal(sp_queue_get_nowait(putter.queue, &got), SP_OK);
		assert_ptr_equal(got, item(1));
		assert_int_equal(end(&putter), SP_OK);
		assert_int_equal(sp_queue_get_nowait(putter.queue, &got), SP_OK);
		assert_ptr_equal(got, item(2));

		struct caller getter = {
			.queue = putter.queue, .call = GET, .timeout_ns = timeouts[i]};
		begin(&getter);
		assert_int_equal(sp_queue_put_nowait(getter.queue, item(3)), SP_OK);
		assert_int_equal(end(&getter), SP_OK);
		assert_ptr_equal(getter.item, item(3));
		sp_queue_free(getter.queue);
	}
}

static void section_6_Queue_closed_says_so_and_leaves_the_rest_to_try_get(void **state) {
	(void)state;
	sp_queue *queue = queue_of(2, 2);
	sp_queue_close(queue);
	sp_queue_close(queue);
	void *got = NULL;
	bool empty = true;
	assert_int_equal(sp_queue_put(queue, NULL, true, SP_FOREVER), SP_E_CLOSED);
	assert_int_equal(sp_queue_put(queue, NULL, false, 0), SP_E_CLOSED);
	assert_int_equal(sp_queue_put_nowait(queue, NULL), SP_E_CLOSED);
	assert_int_equal(sp_queue_get(queue, &got, true, SP_FOREVER), SP_E_CLOSED);
	assert_int_equal(sp_queue_get(queue, &got, false, 0), SP_E_CLOSED);
	assert_int_equal(sp_queue_get_nowait(queue, &got), SP_E_CLOSED);
	assert_null(got);
	assert_int_equal(sp_queue_empty(queue, &empty), SP_E_CLOSED);
	assert_true(empty);
	assert_int_equal(sp_queue_qsize(queue), 2);
	assert_true(sp_queue_full(queue));
	assert_int_equal(sp_queue_try_get(queue, &got), SP_OK);
	assert_ptr_equal(got, item(1));
	assert_int_equal(sp_queue_qsize(queue), 1);
	assert_false(sp_queue_full(queue));
	assert_int_equal(sp_queue_try_get(queue, &got), SP_OK);
	assert_ptr_equal(got, item(2));
	assert_int_equal(sp_queue_try_get(queue, &got), SP_E_CLOSED);
	assert_int_equal(sp_queue_get_nowait(queue, &got), SP_E_CLOSED);
	sp_queue_free(queue);
}

static void section_6_Queue_close_wakes_all_who_wait(void **state) {
	(void)state;
	sp_queue *empty = queue_of(0, 0), *full = queue_of(1, 1);
	struct caller callers[8] = {0};
	for (int i = 0; i < 8; i++) {
		callers[i].queue = i < 4 ? empty : full;
		callers[i].call = i < 4 ? GET : PUT;
		callers[i].timeout_ns = i % 2 ? SP_FOREVER : 3600000 * MS;
		begin(&callers[i]);
	}
	sp_queue_close(empty);
	sp_queue_close(full);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(end(&callers[i]), SP_E_CLOSED);
	}
	assert_int_equal(sp_queue_qsize(full), 1);
	sp_queue_free(empty);
	sp_queue_free(full);
}

static void section_6_Queue_fd_readable_when_get_would_not_block(void **state) {
	(void)state;
	int fds = probe_count("fd");
	sp_queue *queue = queue_of(0, 1);
	void *got;
	assert_int_equal(probe_count("fd"), fds); // nobody has asked
	int fd = sp_queue_fd(queue);
	assert_true(fd > 2);
	assert_int_equal(sp_queue_fd(queue), fd);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_true(readable(fd));
	assert_int_equal(sp_queue_get(queue, &got, true, MS), SP_OK);
	assert_false(readable(fd));
	assert_int_equal(sp_queue_get(queue, &got, true, MS), SP_E_EMPTY);
	assert_int_equal(sp_queue_put(queue, item(1), true, MS), SP_OK);
	assert_true(readable(fd));
	sp_queue_close(queue);
	assert_int_equal(sp_queue_try_get(queue, &got), SP_OK);
	assert_true(readable(fd));
	sp_queue_free(queue);
	assert_int_equal(probe_count("fd"), fds);
}

static void section_6_Queue_bpo_33078_put_without_memory_takes_no_slot(void **state) {
	(void)state;
	sp_queue *queue = queue_of(17, 16); // the ring is full, the queue is not
	void *got;
	int fd = sp_queue_fd(queue);
	no_memory = true;
	assert_int_equal(sp_queue_put(queue, item(17), true, SP_FOREVER), SP_E_NOMEM);
	assert_int_equal(sp_queue_put_nowait(queue, item(17)), SP_E_NOMEM);
	no_memory = false;
	assert_int_equal(sp_queue_qsize(queue), 16);
	assert_false(sp_queue_full(queue));
	assert_int_equal(sp_queue_put_nowait(queue, item(17)), SP_OK);
	assert_int_equal(sp_queue_put_nowait(queue, item(18)), SP_E_FULL);
	for (uintptr_t i = 1; i <= 17; i++) {
		assert_true(readable(fd));
		assert_int_equal(sp_queue_get_nowait(queue, &got), SP_OK);
		assert_ptr_equal(got, item(i));
		assert_int_equal(sp_queue_task_done(queue), SP_OK);
	}
	assert_false(readable(fd));
	assert_int_equal(sp_queue_join(queue, 0), SP_OK);
	sp_queue_free(queue);
}

static void section_6_Queue_first_put_without_memory(void **state) {
	(void)state;
	sp_queue *queue = queue_of(0, 0);
	bool empty = false;
	no_memory = true;
	assert_int_equal(sp_queue_put_nowait(queue, NULL), SP_E_NOMEM);
	no_memory = false;
	assert_int_equal(sp_queue_empty(queue, &empty), SP_OK);
	assert_true(empty);
	assert_int_equal(sp_queue_put_nowait(queue, NULL), SP_OK);
	sp_queue_free(queue);
}

// ---- Waiting with and without a limit, and not at all, at the same time

static void an_item_comes(sp_queue *queue) {
	assert_int_equal(sp_queue_put_nowait(queue, item(7)), SP_OK);
}

static void an_item_goes(sp_queue *queue) {
	void *got;
	assert_int_equal(sp_queue_get_nowait(queue, &got), SP_OK);
}

static void all_is_done(sp_queue *queue) {
	assert_int_equal(sp_queue_task_done(queue), SP_OK);
}

// The signal of the other side may have gone to the one that gives up: it has to look once more.
static void section_6_Queue_what_comes_as_the_time_is_over_is_taken(void **state) {
	(void)state;
	sp_queue *queue = queue_of(1, 0);
	void *got = NULL;
	waited_for = queue;
	in_the_last_moment = an_item_comes;
	assert_int_equal(sp_queue_get(queue, &got, true, MS), SP_OK);
	assert_ptr_equal(got, item(7));
	assert_int_equal(sp_queue_put_nowait(queue, NULL), SP_OK);
	in_the_last_moment = an_item_goes;
	assert_int_equal(sp_queue_put(queue, item(8), true, MS), SP_OK);
	assert_int_equal(sp_queue_get_nowait(queue, &got), SP_OK);
	assert_ptr_equal(got, item(8));
	assert_int_equal(sp_queue_task_done(queue), SP_OK);
	assert_int_equal(sp_queue_task_done(queue), SP_OK);
	in_the_last_moment = all_is_done;
	assert_int_equal(sp_queue_join(queue, MS), SP_OK);
	in_the_last_moment = sp_queue_close;
	assert_int_equal(sp_queue_get(queue, &got, true, MS), SP_E_CLOSED);
	sp_queue_free(queue);
}

enum { ROUNDS = 300, BRIEF = 3, BRIEFLY = 200000 };

// Getters whose time is over just when an item comes.
struct race {
	sp_queue *queue;
	pthread_barrier_t barrier;
	atomic_uint got;
};

static void *get_briefly(void *arg) {
	struct race *race = arg;
	for (int64_t round = 0; round < ROUNDS; round++) {
		void *got;
		pthread_barrier_wait(&race->barrier);
		race->got += sp_queue_get(race->queue, &got, true, BRIEFLY) == SP_OK;
		pthread_barrier_wait(&race->barrier);
	}
	return NULL;
}

static void *get_patiently(void *arg) {
	struct race *race = arg;
	for (void *got; sp_queue_get(race->queue, &got, true, SP_FOREVER) == SP_OK;) {
		race->got++;
	}
	return NULL;
}

static void section_6_Queue_no_item_waits_for_one_whose_time_is_over(void **state) {
	(void)state;
	struct race race = {.queue = queue_of(0, 0)};
	pthread_t brief[BRIEF], patient;
	assert_int_equal(pthread_barrier_init(&race.barrier, NULL, BRIEF + 1), 0);
	assert_int_equal(pthread_create(&patient, NULL, get_patiently, &race), 0);
	for (int i = 0; i < BRIEF; i++) {
		assert_int_equal(pthread_create(&brief[i], NULL, get_briefly, &race), 0);
	}
	for (unsigned round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&race.barrier);
		int64_t over = probe_now() + BRIEFLY;
		// The patient one takes the first and waits anew, behind the brief ones.
		while (probe_now() < over - BRIEFLY / 2) {
		}
		assert_int_equal(sp_queue_put_nowait(race.queue, NULL), SP_OK);
		while (probe_now() < over + (round % 100) * 1000) {
		}
		assert_int_equal(sp_queue_put_nowait(race.queue, NULL), SP_OK);
		// The brief ones do not come again before both are taken.
		AWAIT(race.got == 2 * (round + 1));
		pthread_barrier_wait(&race.barrier);
	}
	sp_queue_close(race.queue);
	for (int i = 0; i < BRIEF; i++) {
		pthread_join(brief[i], NULL);
	}
	pthread_join(patient, NULL);
	pthread_barrier_destroy(&race.barrier);
	sp_queue_free(race.queue);
}

enum { ENDS = 6, EACH = 3000 };

struct worker {
	sp_queue *queue;
	pthread_t thread;
	uintptr_t number;
	unsigned moved;
	sp_status status;     // one that may not be, else SP_OK
	uintptr_t last[ENDS]; // of each producer
	bool disorder;
};

// Every third goes by the clock, every third does not wait, every third waits without limit.
static void *produce(void *arg) {
	struct worker *me = arg;
	while (me->moved < EACH && me->status == SP_OK) {
		void *next = item((me->moved + 1) * ENDS + me->number);
		sp_status status = me->number % 3 == 0 ? sp_queue_put(me->queue, next, true, 20000)
				   : me->number % 3 == 1
					   ? sp_queue_put_nowait(me->queue, next)
					   : sp_queue_put(me->queue, next, true, SP_FOREVER);
		me->moved += status == SP_OK;
		me->status = status == SP_E_FULL ? SP_OK : status;
		if (status == SP_E_FULL && me->number % 3 == 1) {
			sched_yield();
		}
	}
	return NULL;
}

static void *consume(void *arg) {
	struct worker *me = arg;
	for (void *got = me;;) {
		sp_status status = me->number % 3 == 0 ? sp_queue_get(me->queue, &got, true, 20000)
				   : me->number % 3 == 1
					   ? sp_queue_get_nowait(me->queue, &got)
					   : sp_queue_get(me->queue, &got, true, SP_FOREVER);
		if (status == SP_E_EMPTY) {
			sched_yield();
			continue;
		}
		if (status != SP_OK) {
			me->status = status;
			return NULL;
		}
		uintptr_t who = (uintptr_t)got % ENDS;
		me->disorder |= (uintptr_t)got <= me->last[who];
		me->last[who] = (uintptr_t)got;
		me->moved++;
		me->status = sp_queue_task_done(me->queue);
	}
}

static void stress(size_t maxsize) {
	sp_queue *queue = queue_of(maxsize, 0);
	struct worker producers[ENDS] = {0}, consumers[ENDS] = {0};
	unsigned got = 0;
	for (uintptr_t i = 0; i < ENDS; i++) {
		producers[i].queue = consumers[i].queue = queue;
		producers[i].number = consumers[i].number = i;
		assert_int_equal(
			pthread_create(&consumers[i].thread, NULL, consume, &consumers[i]), 0);
		assert_int_equal(
			pthread_create(&producers[i].thread, NULL, produce, &producers[i]), 0);
	}
	for (int i = 0; i < ENDS; i++) {
		pthread_join(producers[i].thread, NULL);
		assert_int_equal(producers[i].status, SP_OK);
		assert_int_equal(producers[i].moved, EACH);
	}
	assert_int_equal(sp_queue_join(queue, SP_FOREVER), SP_OK);
	assert_int_equal(sp_queue_qsize(queue), 0);
	sp_queue_close(queue);
	for (int i = 0; i < ENDS; i++) {
		pthread_join(consumers[i].thread, NULL);
		assert_int_equal(consumers[i].status, SP_E_CLOSED);
		assert_false(consumers[i].disorder);
		got += consumers[i].moved;
	}
	assert_int_equal(got, ENDS * EACH);
	assert_int_equal(sp_queue_task_done(queue), SP_E_OVERRELEASE);
	sp_queue_free(queue);
}

static void section_6_Queue_many_at_both_ends_with_racing_timeouts(void **state) {
	(void)state;
	stress(1);
	stress(3);
	stress(0);
}

static void section_6_Queue_close_while_many_wait_loses_nothing(void **state) {
	(void)state;
	for (int round = 0; round < 50; round++) {
		sp_queue *queue = queue_of(2, 0);
		struct worker ends[2 * ENDS] = {0};
		void *got;
		int left = 0;
		for (uintptr_t i = 0; i < 2 * ENDS; i++) {
			ends[i].queue = queue;
			ends[i].number = i / 2;
			assert_int_equal(pthread_create(&ends[i].thread, NULL,
						 i % 2 ? consume : produce, &ends[i]),
				0);
		}
		sp_queue_close(queue);
		for (int i = 0; i < 2 * ENDS; i++) {
			pthread_join(ends[i].thread, NULL);
			assert_true(ends[i].status == SP_E_CLOSED || ends[i].moved == EACH);
			left += i % 2 ? -(int)ends[i].moved : (int)ends[i].moved;
		}
		assert_int_equal(sp_queue_qsize(queue), left);
		for (; sp_queue_try_get(queue, &got) == SP_OK; left--) {
			assert_int_equal(sp_queue_task_done(queue), SP_OK);
		}
		assert_int_equal(left, 0);
		assert_int_equal(sp_queue_join(queue, 0), SP_OK);
		sp_queue_free(queue);
	}
}

// ---- JoinableQueue

static void section_6_JoinableQueue_join_waits_until_all_is_done(void **state) {
	(void)state;
	struct caller joiners[3] = {{.call = JOIN, .timeout_ns = SP_FOREVER},
		{.call = JOIN, .timeout_ns = 3600000 * MS},
		{.call = JOIN, .timeout_ns = SP_FOREVER}};
	sp_queue *queue = queue_of(0, 0);
	void *got;
	assert_int_equal(sp_queue_join(queue, SP_FOREVER), SP_OK); // nothing to wait for
	assert_int_equal(sp_queue_put_nowait(queue, NULL), SP_OK);
	assert_int_equal(sp_queue_put_nowait(queue, NULL), SP_OK);
	for (int i = 0; i < 3; i++) {
		joiners[i].queue = queue;
		begin(&joiners[i]);
	}
	assert_int_equal(sp_queue_get_nowait(queue, &got), SP_OK);
	assert_int_equal(sp_queue_task_done(queue), SP_OK);
	assert_int_equal(sp_queue_get_nowait(queue, &got), SP_OK);
	assert_int_equal(sp_queue_join(queue, 0), SP_E_TIMEOUT); // empty, but not done
	assert_false(joiners[0].back || joiners[1].back || joiners[2].back);
	assert_int_equal(sp_queue_task_done(queue), SP_OK);
	AWAIT(joiners[0].back && joiners[1].back && joiners[2].back);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(end(&joiners[i]), SP_OK);
	}
	assert_int_equal(sp_queue_join(queue, SP_FOREVER), SP_OK);
	sp_queue_free(queue);
}

static void section_6_JoinableQueue_task_done_called_too_many_times(void **state) {
	(void)state;
	sp_queue *queue = queue_of(2, 0);
	assert_int_equal(sp_queue_task_done(queue), SP_E_OVERRELEASE);
	assert_int_equal(sp_queue_put_nowait(queue, NULL), SP_OK);
	assert_int_equal(sp_queue_put_nowait(queue, NULL), SP_OK);
	// What was refused does not count.
	assert_int_equal(sp_queue_put_nowait(queue, NULL), SP_E_FULL);
	assert_int_equal(sp_queue_task_done(queue), SP_OK); // nothing was got yet: as in Python
	assert_int_equal(sp_queue_task_done(queue), SP_OK);
	assert_int_equal(sp_queue_task_done(queue), SP_E_OVERRELEASE);
	assert_int_equal(sp_queue_join(queue, 0), SP_OK);
	sp_queue_close(queue);
	assert_int_equal(sp_queue_put_nowait(queue, NULL), SP_E_CLOSED);
	assert_int_equal(sp_queue_task_done(queue), SP_E_OVERRELEASE);
	sp_queue_free(queue);
}

static void section_6_JoinableQueue_join_with_a_limit(void **state) {
	(void)state;
	sp_queue *queue = queue_of(0, 1);
	assert_int_equal(sp_queue_join(queue, 0), SP_E_TIMEOUT);
	assert_int_equal(sp_queue_join(queue, INT64_MIN), SP_E_TIMEOUT);
	int64_t start = probe_now();
	assert_int_equal(sp_queue_join(queue, 30 * MS), SP_E_TIMEOUT);
	int64_t took = probe_now() - start;
	assert_true(took >= 30 * MS && took < 2000 * MS);
	assert_int_equal(sp_queue_task_done(queue), SP_OK);
	assert_int_equal(sp_queue_join(queue, -1), SP_OK);
	sp_queue_free(queue);
}

static void section_6_JoinableQueue_close_does_not_end_join(void **state) {
	(void)state;
	struct caller joiner = {.queue = queue_of(0, 1), .call = JOIN, .timeout_ns = SP_FOREVER};
	void *got;
	begin(&joiner);
	sp_queue_close(joiner.queue);
	assert_int_equal(sp_queue_join(joiner.queue, 10 * MS), SP_E_TIMEOUT);
	assert_false(joiner.back);
	assert_int_equal(sp_queue_try_get(joiner.queue, &got), SP_OK);
	assert_int_equal(sp_queue_task_done(joiner.queue), SP_OK);
	assert_int_equal(end(&joiner), SP_OK);
	sp_queue_free(joiner.queue);
}

// As in Python, whose join does not look at the counter again after it was woken.
static void section_6_JoinableQueue_that_all_was_done_for_a_moment_is_enough(void **state) {
	(void)state;
	sp_queue *queue = queue_of(0, 1);
	for (int round = 0; round < 20; round++) {
		struct caller joiner = {.queue = queue, .call = JOIN, .timeout_ns = SP_FOREVER};
		begin(&joiner);
		sp_queue_task_done(queue);
		sp_queue_put_nowait(queue, NULL);
		assert_int_equal(end(&joiner), SP_OK);
		assert_int_equal(sp_queue_join(queue, 0), SP_E_TIMEOUT);
	}
	sp_queue_free(queue);
}

// ---- Which clock

// The futex call in which a thread sleeps, as the kernel shows it: its operation, and whether it
// has a deadline.
static bool sleeps_in_futex(pid_t tid, int *operation, bool *deadline) {
	char path[64], line[256] = "";
	snprintf(path, sizeof path, "/proc/self/task/%d/syscall", (int)tid);
	FILE *file = fopen(path, "re");
	if (!file) {
		return false;
	}
	long number;
	unsigned bits = 0;
	unsigned long timeout = 0;
	bool found = fgets(line, sizeof line, file) &&
		     sscanf(line, "%ld %*s %x %*s %lx", &number, &bits, &timeout) == 3 &&
		     number == SYS_futex;
	fclose(file);
	*operation = (int)bits;
	*deadline = timeout != 0;
	return found;
}

// A wait on CLOCK_REALTIME would end late or early when somebody sets the clock.
static void DEV13_timeouts_are_on_the_monotonic_clock(void **state) {
	(void)state;
	if (access("/proc/self/syscall", R_OK) != 0) {
		printf("tagged: %s: needs /proc/self/syscall\n", __func__);
		skip();
	}
	struct caller callers[] = {{.queue = queue_of(1, 1), .call = PUT},
		{.queue = queue_of(0, 0), .call = GET}, {.queue = queue_of(0, 1), .call = JOIN}};
	for (size_t i = 0; i < sizeof callers / sizeof *callers; i++) {
		struct caller *caller = &callers[i];
		int operation = 0;
		bool deadline = false;
		void *got;
		caller->timeout_ns = 3600000 * MS;
		begin(caller);
		AWAIT(sleeps_in_futex(caller->tid, &operation, &deadline) &&
			(operation & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET);
		assert_true(deadline);
		assert_int_equal(operation & FUTEX_CLOCK_REALTIME, 0);
		sp_queue_close(caller->queue);
		assert_int_equal(sp_queue_task_done(caller->queue),
			caller->call == GET ? SP_E_OVERRELEASE : SP_OK);
		assert_int_equal(end(caller), caller->call == JOIN ? SP_OK : SP_E_CLOSED);
		while (sp_queue_try_get(caller->queue, &got) == SP_OK) {
		}
		sp_queue_free(caller->queue);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(section_6_Queue_first_in_first_out_visible_at_once),
		cmocka_unit_test(section_6_Queue_qsize_empty_full),
		cmocka_unit_test(section_6_Queue_Full_and_Empty_at_once),
		cmocka_unit_test(section_6_Queue_Full_and_Empty_after_the_time),
		cmocka_unit_test(section_6_Queue_put_waits_for_room_and_get_for_an_item),
		cmocka_unit_test(section_6_Queue_closed_says_so_and_leaves_the_rest_to_try_get),
		cmocka_unit_test(section_6_Queue_close_wakes_all_who_wait),
		cmocka_unit_test(section_6_Queue_fd_readable_when_get_would_not_block),
		cmocka_unit_test(section_6_Queue_bpo_33078_put_without_memory_takes_no_slot),
		cmocka_unit_test(section_6_Queue_first_put_without_memory),
		cmocka_unit_test(section_6_Queue_what_comes_as_the_time_is_over_is_taken),
		cmocka_unit_test(section_6_Queue_no_item_waits_for_one_whose_time_is_over),
		cmocka_unit_test(section_6_Queue_many_at_both_ends_with_racing_timeouts),
		cmocka_unit_test(section_6_Queue_close_while_many_wait_loses_nothing),
		cmocka_unit_test(section_6_JoinableQueue_join_waits_until_all_is_done),
		cmocka_unit_test(section_6_JoinableQueue_task_done_called_too_many_times),
		cmocka_unit_test(section_6_JoinableQueue_join_with_a_limit),
		cmocka_unit_test(section_6_JoinableQueue_close_does_not_end_join),
		cmocka_unit_test(section_6_JoinableQueue_that_all_was_done_for_a_moment_is_enough),
		cmocka_unit_test(DEV13_timeouts_are_on_the_monotonic_clock),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
