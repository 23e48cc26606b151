/* SPDX-License-Identifier: MIT
 *
 * Bytes that wait, in the order in which they came: the last of them in memory, those before in a
 * file without a name, which is made only when it is needed. What is given back is given back to
 * the disk too. However much waits, it takes the same memory. */
#ifndef REPORT_STORE_H
#define REPORT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	STORE_BLOCK = 64 * 1024,
	STORE_BLOCKS = 16,     /* in memory */
	STORE_SEGMENTS = 1024, /* parts of all that waits, which are given back as a whole */
};

struct store {
	const char *dir;                 /* borrowed; NULL: $TMPDIR or /tmp */
	int fd;                          /* -1: not made yet */
	char *memory;                    /* STORE_BLOCKS blocks, a ring */
	uint64_t first;                  /* block that is in memory, with all behind it */
	uint64_t end;                    /* where the next byte goes */
	uint64_t live;                   /* bytes that were not given back */
	bool written;                    /* there may be something in the file */
	unsigned shift;                  /* a segment has 1 << shift bytes */
	uint64_t base;                   /* the first segment that is counted, a ring too */
	uint64_t counts[STORE_SEGMENTS]; /* live bytes of each */
};

/* 0, or -1 without memory. */
int store_init(struct store *store, const char *dir);
void store_clear(struct store *store);

/* Puts bytes behind all others. How many it could; fewer than n: errno says why. */
size_t store_append(struct store *store, const void *data, size_t n);

/* Overwrites bytes that are there. 0, or -1 and errno. */
int store_patch(struct store *store, uint64_t at, const void *data, size_t n);

/* Where in memory the byte at a place is, and how many follow it there; NULL: it is in the file
   at the same place, and so may be the *n bytes behind it. */
const char *store_look(const struct store *store, uint64_t at, size_t *n);

/* All n bytes to a place of a file. 0, or -1 and errno. */
int store_pwrite(int fd, const char *data, size_t n, uint64_t at);

/* Gives bytes back. When none is left, places begin at 0 again. */
void store_give_back(struct store *store, uint64_t at, uint64_t n);
#endif
