// SPDX-License-Identifier: MIT
// How many workers, as people write it.
#include "spec/number.h"
#include "spec/spec.h"

#include <string.h>

// More threads than any kernel lets a process have.
enum { WORKERS_MAX = 1000000 };

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
