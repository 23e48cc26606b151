/* SPDX-License-Identifier: MIT
 * Memory that runs out when a test says so. Included by one source file of a program, it stands in
 * for malloc in all of it, the C library's own calls and threads included. Not under a tool that
 * does the same: SCARCE says whether it works. */
#ifndef TESTS_SCARCE_H
#define TESTS_SCARCE_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

static atomic_long scarce_left = -1; /* how many more succeed; -1: all */
static atomic_bool scarce_once;      /* after one that failed all succeed again */
static atomic_long scarce_refused;
static atomic_long scarce_live __attribute__((unused)); /* that were not freed */

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
enum { SCARCE = 1 };

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t n);
void __libc_free(void *p);

/* Hidden, the C library would not see them. */
#pragma GCC visibility push(default)
void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void *realloc(void *old, size_t n);
void free(void *p);
#pragma GCC visibility pop

static bool scarce_refuses(void) {
	long left = scarce_left;
	while (left > 0 && !atomic_compare_exchange_weak(&scarce_left, &left, left - 1)) {
	}
	if (left == 0) {
		scarce_left = scarce_once ? -1 : 0;
		scarce_refused++;
		errno = ENOMEM;
	}
	return left == 0;
}

void *malloc(size_t n) {
	void *p = scarce_refuses() ? NULL : __libc_malloc(n);
	scarce_live += p != NULL;
	return p;
}

void *calloc(size_t n, size_t size) {
	void *p = scarce_refuses() ? NULL : __libc_calloc(n, size);
	scarce_live += p != NULL;
	return p;
}

void *realloc(void *old, size_t n) {
	if (scarce_refuses()) {
		return NULL;
	}
	void *p = __libc_realloc(old, n);
	scarce_live += !old && p;
	return p;
}

void free(void *p) {
	scarce_live -= p != NULL;
	__libc_free(p);
}
#else
enum { SCARCE = 0 };
#endif

/* The next n requests succeed, all others fail, or only the one behind them. */
static inline void scarce_begin(long n, bool once) {
	scarce_once = once;
	scarce_refused = 0;
	scarce_left = n;
}

/* How many failed. */
static inline long scarce_end(void) {
	scarce_left = -1;
	return scarce_refused;
}
#endif
