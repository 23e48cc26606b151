/* SPDX-License-Identifier: MIT
 * The order that needs leave, and what keeps there from being one. */
#ifndef PLAN_SEQUENCE_H
#define PLAN_SEQUENCE_H

#include "plan/graph.h"

/* Fills in the order of the graph. Jobs that need each other in a circle are problems. */
void sequence_make(struct graph *graph, const struct catalogue *catalogue, struct arena *arena,
	struct problems *problems);
#endif
