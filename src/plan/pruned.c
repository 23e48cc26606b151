// SPDX-License-Identifier: MIT
// What is left of the graph when only some jobs of the file are taken.
#include "plan/graph.h"
#include "plan/need_set.h"

void graph_close(const struct graph *graph, struct selection *selection, struct arena *arena) {
	uint32_t *open = ARENA_ARRAY(arena, graph->n, uint32_t); // whose needs are to be added
	bool *seen = ARENA_ARRAY(arena, graph->n_lists, bool);
	size_t n = 0;
	for (uint32_t row = 0; row < graph->n; row++) {
		if (selection->taken[row]) {
			open[n++] = row;
		}
	}
	while (n > 0) {
		uint32_t number = graph->list_of[open[--n]];
		if (number == GRAPH_NONE || seen[number]) {
			continue;
		}
		const struct graph_list *list = &graph->lists[number];
		seen[number] = true;
		for (size_t i = 0; i < list->n; i++) {
			uint32_t row = list->items[i].job;
			if (!selection->taken[row] && !selection->skipped[row]) {
				selection->taken[row] = true;
				selection->n++;
				open[n++] = row;
			}
		}
	}
}

static const struct mark nowhere = {0, 0};
static const uint32_t UNNUMBERED = UINT32_MAX;

struct pruning {
	struct graph *graph;
	const struct catalogue *catalogue;
	const struct selection *selection;
	struct arena *arena;
	const uint32_t *index; // of each row among the jobs of the plan
	struct need_set list;  // that is made
	size_t n_needs;
	size_t total; // of all lists
};

static bool is_taken(const struct selection *selection, size_t row) {
	return !selection->taken || selection->taken[row];
}

static const uint32_t *index_of_rows(
	const struct graph *graph, const struct selection *selection, struct arena *arena) {
	uint32_t *index = ARENA_ARRAY(arena, graph->n, uint32_t), n = 0;
	for (size_t row = 0; row < graph->n; row++) {
		index[row] = n;
		n += is_taken(selection, row);
	}
	return index;
}

// In place of a job that was left out: what it waited for itself, and how.
static void add_behind(struct pruning *p, uint32_t row, enum need_condition condition) {
	const struct needs *behind = graph_needs(p->graph, row);
	bool any_end = condition == NEED_DONE || p->catalogue->cleans_up[row];
	for (size_t i = 0; behind && i < behind->n && p->total + p->list.n <= NEEDS_MAX; i++) {
		need_set_add(&p->list, behind->items[i].job,
			any_end ? NEED_DONE : behind->items[i].condition);
	}
}

// Those of all that it names are made already.
static void make(struct pruning *p, struct graph_list *list) {
	struct needs *needs = list->made = ARENA_NEW(p->arena, struct needs);
	need_set_begin(&p->list);
	needs->id = UNNUMBERED;
	for (size_t i = 0; i < list->n; i++) {
		uint32_t row = list->items[i].job;
		enum need_condition condition = list->items[i].condition;
		if (is_taken(p->selection, row)) {
			need_set_add(&p->list, p->index[row], condition);
		} else if (condition != NEED_FAILED) {
			add_behind(p, row, condition);
		} else if (!needs->left_out) {
			needs->left_out = arena_strdup(p->arena, p->catalogue->names[row]);
		}
	}
	needs->items = need_set_take(&p->list, p->arena);
	needs->n = p->list.n;
	p->total += needs->n;
}

// In the order of the graph no list comes before those of what it names.
static void make_all(struct pruning *p) {
	const struct graph *graph = p->graph;
	const struct selection *selection = p->selection;
	for (size_t i = 0; i < graph->n_order && p->total <= NEEDS_MAX; i++) {
		uint32_t row = graph->order[i], number = graph->list_of[row];
		bool taken = is_taken(selection, row);
		if (number == GRAPH_NONE || (!taken && !selection->skipped[row])) {
			continue; // nobody who is taken needs it
		}
		struct graph_list *list = &graph->lists[number];
		if (!list->made) {
			make(p, list);
		}
		if (taken && list->made->id == UNNUMBERED) {
			list->made->id = (uint32_t)p->n_needs++;
		}
	}
}

static const uint32_t *make_order(const struct pruning *p) {
	const struct graph *graph = p->graph;
	uint32_t *order = ARENA_ARRAY(p->arena, p->selection->n, uint32_t), n = 0;
	for (size_t i = 0; i < graph->n_order; i++) {
		if (is_taken(p->selection, graph->order[i])) {
			order[n++] = p->index[graph->order[i]];
		}
	}
	return order;
}

struct pruned graph_prune(struct graph *graph, const struct catalogue *catalogue,
	const struct selection *selection, struct arena *arena, struct problems *problems) {
	struct arena *scratch = arena_new();
	struct pruning pruning = {
		.graph = graph,
		.catalogue = catalogue,
		.selection = selection,
		.arena = arena,
		.index = index_of_rows(graph, selection, scratch),
		.list = need_set_for(selection->n, scratch),
	};
	make_all(&pruning);
	if (pruning.total > NEEDS_MAX) {
		problems_add(problems, nowhere, "leave out what is behind it too",
			"with what --skip leaves out there are more than %d needs: that is the "
			"limit of a file",
			NEEDS_MAX);
	}
	struct pruned pruned = {pruning.n_needs, make_order(&pruning)};
	arena_free(scratch);
	return pruned;
}
