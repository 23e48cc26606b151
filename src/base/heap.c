// SPDX-License-Identifier: MIT
// The least of many numbers, in O(log n).
#include "base/heap.h"

void heap_push(struct heap *heap, uint32_t item) {
	size_t at = heap->n++;
	while (at > 0 && heap->items[(at - 1) / 2] > item) {
		heap->items[at] = heap->items[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	heap->items[at] = item;
}

uint32_t heap_pop(struct heap *heap) {
	uint32_t least = heap->items[0], last = heap->items[--heap->n];
	size_t at = 0;
	for (size_t child; (child = 2 * at + 1) < heap->n; at = child) {
		if (child + 1 < heap->n && heap->items[child + 1] < heap->items[child]) {
			child++;
		}
		if (heap->items[child] >= last) {
			break;
		}
		heap->items[at] = heap->items[child];
	}
	heap->items[at] = last;
	return least;
}
