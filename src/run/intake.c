// SPDX-License-Identifier: MIT
// A source is asked only when there is room for its job, so what is read ahead is little.
#include "run/intake.h"

void intake_unasked(struct intake *intake) {
	intake->waits = false;
}

static bool draw(struct intake *intake, const struct job **job, size_t *index) {
	switch (intake->source->next(intake->source, job)) {
	case SOURCE_JOB:
		*index = queue_claim_made(intake->queue);
		return true;
	case SOURCE_WAIT:
		intake->waits = true;
		break;
	case SOURCE_FAILED:
		intake->failed = true;
		queue_close(intake->queue);
		break;
	case SOURCE_END:
		queue_close(intake->queue);
		break;
	}
	return false;
}

bool intake_wants(const struct intake *intake) {
	return intake->source ? queue_is_open(intake->queue) && !queue_ending(intake->queue) &&
					!queue_saturated(intake->queue)
			      : queue_may_claim(intake->queue);
}

bool intake_next(struct intake *intake, const struct job **job, size_t *index) {
	if (intake->source) {
		return intake_wants(intake) && draw(intake, job, index);
	}
	if (!queue_claim(intake->queue, index)) {
		return false;
	}
	*job = queue_job(intake->queue, *index);
	return true;
}

bool intake_rest(struct intake *intake, const struct job **job, size_t *index) {
	if (!queue_ending(intake->queue) || !queue_is_open(intake->queue)) {
		return false;
	}
	if (intake->named++ < INTAKE_NAMED && draw(intake, job, index)) {
		return true;
	}
	if (queue_is_open(intake->queue)) {
		queue_leave_unread(intake->queue);
	}
	return false;
}

int intake_fd(const struct intake *intake) {
	return intake->waits && queue_is_open(intake->queue) && !queue_ending(intake->queue)
		       ? intake->source->fd(intake->source)
		       : -1;
}

const char *intake_problem(struct intake *intake) {
	bool failed = intake->failed;
	intake->failed = false;
	return failed ? intake->source->problem(intake->source) : NULL;
}
