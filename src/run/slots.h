/* SPDX-License-Identifier: MIT
 * Slot numbers 1..n: no two running jobs share one. Lock-free, because the workers take and give
 * them by themselves: a job learns its slot when it really starts, not when it is claimed. */
#ifndef RUN_SLOTS_H
#define RUN_SLOTS_H

struct slots; /* opaque */

struct slots *slots_new(unsigned n); /* NULL and errno */
void slots_free(struct slots *slots);

/* The lowest free number; at most n may be taken at once. Thread-safe. */
unsigned slots_take(struct slots *slots);
void slots_give(struct slots *slots, unsigned slot);
#endif
