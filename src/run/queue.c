// SPDX-License-Identifier: MIT
/*
 * The state table behind the run.
 *
 *	         ┌─► READY ──► CLAIMED ──┐
 *	WAITING ─┤                       ├─► ENDED
 *	         └─► DOOMED ─────────────┘
 *
 * What is waited for is counted in each list of needs, not in each job, since many jobs share one:
 * an end is told to the lists that name the job, and a list tells its jobs when all is met, when
 * something no longer can be, and when all has ended. Telling changes states only; nothing here
 * calls itself, however long a chain is.
 */
#include "run/queue.h"
#include "base/indexset.h"
#include "run/lists.h"

#include <assert.h>
#include <stdlib.h>

enum state { WAITING, READY, DOOMED, CLAIMED, ENDED };

struct queue {
	const struct plan *plan;
	size_t workers, ahead, claimed, ended;
	size_t counted; // results that the halt counts
	bool cancelled, drained;
	bool open; // a source may make more jobs; none of them has a row here
	struct tally tally;
	struct indexset *ready, *doomed;
	struct lists *lists;
	unsigned char state[]; // of each job
};

bool job_cleans_up(const struct job *job) {
	return job->when != WHEN_NEEDED;
}

bool halt_counts(enum halt_on on, const struct result *result) {
	bool passed = result->verdict == VERDICT_PASS;
	if (result->verdict == VERDICT_CANCELLED) {
		return false;
	}
	switch (on) {
	case HALT_FAIL:
		return !passed && !result->allowed;
	case HALT_SUCCESS:
		return passed;
	case HALT_DONE:
		return true;
	case HALT_NEVER:
		break;
	}
	return false;
}

static void become(struct queue *queue, size_t job, enum state state) {
	if (queue->state[job] == READY) {
		indexset_remove(queue->ready, job);
	}
	if (state == READY) {
		indexset_add(queue->ready, job);
	} else if (state == DOOMED) {
		indexset_add(queue->doomed, job);
	}
	queue->state[job] = (unsigned char)state;
}

// All that the list names has ended: its clean-up jobs need to know no more.
static enum state decided(const struct job *job, bool not_passed) {
	return job->when == WHEN_ALWAYS || not_passed ? READY : DOOMED;
}

static void tell_jobs(struct queue *queue, uint32_t list, struct told told) {
	size_t job;
	for (bool any = lists_first(queue->lists, list, &job); any;
		any = lists_next(queue->lists, &job)) {
		const struct job *it = &queue->plan->jobs[job];
		if (queue->state[job] != WAITING) {
			continue;
		}
		if (job_cleans_up(it)) {
			if (told.ended) {
				become(queue, job, decided(it, told.not_passed));
			}
		} else if (told.broken || told.met) {
			become(queue, job, told.broken ? DOOMED : READY);
		}
	}
}

// Where a job stands before any has ended.
static void place_job(struct queue *queue, size_t job) {
	const struct job *it = &queue->plan->jobs[job];
	bool waits = needs_any(it->needs);
	if (job_cleans_up(it)) {
		if (!waits) {
			become(queue, job, decided(it, false));
		}
	} else if (it->needs && it->needs->left_out) {
		become(queue, job, DOOMED);
	} else if (!waits) {
		become(queue, job, READY);
	}
}

struct queue *queue_new(const struct plan *plan, size_t workers, size_t ahead) {
	struct queue *queue = calloc(1, sizeof *queue + plan->n_jobs);
	if (!queue) {
		return NULL;
	}
	queue->plan = plan;
	queue->open = plan->endless;
	queue->tally.jobs = plan->n_jobs;
	queue_set_workers(queue, workers);
	queue_set_ahead(queue, ahead);
	queue->ready = indexset_new(plan->n_jobs);
	queue->doomed = indexset_new(plan->n_jobs);
	queue->lists = lists_new(plan);
	if (!queue->ready || !queue->doomed || !queue->lists) {
		queue_free(queue);
		return NULL;
	}
	for (size_t i = 0; i < plan->n_jobs; i++) {
		place_job(queue, i);
	}
	return queue;
}

void queue_free(struct queue *queue) {
	if (queue) {
		indexset_free(queue->ready);
		indexset_free(queue->doomed);
		lists_free(queue->lists);
		free(queue);
	}
}

void queue_set_workers(struct queue *queue, size_t workers) {
	queue->workers = workers ? workers : 1;
}

void queue_set_ahead(struct queue *queue, size_t ahead) {
	queue->ahead = ahead;
}

bool queue_saturated(const struct queue *queue) {
	return queue->claimed >= queue->workers + queue->ahead;
}

bool queue_claim(struct queue *queue, size_t *job) {
	if (queue_saturated(queue) || !indexset_take(queue->ready, job)) {
		return false;
	}
	queue->state[*job] = CLAIMED;
	queue->claimed++;
	return true;
}

bool queue_may_claim(struct queue *queue) {
	size_t job;
	if (queue_saturated(queue) || !indexset_take(queue->ready, &job)) {
		return false;
	}
	indexset_add(queue->ready, job);
	return true;
}

const struct job *queue_job(const struct queue *queue, size_t index) {
	return &queue->plan->jobs[index];
}

size_t queue_claim_made(struct queue *queue) {
	queue->claimed++;
	return queue->tally.jobs++;
}

void queue_close(struct queue *queue) {
	queue->open = false;
}

void queue_leave_unread(struct queue *queue) {
	queue->open = false;
	queue->tally.unread = true;
}

bool queue_is_open(const struct queue *queue) {
	return queue->open;
}

static void end(struct queue *queue, size_t job, enum ending ending) {
	struct told told;
	uint32_t list;
	if (queue->plan->endless) {
		queue->claimed--;
		queue->ended++;
		return;
	}
	assert(queue->state[job] == CLAIMED || queue->state[job] == DOOMED);
	queue->claimed -= queue->state[job] == CLAIMED;
	queue->state[job] = ENDED;
	queue->ended++;
	for (size_t i = 0; lists_tell(queue->lists, job, i, ending, &list, &told); i++) {
		if (told.met || told.broken || told.ended) {
			tell_jobs(queue, list, told);
		}
	}
}

// All that was not claimed, but for clean-up jobs if those may still start.
static void doom_rest(struct queue *queue) {
	for (size_t i = 0; i < queue->plan->n_jobs; i++) {
		if (queue->state[i] <= READY && queue_bars(queue, i)) {
			become(queue, i, DOOMED);
		}
	}
}

static bool note_halt(struct queue *queue, const struct result *result) {
	static const enum halted halted[] = {
		[HALT_NEVER] = NOT_HALTED,
		[HALT_FAIL] = HALTED_FAIL,
		[HALT_SUCCESS] = HALTED_SUCCESS,
		[HALT_DONE] = HALTED_DONE,
	};
	const struct plan_halt *halt = &queue->plan->halt;
	if (!halt_counts(halt->on, result) || ++queue->counted < halt->count ||
		queue->tally.halted) {
		return false;
	}
	queue->tally.halted = halted[halt->on];
	doom_rest(queue);
	return true;
}

bool queue_settle(struct queue *queue, const struct result *result) {
	enum ending ending = ENDING_FAILED;
	if (result->verdict == VERDICT_PASS) {
		ending = ENDING_PASSED;
	} else if (result->allowed) {
		ending = ENDING_ALLOWED;
	}
	queue->tally.done++;
	queue->tally.verdicts[result->verdict]++;
	queue->tally.allowed += result->allowed;
	// The halt first: what it forbids is then not let start by this very end.
	bool halts = note_halt(queue, result);
	end(queue, result->index, ending);
	return halts;
}

void queue_cancel(struct queue *queue) {
	queue->cancelled = true;
	doom_rest(queue);
}

void queue_drain(struct queue *queue) {
	queue->drained = true;
	doom_rest(queue);
}

bool queue_ending(const struct queue *queue) {
	return queue->cancelled || queue->drained || queue->tally.halted;
}

bool queue_bars(const struct queue *queue, size_t job) {
	return queue->cancelled || queue->drained ||
	       (queue->tally.halted &&
		       (queue->plan->endless || !job_cleans_up(&queue->plan->jobs[job])));
}

static struct skip reason(const struct queue *queue, size_t job) {
	if (queue_bars(queue, job)) {
		return (struct skip){queue->cancelled ? SKIP_CANCEL
				     : queue->drained ? SKIP_DRAIN
						      : SKIP_HALT,
			0};
	}
	const struct job *it = &queue->plan->jobs[job];
	if (job_cleans_up(it)) {
		return (struct skip){SKIP_WHEN, 0};
	}
	if (it->needs->left_out) {
		return (struct skip){SKIP_LEFT_OUT, 0};
	}
	return (struct skip){SKIP_NEED, lists_broken_by(queue->lists, it->needs->id)};
}

static void skip_it(struct queue *queue, size_t job, struct skip *skip) {
	*skip = reason(queue, job);
	if (skip_is_not_started(skip->reason)) {
		queue->tally.not_started++;
	} else {
		queue->tally.skipped++;
	}
	end(queue, job, skip->reason == SKIP_WHEN ? ENDING_UNASKED : ENDING_SKIPPED);
}

bool queue_skip(struct queue *queue, size_t *job, struct skip *skip) {
	if (!indexset_take(queue->doomed, job)) {
		return false;
	}
	skip_it(queue, *job, skip);
	return true;
}

void queue_take_back(struct queue *queue, size_t job, struct skip *skip) {
	assert(queue_bars(queue, job));
	skip_it(queue, job, skip);
}

bool queue_finished(const struct queue *queue) {
	return !queue->open && queue->ended == queue->tally.jobs;
}

const struct tally *queue_tally(const struct queue *queue) {
	return &queue->tally;
}
