/* SPDX-License-Identifier: MIT
 * Rows of values as a test writes them: "[a][b]\n" for each, a NUL byte as "\0". Include after
 * cmocka.h. */
#ifndef TESTS_VALUED_H
#define TESTS_VALUED_H

#include "base/buf.h"
#include "values/values.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define WORDS(...)                                                                              \
	{                                                                                       \
		.kind = VALUES_WORDS, .words = (const char *const[]){__VA_ARGS__},              \
		.n_words = sizeof(const char *const[]){__VA_ARGS__} / sizeof(const char *const) \
	}
#define NO_WORDS \
	{ .kind = VALUES_WORDS }
#define FILE_(name) \
	{ .kind = VALUES_FILE, .file = (name) }
#define LINKED_WORDS(...)                                                                        \
	{                                                                                        \
		.kind = VALUES_WORDS, .words = (const char *const[]){__VA_ARGS__},               \
		.n_words = sizeof(const char *const[]){__VA_ARGS__} / sizeof(const char *const), \
		.linked = true                                                                   \
	}
#define LINKED_FILE(name) \
	{ .kind = VALUES_FILE, .file = (name), .linked = true }
/* The options with these sources; the rest as designated initializers may be set in it. */
#define OPTIONS(...)                                                             \
	(struct values_options) {                                                \
		.sources = (const struct values_source[]){__VA_ARGS__},          \
		.n_sources = sizeof(const struct values_source[]){__VA_ARGS__} / \
			     sizeof(const struct values_source),                 \
		.delimiter = '\n'                                                \
	}

static inline struct values *values_of(const struct values_options *options) {
	struct values *values;
	char *problem;
	int result = values_open(&values, options, &problem);
	if (result < 0) {
		fail_msg("%s", problem);
	}
	assert_null(problem);
	assert_non_null(values);
	return values;
}

static inline void add_row(struct buf *shown, const struct row *row) {
	for (size_t i = 0; i < row->n; i++) {
		const struct value *value = &row->values[i];
		assert_int_equal(value->text[value->len], '\0');
		buf_putc(shown, '[');
		for (size_t k = 0; k < value->len; k++) {
			value->text[k] ? buf_putc(shown, value->text[k]) : buf_puts(shown, "\\0");
		}
		buf_putc(shown, ']');
	}
	buf_putc(shown, '\n');
}

/* The rows that come without waiting, then "wait", or "failed: " and the problem. */
static inline char *rows_now(struct values *values) {
	struct buf shown = {0};
	struct row row;
	enum values_state state;
	while ((state = values_next(values, &row)) == VALUES_ROW) {
		add_row(&shown, &row);
	}
	assert_int_equal(row.n, 0);
	if (state == VALUES_WAIT) {
		assert_true(values_fd(values) >= 0);
		buf_puts(&shown, "wait");
	} else {
		// It stays so.
		assert_int_equal(values_next(values, &row), state);
		assert_int_equal(values_fd(values), -1);
	}
	if (state == VALUES_FAILED) {
		buf_printf(&shown, "failed: %s", values_problem(values));
	}
	return buf_take(&shown);
}

#define EXPECT_NOW(values, expected)                \
	do {                                        \
		char *now = rows_now(values);       \
		assert_string_equal(now, expected); \
		free(now);                          \
	} while (0)

/* Opens, reads all that there is and closes. */
#define EXPECT_ROWS(options, expected)                   \
	do {                                             \
		struct values *all = values_of(options); \
		EXPECT_NOW(all, expected);               \
		values_close(all);                       \
	} while (0)

#define EXPECT_REFUSED(options, expected)                                    \
	do {                                                                 \
		struct values *none;                                         \
		char *refusal;                                               \
		assert_int_equal(values_open(&none, options, &refusal), -1); \
		assert_null(none);                                           \
		assert_non_null(refusal);                                    \
		assert_string_equal(refusal, expected);                      \
		free(refusal);                                               \
	} while (0)
#endif
