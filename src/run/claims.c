// SPDX-License-Identifier: MIT
// Two lists: the one of those submitted can be left in the middle.
#include "run/claims.h"
#include "base/clock.h"

#include <stdlib.h>

struct claim *claim_new(const struct job *job, size_t index, unsigned attempt) {
	struct claim *claim = calloc(1, sizeof *claim);
	if (!claim) {
		job_release(job);
		return NULL;
	}
	claim->result = (struct result){
		.job = job,
		.holding = job->holders ? &job_holding : NULL,
		.index = index,
		.attempt = attempt,
		.out = OUTPUT_EMPTY,
		.err = OUTPUT_EMPTY,
	};
	return claim;
}

void claim_forget_earlier(struct claim *claim) {
	if (claim->earlier) {
		result_release(claim->earlier);
		claim->earlier = NULL;
	}
}

struct result *claim_take_result(struct claim *claim) {
	claim_forget_earlier(claim);
	return &claim->result;
}

void claim_free(struct claim *claim) {
	if (claim) {
		result_clear(&claim->result);
		claim_forget_earlier(claim);
		free(claim);
	}
}

void claims_init(struct claims *claims) {
	*claims = (struct claims){.end = &claims->waiting};
}

void claims_clear(struct claims *claims) {
	for (struct claim *claim; (claim = claims->waiting);) {
		claims->waiting = claim->next;
		claim_free(claim);
	}
	claims_init(claims);
}

void claims_wait(struct claims *claims, struct claim *claim) {
	claim->next = NULL;
	*claims->end = claim;
	claims->end = &claim->next;
}

struct claim *claims_first(const struct claims *claims,
	bool (*wanted)(const struct run *run, const struct claim *claim), const struct run *run) {
	struct claim *claim = claims->waiting;
	while (claim && !wanted(run, claim)) {
		claim = claim->next;
	}
	return claim;
}

struct claim *claims_take(struct claims *claims,
	bool (*wanted)(const struct run *run, const struct claim *claim), const struct run *run) {
	struct claim *claim, **at = &claims->waiting;
	while (*at && !wanted(run, *at)) {
		at = &(*at)->next;
	}
	claim = *at;
	if (claim) {
		*at = claim->next;
		claims->end = claim->next ? claims->end : at;
	}
	return claim;
}

void claims_submit(struct claims *claims, struct claim *claim) {
	claim->before = NULL;
	claim->after = claims->submitted;
	if (claim->after) {
		claim->after->before = claim;
	}
	claims->submitted = claim;
}

void claims_settle(struct claims *claims, struct claim *claim) {
	if (claim->before) {
		claim->before->after = claim->after;
	} else {
		claims->submitted = claim->after;
	}
	if (claim->after) {
		claim->after->before = claim->before;
	}
}

// False: no worker has it.
static bool is_running(const struct claim *claim, struct running *running) {
	int64_t began = atomic_load(&claim->began);
	*running = (struct running){
		.job = claim->result.job,
		.index = claim->result.index,
		.ns = clock_now() - began, // read later than that was set
		.n = 1,
	};
	return began != 0;
}

bool claims_nth_running(const struct claims *claims, size_t i, struct running *running) {
	for (struct claim *claim = claims->submitted; claim; claim = claim->after) {
		if (is_running(claim, running) && i-- == 0) {
			return true;
		}
	}
	return false;
}

bool claims_running(const struct claims *claims, struct running *running) {
	struct running one;
	size_t n = 0;
	*running = (struct running){0};
	for (struct claim *claim = claims->submitted; claim; claim = claim->after) {
		if (is_running(claim, &one)) {
			*running = n++ == 0 || one.ns > running->ns ? one : *running;
		}
	}
	running->n = n;
	return n > 0;
}
