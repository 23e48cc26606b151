/* SPDX-License-Identifier: MIT
 * What the jobs of a file need, by their rows in the catalogue. */
#ifndef PLAN_GRAPH_H
#define PLAN_GRAPH_H

#include "plan/catalogue.h"
#include "plan/select.h"

enum { NEEDS_MAX = 20000000 };
static const uint32_t GRAPH_NONE = UINT32_MAX; /* no list */

/* needs of jobs that are the same, once; job is a row. */
struct graph_list {
	struct need *items;
	size_t n;
	const struct needs *made; /* of the plan, once it is asked for */
};

struct graph {
	size_t n;          /* rows */
	uint32_t *list_of; /* of each row; GRAPH_NONE: it needs nothing */
	struct graph_list *lists;
	size_t n_lists;
	uint32_t *order; /* rows as they would start one by one; all of them without a cycle */
	size_t n_order;
};

/* Whether any job of the file needs another one. */
bool graph_asked(const struct spec *spec);

/* Memory from the arena. Names that no job has, and cycles, are problems. */
struct graph graph_make(
	const struct catalogue *catalogue, struct arena *arena, struct problems *problems);

/* Adds what the jobs that are taken need, and what that needs, but nothing that is skipped. */
void graph_close(const struct graph *graph, struct selection *selection, struct arena *arena);

/* What only the jobs that were taken need, with the plan's memory. */
struct graph_plan {
	const uint32_t *index; /* of each row among the jobs of the plan */
	size_t n_needs;        /* lists made so far */
};
struct graph_plan graph_plan_for(
	const struct graph *graph, const struct selection *selection, struct arena *arena);
/* The needs of a row. A need of a job that was left out counts as met, or, if it had to fail, as
   one that never is. */
const struct needs *graph_needs(struct graph *graph, struct graph_plan *plan, uint32_t row,
	const struct catalogue *catalogue, const struct selection *selection, struct arena *arena);
/* The order in which the jobs of the plan would start one by one. */
const uint32_t *graph_order(const struct graph *graph, const struct graph_plan *plan,
	const struct selection *selection, struct arena *arena);
#endif
