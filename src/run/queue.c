// SPDX-License-Identifier: MIT
// The state table behind the run. Without needs the next job is the next in the file.
#include "run/queue.h"

#include <assert.h>
#include <stdlib.h>

enum state { WAITING, CLAIMED, ENDED };

struct queue {
	size_t jobs, next; // jobs before `next` are claimed or ended
	size_t workers, ahead, claimed;
	bool cancelled;
	struct tally tally;
	unsigned char state[];
};

struct queue *queue_new(size_t jobs, size_t workers, size_t ahead) {
	struct queue *queue = calloc(1, sizeof *queue + jobs);
	if (queue) {
		queue->jobs = queue->tally.jobs = jobs;
		queue->workers = workers ? workers : 1;
		queue->ahead = ahead;
	}
	return queue;
}

void queue_free(struct queue *queue) {
	free(queue);
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
	if (queue->cancelled || queue->next == queue->jobs || queue_saturated(queue)) {
		return false;
	}
	*job = queue->next++;
	queue->state[*job] = CLAIMED;
	queue->claimed++;
	return true;
}

static void end(struct queue *queue, size_t job) {
	assert(queue->state[job] == CLAIMED);
	queue->state[job] = ENDED;
	queue->claimed--;
}

void queue_settle(struct queue *queue, size_t job, enum verdict verdict) {
	end(queue, job);
	queue->tally.done++;
	queue->tally.verdicts[verdict]++;
}

void queue_take_back(struct queue *queue, size_t job) {
	end(queue, job);
	queue->tally.not_started++;
}

void queue_cancel(struct queue *queue) {
	queue->cancelled = true;
}

bool queue_abandon(struct queue *queue, size_t *job) {
	if (!queue->cancelled || queue->next == queue->jobs) {
		return false;
	}
	*job = queue->next++;
	queue->state[*job] = ENDED;
	queue->tally.not_started++;
	return true;
}

bool queue_finished(const struct queue *queue) {
	return queue->next == queue->jobs && queue->claimed == 0;
}

const struct tally *queue_tally(const struct queue *queue) {
	return &queue->tally;
}
