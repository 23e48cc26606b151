// SPDX-License-Identifier: MIT
// The lines that open and close the report. Python's format strings, as far as they are needed.
#include "plan/headline.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/nearest.h"
#include "plan/place.h"

#include <inttypes.h>
#include <string.h>

enum part_kind {
	PART_END,
	PART_TEXT,
	PART_JOBS,
	PART_WORKERS,
	PART_DONE,
	PART_ELAPSED,
	PART_UNKNOWN,    // {foo}
	PART_BAD_FORMAT, // {jobs:.2f}, {elapsed:9}
	PART_OPEN,       // { without }
	PART_CLOSE,      // } without {
};
struct part {
	enum part_kind kind;
	const char *start;
	size_t len;         // of all of it
	const char *word;   // between the braces
	size_t word_len;    // without a format
	unsigned precision; // of PART_ELAPSED
};

static const char *const fields[] = {"jobs", "workers", "done", "elapsed"};
enum { N_FIELDS = sizeof fields / sizeof *fields, MICROSECONDS = 6 };

// Python prints six digits for "f" without a precision; a bare {elapsed} does the same here.
static enum part_kind read_format(struct part *part, const char *format, size_t len) {
	part->precision = MICROSECONDS;
	if (!format) {
		return part->kind;
	}
	bool known = part->kind == PART_ELAPSED && len == 3 && format[0] == '.' &&
		     format[1] >= '0' && format[1] <= '9' && format[2] == 'f';
	part->precision = known ? (unsigned)(format[1] - '0') : 0;
	return known ? PART_ELAPSED : PART_BAD_FORMAT;
}

static enum part_kind read_field(struct part *part, size_t len) {
	const char *colon = memchr(part->word, ':', len);
	part->word_len = colon ? (size_t)(colon - part->word) : len;
	part->kind = PART_UNKNOWN;
	for (size_t i = 0; i < N_FIELDS; i++) {
		if (strlen(fields[i]) == part->word_len &&
			memcmp(fields[i], part->word, part->word_len) == 0) {
			part->kind = (enum part_kind)(PART_JOBS + i);
		}
	}
	if (part->kind == PART_UNKNOWN) {
		return PART_UNKNOWN;
	}
	return read_format(part, colon ? colon + 1 : NULL, colon ? len - part->word_len - 1 : 0);
}

// The part that text starts with.
static struct part next_part(const char *text) {
	struct part part = {.start = text, .word = text};
	if (!*text) {
		return part;
	}
	if (text[0] != '{' && text[0] != '}') {
		part.kind = PART_TEXT;
		part.word_len = part.len = strcspn(text, "{}");
		return part;
	}
	if (text[1] == text[0]) {
		part.kind = PART_TEXT;
		part.word_len = 1;
		part.len = 2;
		return part;
	}
	size_t len = strcspn(text + 1, "{}");
	part.len = 1;
	if (text[0] == '}' || text[1 + len] != '}') {
		part.kind = text[0] == '}' ? PART_CLOSE : PART_OPEN;
		return part;
	}
	part.word = text + 1;
	part.len = len + 2;
	part.kind = read_field(&part, len);
	return part;
}

static void report(const struct spec *spec, const struct spec_text *format, const struct part *part,
	struct problems *problems) {
	static const char known[] =
		"known are {jobs}, {workers}, {done}, {elapsed} and {elapsed:.2f}; {{ is a brace";
	struct arena *arena = spec->arena;
	struct mark at = place_for(problems, spec, format, (size_t)(part->start - format->text));
	if (part->kind == PART_OPEN || part->kind == PART_CLOSE) {
		bool open = part->kind == PART_OPEN;
		problems_add(problems, at, open ? "write {{ for a brace" : "write }} for a brace",
			open ? "'{' is not closed by '}'" : "'}' without a '{' before it");
	} else if (part->kind == PART_BAD_FORMAT) {
		problems_add(problems, at,
			"only {elapsed} takes a format: {elapsed:.2f}, with 0 to 9 digits",
			"%s has a format that is not known",
			problems_quote(problems, arena_strndup(arena, part->start, part->len)));
	} else {
		const char *word = arena_strndup(arena, part->word, part->word_len);
		const char *near = nearest_word(word, fields, N_FIELDS);
		problems_add(problems, at,
			near ? arena_printf(arena, "did you mean '{%s}'?", near) : known,
			"%s is not known",
			problems_quote(problems, arena_strndup(arena, part->start, part->len)));
	}
}

void headline_check(
	const struct spec *spec, const struct spec_text *format, struct problems *problems) {
	struct part part;
	for (const char *at = format->text; (part = next_part(at)).kind != PART_END;) {
		if (part.kind >= PART_UNKNOWN) {
			report(spec, format, &part, problems);
		}
		at += part.len;
	}
}

// Seconds with this many digits, rounded; without the locale's comma.
static int put_elapsed(struct buf *line, int64_t ns, unsigned digits) {
	uint64_t unit = CLOCK_SECOND, elapsed = ns > 0 ? (uint64_t)ns : 0;
	uint64_t step = unit;
	for (unsigned i = 0; i < digits; i++) {
		step /= 10;
	}
	elapsed = (elapsed + step / 2) / step;
	unit /= step;
	if (digits == 0) {
		return buf_printf(line, "%" PRIu64, elapsed);
	}
	return buf_printf(
		line, "%" PRIu64 ".%0*" PRIu64, elapsed / unit, (int)digits, elapsed % unit);
}

static int put_part(struct buf *line, const struct part *part, const struct plan_figures *figures) {
	switch (part->kind) {
	case PART_JOBS:
		return buf_printf(line, "%zu", figures->jobs);
	case PART_WORKERS:
		return buf_printf(line, "%zu", figures->workers);
	case PART_DONE:
		return buf_printf(line, "%zu", figures->done);
	case PART_ELAPSED:
		return put_elapsed(line, figures->elapsed_ns, part->precision);
	case PART_TEXT:
	case PART_END:
	case PART_UNKNOWN:
	case PART_BAD_FORMAT:
	case PART_OPEN:
	case PART_CLOSE:
		break;
	}
	return buf_append(line, part->word, part->word_len);
}

char *plan_headline(const char *format, const struct plan_figures *figures) {
	struct buf line = {0};
	struct part part;
	int failed = 0;
	for (const char *at = format; !failed && (part = next_part(at)).kind != PART_END;) {
		failed = put_part(&line, &part, figures);
		at += part.len;
	}
	char *text = failed ? NULL : buf_take(&line);
	buf_clear(&line);
	return text;
}
