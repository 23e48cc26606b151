/* SPDX-License-Identifier: MIT
 *
 * What may hold the start of the next job back, though a worker is free: a delay between starts,
 * the load of the machine, its memory. While it is past a mark nothing starts, even if nothing
 * runs. Jobs that run are left alone, however little memory is left. Main thread only.
 */
#ifndef RUN_GATE_H
#define RUN_GATE_H

#include <stdbool.h>
#include <stdint.h>

/* {0}: it is always open. */
struct gate_options {
	int64_t delay_ns; /* from one start to the next, at least */
	uint64_t load;    /* in hundredths: none starts while it is this or more */
	uint64_t memory;  /* bytes: none starts while less is available */
	const char *root; /* what stands in for / in tests; NULL */
};

struct gate {
	struct gate_options options;
	int64_t not_before;         /* the delay is over */
	int64_t looked;             /* at the machine; 0: never */
	uint64_t load;              /* as it was then */
	bool crowded;               /* memory was too little then */
	int64_t second;             /* of the last start */
	uint64_t started, formerly; /* in that second, in the one before */
	const char *warning;        /* to be said */
};
void gate_init(struct gate *gate, const struct gate_options *options);

/* 0: a job may start now. Else when to ask again. now is of clock_now(). */
int64_t gate_opens(struct gate *gate, int64_t now);
/* One was started. */
void gate_passed(struct gate *gate, int64_t now);

/* What is to be said of it, each once; NULL: nothing. */
const char *gate_warning(struct gate *gate);
#endif
