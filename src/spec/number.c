// SPDX-License-Identifier: MIT
// Whole numbers as a job file writes them.
#include "spec/number.h"
#include "spec/spec.h"

#include <limits.h>
#include <string.h>

const char *number_parse(const char *text, size_t len, unsigned max, unsigned *number) {
	if (len == 0) {
		return "there is no number";
	}
	if (text[0] == '-') {
		return "it cannot be negative";
	}
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9') {
			return "a number is written with the digits 0 to 9 alone";
		}
	}
	if (text[0] == '0' && len > 1) {
		return "a number is written without zeros in front";
	}
	uint64_t n = 0;
	for (size_t i = 0; i < len && n <= max; i++) {
		n = n * 10 + (uint64_t)(text[i] - '0');
	}
	if (n > max) {
		return "it is too large";
	}
	*number = (unsigned)n;
	return NULL;
}

const char *size_parse(const char *text, size_t len, uint64_t *bytes) {
	static const char units[] = "KMGT";
	const char *unit = len > 0 ? memchr(units, text[len - 1], sizeof units - 1) : NULL;
	unsigned n = 0, shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
	const char *wrong = number_parse(text, len - (unit != NULL), UINT_MAX, &n);
	if (wrong && len > 0 && !unit && (text[len - 1] < '0' || text[len - 1] > '9')) {
		return "the units are K, M, G and T";
	}
	if (!wrong && n > UINT64_MAX >> shift) {
		return "it is too large";
	}
	*bytes = (uint64_t)n << shift;
	return wrong;
}
