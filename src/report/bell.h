/* SPDX-License-Identifier: MIT
 * One descriptor by which writer threads wake main, however many they are. */
#ifndef REPORT_BELL_H
#define REPORT_BELL_H

#include <stdatomic.h>
#include <stdbool.h>

struct bell {
	int fd; /* readable when it was rung */
	atomic_bool rung;
};

/* 0, or -1 and errno. */
int bell_open(struct bell *bell);
void bell_close(struct bell *bell);

/* What changed before it is seen by whoever hushes it and looks then. Thread-safe. */
void bell_ring(struct bell *bell);
/* Costs nothing when it was not rung. One thread only. */
void bell_hush(struct bell *bell);
#endif
