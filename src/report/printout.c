// SPDX-License-Identifier: MIT
// Laying out captured output.
#include "report/printout.h"
#include "plan/plan.h"
#include "report/plain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct printout {
	const struct sheet *sheet;
	char *chunk;
	const char *label; // before each line; NULL: lines are indented
	struct plain plain;
};

bool printout_has(const struct output *output) {
	return output_kept(output) > 0 || output->omitted > 0;
}

bool printout_any(const struct result *result) {
	return printout_has(&result->out) || printout_has(&result->err) || result->out.held ||
	       result->err.held;
}

static struct buf *room(const struct sheet *sheet, size_t n) {
	return sheet->room(sheet->of, n);
}

static void say(const struct sheet *sheet, const char *line) {
	size_t n = strlen(line);
	buf_append(room(sheet, n), line, n); // which has the room
}

static void say_left_out(const struct sheet *sheet, uint64_t n) {
	char line[80];
	snprintf(line, sizeof line, "  … %llu %s left out …\n", (unsigned long long)n,
		n == 1 ? "byte" : "bytes");
	say(sheet, line);
}

static void say_unreadable(const struct sheet *sheet, int error) {
	char line[160];
	const char *why = strerrordesc_np(error);
	snprintf(line, sizeof line, "  … the rest cannot be read back: %s …\n",
		why ? why : "unknown error");
	say(sheet, line);
}

// The sheet always has the room: neither call can fail.
static void feed(struct printout *p, const char *data, size_t n) {
	plain_feed(&p->plain, data, n, room(p->sheet, plain_room(&p->plain, n)));
}

static void end(struct printout *p) {
	plain_end(&p->plain, room(p->sheet, plain_room(&p->plain, 0)));
}

// In the words of the report, without colour.
static void put_label(struct printout *p) {
	const char *label = p->label;
	size_t n = strlen(label);
	struct plain plain;
	plain_init(&plain, false, 0);
	while (n > 0) {
		size_t piece = n < PRINTOUT_CHUNK ? n : PRINTOUT_CHUNK;
		plain_feed(&plain, label, piece, room(p->sheet, plain_room(&plain, piece)));
		label += piece;
		n -= piece;
	}
}

// Each line by itself: what it leaves open, be it a colour, ends with it, not behind the label of
// the next.
static void feed_labelled(struct printout *p, const char *data, size_t n) {
	while (n > 0) {
		const char *newline = memchr(data, '\n', n);
		size_t line = newline ? (size_t)(newline - data) : n;
		if (!p->plain.inside) {
			put_label(p);
			p->plain.inside = true;
		}
		feed(p, data, line);
		if (newline) {
			end(p);
			line++;
		}
		data += line;
		n -= line;
	}
}

static void print_stream(struct printout *p, const struct output *output) {
	uint64_t pos = 0, gap = output_gap(output);
	bool gap_ahead = output->omitted > 0;
	ssize_t n;
	do {
		if (gap_ahead && pos == gap) {
			end(p);
			say_left_out(p->sheet, output->omitted);
			gap_ahead = false;
		}
		n = output_read(output, pos, p->chunk, PRINTOUT_CHUNK);
		if (n > 0) {
			(p->label ? feed_labelled : feed)(p, p->chunk, (size_t)n);
			pos += (uint64_t)n;
		}
	} while (n > 0 || (n < 0 && errno == EINTR));
	int error = errno;
	end(p);
	if (n < 0) {
		say_unreadable(p->sheet, error);
	}
	if (output->incomplete) {
		say(p->sheet, "  … not all of it could be kept: the file for it took no more …\n");
	}
}

// Under a label the streams have no headings: each line says whose it is.
void printout_on(const struct sheet *sheet, const struct result *result, bool colour, char *chunk) {
	struct printout p = {.sheet = sheet, .chunk = chunk, .label = result->job->label};
	plain_init(&p.plain, colour, p.label ? 0 : PRINTOUT_INDENT);
	bool out = printout_has(&result->out), err = printout_has(&result->err);
	bool headings = out && err && !p.label;
	if (out) {
		say(sheet, headings ? "  stdout:\n" : "");
		print_stream(&p, &result->out);
	}
	if (err) {
		say(sheet, headings ? "  stderr:\n" : "");
		print_stream(&p, &result->err);
	}
	if (result->out.held || result->err.held) {
		say(sheet, PRINTOUT_HELD);
	}
}

static struct buf *page_of(void *of, size_t n) {
	return outlet_page(of, n);
}

void printout(struct outlet *outlet, const struct result *result, bool colour, char *chunk) {
	const struct sheet sheet = {.room = page_of, .of = outlet};
	printout_on(&sheet, result, colour, chunk);
}

void printout_file(struct outlet *outlet, const struct output *file, char *chunk) {
	uint64_t pos = 0;
	ssize_t n;
	while ((n = output_read(file, pos, chunk, PRINTOUT_CHUNK)) > 0 ||
		(n < 0 && errno == EINTR)) {
		if (n > 0) {
			outlet_put(outlet, chunk, (size_t)n);
			pos += (uint64_t)n;
		}
	}
	if (n < 0) {
		say_unreadable(&(struct sheet){.room = page_of, .of = outlet}, errno);
	}
}
