/* SPDX-License-Identifier: MIT
 * A plan whose jobs need each other, made by hand, and numbers that look random. */
#ifndef TESTS_GRAPH_H
#define TESTS_GRAPH_H

#include "base/base.h"
#include "base/clock.h"
#include "plan/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct graph {
	struct plan plan; /* first: who has the plan has the graph */
	struct job *jobs;
	struct needs *lists;
	void *life; /* the test's own */
};

/* A job that captures and may take a second to end; what does not matter is zero. */
static inline struct job graph_job(size_t i) {
	static const uint8_t only_zero[32] = {1};
	return (struct job){.seq = (unsigned)i + 1,
		.name = "job",
		.check = true,
		.inherit_env = true,
		.in = STREAM_NULL,
		.out = STREAM_CAPTURE,
		.err = STREAM_CAPTURE,
		.max_output = PLAN_MAX_OUTPUT,
		.success = only_zero,
		.timeout_ns = SP_FOREVER,
		.grace_ns = CLOCK_SECOND};
}

/* n jobs without needs that are alike, and room for so many lists. */
static inline struct graph *graph_new(size_t n, size_t lists) {
	struct graph *graph = calloc(1, sizeof *graph);
	graph->jobs = calloc(n ? n : 1, sizeof *graph->jobs);
	graph->lists = calloc(lists ? lists : 1, sizeof *graph->lists);
	for (size_t i = 0; i < n; i++) {
		graph->jobs[i] = graph_job(i);
	}
	graph->plan = (struct plan){
		.jobs = graph->jobs, .n_jobs = n, .n_all = n, .workers = 1, .n_needs = lists};
	for (size_t i = 0; i < lists; i++) {
		graph->lists[i].id = (uint32_t)i;
	}
	return graph;
}

/* Makes a list of these; they are copied. */
static inline void graph_list(
	struct graph *graph, size_t list, const struct need *items, size_t n) {
	struct need *copy = calloc(n ? n : 1, sizeof *copy);
	if (n) {
		memcpy(copy, items, n * sizeof *copy);
	}
	graph->lists[list].items = copy;
	graph->lists[list].n = n;
}

/* The job needs these, in a list that is its alone. */
#define NEEDS(graph, job, list, ...)                                                       \
	do {                                                                               \
		graph_list(graph, list, (const struct need[]){__VA_ARGS__},                \
			sizeof((const struct need[]){__VA_ARGS__}) / sizeof(struct need)); \
		(graph)->jobs[job].needs = &(graph)->lists[list];                          \
	} while (0)

static inline void graph_free(struct graph *graph) {
	for (size_t i = 0; i < graph->plan.n_needs; i++) {
		free((void *)(uintptr_t)graph->lists[i].items);
	}
	free(graph->lists);
	free(graph->jobs);
	free(graph);
}

static inline uint64_t random_next(uint64_t *seed) {
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* One of 0 .. n-1. */
static inline size_t random_below(uint64_t *seed, size_t n) {
	return (size_t)(random_next(seed) >> 11) % n;
}

/* True about so often of 100 times. */
static inline bool random_percent(uint64_t *seed, size_t percent) {
	return random_below(seed, 100) < percent;
}
#endif
