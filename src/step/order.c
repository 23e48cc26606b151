// SPDX-License-Identifier: MIT
// Where the parts of an order are, for the one who writes it and the one who reads it.
#include "step/step.h"

// Takes n things of a size off what is left; a sum that does not fit empties it.
static bool take(uint64_t *at, uint64_t size, uint64_t n, uint64_t each, uint64_t *begin) {
	uint64_t bytes;
	*begin = *at;
	return !__builtin_mul_overflow(n, each, &bytes) &&
	       !__builtin_add_overflow(*at, bytes, at) && *at <= size;
}

bool step_parts(const struct step_order *order, struct step_parts *parts) {
	uint64_t at = sizeof *order, size = order->size, begin[6];
	uint64_t groups = order->n_groups > 0 ? (uint64_t)order->n_groups : 0;
	// One more each: the zero behind them.
	if (order->n_args >= size || order->n_env >= size ||
		!take(&at, size, order->n_limits, sizeof(struct step_limit), &begin[0]) ||
		!take(&at, size, order->n_args + 1, sizeof(union step_word), &begin[1]) ||
		!take(&at, size, order->n_env + 1, sizeof(union step_word), &begin[2]) ||
		!take(&at, size, order->n_places, sizeof(union step_word), &begin[3]) ||
		!take(&at, size, groups, sizeof(uint32_t), &begin[4]) ||
		!take(&at, size, order->n_kept, sizeof(int32_t), &begin[5])) {
		return false;
	}
	char *base = (char *)(uintptr_t)order;
	*parts = (struct step_parts){
		.limits = (void *)(base + begin[0]),
		.args = (void *)(base + begin[1]),
		.env = (void *)(base + begin[2]),
		.places = (void *)(base + begin[3]),
		.groups = (void *)(base + begin[4]),
		.kept = (void *)(base + begin[5]),
		.texts = base + at,
	};
	return true;
}
