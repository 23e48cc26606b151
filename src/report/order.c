// SPDX-License-Identifier: MIT
// Waiting for one's turn.
#include "report/order.h"
#include "base/fd.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

struct place {
	struct result *result; // that waits; owned
	unsigned char kind;    // of the event; EVENT_NONE: has not come
	unsigned char reason;  // of EVENT_SKIPPED
	uint32_t because;
};

struct order {
	struct place *places; // one for each job
	size_t jobs, next;
	bool closed;
	const char *dir;
	size_t memory; // that outputs hold which wait
	char *chunk;   // to copy with
	int fd;        // unlinked file, shared by the outputs that wait; -1: it could not be made
	uint64_t end;  // of what is in it
};

struct order *order_new(size_t jobs, const char *spill_dir) {
	struct order *order = calloc(1, sizeof *order);
	if (!order) {
		return NULL;
	}
	*order = (struct order){.jobs = jobs, .dir = spill_dir, .fd = -1};
	order->places = calloc(jobs ? jobs : 1, sizeof *order->places);
	order->chunk = malloc(CHUNK);
	if (!order->places || !order->chunk) {
		order_free(order);
		errno = ENOMEM;
		return NULL;
	}
	// Now, when there is certainly a descriptor for it; without it is tried again when needed.
	order->fd = fd_unnamed_file(spill_dir);
	return order;
}

void order_free(struct order *order) {
	if (!order) {
		return;
	}
	for (size_t i = order->next; order->places && i < order->jobs; i++) {
		if (order->places[i].result) {
			result_release(order->places[i].result);
		}
	}
	fd_close(&order->fd);
	free(order->chunk);
	free(order->places);
	free(order);
}

static bool write_at(int fd, const char *data, size_t n, uint64_t offset) {
	while (n) {
		ssize_t r = pwrite(fd, data, n, (off_t)offset);
		if (r == 0 || (r < 0 && errno != EINTR)) {
			return false;
		}
		size_t done = r > 0 ? (size_t)r : 0;
		data += done;
		n -= done;
		offset += done;
	}
	return true;
}

// Copies all that is kept of an output behind what is in the file.
static bool copy(struct order *order, const struct output *output) {
	uint64_t pos = 0, kept = output_kept(output);
	while (pos < kept) {
		ssize_t n = output_read(output, pos, order->chunk, CHUNK);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0 || !write_at(order->fd, order->chunk, (size_t)n, order->end + pos)) {
			return false;
		}
		pos += (uint64_t)n;
	}
	return true;
}

// It takes no more: a file of its own is given up, what is in memory stays.
static void give_up_file(struct output *output) {
	if (output->fd >= 0) {
		output->omitted += output->first_len + output->ring_len;
		output->first_len = output->ring_len = 0;
		output->incomplete = true;
		fd_close(&output->fd);
	}
}

// What is in the file of it then; false: it takes no more.
static bool copy_to_file(struct order *order, const struct output *output, struct output *copied) {
	struct output moved = OUTPUT_EMPTY;
	bool any = output_kept(output) > 0;
	if (any && order->fd < 0) {
		order->fd = fd_unnamed_file(order->dir);
	}
	if (any && (order->fd < 0 || !copy(order, output))) {
		return false;
	}
	moved.fd = any ? order->fd : -1;
	moved.borrowed = any;
	moved.at = order->end;
	moved.first_len = moved.ring_at = output_gap(output);
	moved.ring_len = moved.ring_size = output_kept(output) - moved.first_len;
	moved.omitted = output->omitted;
	moved.total = output->total;
	moved.incomplete = output->incomplete;
	moved.held = output->held;
	order->end += moved.first_len + moved.ring_len;
	*copied = moved;
	return true;
}

static void move_to_file(struct order *order, struct output *output) {
	struct output moved;
	if (copy_to_file(order, output, &moved)) {
		output_clear(output);
		*output = moved;
	} else {
		give_up_file(output);
	}
}

static size_t memory_of(const struct output *output) {
	return output->head_len + output->tail_size;
}

static void keep(struct order *order, struct output *output) {
	size_t memory = memory_of(output);
	bool there = output->borrowed; // a copy, made for this
	if (!there && (output->fd >= 0 || (memory && order->memory + memory > ORDER_MEMORY))) {
		move_to_file(order, output);
	}
	order->memory += memory_of(output);
}

// Others read it, so it stays as it is: what waits is a copy. Without memory or room for that it
// is the result itself.
static struct result *unshare(struct order *order, struct result *result) {
	struct result *own = result_without_output(result);
	if (own && copy_to_file(order, &result->out, &own->out) &&
		copy_to_file(order, &result->err, &own->err)) {
		result_release(result);
		return own;
	}
	if (own) {
		result_release(own);
	}
	return result;
}

void order_put(struct order *order, struct event *event) {
	struct place *place = &order->places[event->index];
	place->kind = (unsigned char)event->kind;
	place->reason = (unsigned char)event->skip.reason;
	place->because = (uint32_t)event->skip.because;
	place->result = event_take_result(event);
	bool waits = place->result && event->index != order->next;
	if (waits && result_is_shared(place->result)) {
		place->result = unshare(order, place->result);
	}
	if (waits && !result_is_shared(place->result)) {
		keep(order, &place->result->out);
		keep(order, &place->result->err);
	} else if (place->result) {
		order->memory += memory_of(&place->result->out) + memory_of(&place->result->err);
	}
}

void order_close(struct order *order) {
	order->closed = true;
}

bool order_next(struct order *order, struct event *event) {
	while (order->closed && order->next < order->jobs &&
		order->places[order->next].kind == EVENT_NONE) {
		order->next++;
	}
	if (order->next == order->jobs || order->places[order->next].kind == EVENT_NONE) {
		return false;
	}
	struct place *place = &order->places[order->next];
	*event = (struct event){.kind = place->kind,
		.index = order->next,
		.result = place->result,
		.skip = {.reason = place->reason, .because = place->because}};
	place->result = NULL;
	order->next++;
	if (event->result) {
		order->memory -= memory_of(&event->result->out) + memory_of(&event->result->err);
	}
	return true;
}
