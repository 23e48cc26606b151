/* SPDX-License-Identifier: MIT
 * A set of names, each with a place in the file. */
#ifndef PLAN_NAMESET_H
#define PLAN_NAMESET_H

#include "spec/spec.h"

struct nameset_entry {
	const char *name;
	struct mark at;
	bool found;    /* the user's of the set to tell what was asked for */
	uint32_t hash; /* of the name */
};
struct nameset {
	struct nameset_entry *entries; /* n of them, as they came */
	uint32_t *slots;               /* their numbers from 1 on, by hash; 0: free */
	size_t mask, n;
};

/* Room for most names; memory from the arena, names are borrowed. */
struct nameset nameset_for(size_t most, struct arena *arena);

/* Adds the name; when it is there already, its older entry comes back and nothing is changed.
   NULL: it was new. */
struct nameset_entry *nameset_add(struct nameset *set, const char *name, struct mark at);

/* NULL: not in the set. */
struct nameset_entry *nameset_find(const struct nameset *set, const char *name);
#endif
