// SPDX-License-Identifier: MIT
// The queue by itself: no process, no clock. Every job is claimed once, in order, and ends once;
// what waits for others starts or is skipped as they end.
#include "base/indexset.h"
#include "run/queue.h"
#include "run/slots.h"

#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "graph.h"

static bool settle(struct queue *queue, size_t job, enum verdict verdict) {
	return queue_settle(queue, &(struct result){.index = job, .verdict = verdict});
}

static bool settle_allowed(struct queue *queue, size_t job, enum verdict verdict) {
	return queue_settle(
		queue, &(struct result){.index = job, .verdict = verdict, .allowed = true});
}

static void claims(struct queue *queue, size_t job) {
	size_t claimed = SIZE_MAX;
	assert_true(queue_claim(queue, &claimed));
	assert_int_equal(claimed, job);
}

static void claims_none(struct queue *queue) {
	size_t job;
	assert_false(queue_claim(queue, &job));
}

// The next skip is this one; because matters with SKIP_NEED only.
static void skips(struct queue *queue, size_t job, enum skip_reason reason, size_t because) {
	struct skip skip;
	size_t skipped = SIZE_MAX;
	assert_true(queue_skip(queue, &skipped, &skip));
	assert_int_equal(skipped, job);
	assert_int_equal(skip.reason, reason);
	assert_int_equal(skip.because, because);
}

static void skips_none(struct queue *queue) {
	struct skip skip;
	size_t job;
	assert_false(queue_skip(queue, &job, &skip));
}

static void closes(struct queue *queue, struct graph *graph, size_t skipped, size_t not_started) {
	const struct tally *tally = queue_tally(queue);
	assert_true(queue_finished(queue));
	assert_int_equal(tally->skipped, skipped);
	assert_int_equal(tally->not_started, not_started);
	assert_int_equal(tally->done + skipped + not_started, graph->plan.n_jobs);
	queue_free(queue);
	graph_free(graph);
}

static void jobs_are_claimed_in_order_up_to_workers_and_those_ahead(void **state) {
	struct graph *graph = graph_new(10, 0);
	struct queue *queue = queue_new(&graph->plan, 2, 2);
	size_t job;
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_true(queue_claim(queue, &job));
		assert_int_equal(job, i);
	}
	assert_true(queue_saturated(queue));
	assert_false(queue_claim(queue, &job));
	settle(queue, 2, VERDICT_PASS);
	assert_false(queue_saturated(queue));
	assert_true(queue_claim(queue, &job));
	assert_int_equal(job, 4);
	assert_false(queue_finished(queue));
	queue_free(queue);
	graph_free(graph);
}

static void an_empty_queue_is_finished(void **state) {
	struct graph *graph = graph_new(0, 0);
	struct queue *queue = queue_new(&graph->plan, 4, 4);
	size_t job;
	(void)state;
	assert_true(queue_finished(queue));
	assert_false(queue_claim(queue, &job));
	queue_free(queue);
	graph_free(graph);
}

static void fewer_workers_claim_less(void **state) {
	struct graph *graph = graph_new(10, 0);
	struct queue *queue = queue_new(&graph->plan, 8, 0);
	size_t job;
	(void)state;
	assert_true(queue_claim(queue, &job) && queue_claim(queue, &job));
	queue_set_workers(queue, 1);
	assert_false(queue_claim(queue, &job));
	settle(queue, 0, VERDICT_PASS);
	assert_false(queue_claim(queue, &job));
	settle(queue, 1, VERDICT_PASS);
	assert_true(queue_claim(queue, &job));
	queue_free(queue);
	graph_free(graph);
}

static void a_cancelled_queue_names_what_never_started(void **state) {
	struct graph *graph = graph_new(5, 0);
	struct queue *queue = queue_new(&graph->plan, 1, 1);
	struct skip skip;
	size_t job;
	(void)state;
	skips_none(queue); // not before it is cancelled
	assert_true(queue_claim(queue, &job) && queue_claim(queue, &job));
	queue_cancel(queue);
	assert_false(queue_claim(queue, &job));
	assert_true(queue_bars(queue, 1));
	queue_take_back(queue, 1, &skip);
	assert_int_equal(skip.reason, SKIP_CANCEL);
	for (size_t i = 2; i < 5; i++) {
		skips(queue, i, SKIP_CANCEL, 0);
	}
	skips_none(queue);
	assert_false(queue_finished(queue));
	settle(queue, 0, VERDICT_CANCELLED);
	assert_true(queue_finished(queue));
	const struct tally *tally = queue_tally(queue);
	assert_int_equal(tally->jobs, 5);
	assert_int_equal(tally->done, 1);
	assert_int_equal(tally->not_started, 4);
	assert_int_equal(tally_failed(tally), 0);
	queue_free(queue);
	graph_free(graph);
}

// One random life of a queue: claims and settles in any order, perhaps a cancel on the way.
static void live(uint64_t seed) {
	size_t jobs = random_next(&seed) % 300, workers = 1 + random_next(&seed) % 20;
	size_t ahead = random_next(&seed) % 20;
	struct skip skip;
	size_t cancel_at = random_next(&seed) % 600, steps = 0, running = 0, ended = 0, job;
	struct graph *graph = graph_new(jobs, 0);
	struct queue *queue = queue_new(&graph->plan, workers, ahead);
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
			settle(queue, out[i], (enum verdict)(random_next(&seed) % N_VERDICTS));
			out[i] = out[--running];
			ended++;
		} else if (queue_skip(queue, &job, &skip)) {
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
	graph_free(graph);
}

static void every_job_ends_exactly_once_in_500_random_lives(void **state) {
	(void)state;
	for (uint64_t seed = 1; seed <= 500; seed++) {
		live(seed * UINT64_C(0x9e3779b97f4a7c15));
	}
}

static void a_set_gives_its_lowest_first(void **state) {
	static const size_t sizes[] = {1, 63, 64, 65, 4096, 4097, 300000};
	uint64_t seed = 88172645463325252;
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct indexset *set = indexset_new(sizes[i]);
		unsigned char *in = calloc(sizes[i], 1);
		size_t job;
		for (int step = 0; step < 3000; step++) {
			job = random_below(&seed, sizes[i]);
			indexset_add(set, job);
			in[job] = 1;
			job = random_percent(&seed, 50) ? job : random_below(&seed, sizes[i]);
			if (random_percent(&seed, 40)) {
				indexset_remove(set, job);
				in[job] = 0;
			}
			if (random_percent(&seed, 5) && indexset_take(set, &job)) {
				assert_ptr_equal(memchr(in, 1, sizes[i]), &in[job]);
				in[job] = 0;
			}
		}
		while (indexset_take(set, &job)) {
			assert_ptr_equal(memchr(in, 1, sizes[i]), &in[job]);
			in[job] = 0;
		}
		assert_null(memchr(in, 1, sizes[i]));
		indexset_free(set);
		free(in);
	}
}

// How the job ends that others need.
enum ending { PASSES, FAILS, MAY_FAIL, IS_CANCELLED, IS_SKIPPED, NOT_ASKED, N_ENDINGS };

// A queue in which job 0 has ended so. Jobs 1, 2, 3 need it under a condition; 4 is always, 5
// on_failure. Job 6 is what it takes to have it skipped.
static struct queue *after(struct graph *graph, enum ending ending) {
	static const enum verdict verdicts[] = {
		[PASSES] = VERDICT_PASS,
		[FAILS] = VERDICT_SIGNAL,
		[MAY_FAIL] = VERDICT_TIMEOUT,
		[IS_CANCELLED] = VERDICT_CANCELLED,
	};
	for (unsigned i = 1; i <= 5; i++) {
		NEEDS(graph, i, i, {0, i <= 3 ? (enum need_condition)(i - 1) : NEED_PASSED});
	}
	graph->jobs[4].when = WHEN_ALWAYS;
	graph->jobs[5].when = WHEN_ON_FAILURE;
	if (ending == IS_SKIPPED) {
		NEEDS(graph, 0, 0, {6, NEED_FAILED});
	} else if (ending == NOT_ASKED) {
		NEEDS(graph, 0, 0, {6, NEED_DONE});
		graph->jobs[0].when = WHEN_ON_FAILURE;
	}
	struct queue *queue = queue_new(&graph->plan, 10, 0);
	if (ending < IS_SKIPPED) {
		claims(queue, 0);
	}
	claims(queue, 6);
	claims_none(queue);
	skips_none(queue);
	settle(queue, 6, VERDICT_PASS);
	if (ending == MAY_FAIL) {
		settle_allowed(queue, 0, verdicts[ending]);
	} else if (ending < IS_SKIPPED) {
		settle(queue, 0, verdicts[ending]);
	} else {
		claims_none(queue); // not before the skip is out
		skips(queue, 0, ending == IS_SKIPPED ? SKIP_NEED : SKIP_WHEN,
			ending == IS_SKIPPED ? 6 : 0);
	}
	return queue;
}

static void what_a_job_needs_decides_whether_it_starts(void **state) {
	// passed, done, failed, always, on_failure
	static const char *const starts[N_ENDINGS] = {
		[PASSES] = "yynyn",
		[FAILS] = "nyyyy",
		[MAY_FAIL] = "yyyyn",
		[IS_CANCELLED] = "nyyyy",
		[IS_SKIPPED] = "nynyy",
		[NOT_ASKED] = "nynyn",
	};
	(void)state;
	for (int ending = PASSES; ending < N_ENDINGS; ending++) {
		struct graph *graph = graph_new(7, 6);
		struct queue *queue = after(graph, (enum ending)ending);
		size_t skipped = ending >= IS_SKIPPED;
		for (size_t i = 1; i <= 5; i++) {
			if (starts[ending][i - 1] == 'y') {
				claims(queue, i);
				settle(queue, i, VERDICT_PASS);
			}
		}
		claims_none(queue);
		for (size_t i = 1; i <= 5; i++) {
			if (starts[ending][i - 1] == 'n') {
				skips(queue, i, i == 5 ? SKIP_WHEN : SKIP_NEED, 0);
				skipped++;
			}
		}
		skips_none(queue);
		closes(queue, graph, skipped, 0);
	}
}

static void needs_are_awaited_all_and_broken_by_one(void **state) {
	struct graph *graph = graph_new(6, 3);
	(void)state;
	NEEDS(graph, 0, 0, {3, NEED_PASSED}, {4, NEED_PASSED}, {4, NEED_DONE});
	NEEDS(graph, 1, 1, {3, NEED_PASSED}, {5, NEED_PASSED});
	NEEDS(graph, 2, 2, {3, NEED_PASSED}, {5, NEED_PASSED});
	graph->jobs[2].when = WHEN_ON_FAILURE;
	struct queue *queue = queue_new(&graph->plan, 10, 0);
	claims(queue, 3);
	claims(queue, 4);
	claims(queue, 5);
	settle(queue, 4, VERDICT_PASS);
	claims_none(queue);
	settle(queue, 5, VERDICT_FAIL);
	claims_none(queue); // the clean-up waits for all
	settle_allowed(queue, 3, VERDICT_FAIL);
	claims(queue, 0);
	claims(queue, 2);
	skips(queue, 1, SKIP_NEED, 5);
	settle(queue, 0, VERDICT_PASS);
	settle(queue, 2, VERDICT_PASS);
	closes(queue, graph, 1, 0);
}

// Both of what it needs have failed before that is said.
static void the_first_that_failed_is_named(void **state) {
	struct graph *graph = graph_new(3, 1);
	(void)state;
	NEEDS(graph, 0, 0, {1, NEED_PASSED}, {2, NEED_PASSED});
	struct queue *queue = queue_new(&graph->plan, 10, 0);
	claims(queue, 1);
	claims(queue, 2);
	settle(queue, 2, VERDICT_FAIL);
	settle(queue, 1, VERDICT_FAIL);
	skips(queue, 0, SKIP_NEED, 2);
	skips_none(queue);
	closes(queue, graph, 1, 0);
}

static void the_first_of_the_file_starts_first(void **state) {
	struct graph *graph = graph_new(8, 1);
	(void)state;
	NEEDS(graph, 1, 0, {7, NEED_PASSED});
	graph->jobs[3].needs = graph->jobs[5].needs = &graph->lists[0];
	struct queue *queue = queue_new(&graph->plan, 3, 0);
	claims(queue, 0);
	claims(queue, 2);
	claims(queue, 4);
	settle(queue, 0, VERDICT_PASS);
	claims(queue, 6);
	settle(queue, 2, VERDICT_PASS);
	claims(queue, 7);
	claims_none(queue);
	settle(queue, 7, VERDICT_PASS);
	claims(queue, 1);
	settle(queue, 4, VERDICT_PASS);
	claims(queue, 3);
	settle(queue, 6, VERDICT_PASS);
	claims(queue, 5);
	settle(queue, 1, VERDICT_PASS);
	settle(queue, 3, VERDICT_PASS);
	settle(queue, 5, VERDICT_PASS);
	closes(queue, graph, 0, 0);
}

static void the_failure_of_what_was_left_out_cannot_be_had(void **state) {
	struct graph *graph = graph_new(5, 1);
	(void)state;
	NEEDS(graph, 0, 0, {4, NEED_PASSED});
	graph->lists[0].left_out = "other";
	for (size_t i = 1; i < 4; i++) {
		graph->jobs[i].needs = &graph->lists[0];
	}
	graph->jobs[2].when = WHEN_ALWAYS;
	graph->jobs[3].when = WHEN_ON_FAILURE;
	struct queue *queue = queue_new(&graph->plan, 10, 0);
	skips(queue, 0, SKIP_LEFT_OUT, 0);
	skips(queue, 1, SKIP_LEFT_OUT, 0);
	skips_none(queue);
	claims(queue, 4);
	claims_none(queue);
	settle(queue, 4, VERDICT_PASS);
	claims(queue, 2);
	skips(queue, 3, SKIP_WHEN, 0);
	settle(queue, 2, VERDICT_PASS);
	closes(queue, graph, 3, 0);
}

static void clean_up_jobs_without_needs_know_at_once(void **state) {
	struct graph *graph = graph_new(3, 1);
	(void)state;
	graph->jobs[0].when = graph->jobs[2].when = WHEN_ON_FAILURE;
	graph->jobs[1].when = WHEN_ALWAYS;
	graph->jobs[2].needs = &graph->lists[0]; // an empty list
	struct queue *queue = queue_new(&graph->plan, 10, 0);
	skips(queue, 0, SKIP_WHEN, 0);
	skips(queue, 2, SKIP_WHEN, 0);
	claims(queue, 1);
	settle(queue, 1, VERDICT_PASS);
	closes(queue, graph, 2, 0);
}

enum { MANY = 100000 };

// Each needs the one before; the last one cleans up.
static void *runs_a_chain(void *arg) {
	enum verdict first = *(enum verdict *)arg;
	struct graph *graph = graph_new(MANY, MANY);
	for (size_t i = 1; i < MANY; i++) {
		NEEDS(graph, i, i, {(uint32_t)i - 1, NEED_PASSED});
	}
	graph->jobs[MANY - 1].when = WHEN_ALWAYS;
	struct queue *queue = queue_new(&graph->plan, 4, 4);
	claims(queue, 0);
	settle(queue, 0, first);
	for (size_t i = 1; i < MANY - 1; i++) {
		if (first == VERDICT_PASS) {
			claims(queue, i);
			claims_none(queue);
			settle(queue, i, VERDICT_PASS);
		} else {
			claims_none(queue);
			skips(queue, i, SKIP_NEED, i - 1);
		}
	}
	claims(queue, MANY - 1);
	settle(queue, MANY - 1, VERDICT_PASS);
	closes(queue, graph, first == VERDICT_PASS ? 0 : MANY - 2, 0);
	return NULL;
}

static void a_long_chain_takes_no_stack(void **state) {
	pthread_attr_t attributes;
	(void)state;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 256 * 1024UL);
	for (int i = 0; i < 2; i++) {
		enum verdict first = i ? VERDICT_FAIL : VERDICT_PASS;
		pthread_t thread;
		assert_int_equal(pthread_create(&thread, &attributes, runs_a_chain, &first), 0);
		pthread_join(thread, NULL);
	}
	pthread_attr_destroy(&attributes);
}

// Bytes that malloc has given out; a sanitizer's own says nothing.
static size_t allocated(void) {
	struct mallinfo2 info = mallinfo2();
	return info.uordblks + info.hblkhd;
}

// One half of the jobs needs the other half, each all of it.
static void a_shared_list_is_kept_once(void **state) {
	enum { HALF = 10000 };
	struct graph *graph = graph_new(2 * (size_t)HALF, 1);
	struct need *items = calloc(HALF, sizeof *items);
	(void)state;
	for (uint32_t i = 0; i < HALF; i++) {
		items[i] = (struct need){i, NEED_PASSED};
		graph->jobs[HALF + i].needs = &graph->lists[0];
	}
	graph_list(graph, 0, items, HALF);
	free(items);
	size_t before = allocated();
	struct queue *queue = queue_new(&graph->plan, 1, 0);
	assert_true(allocated() - before < 32 * 2 * (size_t)HALF);
	for (size_t i = 0; i < 2 * (size_t)HALF; i++) {
		claims(queue, i);
		settle(queue, i, VERDICT_PASS);
	}
	closes(queue, graph, 0, 0);
}

static void a_job_may_need_very_many(void **state) {
	struct graph *graph = graph_new(MANY + 1, 1);
	struct need *items = calloc(MANY, sizeof *items);
	(void)state;
	for (uint32_t i = 0; i < MANY; i++) {
		items[i] = (struct need){i + 1, NEED_PASSED};
	}
	graph_list(graph, 0, items, MANY);
	free(items);
	graph->jobs[0].needs = &graph->lists[0];
	struct queue *queue = queue_new(&graph->plan, 1, 0);
	for (size_t i = 1; i <= MANY; i++) {
		claims(queue, i);
		settle(queue, i, VERDICT_PASS);
	}
	claims(queue, 0);
	settle(queue, 0, VERDICT_PASS);
	closes(queue, graph, 0, 0);
}

// Which of these ends is the one that halts: pass, fail, allowed, cancelled, fail, pass, done.
static void halts_at(enum halt_on on, size_t count, size_t at) {
	static const enum verdict verdicts[] = {VERDICT_PASS, VERDICT_FAIL, VERDICT_FAIL,
		VERDICT_CANCELLED, VERDICT_EXEC, VERDICT_PASS};
	static const enum halted halted[] = {NOT_HALTED, HALTED_FAIL, HALTED_SUCCESS, HALTED_DONE};
	enum { N = sizeof verdicts / sizeof *verdicts };
	struct graph *graph = graph_new(N + 2, 1);
	graph->plan.halt = (struct plan_halt){.on = on, .count = count};
	NEEDS(graph, N, 0, {N + 1, NEED_PASSED});
	struct queue *queue = queue_new(&graph->plan, N, 0);
	for (size_t i = 0; i < N; i++) {
		claims(queue, i);
	}
	for (size_t i = 0; i < N; i++) {
		bool halts = i == 2 ? settle_allowed(queue, i, verdicts[i])
				    : settle(queue, i, verdicts[i]);
		assert_int_equal(halts, i == at);
		assert_int_equal(queue_tally(queue)->halted, i < at ? NOT_HALTED : halted[on]);
		assert_int_equal(queue_ending(queue), i >= at);
	}
	if (at < N) {
		skips(queue, N, SKIP_HALT, 0);
		skips(queue, N + 1, SKIP_HALT, 0);
	} else {
		claims(queue, N + 1);
		settle(queue, N + 1, VERDICT_PASS);
		claims(queue, N);
		settle(queue, N, VERDICT_PASS);
	}
	assert_int_equal(queue_tally(queue)->allowed, 1);
	assert_int_equal(tally_failed(queue_tally(queue)), 2);
	closes(queue, graph, 0, at < N ? 2 : 0);
}

static void a_halt_counts_what_it_names(void **state) {
	(void)state;
	halts_at(HALT_NEVER, 0, 100);
	halts_at(HALT_FAIL, 1, 1);
	halts_at(HALT_FAIL, 2, 4);
	halts_at(HALT_SUCCESS, 1, 0);
	halts_at(HALT_SUCCESS, 2, 5);
	halts_at(HALT_DONE, 3, 2);
	halts_at(HALT_DONE, 4, 4);
}

static void clean_up_goes_on_after_a_halt(void **state) {
	struct graph *graph = graph_new(7, 3);
	struct skip skip;
	(void)state;
	graph->plan.halt = (struct plan_halt){.on = HALT_FAIL, .count = 1};
	NEEDS(graph, 4, 0, {3, NEED_PASSED});
	NEEDS(graph, 5, 1, {0, NEED_PASSED}, {1, NEED_PASSED}, {4, NEED_PASSED});
	NEEDS(graph, 6, 2, {5, NEED_PASSED});
	graph->jobs[2].when = WHEN_ALWAYS;
	graph->jobs[5].when = WHEN_ON_FAILURE;
	struct queue *queue = queue_new(&graph->plan, 3, 0);
	claims(queue, 0);
	claims(queue, 1);
	claims(queue, 2);
	assert_true(settle(queue, 0, VERDICT_FAIL));
	assert_true(queue_bars(queue, 1) && !queue_bars(queue, 2) && !queue_bars(queue, 5));
	claims_none(queue);
	queue_take_back(queue, 1, &skip);
	assert_int_equal(skip.reason, SKIP_HALT);
	skips(queue, 3, SKIP_HALT, 0);
	claims_none(queue);
	skips(queue, 4, SKIP_HALT, 0); // not because of 3
	claims(queue, 5);
	skips(queue, 6, SKIP_HALT, 0);
	assert_false(settle(queue, 5, VERDICT_FAIL)); // halted once
	assert_false(queue_finished(queue));
	settle(queue, 2, VERDICT_PASS);
	closes(queue, graph, 0, 4);
}

static void after_a_cancel_not_even_clean_up_starts(void **state) {
	struct graph *graph = graph_new(4, 1);
	struct skip skip;
	(void)state;
	graph->plan.halt = (struct plan_halt){.on = HALT_FAIL, .count = 1};
	NEEDS(graph, 2, 0, {0, NEED_FAILED});
	graph->jobs[2].when = graph->jobs[3].when = WHEN_ALWAYS;
	struct queue *queue = queue_new(&graph->plan, 3, 0);
	claims(queue, 0);
	claims(queue, 1);
	claims(queue, 3);
	settle(queue, 0, VERDICT_FAIL);
	queue_cancel(queue);
	claims_none(queue);
	assert_true(queue_bars(queue, 3));
	queue_take_back(queue, 3, &skip);
	assert_int_equal(skip.reason, SKIP_CANCEL);
	skips(queue, 2, SKIP_CANCEL, 0);
	skips_none(queue);
	settle(queue, 1, VERDICT_CANCELLED);
	closes(queue, graph, 0, 2);
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
		cmocka_unit_test(a_set_gives_its_lowest_first),
		cmocka_unit_test(what_a_job_needs_decides_whether_it_starts),
		cmocka_unit_test(needs_are_awaited_all_and_broken_by_one),
		cmocka_unit_test(the_first_that_failed_is_named),
		cmocka_unit_test(the_first_of_the_file_starts_first),
		cmocka_unit_test(the_failure_of_what_was_left_out_cannot_be_had),
		cmocka_unit_test(clean_up_jobs_without_needs_know_at_once),
		cmocka_unit_test(a_long_chain_takes_no_stack),
		cmocka_unit_test(a_shared_list_is_kept_once),
		cmocka_unit_test(a_job_may_need_very_many),
		cmocka_unit_test(a_halt_counts_what_it_names),
		cmocka_unit_test(clean_up_goes_on_after_a_halt),
		cmocka_unit_test(after_a_cancel_not_even_clean_up_starts),
		cmocka_unit_test(no_two_hold_the_same_slot),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
