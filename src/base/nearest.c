// SPDX-License-Identifier: MIT
// Nearest word by optimal string alignment: insert, delete, replace, swap neighbours.
#include "base/nearest.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST = 64 };

static int lower(char c) {
	return tolower((unsigned char)c);
}

static size_t min3(size_t a, size_t b, size_t c) {
	size_t m = a < b ? a : b;
	return m < c ? m : c;
}

static size_t distance(const char *a, size_t na, const char *b, size_t nb) {
	size_t row[3][LONGEST + 1];
	for (size_t j = 0; j <= nb; j++) {
		row[0][j] = j;
	}
	for (size_t i = 1; i <= na; i++) {
		size_t *now = row[i % 3], *last = row[(i - 1) % 3], *before = row[(i + 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t differs = lower(a[i - 1]) != lower(b[j - 1]);
			now[j] = min3(last[j] + 1, now[j - 1] + 1, last[j - 1] + differs);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
				lower(a[i - 2]) == lower(b[j - 1]) && before[j - 2] + 1 < now[j]) {
				now[j] = before[j - 2] + 1;
			}
		}
	}
	return row[na % 3][nb];
}

const char *nearest_word(const char *word, const char *const *words, size_t n) {
	size_t len = strlen(word);
	const char *nearest = NULL;
	size_t least = LONGEST;
	if (len > LONGEST) {
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		size_t other = strlen(words[i]);
		if (other > LONGEST) {
			continue;
		}
		size_t d = distance(word, len, words[i], other);
		size_t longer = len > other ? len : other;
		if (d < least && d <= (longer < 4 ? 1 : (longer + 1) / 3)) {
			least = d;
			nearest = words[i];
		}
	}
	return nearest;
}
