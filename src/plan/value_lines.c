// SPDX-License-Identifier: MIT
// Values that are the lines of a file: each is one value, literally.
#include "base/buf.h"
#include "base/fd.h"
#include "base/utf8.h"
#include "plan/matrix.h"
#include "plan/place.h"
#include "plan/values.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { BYTES_MAX = 64 * 1024 * 1024 }; // as a job file may have

// 0, or an errno.
static int load(const char *path, struct buf *text) {
	int fd;
	do {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	} while (fd < 0 && errno == EINTR); // a FIFO that waits for its writer
	int error = fd < 0 || fd_read_all(fd, text, BYTES_MAX) < 0 ? errno : 0;
	fd_close(&fd);
	return error;
}

// What is wrong with a line, or NULL.
static const char *line_fault(const char *line, const char *end) {
	while (line < end) {
		uint32_t c;
		size_t n = utf8_decode(line, end, &c);
		if (n == 0 || c == '\0') {
			return n ? "there is a NUL byte in the line" : "the line is not UTF-8";
		}
		line += n;
	}
	return NULL;
}

static size_t count_lines(const char *text, const char *end) {
	size_t n = 0;
	for (const char *p = text; p < end; n++) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		p = newline ? newline + 1 : end;
	}
	return n;
}

static const char *skip_byte_order_mark(const char *text, const char *end) {
	return end - text >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
}

// Cuts text, which is the arena's, into lines. The first one that is wrong is enough to hear of.
static struct spec_texts cut(
	struct values_maker *maker, const char *path, char *text, char *end, struct mark at) {
	size_t most = count_lines(text, end);
	struct spec_texts values = {.at = at};
	if (most == 0 || most > JOBS_MAX) {
		const char *shown = problems_quote(maker->problems, path);
		place_addf(maker->problems, at, NULL,
			most ? "%s has more than %d lines: a file has no more jobs"
			     : "%s has no lines: the matrix variable has no value",
			shown, JOBS_MAX);
		return values;
	}
	values.items = ARENA_ARRAY(maker->spec->arena, most, struct spec_text);
	for (size_t i = 0; i < most; i++) {
		char *newline = memchr(text, '\n', (size_t)(end - text));
		char *stop = newline ? newline : end, *next = newline ? newline + 1 : end;
		stop -= newline && stop > text && stop[-1] == '\r';
		const char *fault = line_fault(text, stop);
		if (fault) {
			place_addf(maker->problems, at, NULL, "%s:%zu: %s", path, i + 1, fault);
			return values;
		}
		*stop = '\0';
		values.items[i] = (struct spec_text){.text = text, .at = at};
		text = next;
	}
	values.n = (uint32_t)most;
	return values;
}

static struct spec_texts read_lines(struct values_maker *maker, const char *path, struct mark at) {
	struct spec_texts values = {.at = at};
	struct buf text = {0};
	int error = load(path, &text);
	if (error == EFBIG) {
		place_addf(maker->problems, at, NULL, "%s is larger than %d MiB",
			problems_quote(maker->problems, path), BYTES_MAX / (1024 * 1024));
	} else if (error) {
		place_addf(maker->problems, at, NULL, "cannot read %s: %s",
			problems_quote(maker->problems, path), strerror(error));
	} else {
		const char *end = text.data + text.len;
		const char *start = skip_byte_order_mark(text.data, end);
		size_t len = (size_t)(end - start);
		char *kept = arena_strndup(maker->spec->arena, start, len);
		values = cut(maker, path, kept, kept + len, at);
	}
	buf_clear(&text);
	return values;
}

struct spec_texts values_of_lines(
	struct values_maker *maker, const char *path, const struct spec_text *source) {
	struct arena *arena = maker->spec->arena;
	if (maker->directory && *path != '/') {
		size_t len = strlen(maker->directory);
		bool ended = len && maker->directory[len - 1] == '/';
		path = arena_printf(arena, "%s%s%s", maker->directory, ended ? "" : "/", path);
	}
	for (const struct values_file *file = maker->files; file; file = file->next) {
		if (strcmp(file->path, path) == 0) {
			return file->values;
		}
	}
	struct values_file *file = ARENA_NEW(arena, struct values_file);
	file->path = path;
	file->values = read_lines(maker, path, source->at);
	file->next = maker->files;
	maker->files = file;
	return file->values;
}
