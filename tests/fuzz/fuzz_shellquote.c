// SPDX-License-Identifier: MIT
// Fuzzes the reading of shell scripts with {} in them: each placeholder gets a context or one of
// them is named with a reason, the same each time, and nothing but the scan's stack is used.
//   clang -fsanitize=fuzzer,address,undefined ... fuzz_shellquote.c ... && ./fuzz_shellquote
//   tests/fuzz/shellquote
// With -DFUZZ_STANDALONE any compiler builds a program that goes through the files it is given.
#include "plan/shellquote.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
	if (!holds) {
		abort();
	}
}

static void scan_twice(const char *text, struct shell_mark *marks, size_t n) {
	size_t which = n, again = n;
	const char *why = shellquote_scan(text, marks, n, &which);
	must(why ? n > 0 && which < n && strstr(why, "; ") : which == n);
	must(shellquote_scan(text, marks, n, &again) == why && again == which);
	for (size_t i = 0; i < n; i++) {
		must(marks[i].quoting <= QUOTING_SINGLE);
	}
	struct shell_use use = shellquote_use(text, marks, n);
	must(use.positional || !use.all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	char *text = malloc(size + 1);
	struct shell_mark *marks = calloc(size / 2 + 1, sizeof *marks);
	must(text && marks);
	memcpy(text, data, size);
	text[size] = '\0';
	size_t n = 0;
	for (const char *at = text; (at = strstr(at, "{}")); at += 2) {
		marks[n++] = (struct shell_mark){(size_t)(at - text), 2, QUOTING_BARE};
	}
	scan_twice(text, marks, n);
	free(marks);
	free(text);
	return 0;
}

#ifdef FUZZ_STANDALONE
#include "replay.h"
#endif
