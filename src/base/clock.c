// SPDX-License-Identifier: MIT
// The monotonic clock, and durations: numbers with units, largest first.
#include "base/clock.h"
#include "base/base.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t clock_now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * CLOCK_SECOND + t.tv_nsec;
}

int64_t clock_deadline(int64_t timeout_ns) {
	int64_t deadline;
	if (timeout_ns == SP_FOREVER ||
		__builtin_add_overflow(clock_now(), timeout_ns, &deadline)) {
		return timeout_ns < 0 ? INT64_MIN : SP_FOREVER;
	}
	return deadline;
}

int clock_poll_ms(int64_t deadline_ns) {
	if (deadline_ns == SP_FOREVER) {
		return -1;
	}
	int64_t now = clock_now();
	if (deadline_ns <= now) {
		return 0;
	}
	int64_t ms = (deadline_ns - now - 1) / CLOCK_MS + 1;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

struct unit {
	const char *name;
	int64_t ns;
};

// Largest first: the order in which they must be written.
static const struct unit units[] = {
	{"d", INT64_C(86400) * CLOCK_SECOND},
	{"h", INT64_C(3600) * CLOCK_SECOND},
	{"m", INT64_C(60) * CLOCK_SECOND},
	{"s", CLOCK_SECOND},
	{"ms", CLOCK_MS},
};
enum { N_UNITS = sizeof units / sizeof *units };

static bool is_digit(char c) {
	return c >= '0' && c <= '9';
}

// "12.5" times unit, rounded to nanoseconds but never down to 0; SP_FOREVER when it does not fit.
static int64_t scaled(const char *digits, size_t n, int64_t unit) {
	const char *dot = memchr(digits, '.', n);
	size_t whole = dot ? (size_t)(dot - digits) : n;
	int64_t ns = 0;
	for (size_t i = 0; i < whole; i++) {
		int64_t digit = (digits[i] - '0') * unit;
		if (__builtin_mul_overflow(ns, 10, &ns) || __builtin_add_overflow(ns, digit, &ns)) {
			return SP_FOREVER;
		}
	}
	int64_t fraction = 0, scale = unit;
	bool beyond = false;
	for (size_t i = whole + 1; i < n; i++) {
		if (scale < 10) {
			beyond |= digits[i] != '0';
			continue;
		}
		// unit is divisible by ten as often as nanoseconds can tell, days and hours but for
		// the tail
		beyond |= scale % 10 != 0;
		scale /= 10;
		fraction += (digits[i] - '0') * scale;
	}
	if (__builtin_add_overflow(ns, fraction, &ns)) {
		return SP_FOREVER;
	}
	return ns == 0 && beyond ? 1 : ns;
}

static int find_unit(const char *name, size_t n) {
	for (int i = 0; i < N_UNITS; i++) {
		if (strlen(units[i].name) == n && memcmp(units[i].name, name, n) == 0) {
			return i;
		}
	}
	return -1;
}

// One "12.5m" at text; moves *text on. *rank is the unit before and becomes this one.
static const char *parse_part(const char **text, const char *end, int *rank, int64_t *ns) {
	const char *digits = *text, *p = digits;
	while (p < end && (is_digit(*p) || *p == '.')) {
		p++;
	}
	size_t n = (size_t)(p - digits);
	const char *dot = memchr(digits, '.', n);
	if (n == 0 || digits[0] == '.' || digits[n - 1] == '.' ||
		(dot && memchr(dot + 1, '.', n - (size_t)(dot + 1 - digits)))) {
		return "a duration is a number of seconds (1.5) or numbers with units (2m30s)";
	}
	const char *name = p;
	while (p < end && !is_digit(*p)) {
		p++;
	}
	int unit;
	if (p == name) {
		if (*rank >= 0) {
			return "the last number needs a unit too: ms, s, m, h or d";
		}
		unit = find_unit("s", 1);
	} else {
		unit = find_unit(name, (size_t)(p - name));
	}
	if (unit < 0) {
		return "unknown unit; the units are ms, s, m, h and d";
	}
	if (unit <= *rank) {
		return "units go from the largest to the smallest, each once (1h30m)";
	}
	*rank = unit;
	*ns = scaled(digits, n, units[unit].ns);
	*text = p;
	return NULL;
}

const char *duration_parse(const char *text, size_t len, int64_t *ns) {
	const char *end = text + len;
	if ((len == 3 && memcmp(text, "inf", 3) == 0) ||
		(len == 4 && memcmp(text, "none", 4) == 0)) {
		*ns = SP_FOREVER;
		return NULL;
	}
	if (len == 0) {
		return "a duration cannot be empty";
	}
	if (text[0] == '-') {
		return "a duration cannot be negative";
	}
	int64_t total = 0;
	int rank = -1;
	do {
		int64_t part;
		const char *wrong = parse_part(&text, end, &rank, &part);
		if (wrong) {
			return wrong;
		}
		if (__builtin_add_overflow(total, part, &total)) {
			total = SP_FOREVER;
		}
	} while (text < end);
	*ns = total;
	return NULL;
}

char *duration_format(int64_t ns, char *buf, size_t size) {
	if (ns == SP_FOREVER) {
		snprintf(buf, size, "none");
	} else if (ns > 0 && ns < CLOCK_SECOND) {
		snprintf(buf, size, "%.6gms", (double)ns / CLOCK_MS);
	} else if (ns < 120 * (int64_t)CLOCK_SECOND) {
		snprintf(buf, size, "%.9gs", (double)ns / CLOCK_SECOND);
	} else {
		size_t used = 0;
		for (int i = 0; i < N_UNITS && used < size; i++) {
			int64_t n = ns / units[i].ns;
			// "90m" reads better than "1h30m"
			if (n >= 2 || (n == 1 && used > 0)) {
				int w = snprintf(buf + used, size - used, "%lld%s", (long long)n,
					units[i].name);
				used += w > 0 ? (size_t)w : 0;
				ns -= n * units[i].ns;
			}
		}
	}
	return buf;
}
