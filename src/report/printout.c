// SPDX-License-Identifier: MIT
// Laying out captured output.
#include "report/printout.h"
#include "report/plain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct printout {
	struct outlet *outlet;
	char *chunk;
	struct plain plain;
};

bool printout_has(const struct output *output) {
	return output_kept(output) > 0 || output->omitted > 0;
}

bool printout_any(const struct result *result) {
	return printout_has(&result->out) || printout_has(&result->err) || result->out.held ||
	       result->err.held;
}

static void say(struct outlet *outlet, const char *line) {
	outlet_put(outlet, line, strlen(line));
}

static void say_left_out(struct outlet *outlet, uint64_t n) {
	char line[80];
	snprintf(line, sizeof line, "  … %llu %s left out …\n", (unsigned long long)n,
		n == 1 ? "byte" : "bytes");
	say(outlet, line);
}

static void say_unreadable(struct outlet *outlet, int error) {
	char line[160];
	const char *why = strerrordesc_np(error);
	snprintf(line, sizeof line, "  … the rest cannot be read back: %s …\n",
		why ? why : "unknown error");
	say(outlet, line);
}

// The page always has the room: neither call can fail.
static void feed(struct printout *p, size_t n) {
	plain_feed(&p->plain, p->chunk, n, outlet_page(p->outlet, plain_room(&p->plain, n)));
}

static void end(struct printout *p) {
	plain_end(&p->plain, outlet_page(p->outlet, plain_room(&p->plain, 0)));
}

static void print_stream(struct printout *p, const struct output *output) {
	uint64_t pos = 0, gap = output_gap(output);
	bool gap_ahead = output->omitted > 0;
	ssize_t n;
	do {
		if (gap_ahead && pos == gap) {
			end(p);
			say_left_out(p->outlet, output->omitted);
			gap_ahead = false;
		}
		n = output_read(output, pos, p->chunk, PRINTOUT_CHUNK);
		if (n > 0) {
			feed(p, (size_t)n);
			pos += (uint64_t)n;
		}
	} while (n > 0 || (n < 0 && errno == EINTR));
	int error = errno;
	end(p);
	if (n < 0) {
		say_unreadable(p->outlet, error);
	}
	if (output->incomplete) {
		say(p->outlet, "  … not all of it could be kept: the file for it took no more …\n");
	}
}

void printout(struct outlet *outlet, const struct result *result, bool colour, char *chunk) {
	struct printout p = {.outlet = outlet, .chunk = chunk};
	plain_init(&p.plain, colour, PRINTOUT_INDENT);
	bool out = printout_has(&result->out), err = printout_has(&result->err);
	if (out) {
		say(outlet, err ? "  stdout:\n" : "");
		print_stream(&p, &result->out);
	}
	if (err) {
		say(outlet, out ? "  stderr:\n" : "");
		print_stream(&p, &result->err);
	}
	if (result->out.held || result->err.held) {
		say(outlet, "  … a process that was left behind still held the pipe …\n");
	}
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
		say_unreadable(outlet, errno);
	}
}
