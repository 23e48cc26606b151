// SPDX-License-Identifier: MIT
// Whole numbers as a job file writes them.
#include "spec/number.h"

#include <stdint.h>

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
