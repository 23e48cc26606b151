// SPDX-License-Identifier: MIT
// Fuzzes the reading of values: the same bytes give the same rows, whether they come from a file or
// in pieces through a pipe; lines put together again are the bytes, and rows written as CSV are
// read as the same rows. The first byte says how they are read, the second where they are cut.
//   clang -fsanitize=fuzzer,address,undefined ... fuzz_values.c ... && ./fuzz_values
//   tests/fuzz/values
// With -DFUZZ_STANDALONE any compiler builds a program that goes through the files it is given.
#include "base/buf.h"
#include "base/fd.h"
#include "values/values.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CSV = 1, HEADER = 2, COLUMNS = 4, EXPRESSION = 8, NUL = 16, PADDED = 32 };
enum { FEW = 7, MANY = 8000 }; // bytes of a piece

static void must(bool holds) {
	if (!holds) {
		abort();
	}
}

static void add_text(struct buf *buf, const void *bytes, size_t n) {
	must(buf_append(buf, bytes, n) == 0);
}

static void add_value(struct buf *shown, const struct value *value) {
	must(value->text[value->len] == '\0');
	add_text(shown, &value->len, sizeof value->len);
	add_text(shown, value->text, value->len);
}

// The value in quotes, doubled inside.
static void add_quoted(struct buf *csv, const struct value *value) {
	const char *text = value->text, *end = text + value->len, *quote;
	add_text(csv, "\"", 1);
	while ((quote = memchr(text, '"', (size_t)(end - text)))) {
		add_text(csv, text, (size_t)(quote - text));
		add_text(csv, "\"\"", 2);
		text = quote + 1;
	}
	add_text(csv, text, (size_t)(end - text));
	add_text(csv, "\"", 1);
}

// What was read: how many values each row has, and the length and the bytes of each.
struct rows {
	struct buf shown;
	struct buf lines; // first values with the delimiter behind each
	struct buf csv;   // the same rows, written
	size_t names;
	bool failed;
};

static void clear(struct rows *rows) {
	buf_clear(&rows->shown);
	buf_clear(&rows->lines);
	buf_clear(&rows->csv);
}

// Adds what comes without waiting. False: there will be no more.
static bool add_rows(struct rows *rows, struct values *values, char delimiter) {
	struct row row;
	enum values_state state;
	while ((state = values_next(values, &row)) == VALUES_ROW) {
		must(row.n > 0);
		add_text(&rows->shown, &row.n, sizeof row.n);
		for (size_t i = 0; i < row.n; i++) {
			add_value(&rows->shown, &row.values[i]);
			add_text(&rows->csv, ",", i > 0);
			add_quoted(&rows->csv, &row.values[i]);
		}
		add_text(&rows->lines, row.values[0].text, row.values[0].len);
		add_text(&rows->lines, &delimiter, 1);
		add_text(&rows->csv, "\n", 1);
	}
	must((values_fd(values) >= 0) == (state == VALUES_WAIT));
	rows->failed = state == VALUES_FAILED;
	if (rows->failed) {
		// A value whose quote is never closed; the file's name is in front.
		const char *problem = strchr(values_problem(values), ':');
		must(problem);
		add_text(&rows->shown, problem, strlen(problem));
	}
	return state == VALUES_WAIT;
}

// A descriptor that is opened again by its name.
struct named {
	char name[32];
	struct values_source source;
};

static struct values *open_values(
	struct named *named, const struct values_options *options, int fd) {
	struct values_options of_file = *options;
	struct values *values;
	char *problem;
	snprintf(named->name, sizeof named->name, "/dev/fd/%d", fd);
	named->source = (struct values_source){.kind = VALUES_FILE, .file = named->name};
	of_file.sources = &named->source;
	of_file.n_sources = 1;
	if (values_open(&values, &of_file, &problem) < 0) {
		// The header has a quote that is never closed.
		must(problem && options->header && options->csv);
		free(problem);
		return NULL;
	}
	return values;
}

static struct rows read_file(const struct values_options *options, const struct buf *bytes) {
	struct rows rows = {.failed = true};
	struct named named;
	const char *const *names;
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	must(fd >= 0 && fd_write_all(fd, bytes->data, bytes->len) == 0);
	struct values *values = open_values(&named, options, fd);
	if (values) {
		must(!add_rows(&rows, values, options->delimiter));
		rows.names = values_names(values, &names);
		values_close(values);
	}
	close(fd);
	return rows;
}

// Not with a header, which values_open would wait for.
static struct rows read_pipe(
	const struct values_options *options, const struct buf *bytes, unsigned seed) {
	struct rows rows = {0};
	struct named named;
	int ends[2];
	size_t at = 0;
	bool more = true;
	must(fd_pipe(ends) == 0);
	struct values *values = open_values(&named, options, ends[0]);
	must(values);
	while (at < bytes->len && more) {
		seed = seed * 1103515245 + 12345;
		size_t n = 1 + (seed >> 17) % (seed >> 16 & 1 ? FEW : MANY);
		n = n < bytes->len - at ? n : bytes->len - at;
		must(fd_write_all(ends[1], bytes->data + at, n) == 0);
		at += n;
		more = add_rows(&rows, values, options->delimiter);
	}
	must(more);
	fd_close(&ends[1]);
	must(!add_rows(&rows, values, options->delimiter));
	values_close(values);
	fd_close(&ends[0]);
	return rows;
}

static bool same(const struct buf *a, const struct buf *b) {
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

// The last line may have had no delimiter.
static void look_at_lines(const struct rows *rows, const struct buf *bytes, char delimiter) {
	struct buf whole = {0};
	add_text(&whole, bytes->data, bytes->len);
	if (whole.len > 0 && whole.data[whole.len - 1] != delimiter) {
		add_text(&whole, &delimiter, 1);
	}
	must(same(&whole, &rows->lines));
	buf_clear(&whole);
}

static void read_as_csv(const struct rows *rows) {
	const struct values_options options = {.delimiter = '\n', .csv = true};
	struct rows again = read_file(&options, &rows->csv);
	must(same(&rows->shown, &again.shown));
	clear(&again);
}

static void read_word(struct values_options options, const struct buf *bytes) {
	struct rows rows = {0};
	struct values *values;
	// Not strndup: ASan has that read one byte more.
	char *problem, *word = calloc(1, bytes->len + 1);
	const char *const words[] = {"name", word};
	const struct values_source source = {.kind = VALUES_WORDS, .words = words, .n_words = 2};
	must(word);
	if (bytes->len) {
		memcpy(word, bytes->data, bytes->len);
	}
	options.sources = &source;
	options.n_sources = 1;
	must(values_open(&values, &options, &problem) == 0);
	struct row row;
	enum values_state state;
	size_t n = 0;
	while ((state = values_next(values, &row)) == VALUES_ROW) {
		n++;
		for (size_t i = 0; i < row.n; i++) {
			add_value(&rows.shown, &row.values[i]);
		}
	}
	must(state == VALUES_END ? n == 2 - (size_t)options.header : options.csv);
	values_close(values);
	free(word);
	clear(&rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	static const char *const columns[] = {",", "[,;]+"};
	if (size < 2) {
		return 0;
	}
	unsigned how = data[0];
	struct values_options options = {.delimiter = how & NUL ? '\0' : '\n',
		.csv = how & CSV,
		.header = how & HEADER,
		.colsep = how & COLUMNS ? columns[how & EXPRESSION && !(how & CSV)] : NULL};
	struct buf bytes = {0};
	if (how & PADDED) {
		// So much that the end of what is read at once lies among the bytes.
		size_t n = 96 * 1024 - data[1] / 2u;
		must(buf_reserve(&bytes, n) == 0);
		memset(bytes.data, 'x', n);
		bytes.len = n;
	}
	add_text(&bytes, data + 2, size - 2);
	struct rows rows = read_file(&options, &bytes);
	if (!options.header) {
		struct rows pieces = read_pipe(&options, &bytes, data[1]);
		must(same(&rows.shown, &pieces.shown) && rows.failed == pieces.failed);
		clear(&pieces);
	}
	if (!options.csv && !options.colsep && !options.header) {
		look_at_lines(&rows, &bytes, options.delimiter);
	}
	must(options.csv || !rows.failed);
	must(options.header || rows.names == 0);
	if (!rows.failed && !(how & PADDED)) {
		read_as_csv(&rows);
	}
	read_word(options, &bytes);
	clear(&rows);
	buf_clear(&bytes);
	return 0;
}

#ifdef FUZZ_STANDALONE
#include "replay.h"
#endif
