// SPDX-License-Identifier: MIT
/*
 * Jobs in the order in which they would start one by one: whoever has nothing left to wait for, the
 * first of the file before all others. What is left when nobody can start any more goes in circles.
 */
#include "plan/sequence.h"
#include "base/indexset.h"
#include "plan/matching.h"
#include "plan/place.h"

#include <string.h>

enum { SHOWN = 8 }; // names of a circle

// Lists behind each other in one array: those of key k from at[k] up to at[k + 1].
struct bundles {
	uint32_t *at, *items;
};

struct ordering {
	struct graph *graph;
	const struct catalogue *catalogue;
	struct bundles lists; // that have a row
	struct bundles rows;  // that have a list
	size_t *left;         // needs of each list that are not in the order yet
	struct indexset *ready;
};

// Makes room from the counts in at[k + 1]; the fill moves at[k] up to where k + 1 begins.
static void bundle(struct bundles *bundles, size_t n, struct arena *arena) {
	for (size_t k = 0; k < n; k++) {
		bundles->at[k + 1] += bundles->at[k];
	}
	bundles->items = ARENA_ARRAY(arena, bundles->at[n], uint32_t);
}

static void unfill(struct bundles *bundles, size_t n) {
	memmove(bundles->at + 1, bundles->at, n * sizeof *bundles->at);
	bundles->at[0] = 0;
}

static void bundle_lists(struct ordering *o, struct arena *arena) {
	const struct graph *graph = o->graph;
	o->lists.at = ARENA_ARRAY(arena, graph->n + 1, uint32_t);
	for (size_t i = 0; i < graph->n_lists; i++) {
		for (size_t k = 0; k < graph->lists[i].n; k++) {
			o->lists.at[graph->lists[i].items[k].job + 1]++;
		}
	}
	bundle(&o->lists, graph->n, arena);
	for (size_t i = 0; i < graph->n_lists; i++) {
		for (size_t k = 0; k < graph->lists[i].n; k++) {
			o->lists.items[o->lists.at[graph->lists[i].items[k].job]++] = (uint32_t)i;
		}
	}
	unfill(&o->lists, graph->n);
}

static void bundle_rows(struct ordering *o, struct arena *arena) {
	const struct graph *graph = o->graph;
	o->rows.at = ARENA_ARRAY(arena, graph->n_lists + 1, uint32_t);
	for (size_t row = 0; row < graph->n; row++) {
		if (graph->list_of[row] != GRAPH_NONE) {
			o->rows.at[graph->list_of[row] + 1]++;
		}
	}
	bundle(&o->rows, graph->n_lists, arena);
	for (size_t row = 0; row < graph->n; row++) {
		if (graph->list_of[row] != GRAPH_NONE) {
			o->rows.items[o->rows.at[graph->list_of[row]]++] = (uint32_t)row;
		}
	}
	unfill(&o->rows, graph->n_lists);
}

// Nothing of the list is waited for any more.
static void release(struct ordering *o, uint32_t list) {
	for (uint32_t i = o->rows.at[list]; i < o->rows.at[list + 1]; i++) {
		indexset_add(o->ready, o->rows.items[i]);
	}
}

static void put_in_order(struct ordering *o) {
	struct graph *graph = o->graph;
	for (uint32_t row = 0; row < graph->n; row++) {
		if (graph->list_of[row] == GRAPH_NONE) {
			indexset_add(o->ready, row);
		}
	}
	for (uint32_t i = 0; i < graph->n_lists; i++) {
		o->left[i] = graph->lists[i].n;
		if (o->left[i] == 0) {
			release(o, i);
		}
	}
	for (size_t row; indexset_take(o->ready, &row);) {
		graph->order[graph->n_order++] = (uint32_t)row;
		for (size_t i = o->lists.at[row]; i < o->lists.at[row + 1]; i++) {
			if (--o->left[o->lists.items[i]] == 0) {
				release(o, o->lists.items[i]);
			}
		}
	}
}

// A job that this one needs and that is not in the order either.
static uint32_t next_in_circle(const struct ordering *o, uint32_t row, const bool *ordered) {
	const struct graph_list *list = &o->graph->lists[o->graph->list_of[row]];
	size_t i = 0;
	while (ordered[list->items[i].job]) {
		i++;
	}
	return list->items[i].job;
}

// Where row says that it needs the other one.
static struct mark place_of(const struct ordering *o, uint32_t row, uint32_t other) {
	const struct asked *asked = o->catalogue->asked[row];
	const char *name = o->catalogue->names[other], *head = o->catalogue->heads[other];
	for (size_t i = 0; i < asked->source->n; i++) {
		const char *which = asked->which[i];
		if (strcmp(which, name) == 0 || (head && strcmp(which, head) == 0) ||
			(matching_glob(which) && matching_row(o->catalogue, other, which))) {
			return asked->source->items[i].which.at;
		}
	}
	return asked->source->at;
}

static void report_circle(
	const struct ordering *o, uint32_t first, const bool *ordered, struct problems *problems) {
	uint32_t next = next_in_circle(o, first, ordered);
	struct mark at = place_of(o, first, next);
	if (next == first) {
		place_addf(problems, at, "take it out of its own needs", "job %s needs itself",
			problems_quote(problems, o->catalogue->names[first]));
		return;
	}
	size_t n = 1, left_out = 0;
	const char *names = o->catalogue->names[first];
	for (uint32_t row = next; row != first; row = next_in_circle(o, row, ordered)) {
		n++;
		if (n <= SHOWN) {
			names = arena_printf(
				problems->arena, "%s → %s", names, o->catalogue->names[row]);
		} else {
			left_out++;
		}
	}
	if (left_out > 0) {
		names = arena_printf(problems->arena, "%s → … %zu more …", names, left_out);
	}
	place_addf(problems, at,
		"each needs the one behind its arrow; one of these needs has to go",
		"%zu jobs need each other in a circle: %s → %s", n, names,
		o->catalogue->names[first]);
}

// From each row that is left over the needs lead into a circle.
static void report_circles(
	const struct ordering *o, struct arena *arena, struct problems *problems) {
	const struct graph *graph = o->graph;
	bool *ordered = ARENA_ARRAY(arena, graph->n, bool);
	uint32_t *walk = ARENA_ARRAY(arena, graph->n, uint32_t); // that came by, from 1
	for (size_t i = 0; i < graph->n_order; i++) {
		ordered[graph->order[i]] = true;
	}
	for (uint32_t start = 0; start < graph->n; start++) {
		uint32_t row = start;
		while (!ordered[row] && walk[row] == 0) {
			walk[row] = start + 1;
			row = next_in_circle(o, row, ordered);
		}
		if (!ordered[row] && walk[row] == start + 1) {
			report_circle(o, row, ordered, problems);
		}
	}
}

void sequence_make(struct graph *graph, const struct catalogue *catalogue, struct arena *arena,
	struct problems *problems) {
	struct arena *scratch = arena_new();
	struct ordering ordering = {
		.graph = graph,
		.catalogue = catalogue,
		.left = ARENA_ARRAY(scratch, graph->n_lists, size_t),
		.ready = indexset_at(arena_alloc(scratch, 1, indexset_bytes(graph->n)), graph->n),
	};
	graph->order = ARENA_ARRAY(arena, graph->n, uint32_t);
	bundle_lists(&ordering, scratch);
	bundle_rows(&ordering, scratch);
	put_in_order(&ordering);
	if (graph->n_order < graph->n) {
		report_circles(&ordering, scratch, problems);
	}
	arena_free(scratch);
}
