// SPDX-License-Identifier: MIT
// Globs and names of jobs.
#include "plan/matching.h"

#include <fnmatch.h>
#include <string.h>

void matching_begin(struct matching *matching) {
	matching->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	matching->before = matching->utf8 ? uselocale(matching->utf8) : (locale_t)0;
}

void matching_end(struct matching *matching) {
	if (matching->utf8) {
		uselocale(matching->before);
		freelocale(matching->utf8);
	}
}

bool matching_glob(const char *word) {
	return strpbrk(word, "*?[");
}

bool matching_row(const struct catalogue *catalogue, size_t row, const char *glob) {
	const char *head = catalogue->heads[row];
	return fnmatch(glob, catalogue->names[row], 0) == 0 ||
	       (head && fnmatch(glob, head, 0) == 0);
}
