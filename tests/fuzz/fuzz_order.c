// SPDX-License-Identifier: MIT
// Fuzzes the reading of an exec step's order: what is accepted leads nowhere out of it. The bytes
// are an order whose magic and size are set right, so that the rest is looked at.
//   clang -fsanitize=fuzzer,address,undefined ... fuzz_order.c ... && ./fuzz_order tests/fuzz/order
// With -DFUZZ_STANDALONE any compiler builds a program that goes through the files it is given.
#include "step/step.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t sum; // so that what is only looked at is not left out

static void look_at_words(const union step_word *words, uint64_t n) {
	for (uint64_t i = 0; i < n; i++) {
		sum += strlen(words[i].text);
	}
}

static void look_at_numbers(const struct step_order *order, const struct step_parts *parts) {
	for (uint64_t i = 0; i < order->n_limits; i++) {
		sum += (size_t)parts->limits[i].hard;
	}
	for (int64_t i = 0; i < order->n_groups; i++) {
		sum += parts->groups[i];
	}
	for (uint32_t i = 0; i < order->n_kept; i++) {
		sum += (size_t)parts->kept[i];
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct step_order *order = malloc(size ? size : 1);
	struct step_parts parts;
	if (!order) {
		abort();
	}
	memcpy(order, data, size);
	if (size >= sizeof *order) {
		order->magic = STEP_MAGIC;
		order->size = size;
	}
	if (step_read(order, size, &parts)) {
		look_at_words(parts.args, order->n_args);
		look_at_words(parts.env, order->n_env);
		look_at_words(parts.places, order->n_places);
		look_at_numbers(order, &parts);
	}
	free(order);
	return 0;
}

#ifdef FUZZ_STANDALONE
#include "replay.h"
#endif
