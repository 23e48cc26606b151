// SPDX-License-Identifier: MIT
// A piece is printed by the writer and held until then, since what the run lets on its way is
// bounded by that. One that waits for its turn is laid out at once, and goes where it may be long.
#include "report/relay.h"
#include "report/outlet.h"
#include "report/printout.h"

#include <errno.h>
#include <stdlib.h>

int relay_open(struct relay *relay, const struct report_options *options, bool colour) {
	*relay = (struct relay){.colour = colour};
	if (!options->keep_order) {
		return 0;
	}
	relay->backlog = backlog_new(options->spill_dir);
	relay->chunk = malloc(PRINTOUT_CHUNK);
	return relay->backlog && relay->chunk ? buf_reserve(&relay->page, OUTLET_PAGE) : -1;
}

void relay_close(struct relay *relay) {
	backlog_free(relay->backlog);
	buf_clear(&relay->page);
	free(relay->chunk);
}

static void turn_page(struct relay *relay) {
	struct buf *page = &relay->page;
	if (page->len > 0 && backlog_append(relay->backlog, relay->job, page->data, page->len,
				     &relay->lost) < 0) {
		relay->error = errno;
	}
	page->len = 0;
}

static struct buf *page_with_room(void *of, size_t n) {
	struct relay *relay = of;
	if (relay->page.cap - relay->page.len < n) {
		turn_page(relay);
	}
	return &relay->page;
}

static int keep(struct relay *relay, const struct event *event) {
	const struct sheet sheet = {.room = page_with_room, .of = relay};
	uint64_t lost = relay->lost;
	relay->job = event->index;
	printout_on(&sheet, event->result, relay->colour, relay->chunk);
	turn_page(relay);
	errno = relay->error;
	return relay->lost > lost ? -1 : 0;
}

int relay_piece(struct relay *relay, const struct event *event, struct batch *batch) {
	const struct result *result = event->result;
	if (relay->backlog && event->index != relay->turn) {
		return keep(relay, event);
	}
	if (batch_result(batch, result_hold(event->result)) < 0) {
		result_release(event->result);
		relay->lost += output_kept(&result->out) + output_kept(&result->err);
		return -1;
	}
	return 0;
}

int relay_turn(struct relay *relay, size_t job, struct batch *batch) {
	int r = 0;
	while (relay->backlog && relay->turn < job) {
		struct span span;
		r |= backlog_end(relay->backlog, relay->turn++, &span);
		if (span.bytes && batch_span(batch, relay->backlog, &span) < 0) {
			relay->lost += span.bytes;
			r = -1;
		}
	}
	return r;
}
