// SPDX-License-Identifier: MIT
// Filling in the environment, and counting ranges. The environment alone can be filled in: the
// jobs, and how many there are, come of these values.
#include "plan/values.h"
#include "plan/matrix.h"
#include "plan/place.h"
#include "plan/reference.h"
#include "plan/template.h"
#include "plan/undefined.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool is_env(const struct reference *r) {
	return r->kind == REFERENCE_ENV;
}

// Whether it would mean something in a text of the job.
static bool comes_later(const struct reference *r) {
	switch (r->kind) {
	case REFERENCE_MATRIX:
	case REFERENCE_NAME:
	case REFERENCE_WORKERS:
	case REFERENCE_SEQ:
	case REFERENCE_SLOT:
	case REFERENCE_ATTEMPT:
		return true;
	case REFERENCE_OPEN:
	case REFERENCE_EMPTY:
	case REFERENCE_JUNK:
	case REFERENCE_NOWORD:
	case REFERENCE_ENV:
		break;
	}
	return false;
}

// NULL: it means nothing here, which is reported.
static const char *value_of(struct values_maker *maker, const struct spec_text *source,
	const struct reference *r, size_t *len) {
	const struct scope scope = {
		.spec = maker->spec,
		.job = maker->job,
		.matrix = &matrix_none,
		.environment = maker->environment,
		.problems = maker->problems,
	};
	const char *value = is_env(r) ? reference_value(r, maker->environment, len) : NULL;
	if (comes_later(r)) {
		place_addf(maker->problems, place_within(maker->spec, source, r->start),
			"only env.NAME and env.NAME:-default can: the jobs are made of these "
			"values",
			"the source of matrix values cannot hold %s",
			reference_shown(maker->problems, r));
	} else if (!value) {
		undefined_report(source, r, &scope);
	}
	return value;
}

static char *put(char *to, const char *text, size_t len, bool escaped) {
	for (size_t i = 0; i < len; i++) {
		if (escaped && strchr("*?[]\\-!^", text[i])) {
			*to++ = '\\';
		}
		*to++ = text[i];
	}
	return to;
}

// Bytes that the text can have at most.
static size_t room_for(const struct values_maker *maker, const char *text) {
	size_t room = strlen(text) + 1;
	struct reference r;
	for (size_t at = 0; reference_next(text, at, &r); at = r.end) {
		size_t len = 0;
		if (is_env(&r) && reference_value(&r, maker->environment, &len)) {
			room += 2 * len;
		}
	}
	return room;
}

// The text with what the environment has for it; in a pattern that stands for itself. NULL:
// refused.
static const char *filled_in(
	struct values_maker *maker, const struct spec_text *source, bool pattern) {
	const char *text = source->text;
	char *whole = ARENA_ARRAY(maker->spec->arena, room_for(maker, text), char), *to = whole;
	struct reference r;
	bool good = true;
	size_t at = 0;
	for (; reference_next(text, at, &r); at = r.end) {
		size_t len = 0;
		const char *value = value_of(maker, source, &r, &len);
		to = put(to, text + at, r.start - at, false);
		to = value ? put(to, value, len, pattern) : to;
		good = good && value;
	}
	put(to, text + at, strlen(text + at), false);
	return good ? whole : NULL;
}

static const char *number_fault(const char *text, int64_t *number) {
	const char *digits = text + (*text == '-');
	size_t n = strspn(digits, "0123456789");
	if (n == 0 || digits[n]) {
		return "a number is written with the digits 0 to 9 alone, and '-' in front";
	}
	if (*digits == '0' && (n > 1 || *text == '-')) {
		return "a number is written without zeros in front";
	}
	errno = 0;
	*number = strtoll(text, NULL, 10);
	return errno ? "it is too large" : NULL;
}

// First, last and step; false: refused.
static bool numbers_of(
	struct values_maker *maker, const struct spec_texts *range, int64_t numbers[3]) {
	bool good = true;
	for (size_t i = 0; i < range->n; i++) {
		const struct spec_text *source = &range->items[i];
		const char *text = filled_in(maker, source, false);
		const char *fault = text ? number_fault(text, &numbers[i]) : NULL;
		if (fault) {
			place_addf(maker->problems, source->at, NULL,
				"%s is not a whole number: %s",
				problems_quote(maker->problems, text), fault);
		}
		good = good && text && !fault;
	}
	return good;
}

// How many numbers there are; 0: refused.
static uint32_t length_of(
	struct values_maker *maker, const struct spec_texts *range, const int64_t numbers[3]) {
	int64_t first = numbers[0], last = numbers[1], step = numbers[2];
	struct arena *arena = maker->spec->arena;
	if (step == 0) {
		place_add(maker->problems, range->items[2].at, NULL,
			"a range cannot have the step 0");
		return 0;
	}
	if (first != last && (first < last) != (step > 0)) {
		place_addf(maker->problems, range->items[0].at,
			first < last ? "a range that counts down begins with the larger number"
				     : arena_printf(arena,
					       "write [%" PRId64 ", %" PRId64 ", -1] to count down",
					       first, last),
			"no range goes from %" PRId64 " %s to %" PRId64, first,
			step < 0 ? "down" : "up", last);
		return 0;
	}
	uint64_t way = first < last ? (uint64_t)last - (uint64_t)first
				    : (uint64_t)first - (uint64_t)last;
	uint64_t stride = step > 0 ? (uint64_t)step : -(uint64_t)step;
	if (way / stride >= JOBS_MAX) {
		place_addf(maker->problems, range->at, NULL,
			"the range has more than %d numbers: a file has no more jobs", JOBS_MAX);
		return 0;
	}
	return (uint32_t)(way / stride) + 1;
}

static struct spec_texts values_of_range(
	struct values_maker *maker, const struct spec_texts *range) {
	struct spec_texts values = {.at = range->at};
	int64_t numbers[3] = {0, 0, 1};
	if (!numbers_of(maker, range, numbers)) {
		return values;
	}
	values.n = length_of(maker, range, numbers);
	values.items = ARENA_ARRAY(maker->spec->arena, values.n, struct spec_text);
	int64_t number = numbers[0];
	for (size_t i = 0; i < values.n; i++) {
		values.items[i].text = arena_printf(maker->spec->arena, "%" PRId64, number);
		values.items[i].at = range->at;
		number += i + 1 < values.n ? numbers[2] : 0;
	}
	return values;
}

static struct spec_texts values_of_file(
	struct values_maker *maker, const struct spec_text *source, enum values_from from) {
	bool glob = from == VALUES_GLOB;
	const char *text = filled_in(maker, source, glob);
	if (text && !*text) {
		place_add(maker->problems, source->at, NULL,
			glob ? "'glob' is empty" : "'lines' is empty");
	}
	if (!text || !*text) {
		return (struct spec_texts){0};
	}
	return glob ? values_of_glob(maker, text, filled_in(maker, source, false), source)
		    : values_of_lines(maker, text, source);
}

bool values_make(struct values_maker *maker, struct spec_variable *variable) {
	switch (variable->from) {
	case VALUES_LISTED:
		break;
	case VALUES_LINES:
	case VALUES_GLOB:
		variable->values = values_of_file(
			maker, &variable->values.items[0], variable->from);
		break;
	case VALUES_RANGE:
		variable->values = values_of_range(maker, &variable->values);
		break;
	}
	return variable->values.n > 0;
}

bool values_vary(const struct spec_variable *written) {
	bool vary = written->from == VALUES_LINES || written->from == VALUES_GLOB;
	for (size_t i = 0; written->from == VALUES_RANGE && i < written->values.n; i++) {
		vary = vary || strstr(written->values.items[i].text, "${{");
	}
	return vary;
}
