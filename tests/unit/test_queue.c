// SPDX-License-Identifier: MIT
// The queue by itself: no process, no clock. Every job is claimed once, in order, and ends once.
#include "run/queue.h"
#include "run/slots.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void jobs_are_claimed_in_order_up_to_workers_and_those_ahead(void **state) {
	struct queue *queue = queue_new(10, 2, 2);
	size_t job;
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_true(queue_claim(queue, &job));
		assert_int_equal(job, i);
	}
	assert_true(queue_saturated(queue));
	assert_false(queue_claim(queue, &job));
	queue_settle(queue, 2, VERDICT_PASS);
	assert_false(queue_saturated(queue));
	assert_true(queue_claim(queue, &job));
	assert_int_equal(job, 4);
	assert_false(queue_finished(queue));
	queue_free(queue);
}

static void an_empty_queue_is_finished(void **state) {
	struct queue *queue = queue_new(0, 4, 4);
	size_t job;
	(void)state;
	assert_true(queue_finished(queue));
	assert_false(queue_claim(queue, &job));
	queue_free(queue);
}

static void fewer_workers_claim_less(void **state) {
	struct queue *queue = queue_new(10, 8, 0);
	size_t job;
	(void)state;
	assert_true(queue_claim(queue, &job) && queue_claim(queue, &job));
	queue_set_workers(queue, 1);
	assert_false(queue_claim(queue, &job));
	queue_settle(queue, 0, VERDICT_PASS);
	assert_false(queue_claim(queue, &job));
	queue_settle(queue, 1, VERDICT_PASS);
	assert_true(queue_claim(queue, &job));
	queue_free(queue);
}

static void a_cancelled_queue_names_what_never_started(void **state) {
	struct queue *queue = queue_new(5, 1, 1);
	size_t job;
	(void)state;
	assert_false(queue_abandon(queue, &job)); // not before it is cancelled
	assert_true(queue_claim(queue, &job) && queue_claim(queue, &job));
	queue_cancel(queue);
	assert_false(queue_claim(queue, &job));
	queue_take_back(queue, 1);
	for (size_t i = 2; i < 5; i++) {
		assert_true(queue_abandon(queue, &job));
		assert_int_equal(job, i);
	}
	assert_false(queue_abandon(queue, &job));
	assert_false(queue_finished(queue));
	queue_settle(queue, 0, VERDICT_CANCELLED);
	assert_true(queue_finished(queue));
	const struct tally *tally = queue_tally(queue);
	assert_int_equal(tally->jobs, 5);
	assert_int_equal(tally->done, 1);
	assert_int_equal(tally->not_started, 4);
	assert_int_equal(tally_failed(tally), 0);
	queue_free(queue);
}

static uint64_t random_next(uint64_t *seed) {
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

// One random life of a queue: claims and settles in any order, perhaps a cancel on the way.
static void live(uint64_t seed) {
	size_t jobs = random_next(&seed) % 300, workers = 1 + random_next(&seed) % 20;
	size_t ahead = random_next(&seed) % 20;
	size_t cancel_at = random_next(&seed) % 600, steps = 0, running = 0, ended = 0, job;
	struct queue *queue = queue_new(jobs, workers, ahead);
	size_t *out = calloc(workers + ahead, sizeof *out);
	unsigned char *times = calloc(jobs + 1, 1);
	while (!queue_finished(queue)) {
		if (steps++ == cancel_at) {
			queue_cancel(queue);
		}
		if (random_next(&seed) % 2 && queue_claim(queue, &job)) {
			assert_true(running < workers + ahead);
			out[running++] = job;
			times[job]++;
		} else if (running && random_next(&seed) % 2) {
			size_t i = random_next(&seed) % running;
			queue_settle(
				queue, out[i], (enum verdict)(random_next(&seed) % N_VERDICTS));
			out[i] = out[--running];
			ended++;
		} else if (queue_abandon(queue, &job)) {
			times[job]++;
			ended++;
		}
	}
	assert_int_equal(ended, jobs);
	for (size_t i = 0; i < jobs; i++) {
		assert_int_equal(times[i], 1);
	}
	assert_int_equal(queue_tally(queue)->done + queue_tally(queue)->not_started, jobs);
	free(times);
	free(out);
	queue_free(queue);
}

static void every_job_ends_exactly_once_in_500_random_lives(void **state) {
	(void)state;
	for (uint64_t seed = 1; seed <= 500; seed++) {
		live(seed * UINT64_C(0x9e3779b97f4a7c15));
	}
}

struct contest {
	struct slots *slots;
	atomic_int holders[131];
	atomic_bool shared;
};

static void *take_and_give(void *arg) {
	struct contest *contest = arg;
	for (int i = 0; i < 5000; i++) {
		unsigned slot = slots_take(contest->slots);
		if (slot < 1 || slot > 130 || atomic_fetch_add(&contest->holders[slot], 1) != 0) {
			atomic_store(&contest->shared, true);
			break;
		}
		atomic_fetch_sub(&contest->holders[slot], 1);
		slots_give(contest->slots, slot);
	}
	return NULL;
}

static void no_two_hold_the_same_slot(void **state) {
	struct contest contest = {.slots = slots_new(130)};
	pthread_t threads[8];
	(void)state;
	for (unsigned i = 1; i <= 130; i++) {
		assert_int_equal(
			slots_take(contest.slots), i); // the lowest first, beyond one word too
	}
	for (unsigned i = 130; i >= 1; i--) {
		slots_give(contest.slots, i);
	}
	for (int i = 0; i < 8; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, &contest), 0);
	}
	for (int i = 0; i < 8; i++) {
		pthread_join(threads[i], NULL);
	}
	assert_false(atomic_load(&contest.shared));
	slots_free(contest.slots);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_are_claimed_in_order_up_to_workers_and_those_ahead),
		cmocka_unit_test(an_empty_queue_is_finished),
		cmocka_unit_test(fewer_workers_claim_less),
		cmocka_unit_test(a_cancelled_queue_names_what_never_started),
		cmocka_unit_test(every_job_ends_exactly_once_in_500_random_lives),
		cmocka_unit_test(no_two_hold_the_same_slot),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
