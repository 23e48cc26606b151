/* SPDX-License-Identifier: MIT
 *
 * Records of one size by their number, as many as there are: those used last are in memory, the
 * others in a sparse file without a name, which is made only when it is needed. One that was never
 * written is all zero. */
#ifndef REPORT_RECORDS_H
#define REPORT_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RECORDS_PAGE = 4096,
	RECORDS_PAGES = 64, /* in memory */
};

struct records_page {
	uint64_t number; /* in the file */
	bool used, dirty;
};

struct records {
	const char *dir; /* borrowed; NULL: $TMPDIR or /tmp */
	int fd;          /* -1: not made yet */
	size_t size;     /* of one; divides RECORDS_PAGE */
	char *memory;    /* RECORDS_PAGES pages */
	struct records_page pages[RECORDS_PAGES];
	uint64_t pages_written;  /* in the file: those below this one */
	uint64_t pages_released; /* those below it, and so many of them from the disk */
	uint64_t pages_given_back;
};

/* 0, or -1 without memory. */
int records_init(struct records *records, size_t size, const char *dir);
void records_clear(struct records *records);

/* The record, good until the next call. NULL and errno. */
void *records_change(struct records *records, uint64_t number);
const void *records_look(struct records *records, uint64_t number);

/* Nobody asks for those below this one any more. */
void records_release(struct records *records, uint64_t number);
#endif
