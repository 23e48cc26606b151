/* SPDX-License-Identifier: MIT
 *
 * Captured output of one stream while a job runs: 64 KiB head and 64 KiB tail in memory as long as
 * all jobs together stay within the budget, the rest in an unlinked file, and of more than may be
 * kept the first and the last half.
 */
#ifndef RUN_CAPTURE_H
#define RUN_CAPTURE_H

#include "result/result.h"

#include <stddef.h>

enum {
	CAPTURE_ENDS = 64 * 1024,          /* head and tail in memory, each */
	CAPTURE_MEMORY = 64 * 1024 * 1024, /* of all jobs together */
};

struct capture {
	struct output output;
	size_t head_cap;
	bool head_closed;               /* what comes now goes behind the head */
	uint64_t first_half, last_half; /* that may be kept */
	bool all;                       /* is */
	const char *dir;                /* borrowed; NULL: $TMPDIR or /tmp */
};

/* dir and budget (bytes of memory left, shared by all) are borrowed and outlive the output.
   kept: bytes, UINT64_MAX for all. */
void capture_init(struct capture *capture, const char *dir, atomic_size_t *budget, uint64_t kept);

/* Takes n more bytes; never fails: what cannot be kept is counted in output.omitted. */
void capture_write(struct capture *capture, const char *data, size_t n);

/* Hands over what was kept. */
struct output capture_take(struct capture *capture);
#endif
