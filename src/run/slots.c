// SPDX-License-Identifier: MIT
// Slot numbers as a bitmap of atomic words.
#include "run/slots.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

enum { BITS = 64 };

struct slots {
	unsigned words;
	_Atomic uint64_t taken[];
};

struct slots *slots_new(unsigned n) {
	unsigned words = n / BITS + 1;
	struct slots *slots = malloc(sizeof *slots + words * sizeof slots->taken[0]);
	if (slots) {
		slots->words = words;
		for (unsigned i = 0; i < words; i++) {
			atomic_init(&slots->taken[i], 0);
		}
	}
	return slots;
}

void slots_free(struct slots *slots) {
	free(slots);
}

unsigned slots_take(struct slots *slots) {
	for (unsigned i = 0;; i = (i + 1) % slots->words) {
		uint64_t taken = atomic_load(&slots->taken[i]);
		while (taken != UINT64_MAX) {
			unsigned bit = (unsigned)__builtin_ctzll(~taken);
			if (atomic_compare_exchange_weak(
				    &slots->taken[i], &taken, taken | UINT64_C(1) << bit)) {
				return i * BITS + bit + 1;
			}
		}
	}
}

void slots_give(struct slots *slots, unsigned slot) {
	unsigned bit = slot - 1;
	atomic_fetch_and(&slots->taken[bit / BITS], ~(UINT64_C(1) << bit % BITS));
}
