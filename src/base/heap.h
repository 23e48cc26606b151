/* SPDX-License-Identifier: MIT
 * A binary heap of numbers, the least on top. The caller has room for all. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct heap {
	uint32_t *items;
	size_t n;
};

void heap_push(struct heap *heap, uint32_t item);
/* Takes the least; there is one. */
uint32_t heap_pop(struct heap *heap);
#endif
