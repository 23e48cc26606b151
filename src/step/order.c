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

// Offsets become pointers. false: one of them leads out of the texts.
static bool relocate(const struct step_order *order, const struct step_parts *parts,
	union step_word *words, uint64_t n) {
	char *base = (char *)(uintptr_t)order;
	uintptr_t first = (uintptr_t)(parts->texts - base);
	for (uint64_t i = 0; i < n; i++) {
		if (words[i].offset < first || words[i].offset >= order->size) {
			return false;
		}
		words[i].text = base + words[i].offset;
	}
	return true;
}

bool step_read(struct step_order *order, size_t n, struct step_parts *parts) {
	// The last byte ends every text.
	return n > sizeof *order && order->magic == STEP_MAGIC && order->size == n &&
	       order->n_groups <= STEP_MAX_GROUPS && ((const char *)order)[n - 1] == '\0' &&
	       step_parts(order, parts) && relocate(order, parts, parts->args, order->n_args) &&
	       relocate(order, parts, parts->env, order->n_env) &&
	       relocate(order, parts, parts->places, order->n_places) &&
	       parts->args[order->n_args].offset == 0 && parts->env[order->n_env].offset == 0;
}
