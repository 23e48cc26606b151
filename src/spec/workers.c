// SPDX-License-Identifier: MIT
// How many workers, as people write it; and whole numbers, for whoever else reads one.
#include "spec/number.h"
#include "spec/spec.h"

#include <string.h>

// More threads than any kernel lets a process have.
enum { WORKERS_MAX = 1000000 };

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

const char *workers_parse(const char *text, struct workers *workers) {
	struct workers read = {.kind = WORKERS_COUNT};
	size_t len = strlen(text);
	if (text[0] == '-' || text[0] == '+') {
		read.kind = text[0] == '-' ? WORKERS_LESS : WORKERS_MORE;
		text++;
		len--;
	} else if (len > 0 && text[len - 1] == '%') {
		read.kind = WORKERS_PERCENT;
		len--;
	}
	const char *wrong = number_parse(text, len, WORKERS_MAX, &read.n);
	if (wrong) {
		return wrong;
	}
	if (read.n == 0 && read.kind == WORKERS_PERCENT) {
		return "a share of the CPUs begins at 1%";
	}
	if (read.n == 0 && read.kind == WORKERS_COUNT) {
		read.kind = WORKERS_EACH;
	}
	*workers = read;
	return NULL;
}
