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
	struct needs *made; /* the plan's, where it is pruned */
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

/*
 * Makes the needs of the plan. What a job that was left out needs is waited for in its place, as
 * far as it is taken: so what comes behind keeps its order. The failure of one that was left out
 * never comes. n_needs: of different lists; order: as the jobs of the plan would start one by one;
 * both with the plan's memory. More than NEEDS_MAX are a problem.
 */
struct pruned {
	size_t n_needs;
	const uint32_t *order;
};
struct pruned graph_prune(struct graph *graph, const struct catalogue *catalogue,
	const struct selection *selection, struct arena *arena, struct problems *problems);

/* Of a row that is taken; NULL: it needs nothing. */
static inline const struct needs *graph_needs(const struct graph *graph, size_t row) {
	uint32_t list = graph->list_of[row];
	return list == GRAPH_NONE ? NULL : graph->lists[list].made;
}
#endif
