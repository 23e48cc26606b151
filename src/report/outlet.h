/* SPDX-License-Identifier: MIT
 *
 * Where the report goes: bytes are gathered in a page and written without ever being stuck behind
 * a reader who does not read. All but outlet_hurry, outlet_drop and outlet_error belong to the
 * writer thread. */
#ifndef REPORT_OUTLET_H
#define REPORT_OUTLET_H

#include "base/buf.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OUTLET_PAGE = 128 * 1024 };

struct outlet {
	int fd;         /* borrowed; its flags are shared with others and never changed */
	int own;        /* the same pipe or terminal opened anew, non-blocking; -1 */
	int control;    /* eventfd: the mode has changed */
	bool immediate; /* a write never waits for a reader */
	bool socket;
	bool sends;  /* the kernel may write to it from a file */
	size_t most; /* bytes for one write */
	struct buf page;
	char last;     /* byte that has left the page */
	bool given_up; /* nobody reads: all that comes is counted only */
	uint64_t dropped;
	atomic_int mode;
	atomic_int error; /* errno of the first write that failed */
};

/* 0, or -1 and errno. */
int outlet_open(struct outlet *outlet, int fd);
void outlet_close(struct outlet *outlet);

/* The page with room for n <= OUTLET_PAGE more bytes. */
struct buf *outlet_page(struct outlet *outlet, size_t n);
void outlet_put(struct outlet *outlet, const void *data, size_t n);
/* A newline, if the last byte was none. */
void outlet_begin_line(struct outlet *outlet);
void outlet_flush(struct outlet *outlet);
/* n bytes of a file from a place on, which nobody may change any more: the reader of a pipe gets
   its very pages. How many are done with; the others the kernel cannot send, or are not there. */
uint64_t outlet_send(struct outlet *outlet, int fd, uint64_t at, uint64_t n);

/* What was to be printed could not be read: as if writing had failed. */
void outlet_fail(struct outlet *outlet, int error);
/* Whether all that comes is counted only. */
bool outlet_lost(const struct outlet *outlet);

/* From now on a reader who takes nothing for a second is given up. Thread-safe. */
void outlet_hurry(struct outlet *outlet);
/* From now on nobody is waited for. Thread-safe. */
void outlet_drop(struct outlet *outlet);
/* errno of the first write that failed, or 0. Thread-safe. */
int outlet_error(const struct outlet *outlet);
#endif
