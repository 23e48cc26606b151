/* SPDX-License-Identifier: MIT
 * How long jobs take on the median, in flat memory: times are counted in classes, each an eighth
 * wider than the one before. */
#ifndef RUN_TYPICAL_H
#define RUN_TYPICAL_H

#include <stddef.h>
#include <stdint.h>

enum {
	TYPICAL_STEPS = 8, /* classes for each power of two */
	TYPICAL_CLASSES = 63 * TYPICAL_STEPS,
	TYPICAL_LEAST = 3, /* jobs, before that nothing is typical */
};

struct typical {
	size_t n;
	uint32_t classes[TYPICAL_CLASSES];
};

void typical_add(struct typical *typical, int64_t ns);
/* At most an eighth more than the median; 0: not known yet. */
int64_t typical_median(const struct typical *typical);
#endif
