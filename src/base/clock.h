/* SPDX-License-Identifier: MIT
 * The monotonic clock, and durations as people write them. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

enum { CLOCK_MS = 1000000, CLOCK_SECOND = 1000000000 };

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t clock_now(void);

/* now + timeout; SP_FOREVER stays SP_FOREVER and nothing overflows. */
int64_t clock_deadline(int64_t timeout_ns);

/* What poll() wants for a wait until an absolute deadline: milliseconds rounded up, so that a
   short rest never spins; -1 for SP_FOREVER; 0 when it has passed. */
int clock_poll_ms(int64_t deadline_ns);

/* Reads "1.5", "250ms", "2m30s", "1h", "inf", "none" (the last two: SP_FOREVER, as is more than
   2^63 ns). Returns NULL and sets *ns, or a phrase that says what is wrong. */
const char *duration_parse(const char *text, size_t len, int64_t *ns);

/* Writes the shortest such text: "60s" stays "60s" below two minutes, then "2m30s". Returns buf. */
char *duration_format(int64_t ns, char *buf, size_t size);
#endif
