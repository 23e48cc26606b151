// SPDX-License-Identifier: MIT
// A class is told by the highest bit of a time and the three behind it.
#include "run/typical.h"

// Up to STEPS each nanosecond has a class of its own.
static size_t class_of(uint64_t ns) {
	if (ns < TYPICAL_STEPS) {
		return (size_t)ns;
	}
	unsigned high = 63 - (unsigned)__builtin_clzll(ns); // 3 or more
	return (high - 2) * TYPICAL_STEPS + ((ns >> (high - 3)) & (TYPICAL_STEPS - 1));
}

// The longest time of a class.
static int64_t top_of(size_t class) {
	if (class < TYPICAL_STEPS) {
		return (int64_t) class;
	}
	unsigned shift = (unsigned)(class / TYPICAL_STEPS) - 1;
	uint64_t first = (uint64_t)(TYPICAL_STEPS + class % TYPICAL_STEPS) << shift;
	return (int64_t)(first + ((uint64_t)1 << shift) - 1);
}

void typical_add(struct typical *typical, int64_t ns) {
	typical->classes[class_of(ns > 0 ? (uint64_t)ns : 0)]++;
	typical->n++;
}

int64_t typical_median(const struct typical *typical) {
	size_t below = 0, class = 0;
	if (typical->n < TYPICAL_LEAST) {
		return 0;
	}
	while (below + typical->classes[class] < (typical->n + 1) / 2) {
		below += typical->classes[class ++];
	}
	return top_of(class);
}
