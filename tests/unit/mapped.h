/* SPDX-License-Identifier: MIT
 * Commands of spool map as a test writes them, and their jobs as text: [echo][a][b] is an argument
 * vector, in which <%> stands where the slot will be. Include after cmocka.h. */
#ifndef TESTS_MAPPED_H
#define TESTS_MAPPED_H

#include "base/buf.h"
#include "plan/plan.h"
#include "values/values.h"

#include <stdlib.h>
#include <string.h>

#define COMMAND(...)                                 \
	.words = (const char *const[]){__VA_ARGS__}, \
	.n_words = sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)
/* A row of values without NULs. */
#define ROW(...)                                                        \
	row_of((const char *const[]){__VA_ARGS__},                      \
		sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), \
		(struct value[sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)]){{0}})

static inline struct row row_of(const char *const *texts, size_t n, struct value *values) {
	for (size_t i = 0; i < n; i++) {
		values[i] = (struct value){texts[i], strlen(texts[i])};
	}
	return (struct row){values, n};
}

/* With what a test left out. */
static inline struct mapping *try_mapping(
	const struct mapping_options *options, struct problems *problems) {
	static const struct job common = {
		.out = STREAM_CAPTURE, .err = STREAM_CAPTURE, .timeout_ns = SP_FOREVER};
	static const char *const environment[] = {"HOME=/", "PATH=/usr/bin:/bin", NULL};
	struct mapping_options all = *options;
	struct mapping *mapping = NULL;
	all.common = options->common ? options->common : &common;
	all.environment = options->environment ? options->environment : environment;
	int result = mapping_new(&mapping, &all, problems);
	assert_int_equal(result, problems->n > 0 ? -1 : 0);
	return mapping;
}

static inline struct mapping *mapping_of(const struct mapping_options *options) {
	struct problems problems = {.arena = arena_new()};
	struct mapping *mapping = try_mapping(options, &problems);
	if (!mapping) {
		fail_msg("%s", problems.items[0].message);
	}
	arena_free(problems.arena);
	return mapping;
}

static inline void show_text(struct buf *shown, const struct text *text) {
	assert_true(text->n > 0);
	for (size_t i = 0; i < text->n; i++) {
		const struct piece *piece = &text->pieces[i];
		assert_int_not_equal(piece->kind, PIECE_ATTEMPT);
		buf_puts(shown, piece->kind == PIECE_SLOT ? "<%>" : piece->text);
	}
}

/* The argument vector, the caller's. */
static inline char *shown_argv(const struct job *job) {
	struct buf shown = {0};
	for (size_t i = 0; i < job->argc; i++) {
		buf_putc(&shown, '[');
		show_text(&shown, &job->argv[i]);
		buf_putc(&shown, ']');
	}
	char *text = buf_take(&shown);
	buf_clear(&shown);
	return text;
}

static inline void assert_argv(
	const struct mapping_options *options, struct row row, const char *expected) {
	struct mapping *mapping = mapping_of(options);
	const struct job *job = mapping_job(mapping, &row, 7);
	assert_non_null(job);
	char *shown = shown_argv(job);
	assert_string_equal(shown, expected);
	free(shown);
	job_release(job);
	mapping_free(mapping);
}

/* What the command is refused with: "message\nhint". */
static inline void assert_refused(const struct mapping_options *options, const char *expected) {
	struct problems problems = {.arena = arena_new()};
	struct buf said = {0};
	assert_null(try_mapping(options, &problems));
	for (size_t i = 0; i < problems.n; i++) {
		assert_int_equal(problems.items[i].at.line, 0);
		buf_printf(&said, "%s%s\n%s", i > 0 ? "\n" : "", problems.items[i].message,
			problems.items[i].hint);
	}
	buf_putc(&said, '\0');
	assert_string_equal(said.data, expected);
	buf_clear(&said);
	arena_free(problems.arena);
}
#endif
