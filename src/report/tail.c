// SPDX-License-Identifier: MIT
// The last lines of captured output: read backwards from the end, but never across the gap.
#include "report/tail.h"
#include "report/plain.h"
#include "report/printout.h"

#include <errno.h>
#include <stdlib.h>

struct tail {
	const struct output *output;
	char *data; // the last bytes of it
	size_t len;
	uint64_t at; // where in what was kept they begin
	size_t from; // what is shown begins here in data
};

// Reads what may be shown. 0, or -1 and errno.
static int load(struct tail *tail, const struct output *output, size_t bytes) {
	uint64_t kept = output_kept(output), gap = output_gap(output);
	*tail = (struct tail){.output = output, .at = kept > bytes ? kept - bytes : 0};
	if (output->omitted > 0 && tail->at < gap) {
		tail->at = gap;
	}
	size_t want = (size_t)(kept - tail->at);
	if (want == 0) {
		return 0;
	}
	tail->data = malloc(want);
	if (!tail->data) {
		return -1;
	}
	while (tail->len < want) {
		ssize_t n = output_read(
			output, tail->at + tail->len, tail->data + tail->len, want - tail->len);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			break; // the line for it in the report has said so
		}
		tail->len += (size_t)n;
	}
	return 0;
}

// Moves `from` to the beginning of the last lines. Returns how many there are.
static unsigned cut_lines(struct tail *tail, unsigned lines) {
	unsigned n = tail->len > tail->from;
	size_t i = tail->len;
	while (i > tail->from + 1) {
		i--;
		if (tail->data[i - 1] == '\n' && n++ == lines) {
			tail->from = i;
			return lines;
		}
	}
	return n;
}

// Leaves the first bytes out, but no half character.
static void cut_bytes(struct tail *tail, size_t bytes) {
	if (tail->len - tail->from > bytes) {
		tail->from = tail->len - bytes;
	}
	if (tail->at + tail->from == 0) {
		return;
	}
	for (int i = 0; i < 3 && tail->from < tail->len &&
			((unsigned char)tail->data[tail->from] & 0xc0) == 0x80;
		i++) {
		tail->from++;
	}
}

static int put(struct buf *buf, const struct tail *tail, const char *heading, bool colour) {
	struct plain plain;
	unsigned long long left_out = tail->output->omitted + tail->at + tail->from;
	plain_init(&plain, colour, PRINTOUT_INDENT);
	if (buf_puts(buf, heading) < 0) {
		return -1;
	}
	if (left_out && buf_printf(buf, "    … %llu %s left out …\n", left_out,
				left_out == 1 ? "byte" : "bytes") < 0) {
		return -1;
	}
	if (tail->from == tail->len) {
		return 0;
	}
	int r = plain_feed(&plain, tail->data + tail->from, tail->len - tail->from, buf);
	return r ? r : plain_end(&plain, buf);
}

// Two streams share the lines and bytes: standard error has half of them, and what the other one
// does not need.
static void share(struct tail *out, struct tail *err, unsigned lines, size_t bytes) {
	unsigned n_out = cut_lines(out, lines), n_err = cut_lines(err, lines);
	if (n_out + n_err > lines) {
		n_err = n_out < lines / 2 ? lines - n_out : n_err < lines / 2 ? n_err : lines / 2;
		cut_lines(err, n_err);
		cut_lines(out, lines - n_err);
	}
	size_t b_out = out->len - out->from, b_err = err->len - err->from;
	if (b_out + b_err > bytes) {
		b_err = b_out < bytes / 2 ? bytes - b_out : b_err < bytes / 2 ? b_err : bytes / 2;
		b_out = bytes - b_err;
	}
	cut_bytes(err, b_err);
	cut_bytes(out, b_out);
}

int tail_put(
	struct buf *buf, const struct result *result, unsigned lines, size_t bytes, bool colour) {
	struct tail out = {0}, err = {0};
	bool two = result->out.total > 0 && result->err.total > 0;
	int r = -1;
	if (load(&out, &result->out, bytes) < 0 || load(&err, &result->err, bytes) < 0) {
		goto out;
	}
	share(&out, &err, lines, bytes);
	r = 0;
	if (result->out.total > 0) {
		r |= put(buf, &out, two ? "  stdout:\n" : "", colour);
	}
	if (result->err.total > 0) {
		r |= put(buf, &err, two ? "  stderr:\n" : "", colour);
	}
out:
	free(out.data);
	free(err.data);
	return r;
}

int tail_put_err(
	struct buf *buf, const struct result *result, unsigned lines, size_t bytes, bool colour) {
	struct tail err;
	if (result->err.total == 0) {
		return 0;
	}
	if (load(&err, &result->err, bytes) < 0) {
		return -1;
	}
	cut_lines(&err, lines);
	cut_bytes(&err, bytes);
	int r = put(buf, &err, "", colour);
	free(err.data);
	return r;
}
