// SPDX-License-Identifier: MIT
// What is left of the graph when only some jobs of the file are taken.
#include "plan/graph.h"

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

static bool is_taken(const struct selection *selection, uint32_t row) {
	return !selection->taken || selection->taken[row];
}

struct graph_plan graph_plan_for(
	const struct graph *graph, const struct selection *selection, struct arena *arena) {
	uint32_t *index = ARENA_ARRAY(arena, graph->n, uint32_t), n = 0;
	for (uint32_t row = 0; row < graph->n; row++) {
		index[row] = n;
		n += is_taken(selection, row);
	}
	return (struct graph_plan){.index = index};
}

const struct needs *graph_needs(struct graph *graph, struct graph_plan *plan, uint32_t row,
	const struct catalogue *catalogue, const struct selection *selection, struct arena *arena) {
	if (graph->list_of[row] == GRAPH_NONE) {
		return NULL;
	}
	struct graph_list *list = &graph->lists[graph->list_of[row]];
	if (list->made) {
		return list->made;
	}
	struct needs *needs = ARENA_NEW(arena, struct needs);
	struct need *items = ARENA_ARRAY(arena, list->n, struct need);
	*needs = (struct needs){.id = (uint32_t)plan->n_needs++, .items = items};
	for (size_t i = 0; i < list->n; i++) {
		uint32_t other = list->items[i].job;
		enum need_condition condition = list->items[i].condition;
		if (is_taken(selection, other)) {
			items[needs->n++] = (struct need){plan->index[other], condition};
		} else if (condition == NEED_FAILED && !needs->left_out) {
			needs->left_out = arena_strdup(arena, catalogue->names[other]);
		}
	}
	list->made = needs;
	return needs;
}

const uint32_t *graph_order(const struct graph *graph, const struct graph_plan *plan,
	const struct selection *selection, struct arena *arena) {
	uint32_t *order = ARENA_ARRAY(arena, selection->n, uint32_t), n = 0;
	for (size_t i = 0; i < graph->n_order; i++) {
		if (is_taken(selection, graph->order[i])) {
			order[n++] = plan->index[graph->order[i]];
		}
	}
	return order;
}
