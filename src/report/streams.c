// SPDX-License-Identifier: MIT
// Laying out captured output in JSON: text, and once more as base64 where text is not all.
#include "report/streams.h"
#include "report/encode.h"
#include "report/printout.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct stream {
	struct outlet *outlet;
	const struct output *output;
	char *chunk;
	bool unread; // it could not be read back to its end
};

static void say(struct outlet *outlet, const char *text) {
	outlet_put(outlet, text, strlen(text));
}

// What is kept, from `pos` on; 0: all was read, or it cannot be.
static size_t next(struct stream *stream, uint64_t pos) {
	ssize_t n;
	do {
		n = output_read(stream->output, pos, stream->chunk, PRINTOUT_CHUNK);
	} while (n < 0 && errno == EINTR);
	stream->unread |= n < 0 || (n == 0 && pos < output_kept(stream->output));
	return n > 0 ? (size_t)n : 0;
}

// The page always has the room. A character that the gap cuts in two is none.
static bool put_text(struct stream *stream) {
	struct encode_text text = {0};
	uint64_t pos = 0, gap = output_gap(stream->output);
	for (size_t n; (n = next(stream, pos)) > 0;) {
		if (stream->output->omitted && pos == gap) {
			encode_text_end(&text, outlet_page(stream->outlet, encode_text_room(0)));
		}
		encode_text(
			&text, stream->chunk, n, outlet_page(stream->outlet, encode_text_room(n)));
		pos += n;
	}
	encode_text_end(&text, outlet_page(stream->outlet, encode_text_room(0)));
	return !text.invalid;
}

static void put_base64(struct stream *stream) {
	struct encode_base64 base64 = {0};
	uint64_t pos = 0;
	for (size_t n; (n = next(stream, pos)) > 0;) {
		encode_base64(&base64, stream->chunk, n,
			outlet_page(stream->outlet, encode_base64_room(n)));
		pos += n;
	}
	encode_base64_end(&base64, outlet_page(stream->outlet, encode_base64_room(0)));
}

// What an object says beside the text.
static void numbers(const struct output *output, bool unread, char *text, size_t size) {
	char gap[48] = "";
	if (output->omitted) {
		snprintf(gap, sizeof gap, ",\"gap\":%llu", (unsigned long long)output_gap(output));
	}
	snprintf(text, size, ",\"bytes\":%llu,\"omitted\":%llu%s,\"incomplete\":%s,\"held\":%s}",
		(unsigned long long)output->total, (unsigned long long)output->omitted, gap,
		output->incomplete || unread ? "true" : "false", output->held ? "true" : "false");
}

static void put_stream(struct stream stream) {
	char text[200];
	say(stream.outlet, "{\"text\":\"");
	bool whole = put_text(&stream);
	say(stream.outlet, "\"");
	if (!whole) {
		say(stream.outlet, ",\"base64\":\"");
		put_base64(&stream);
		say(stream.outlet, "\"");
	}
	numbers(stream.output, stream.unread, text, sizeof text);
	say(stream.outlet, text);
}

int streams_put_empty(struct buf *buf, const struct output *output) {
	char text[200];
	numbers(output, false, text, sizeof text);
	return buf_puts(buf, "{\"text\":\"\"") || buf_puts(buf, text) ? -1 : 0;
}

void streams_layout(struct outlet *outlet, const struct result *result, bool colour, char *chunk) {
	(void)colour; // the bytes stay the job's own
	if (printout_has(&result->out)) {
		say(outlet, ",\"stdout\":");
		put_stream((struct stream){outlet, &result->out, chunk, false});
	}
	if (printout_has(&result->err)) {
		say(outlet, ",\"stderr\":");
		put_stream((struct stream){outlet, &result->err, chunk, false});
	}
	say(outlet, "}\n");
}
