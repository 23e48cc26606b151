/* SPDX-License-Identifier: MIT
 * A set of numbers whose lowest is found at once: a bit for each number, above every 64 of them a
 * bit that says whether one is set, and so on up to a single word. */
#ifndef BASE_INDEXSET_H
#define BASE_INDEXSET_H

#include <stdbool.h>
#include <stddef.h>

struct indexset; /* opaque */

/* Holds none of 0 .. n-1. NULL and errno. */
struct indexset *indexset_new(size_t n);
void indexset_free(struct indexset *set);

/* The same in memory of the caller: so many zeroed bytes, which nobody frees but he. */
size_t indexset_bytes(size_t n);
struct indexset *indexset_at(void *memory, size_t n);

void indexset_add(struct indexset *set, size_t number);
void indexset_remove(struct indexset *set, size_t number);

/* Takes the lowest out. False: it is empty. */
bool indexset_take(struct indexset *set, size_t *number);
#endif
