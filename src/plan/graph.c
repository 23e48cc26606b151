// SPDX-License-Identifier: MIT
/*
 * Finding out which jobs the words of needs mean. An exact name goes before the name of a matrix,
 * and that before a glob, as for the words of the command line. Lists that turn out the same are
 * kept once: a thousand jobs that need a thousand others cost two thousand, not a million.
 */
#include "plan/graph.h"
#include "plan/matching.h"
#include "plan/missed.h"
#include "plan/nameset.h"
#include "plan/need_set.h"
#include "plan/place.h"
#include "plan/sequence.h"

#include <string.h>

static const struct mark nowhere = {0, 0};

// Rows that a word means; they are in order.
struct rows {
	uint32_t *items;
	uint32_t n, cap;
	bool sought; // by the glob that the word is
};

struct resolving {
	const struct catalogue *catalogue;
	struct arena *arena;   // of the graph
	struct arena *scratch; // of all else
	struct problems *problems;
	struct graph *graph;
	struct missed missed;
	struct nameset words;
	struct rows *rows; // of each word
	uint32_t *known;   // lists by their content; a power of two
	size_t mask;
	struct need_set list; // that is made
	size_t total;         // of all lists
	bool full;            // it would be too many
};

bool graph_asked(const struct spec *spec) {
	for (size_t i = 0; i < spec->n_jobs; i++) {
		if (spec->jobs[i].needs) {
			return true;
		}
	}
	return false;
}

static void add_row(struct resolving *r, const struct nameset_entry *word, size_t row) {
	struct rows *rows = &r->rows[word - r->words.entries];
	if (rows->n == rows->cap) {
		uint32_t *items = ARENA_ARRAY(r->scratch, rows->cap ? 2 * rows->cap : 2, uint32_t);
		if (rows->n > 0) {
			memcpy(items, rows->items, rows->n * sizeof *items);
		}
		rows->items = items;
		rows->cap = rows->cap ? 2 * rows->cap : 2;
	}
	rows->items[rows->n++] = (uint32_t)row;
}

// Every word that is asked for, each once.
static void gather_words(struct resolving *r) {
	const struct catalogue *catalogue = r->catalogue;
	const struct asked *last = NULL;
	size_t words = 0;
	for (size_t row = 0; row < catalogue->n; row++) {
		const struct asked *asked = catalogue->asked[row];
		words += asked && asked != last ? asked->source->n : 0;
		last = asked;
	}
	r->words = nameset_for(words, r->scratch);
	last = NULL;
	for (size_t row = 0; row < catalogue->n; row++) {
		const struct asked *asked = catalogue->asked[row];
		for (size_t i = 0; asked && asked != last && i < asked->source->n; i++) {
			nameset_add(&r->words, asked->which[i], nowhere);
		}
		last = asked;
	}
	r->rows = ARENA_ARRAY(r->scratch, r->words.n, struct rows);
}

// The jobs are looked up among the words: by their names, then by those of their matrices.
static void index_words(struct resolving *r) {
	const struct catalogue *catalogue = r->catalogue;
	for (size_t row = 0; row < catalogue->n; row++) {
		struct nameset_entry *word = nameset_find(&r->words, catalogue->names[row]);
		if (word) {
			word->found = true;
			add_row(r, word, row);
		}
	}
	for (size_t row = 0; row < catalogue->n; row++) {
		const char *head = catalogue->heads[row];
		struct nameset_entry *word = head ? nameset_find(&r->words, head) : NULL;
		if (word && !word->found) {
			add_row(r, word, row);
		}
	}
}

static const struct rows *rows_of_glob(struct resolving *r, const struct nameset_entry *word) {
	struct rows *rows = &r->rows[word - r->words.entries];
	for (size_t row = 0; !rows->sought && row < r->catalogue->n; row++) {
		if (matching_row(r->catalogue, row, word->name)) {
			add_row(r, word, row);
		}
	}
	rows->sought = true;
	return rows;
}

static void report_missed(struct resolving *r, uint32_t row, const struct spec_text *at,
	const char *which, bool only_itself) {
	const struct wanted wanted = {0};
	if (!r->catalogue->sound || place_full(r->problems, at->at)) {
		return; // it may be the name of a job that was refused
	}
	r->missed.asker[0] = r->catalogue->names[row];
	r->missed.asker[1] = r->catalogue->heads[row];
	const char *hint = only_itself ? "a glob never means the job itself, nor its own matrix"
			   : !strchr(which, '(') != !strchr(which, ')')
				   ? "a comma ends an entry of a list; write the name in quotes"
				   : missed_hint(&r->missed, &wanted, which);
	place_addf(r->problems, at->at, hint,
		matching_glob(which) ? "%s needs %s, which matches no other job"
				     : "%s needs %s, and no job is named so",
		problems_quote(r->problems, r->catalogue->names[row]),
		problems_quote(r->problems, which));
}

// A glob never means the job itself, nor its own matrix: '*' is all others.
static void add_glob(struct resolving *r, uint32_t row, const struct spec_need *need,
	const struct nameset_entry *word) {
	const struct asked *const *asked = r->catalogue->asked;
	const struct rows *rows = matching_glob(word->name) ? rows_of_glob(r, word) : NULL;
	bool found = false;
	for (size_t i = 0; rows && i < rows->n; i++) {
		uint32_t other = rows->items[i];
		if (!asked[other] || asked[other]->source != asked[row]->source) {
			need_set_add(&r->list, other, need->condition);
			found = true;
		}
	}
	if (!found) {
		report_missed(r, row, &need->which, word->name, rows && rows->n > 0);
	}
}

static void add_needs(
	struct resolving *r, uint32_t row, const struct spec_need *need, const char *which) {
	const struct nameset_entry *word = nameset_find(&r->words, which);
	const struct rows *rows = &r->rows[word - r->words.entries];
	if (!*which) {
		return; // it could not be filled in, which was said
	}
	if (rows->n == 0 || rows->sought) {
		add_glob(r, row, need, word);
		return;
	}
	for (size_t i = 0; i < rows->n; i++) {
		need_set_add(&r->list, rows->items[i], need->condition);
	}
}

static size_t hash(const struct need *items, size_t n) {
	uint64_t h = 0xcbf29ce484222325u ^ n;
	for (size_t i = 0; i < n; i++) {
		h = (h ^ items[i].job ^ (uint64_t)items[i].condition << 32) * 0x100000001b3u;
	}
	return (size_t)(h ^ h >> 29);
}

static bool same(const struct graph_list *list, const struct need *items, size_t n) {
	return list->n == n && (n == 0 || memcmp(list->items, items, n * sizeof *items) == 0);
}

// The number of the list that was made; of one that was there before if it is the same.
static uint32_t intern(struct resolving *r) {
	struct graph *graph = r->graph;
	const struct need_set *made = &r->list;
	size_t slot = hash(made->items, made->n) & r->mask;
	while (r->known[slot] && !same(&graph->lists[r->known[slot] - 1], made->items, made->n)) {
		slot = (slot + 1) & r->mask;
	}
	if (!r->known[slot]) {
		struct graph_list *list = &graph->lists[graph->n_lists++];
		list->n = made->n;
		list->items = need_set_take(made, r->arena);
		r->total += made->n;
		r->known[slot] = (uint32_t)graph->n_lists;
	}
	return r->known[slot] - 1;
}

static uint32_t make_list(struct resolving *r, uint32_t row) {
	const struct asked *asked = r->catalogue->asked[row];
	need_set_begin(&r->list);
	for (size_t i = 0; i < asked->source->n && r->total + r->list.n <= NEEDS_MAX; i++) {
		add_needs(r, row, &asked->source->items[i], asked->which[i]);
	}
	if (r->total + r->list.n > NEEDS_MAX) {
		place_addf(r->problems, asked->source->at,
			"let them need one job that needs all of these",
			"more than %d needs with these: that is the limit of a file", NEEDS_MAX);
		r->full = true;
		return GRAPH_NONE;
	}
	return intern(r);
}

static void resolve(struct resolving *r) {
	const struct catalogue *catalogue = r->catalogue;
	struct graph *graph = r->graph;
	const struct asked *last = NULL;
	for (uint32_t row = 0; row < catalogue->n && !r->full; row++) {
		const struct asked *asked = catalogue->asked[row];
		graph->list_of[row] = !asked          ? GRAPH_NONE
				      : asked == last ? graph->list_of[row - 1]
						      : make_list(r, row);
		last = asked;
	}
}

struct graph graph_make(
	const struct catalogue *catalogue, struct arena *arena, struct problems *problems) {
	struct arena *scratch = arena_new(); // several times what stays
	size_t n = catalogue->n, size = 8;
	struct graph graph = {
		.n = n,
		.list_of = ARENA_ARRAY(arena, n, uint32_t),
		.lists = ARENA_ARRAY(arena, n, struct graph_list),
	};
	while (size < 2 * n) {
		size *= 2;
	}
	memset(graph.list_of, 0xff, n * sizeof *graph.list_of); // GRAPH_NONE
	struct resolving resolving = {
		.catalogue = catalogue,
		.arena = arena,
		.scratch = scratch,
		.problems = problems,
		.graph = &graph,
		.missed = {.catalogue = catalogue, .arena = scratch, .problems = problems},
		.known = ARENA_ARRAY(scratch, size, uint32_t),
		.mask = size - 1,
		.list = need_set_for(n, scratch),
	};
	struct matching matching;
	matching_begin(&matching);
	gather_words(&resolving);
	index_words(&resolving);
	resolve(&resolving);
	sequence_make(&graph, catalogue, arena, problems);
	matching_end(&matching);
	arena_free(scratch);
	return graph;
}
