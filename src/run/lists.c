// SPDX-License-Identifier: MIT
/*
 * Lists lead to their jobs through `next`, jobs to the lists that name them through one flat array:
 * the naming of job j are mentions[first[j]] up to mentions[first[j + 1]]. Both together take eight
 * bytes a job, four a need, twenty a list.
 */
#include "run/lists.h"

#include <errno.h>
#include <stdlib.h>

static const uint32_t NONE = UINT32_MAX;
enum { CONDITION_BITS = 2 };

// One list.
struct list {
	uint32_t unmet, unended; // how much of it
	uint32_t broken_by;      // NONE: it is not broken
	uint32_t head;           // the first of its jobs
	bool not_passed;         // something of it did not pass
};

struct lists {
	struct list *items;
	uint32_t *next;     // of each job: the next one with the same list; NONE
	uint32_t *first;    // of each job and one more: where its mentions are
	uint32_t *mentions; // a list's number, and behind it the condition
};

// Puts each job in front of the later ones of its list.
static void link_jobs(struct lists *lists, const struct plan *plan) {
	for (size_t i = 0; i < plan->n_needs; i++) {
		lists->items[i] = (struct list){.broken_by = NONE, .head = NONE};
	}
	for (size_t i = plan->n_jobs; i-- > 0;) {
		if (plan->jobs[i].needs) {
			struct list *list = &lists->items[plan->jobs[i].needs->id];
			list->unmet = list->unended = (uint32_t)plan->jobs[i].needs->n;
			lists->next[i] = list->head;
			list->head = (uint32_t)i;
		}
	}
}

// Makes first[j + 1] the number of times that job j is named; the number of all.
static size_t count_mentions(struct lists *lists, const struct plan *plan) {
	size_t all = 0;
	for (size_t i = 0; i < plan->n_needs; i++) {
		if (lists->items[i].head == NONE) {
			continue;
		}
		const struct needs *needs = plan->jobs[lists->items[i].head].needs;
		all += needs->n;
		for (size_t k = 0; k < needs->n; k++) {
			lists->first[needs->items[k].job + 1]++;
		}
	}
	return all;
}

// Fills them in: first[j + 1] counts up from where job j's begin to where they end.
static void fill_mentions(struct lists *lists, const struct plan *plan) {
	uint32_t at = 0;
	for (size_t i = 1; i <= plan->n_jobs; i++) {
		uint32_t n = lists->first[i];
		lists->first[i] = at;
		at += n;
	}
	for (uint32_t i = 0; i < plan->n_needs; i++) {
		if (lists->items[i].head == NONE) {
			continue;
		}
		const struct needs *needs = plan->jobs[lists->items[i].head].needs;
		for (size_t k = 0; k < needs->n; k++) {
			uint32_t *place = &lists->first[needs->items[k].job + 1];
			lists->mentions[(*place)++] = i << CONDITION_BITS |
						      (uint32_t)needs->items[k].condition;
		}
	}
}

struct lists *lists_new(const struct plan *plan) {
	struct lists *lists = calloc(1, sizeof *lists);
	if (!lists || plan->n_needs == 0) {
		return lists;
	}
	lists->items = calloc(plan->n_needs, sizeof *lists->items);
	lists->next = calloc(plan->n_jobs, sizeof *lists->next);
	lists->first = calloc(plan->n_jobs + 1, sizeof *lists->first);
	if (!lists->items || !lists->next || !lists->first) {
		lists_free(lists);
		return NULL;
	}
	link_jobs(lists, plan);
	size_t all = count_mentions(lists, plan);
	lists->mentions = calloc(all ? all : 1, sizeof *lists->mentions);
	if (!lists->mentions || all > UINT32_MAX || plan->n_needs > NONE >> CONDITION_BITS) {
		lists_free(lists);
		errno = ENOMEM;
		return NULL;
	}
	fill_mentions(lists, plan);
	return lists;
}

void lists_free(struct lists *lists) {
	if (lists) {
		free(lists->items);
		free(lists->next);
		free(lists->first);
		free(lists->mentions);
		free(lists);
	}
}

static bool meets(enum ending ending, enum need_condition condition) {
	switch (condition) {
	case NEED_PASSED:
		return ending == ENDING_PASSED || ending == ENDING_ALLOWED;
	case NEED_FAILED:
		return ending == ENDING_FAILED || ending == ENDING_ALLOWED;
	case NEED_DONE:
		break;
	}
	return true;
}

bool lists_tell(struct lists *lists, size_t job, size_t i, enum ending ending, uint32_t *list,
	struct told *told) {
	if (!lists->first || lists->first[job] + i >= lists->first[job + 1]) {
		return false;
	}
	uint32_t mention = lists->mentions[lists->first[job] + i];
	*list = mention >> CONDITION_BITS;
	struct list *it = &lists->items[*list];
	bool met = meets(ending, (enum need_condition)(mention & ((1U << CONDITION_BITS) - 1)));
	*told = (struct told){0};
	it->not_passed |= ending == ENDING_FAILED || ending == ENDING_SKIPPED;
	if (met) {
		told->met = --it->unmet == 0;
	} else if (it->broken_by == NONE) {
		it->broken_by = (uint32_t)job;
		told->broken = true;
	}
	told->ended = --it->unended == 0;
	told->not_passed = it->not_passed;
	return true;
}

size_t lists_broken_by(const struct lists *lists, uint32_t list) {
	return lists->items[list].broken_by;
}

bool lists_first(const struct lists *lists, uint32_t list, size_t *job) {
	*job = lists->items[list].head;
	return *job != NONE;
}

bool lists_next(const struct lists *lists, size_t *job) {
	*job = lists->next[*job];
	return *job != NONE;
}
