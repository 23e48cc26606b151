// SPDX-License-Identifier: MIT
// Gathering needs, one list after the other, without looking through what is there.
#include "plan/need_set.h"

#include <string.h>

struct need_set need_set_for(size_t jobs, struct arena *arena) {
	return (struct need_set){
		.arena = arena,
		.stamp = ARENA_ARRAY(arena, jobs, uint32_t),
		.conditions = ARENA_ARRAY(arena, jobs, unsigned char),
	};
}

void need_set_begin(struct need_set *set) {
	set->n = 0;
	set->begun++;
}

void need_set_add(struct need_set *set, uint32_t job, enum need_condition condition) {
	unsigned char bit = (unsigned char)(1U << condition);
	if (set->stamp[job] != set->begun) {
		set->stamp[job] = set->begun;
		set->conditions[job] = 0;
	}
	if (set->conditions[job] & bit) {
		return;
	}
	set->conditions[job] |= bit;
	set->items = arena_grow(set->arena, set->items, set->n, &set->cap, sizeof *set->items);
	set->items[set->n++] = (struct need){job, condition};
}

struct need *need_set_take(const struct need_set *set, struct arena *arena) {
	struct need *items = ARENA_ARRAY(arena, set->n, struct need);
	if (set->n > 0) {
		memcpy(items, set->items, set->n * sizeof *items);
	}
	return items;
}
