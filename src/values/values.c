// SPDX-License-Identifier: MIT
// Opening the sources, with all that can be wrong before the first row; the door's functions.
#include "values/values.h"
#include "values/combine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct values {
	struct combine combine;
	struct cutting cutting;
	struct colsep colsep; /* when cutting.colsep is set */
	struct stored names;
	const char **shown_names;
	enum values_state state; /* what values_next said last; VALUES_END and VALUES_FAILED stay */
};

static const struct values_source STANDARD_INPUT = {.kind = VALUES_FILE, .file = "-"};

// Takes over what is said; NULL: there was no memory for it. Returns -1.
static int fail(char **problem, char *what) {
	*problem = what;
	return -1;
}

// What separates the values of a record.
static int set_cutting(
	struct values *values, const struct values_options *options, char **problem) {
	struct cutting *cutting = &values->cutting;
	const char *colsep = options->colsep;
	*cutting = (struct cutting){.csv = options->csv,
		.header = options->header,
		.delimiter = options->delimiter,
		.separator = ',',
		.longest = options->longest ? options->longest : VALUES_LONGEST};
	if (options->csv) {
		if (colsep && !colsep_is_character(colsep, &cutting->separator)) {
			return fail(problem, strdup("the separator of CSV is one character"));
		}
		if (cutting->separator == '"' || cutting->separator == cutting->delimiter) {
			return fail(problem, strdup("the separator of CSV is neither a double "
						    "quote nor what ends a record"));
		}
		return 0;
	}
	colsep = !colsep && options->header ? "\t" : colsep;
	if (colsep) {
		if (colsep_compile(&values->colsep, colsep, problem) < 0) {
			return -1;
		}
		cutting->colsep = &values->colsep;
	}
	return 0;
}

static int open_readers(
	struct values *values, const struct values_source *sources, size_t n, char **problem) {
	struct combine *combine = &values->combine;
	bool stdin_used = false;
	if (combine_init(combine, n) < 0) {
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		struct reader *reader = &combine->readers[combine->n_readers++];
		bool is_stdin = sources[i].kind == VALUES_FILE && strcmp(sources[i].file, "-") == 0;
		int result = reader_open(reader, &sources[i], &values->cutting);
		if (result < 0) {
			fail(problem, reader->input.problem);
			reader->input.problem = NULL;
			return -1;
		}
		if (is_stdin && stdin_used) {
			return fail(problem, strdup("standard input can be read only once"));
		}
		stdin_used |= is_stdin;
	}
	combine_group(combine, sources, n);
	return 0;
}

// The first record of each source, in the order of the sources.
static int read_headers(struct values *values, char **problem) {
	struct combine *combine = &values->combine;
	struct stored *names = &values->names;
	for (size_t i = 0; i < combine->n_readers; i++) {
		struct reader *reader = &combine->readers[i];
		enum values_state state = reader_await(reader);
		if (state == VALUES_ROW && stored_add(names, &reader->fields) < 0) {
			return -1;
		}
		if (state == VALUES_FAILED) {
			fail(problem, reader->input.problem);
			reader->input.problem = NULL;
			return -1;
		}
	}
	stored_finish(names);
	values->shown_names = calloc(names->values.n + 1, sizeof *values->shown_names);
	if (!values->shown_names) {
		return -1;
	}
	for (size_t i = 0; i < names->values.n; i++) {
		values->shown_names[i] = names->values.items[i].text;
	}
	return 0;
}

int values_open(struct values **values, const struct values_options *options, char **problem) {
	const struct values_source *sources = options->sources;
	size_t n = options->n_sources;
	struct values *opened = calloc(1, sizeof *opened);
	*values = NULL;
	*problem = NULL;
	if (!opened) {
		return -1;
	}
	if (n == 0) {
		sources = &STANDARD_INPUT;
		n = 1;
	}
	if (set_cutting(opened, options, problem) < 0 ||
		open_readers(opened, sources, n, problem) < 0 ||
		(options->header && read_headers(opened, problem) < 0)) {
		values_close(opened);
		return -1;
	}
	*values = opened;
	return 0;
}

enum values_state values_next(struct values *values, struct row *row) {
	*row = (struct row){NULL, 0};
	if (values->state == VALUES_ROW || values->state == VALUES_WAIT) {
		values->state = combine_next(&values->combine, row);
	}
	return values->state;
}

int values_fd(const struct values *values) {
	return values->state == VALUES_WAIT ? values->combine.last->input.fd : -1;
}

const char *values_problem(const struct values *values) {
	const char *problem = values->combine.last->input.problem;
	return problem ? problem : "not enough memory to read the values";
}

size_t values_names(const struct values *values, const char *const **names) {
	*names = values->shown_names;
	return values->names.values.n;
}

void values_close(struct values *values) {
	if (values) {
		combine_free(&values->combine);
		if (values->cutting.colsep) {
			colsep_free(&values->colsep);
		}
		stored_free(&values->names);
		free(values->shown_names);
		free(values);
	}
}
