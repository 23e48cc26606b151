// SPDX-License-Identifier: MIT
// When a run ends early, in the words of GNU parallel.
#include "spec/number.h"
#include "spec/spec.h"

#include <string.h>

enum { COUNT_MAX = 1000000000 };

// Takes the word off the front of the text.
static bool take(const char **text, const char *word) {
	size_t len = strlen(word);
	if (strncmp(*text, word, len) != 0) {
		return false;
	}
	*text += len;
	return true;
}

const char *halt_parse(const char *text, struct halt *halt) {
	static const struct {
		const char *word;
		enum halt_on on;
	} words[] = {{"fail=", HALT_FAIL}, {"success=", HALT_SUCCESS}, {"done=", HALT_DONE}};
	struct halt read = {.text = text};
	if (strcmp(text, "never") == 0) {
		*halt = read;
		return NULL;
	}
	read.now = take(&text, "now,");
	if (!read.now && !take(&text, "soon,")) {
		return "write it as now,fail=1 or soon,done=50%";
	}
	for (size_t i = 0; i < sizeof words / sizeof *words && !read.on; i++) {
		read.on = take(&text, words[i].word) ? words[i].on : HALT_NEVER;
	}
	if (!read.on) {
		return "behind the comma stands fail=N, success=N or done=N";
	}
	size_t len = strlen(text);
	read.percent = len > 0 && text[len - 1] == '%';
	const char *wrong = number_parse(
		text, len - read.percent, read.percent ? 100 : COUNT_MAX, &read.n);
	if (!wrong && read.n == 0) {
		wrong = "it counts from 1";
	}
	if (!wrong) {
		*halt = read;
	}
	return wrong;
}
