/* SPDX-License-Identifier: MIT
 * A list of needs while it is gathered: each job stands in it once with each condition. */
#ifndef PLAN_NEED_SET_H
#define PLAN_NEED_SET_H

#include "plan/plan.h"

struct need_set {
	struct arena *arena;
	struct need *items; /* of the list that was begun last */
	size_t n, cap;
	uint32_t *stamp; /* of each job: the last list that has it, from 1 */
	unsigned char *conditions;
	uint32_t begun;
};

/* Jobs are numbers below `jobs`. */
struct need_set need_set_for(size_t jobs, struct arena *arena);
void need_set_begin(struct need_set *set);
void need_set_add(struct need_set *set, uint32_t job, enum need_condition condition);
/* A copy of the list in that memory. */
struct need *need_set_take(const struct need_set *set, struct arena *arena);
#endif
