// SPDX-License-Identifier: MIT
// Files of NAME=value lines. What shells and the many readers of such files disagree about (inner
// quotes, a quote that stays open) is refused, not guessed.
#include "plan/env_file.h"
#include "base/buf.h"
#include "base/fd.h"
#include "plan/nameset.h"
#include "plan/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE_MAX_BYTES = 1024 * 1024 }; // no program takes an environment so large

struct parser {
	const char *path;
	const struct env_source *source;
	unsigned line;
};

__attribute__((format(printf, 3, 4))) static void complain(
	const struct parser *p, const char *hint, const char *format, ...) {
	const struct env_source *source = p->source;
	if (place_full(source->problems, source->at)) {
		return;
	}
	va_list args;
	va_start(args, format);
	const char *what = arena_vprintf(source->arena, format, args);
	va_end(args);
	place_add(source->problems, source->at, hint,
		arena_printf(source->arena, "%s:%u: %s", p->path, p->line, what));
}

static const char *shown(const struct parser *p, const char *word) {
	return problems_quote(p->source->problems, word);
}

struct span {
	const char *start, *end;
};

static bool is_blank(char c) {
	return c == ' ' || c == '\t';
}

static struct span trim(struct span span) {
	while (span.start < span.end && is_blank(*span.start)) {
		span.start++;
	}
	while (span.start < span.end && is_blank(span.end[-1])) {
		span.end--;
	}
	return span;
}

static const char *copy(const struct parser *p, struct span span) {
	return arena_strndup(p->source->arena, span.start, (size_t)(span.end - span.start));
}

static bool is_identifier(const char *name) {
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
	return *name && !(*name >= '0' && *name <= '9') && !name[strspn(name, letters)];
}

static const char *parse_name(const struct parser *p, struct span span) {
	static const char export[] = "export";
	const size_t len = sizeof export - 1;
	if ((size_t)(span.end - span.start) > len && memcmp(span.start, export, len) == 0 &&
		is_blank(span.start[len])) {
		span.start += len;
	}
	const char *name = copy(p, trim(span));
	if (!is_identifier(name)) {
		complain(p, "letters, digits and '_', no digit first; 'env' takes other names",
			"%s is no name of a variable", shown(p, name));
		return NULL;
	}
	if (strncmp(name, "SPOOL_", 6) == 0) {
		complain(p, "take another name",
			"%s cannot be given: SPOOL_ names are set by spool itself", shown(p, name));
		return NULL;
	}
	return name;
}

static const char *parse_value(const struct parser *p, struct span span) {
	span = trim(span);
	char quote = span.start < span.end ? *span.start : '\0';
	if (quote != '"' && quote != '\'') {
		return copy(p, span);
	}
	size_t len = (size_t)(span.end - span.start);
	const char *closing = memchr(span.start + 1, quote, len - 1);
	if (!closing || closing + 1 != span.end) {
		complain(p,
			"nothing is escaped or continued in such a file: put a value that holds "
			"this quote into the other one",
			closing ? "the value goes on behind its closing quote"
				: "the quote is not closed on its line");
		return NULL;
	}
	return copy(p, (struct span){span.start + 1, closing});
}

static void parse_line(const struct parser *p, struct span span, struct env_file *file) {
	span = trim(span);
	if (span.start == span.end || *span.start == '#') {
		return;
	}
	size_t len = (size_t)(span.end - span.start);
	if (memchr(span.start, '\0', len)) {
		complain(p, NULL, "there is a NUL byte in the line");
		return;
	}
	const char *sign = memchr(span.start, '=', len);
	if (!sign) {
		complain(p, "write NAME=value", "there is no '=' in the line");
		return;
	}
	struct env_line line = {.name = parse_name(p, (struct span){span.start, sign})};
	line.value.text = line.name ? parse_value(p, (struct span){sign + 1, span.end}) : NULL;
	if (line.value.text) {
		file->lines[file->n++] = line;
	}
}

static size_t count_lines(const char *text, size_t len) {
	size_t n = 1;
	for (size_t i = 0; i < len; i++) {
		n += text[i] == '\n';
	}
	return n;
}

struct env_file env_file_parse(
	const char *path, const char *text, size_t len, const struct env_source *source) {
	struct parser parser = {path, source, 0};
	struct env_file file = {.path = path};
	const char *end = text + len;
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3; // a byte order mark
	}
	file.lines = ARENA_ARRAY(
		source->arena, count_lines(text, (size_t)(end - text)), struct env_line);
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		struct span span = {text, newline ? newline : end};
		text = span.end + (newline != NULL);
		if (span.end > span.start && span.end[-1] == '\r') {
			span.end--;
		}
		parser.line++;
		parse_line(&parser, span, &file);
	}
	return file;
}

// 0, or an errno.
static int load(const char *path, struct buf *text) {
	int error = 0, fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : fcntl(fd, F_SETFL, 0); // for the opening only
	struct stat status;
	if (n == 0 && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
		errno = EISDIR;
		n = -1;
	}
	if (n == 0) {
		n = fd_read_all(fd, text, SIZE_MAX_BYTES);
	}
	error = n < 0 ? errno : 0;
	fd_close(&fd);
	return error;
}

struct env_file env_file_read(const char *path, const struct env_source *source) {
	struct env_file file = {.path = path};
	struct buf text = {0};
	int error = load(path, &text);
	if (error && !place_full(source->problems, source->at)) {
		place_add(source->problems, source->at,
			error == ENOENT ? "it is read before anything starts: no job can make it"
					: NULL,
			arena_printf(source->arena, "cannot read %s: %s",
				problems_quote(source->problems, path), strerror(error)));
	} else if (!error && text.len > 0) {
		file = env_file_parse(path, text.data, text.len, source);
	}
	buf_clear(&text);
	return file;
}

static bool is_new(struct nameset *names, const char *name) {
	return nameset_add(names, name, (struct mark){0}) == NULL;
}

const struct plan_env *env_file_lay(const struct env_file *const *files, size_t n_files,
	const struct plan_env *env, size_t *n, struct arena *arena) {
	struct arena *scratch = arena_new();
	size_t most = *n, at;
	for (size_t i = 0; i < n_files; i++) {
		most += files[i]->n;
	}
	struct nameset names = nameset_for(most, scratch);
	struct plan_env *all = ARENA_ARRAY(scratch, most, struct plan_env);
	at = most - *n;
	for (size_t i = 0; i < *n; i++) {
		nameset_add(&names, env[i].name, (struct mark){0});
		all[at + i] = env[i];
	}
	// From behind: of a name the last one counts.
	for (size_t i = n_files; i-- > 0;) {
		for (size_t k = files[i]->n; k-- > 0;) {
			const struct env_line *line = &files[i]->lines[k];
			if (is_new(&names, line->name)) {
				all[--at] = (struct plan_env){line->name, {&line->value, 1}, false};
			}
		}
	}
	*n = most - at;
	struct plan_env *kept = ARENA_ARRAY(arena, *n, struct plan_env);
	if (*n > 0) {
		memcpy(kept, all + at, *n * sizeof *kept);
	}
	arena_free(scratch);
	return kept;
}
