// SPDX-License-Identifier: MIT
// The list of what is wrong with a file.
#include "base/utf8.h"
#include "spec/spec.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_MAX = 60 };

void problems_add(
	struct problems *problems, struct mark at, const char *hint, const char *format, ...) {
	if (problems_full(problems)) {
		problems->left_out++;
		return;
	}
	problems->items = arena_grow(problems->arena, problems->items, problems->n, &problems->cap,
		sizeof *problems->items);
	va_list args;
	va_start(args, format);
	const char *message = arena_vprintf(problems->arena, format, args);
	va_end(args);
	problems->items[problems->n++] = (struct problem){
		.at = at, .message = message, .hint = hint};
}

static bool stands_behind(struct mark a, struct mark b) {
	return a.line > b.line || (a.line == b.line && a.col > b.col);
}

// Insertion, since it is stable, the list is short, and most of it is in order.
void problems_sort(struct problems *problems) {
	for (size_t i = 1; i < problems->n; i++) {
		struct problem moved = problems->items[i];
		size_t to = i;
		while (to > 0 && stands_behind(problems->items[to - 1].at, moved.at)) {
			problems->items[to] = problems->items[to - 1];
			to--;
		}
		problems->items[to] = moved;
	}
}

// Control characters, C1 among them, and the marks that end a line or turn the direction of
// writing: a terminal obeys them all.
static bool obeyed_by_terminals(uint32_t c) {
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

const char *problems_quote(struct problems *problems, const char *text) {
	enum { LONGEST = sizeof "\\u2028" };
	char shown[SHOWN_MAX * LONGEST];
	if (problems_full(problems)) {
		return "";
	}
	size_t n = 0;
	const char *end = text + strlen(text);
	for (size_t i = 0; i < SHOWN_MAX && text < end; i++) {
		uint32_t c;
		size_t len = utf8_decode(text, end, &c);
		if (len == 0) {
			len = 1;
			n += (size_t)sprintf(shown + n, "\\x%02x", (unsigned char)*text);
		} else if (c == '\n' || c == '\t') {
			n += (size_t)sprintf(shown + n, c == '\n' ? "\\n" : "\\t");
		} else if (obeyed_by_terminals(c)) {
			n += (size_t)sprintf(shown + n, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
		} else {
			memcpy(shown + n, text, len);
			n += len;
		}
		text += len;
	}
	return arena_printf(problems->arena, "'%.*s%s'", (int)n, shown, text < end ? "..." : "");
}
