// SPDX-License-Identifier: MIT
// The jobs of values as they come: one row to a job, a number of rows, as many as fit.
#include "plan/mapping_parts.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mapped.h"
#include "valued.h"

// Jobs as text, up to where the source stops.
static enum source_state show_jobs(struct source *source, struct buf *shown) {
	const struct job *job;
	enum source_state state;
	while ((state = source->next(source, &job)) == SOURCE_JOB) {
		char *argv = shown_argv(job);
		buf_printf(shown, "%u%s%s\n", job->seq, argv, job->broken ? " broken" : "");
		free(argv);
		job_release(job);
	}
	return state;
}

// Of the numbers 1 to n as lines.
static void assert_jobs_of(size_t n, const struct mapping_options *options, const char *expected) {
	struct mapping *mapping = mapping_of(options);
	const char *words[64];
	char numbers[64][24];
	for (size_t i = 0; i < n; i++) {
		snprintf(numbers[i], sizeof numbers[i], "%zu", i + 1);
		words[i] = numbers[i];
	}
	struct values_source source = {.kind = VALUES_WORDS, .words = words, .n_words = n};
	struct values_options input = {.sources = &source, .n_sources = 1, .delimiter = '\n'};
	struct values *values = values_of(&input);
	struct source *jobs = mapping_source(mapping, values);
	struct buf shown = {0};
	assert_non_null(jobs);
	assert_int_equal(show_jobs(jobs, &shown), SOURCE_END);
	assert_int_equal(show_jobs(jobs, &shown), SOURCE_END);
	buf_putc(&shown, '\0');
	assert_string_equal(shown.data, expected);
	buf_clear(&shown);
	mapping_source_free(jobs);
	values_close(values);
	mapping_free(mapping);
}

static void one_row_to_a_job(void **state) {
	(void)state;
	struct mapping_options options = {COMMAND("e"), .workers = 2};
	assert_jobs_of(0, &options, "");
	assert_jobs_of(3, &options, "1[e][1]\n2[e][2]\n3[e][3]\n");
	options.max_args = 1;
	assert_jobs_of(2, &options, "1[e][1]\n2[e][2]\n");
}

// parallel -n2, -n3
static void a_number_of_rows_to_a_job(void **state) {
	(void)state;
	struct mapping_options options = {COMMAND("e"), .workers = 2, .max_args = 2};
	assert_jobs_of(0, &options, "");
	assert_jobs_of(5, &options, "1[e][1][2]\n2[e][3][4]\n3[e][5]\n");
	assert_jobs_of(4, &options, "1[e][1][2]\n2[e][3][4]\n");
	options.words = (const char *const[]){"{1}-{2}-{-1}-{-2}"};
	options.max_args = 3;
	assert_jobs_of(4, &options, "1[1-2-3-2]\n2[4--4-]\n");
}

// seq 10 | parallel -k -j3 -X echo, with -j4, with -n
static void what_is_left_is_shared_evenly(void **state) {
	(void)state;
	struct mapping_options options = {COMMAND("e"), .fill = true, .workers = 3};
	assert_jobs_of(0, &options, "");
	assert_jobs_of(10, &options, "1[e][1][2][3][4]\n2[e][5][6][7][8]\n3[e][9][10]\n");
	options.workers = 4;
	assert_jobs_of(10, &options, "1[e][1][2][3]\n2[e][4][5][6]\n3[e][7][8][9]\n4[e][10]\n");
	assert_jobs_of(2, &options, "1[e][1]\n2[e][2]\n");
	options.workers = 3;
	options.max_args = 3;
	assert_jobs_of(7, &options, "1[e][1][2][3]\n2[e][4][5][6]\n3[e][7]\n");
	assert_jobs_of(9, &options, "1[e][1][2][3]\n2[e][4][5][6]\n3[e][7]\n4[e][8]\n5[e][9]\n");
	options.max_args = 8;
	assert_jobs_of(10, &options, "1[e][1][2][3][4][5][6][7][8]\n2[e][9]\n3[e][10]\n");
}

// A string counts with its NUL and a pointer: "e" is 10 bytes, "1" too, "x1" is 11.
static void as_many_as_there_is_room_for(void **state) {
	(void)state;
	struct mapping_options options = {
		COMMAND("e"), .fill = true, .workers = 1, .room = 10 + 3 * 10};
	assert_jobs_of(7, &options, "1[e][1][2][3]\n2[e][4][5][6]\n3[e][7]\n");
	options.room--;
	assert_jobs_of(5, &options, "1[e][1][2]\n2[e][3][4]\n3[e][5]\n");
	options.room = 1; // one is tried all the same: the kernel says no
	assert_jobs_of(3, &options, "1[e][1]\n2[e][2]\n3[e][3]\n");
}

// A value that is too long, or has a NUL, takes no other with it.
static void what_cannot_be_run_goes_alone(void **state) {
	(void)state;
	struct mapping *mapping = mapping_of(
		&(struct mapping_options){COMMAND("e"), .fill = true, .workers = 1});
	int pipe[2];
	assert_int_equal(pipe2(pipe, O_CLOEXEC), 0);
	assert_int_equal(write(pipe[1], "a\nb\nc\0d\ne\nf\n", 12), 12);
	close(pipe[1]);
	char path[32];
	snprintf(path, sizeof path, "/dev/fd/%d", pipe[0]);
	struct values *values = values_of(&OPTIONS(FILE_(path)));
	struct source *jobs = mapping_source(mapping, values);
	struct buf shown = {0};
	assert_int_equal(show_jobs(jobs, &shown), SOURCE_END);
	buf_putc(&shown, '\0');
	assert_string_equal(shown.data, "1[e][a][b]\n2[e][c] broken\n3[e][e][f]\n");
	buf_clear(&shown);
	mapping_source_free(jobs);
	values_close(values);
	mapping_free(mapping);
	close(pipe[0]);
}

static void a_stream_is_waited_for(void **state) {
	(void)state;
	struct mapping *mapping = mapping_of(
		&(struct mapping_options){COMMAND("e"), .max_args = 2});
	int pipe[2];
	assert_int_equal(pipe2(pipe, O_CLOEXEC), 0);
	char path[32];
	snprintf(path, sizeof path, "/dev/fd/%d", pipe[0]);
	struct values *values = values_of(&OPTIONS(FILE_(path)));
	struct source *jobs = mapping_source(mapping, values);
	struct buf shown = {0};
	assert_int_equal(show_jobs(jobs, &shown), SOURCE_WAIT);
	assert_true(jobs->fd(jobs) >= 0);
	assert_int_equal(write(pipe[1], "a\n", 2), 2);
	assert_int_equal(show_jobs(jobs, &shown), SOURCE_WAIT);
	assert_int_equal(shown.len, 0);
	assert_int_equal(write(pipe[1], "b\nc\n", 4), 4);
	assert_int_equal(show_jobs(jobs, &shown), SOURCE_WAIT);
	close(pipe[1]);
	assert_int_equal(show_jobs(jobs, &shown), SOURCE_END);
	buf_putc(&shown, '\0');
	assert_string_equal(shown.data, "1[e][a][b]\n2[e][c]\n");
	buf_clear(&shown);
	mapping_source_free(jobs);
	values_close(values);
	mapping_free(mapping);
	close(pipe[0]);
}

static void what_cannot_be_read_is_said(void **state) {
	(void)state;
	struct mapping *mapping = mapping_of(&(struct mapping_options){COMMAND("e")});
	struct values *values = values_of(&OPTIONS(FILE_("/proc/self/mem")));
	struct source *jobs = mapping_source(mapping, values);
	struct buf shown = {0};
	assert_int_equal(show_jobs(jobs, &shown), SOURCE_FAILED);
	assert_string_equal(jobs->problem(jobs), values_problem(values));
	buf_clear(&shown);
	mapping_source_free(jobs);
	values_close(values);
	mapping_free(mapping);
}

// What is counted is never less than what the words are.
static void what_fits_is_not_underestimated(void **state) {
	(void)state;
	static const char *const words[] = {"{}", "x{}y{.}{//}", "{1}{}{-1}", "{/}", "a{#}{%}b{2}"};
	static const char *const scripts[] = {
		"e", "e {} '{}' \"{}\" {.} {//}", "e {2} {-1.} {#}{%}{}"};
	static const char *const values[] = {"", "a", "/", "a/b.c", "long long long.er"};
	struct value all[40];
	for (size_t i = 0; i < 40; i++) {
		const char *text = values[i * 7 % 5];
		all[i] = (struct value){text, strlen(text)};
	}
	for (size_t i = 0; i < 8; i++) {
		for (size_t n = 1; n <= 40; n++) {
			struct mapping_options options = {
				.words = i < 5 ? &words[i] : &scripts[i - 5],
				.n_words = 1,
				.shell = i < 5 ? NULL : "/bin/sh",
				.fill = true,
				.workers = 1};
			// The room that the job needs, less one byte: one more row must not fit.
			struct row row = {all, n};
			struct mapping *mapping = mapping_of(&options);
			const struct job *job = mapping_job(mapping, &row, 1);
			size_t needed = 0;
			for (size_t k = 0; k < job->argc; k++) {
				char *text = text_render(&job->argv[k], 1, 1);
				needed += strlen(text) + 1 + sizeof(char *);
				free(text);
			}
			job_release(job);
			mapping_free(mapping);
			options.room = needed - 1;
			mapping = mapping_of(&options);
			struct bundle bundle = {.rule = mapping->rule};
			for (size_t k = 0; k < n; k++) {
				assert_int_equal(bundle_add(&bundle, &(struct row){&all[k], 1}), 0);
				if (k + 1 == n && n > 1) {
					assert_true(bundle_take(&bundle, &row));
					assert_true(row.n < n);
				} else if (bundle_take(&bundle, &row)) {
					break;
				}
			}
			bundle_clear(&bundle);
			mapping_free(mapping);
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_row_to_a_job),
		cmocka_unit_test(a_number_of_rows_to_a_job),
		cmocka_unit_test(what_is_left_is_shared_evenly),
		cmocka_unit_test(as_many_as_there_is_room_for),
		cmocka_unit_test(what_cannot_be_run_goes_alone),
		cmocka_unit_test(a_stream_is_waited_for),
		cmocka_unit_test(what_cannot_be_read_is_said),
		cmocka_unit_test(what_fits_is_not_underestimated),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
