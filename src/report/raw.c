// SPDX-License-Identifier: MIT
// Copying, from where it was kept right into the page that is written.
#include "report/raw.h"
#include "plan/plan.h"
#include "report/printout.h"

#include <errno.h>
#include <string.h>

enum { SENT = 64 * 1024 }; // bytes in a file that are worth sending by itself

const char *raw_tag(struct raw_tagger *tagger, const char **data, size_t *n, size_t *piece) {
	const char *from = *data;
	if (*n == 0) {
		return NULL;
	}
	if (tagger->label && !tagger->inside) {
		tagger->inside = true;
		*piece = strlen(tagger->label);
		return tagger->label;
	}
	const char *end = tagger->label ? memchr(from, '\n', *n) : NULL;
	*piece = end ? (size_t)(end - from) + 1 : *n;
	tagger->inside = !end;
	*data += *piece;
	*n -= *piece;
	return from;
}

static ssize_t read_output(const struct output *output, uint64_t pos, char *data, size_t n) {
	ssize_t r;
	do {
		r = output_read(output, pos, data, n);
	} while (r < 0 && errno == EINTR);
	if (r == 0 && pos < output_kept(output)) {
		errno = EIO;
		r = -1;
	}
	return r;
}

static void put_tagged(
	struct outlet *outlet, const struct output *output, const char *label, char *chunk) {
	struct raw_tagger tagger = {.label = label, .inside = output->continues};
	uint64_t pos = 0;
	ssize_t r;
	while ((r = read_output(output, pos, chunk, PRINTOUT_CHUNK)) > 0) {
		const char *data = chunk, *text;
		size_t n = (size_t)r, piece;
		while ((text = raw_tag(&tagger, &data, &n, &piece))) {
			outlet_put(outlet, text, piece);
		}
		pos += (uint64_t)r;
	}
	if (r < 0) {
		outlet_fail(outlet, errno);
	}
}

static void put_plain(struct outlet *outlet, const struct output *output) {
	uint64_t pos = 0;
	ssize_t r;
	bool sent = output->first_len < SENT || output->borrowed;
	do {
		if (!sent && pos == output->head_len) {
			pos += outlet_send(outlet, output->fd, output->at, output->first_len);
			sent = true;
		}
		struct buf *page = outlet_page(outlet, 1);
		r = read_output(output, pos, page->data + page->len, OUTLET_PAGE - page->len);
		page->len += r > 0 ? (size_t)r : 0;
		pos += r > 0 ? (uint64_t)r : 0;
	} while (r > 0);
	if (r < 0) {
		outlet_fail(outlet, errno);
	}
}

static void put(
	struct outlet *outlet, const struct output *output, const char *label, char *chunk) {
	if (label) {
		put_tagged(outlet, output, label, chunk);
	} else {
		put_plain(outlet, output);
	}
}

void raw_out(struct outlet *outlet, const struct result *result, bool colour, char *chunk) {
	(void)colour; // the bytes stay the job's own
	put(outlet, &result->out, result->job->label, chunk);
}

void raw_err(struct outlet *outlet, const struct result *result, bool colour, char *chunk) {
	(void)colour;
	put(outlet, &result->err, result->job->label, chunk);
}

void raw_span(struct outlet *outlet, struct backlog *backlog, struct span *span) {
	ssize_t r;
	do {
		struct buf *page = outlet_page(outlet, 1);
		if (outlet_lost(outlet)) {
			outlet->dropped += span->bytes; // which nobody need read for that
			return;
		}
		r = backlog_read(backlog, span, page->data + page->len, OUTLET_PAGE - page->len);
		page->len += r > 0 ? (size_t)r : 0;
	} while (r > 0);
	if (r < 0) {
		outlet_fail(outlet, errno);
	}
}
