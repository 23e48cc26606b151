// SPDX-License-Identifier: MIT
// The writer thread.
#include "report/writer.h"
#include "report/bell.h"
#include "report/outlet.h"
#include "report/printout.h"
#include "report/raw.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum { STACK = 256 * 1024 };

struct writer {
	struct outlet outlet;
	struct writer_options options;
	char *chunk;
	bool error_told; // the thread's
	pthread_t thread;
	bool running, finished;

	pthread_mutex_t mutex; // guards all below
	pthread_cond_t pushed;
	struct batch queue;
	uint64_t pending; // bytes in the queue and in what is being written
	bool behind, closing;
};

// With the mutex held. False again only under half of the mark, so that it does not flutter.
static void weigh(struct writer *writer) {
	uint64_t limit = writer->behind ? WRITER_MARK / 2 : WRITER_MARK;
	if ((writer->pending > limit) != writer->behind) {
		writer->behind = !writer->behind;
		bell_ring(writer->options.bell);
	}
}

static void print(struct writer *writer, struct item *item) {
	if (item->own_line && item->text.len > 0) {
		outlet_begin_line(&writer->outlet);
	}
	outlet_put(&writer->outlet, item->text.data, item->text.len);
	printout_file(&writer->outlet, &item->file, writer->chunk);
	if (item->result) {
		writer->options.layout(
			&writer->outlet, item->result, writer->options.colour, writer->chunk);
	}
	if (item->backlog) {
		raw_span(&writer->outlet, item->backlog, &item->span);
	}
}

static void print_all(struct writer *writer, struct item *item) {
	while (item) {
		struct item *next = item->next;
		uint64_t size = item_size(item);
		print(writer, item);
		if (!next) {
			outlet_flush(&writer->outlet);
		}
		item->next = NULL;
		items_free(item);
		item = next;
		pthread_mutex_lock(&writer->mutex);
		writer->pending -= size;
		weigh(writer);
		pthread_mutex_unlock(&writer->mutex);
	}
	if (!writer->error_told && outlet_error(&writer->outlet)) {
		writer->error_told = true;
		bell_ring(writer->options.bell);
	}
}

// What waits in the queue; NULL when nothing comes any more.
static struct item *await_items(struct writer *writer) {
	pthread_mutex_lock(&writer->mutex);
	while (!writer->queue.first && !writer->closing) {
		pthread_cond_wait(&writer->pushed, &writer->mutex);
	}
	struct item *first = writer->queue.first;
	writer->queue = (struct batch){0};
	pthread_mutex_unlock(&writer->mutex);
	return first;
}

static void *run(void *ud) {
	struct writer *writer = ud;
	struct item *items;
	while ((items = await_items(writer))) {
		print_all(writer, items);
	}
	return NULL;
}

static int start(struct writer *writer) {
	pthread_attr_t attr;
	int error = pthread_attr_init(&attr);
	if (error == 0) {
		error = pthread_attr_setstacksize(&attr, STACK);
		if (error == 0) {
			error = pthread_create(&writer->thread, &attr, run, writer);
		}
		pthread_attr_destroy(&attr);
	}
	writer->running = error == 0;
	errno = error;
	return error ? -1 : 0;
}

int writer_new(struct writer **result, const struct writer_options *options) {
	struct writer *writer = calloc(1, sizeof *writer);
	if (!writer) {
		return -1;
	}
	if (outlet_open(&writer->outlet, options->fd) < 0) {
		free(writer);
		return -1;
	}
	pthread_mutex_init(&writer->mutex, NULL);
	pthread_cond_init(&writer->pushed, NULL);
	writer->options = *options;
	writer->chunk = malloc(PRINTOUT_CHUNK);
	if (!writer->chunk || start(writer) < 0) {
		int saved = errno;
		writer_free(writer);
		errno = saved;
		return -1;
	}
	*result = writer;
	return 0;
}

void writer_push(struct writer *writer, struct batch *batch) {
	if (!batch->first) {
		return;
	}
	uint64_t size = 0;
	for (const struct item *item = batch->first; item; item = item->next) {
		size += item_size(item);
	}
	pthread_mutex_lock(&writer->mutex);
	if (writer->queue.first) {
		writer->queue.last->next = batch->first;
	} else {
		writer->queue.first = batch->first;
	}
	writer->queue.last = batch->last;
	writer->pending += size;
	weigh(writer);
	pthread_cond_signal(&writer->pushed);
	pthread_mutex_unlock(&writer->mutex);
	*batch = (struct batch){0};
}

bool writer_behind(struct writer *writer) {
	pthread_mutex_lock(&writer->mutex);
	bool behind = writer->behind;
	pthread_mutex_unlock(&writer->mutex);
	return behind;
}

int writer_state(const struct writer *writer) {
	return outlet_error(&writer->outlet);
}

void writer_hurry(struct writer *writer) {
	outlet_hurry(&writer->outlet);
}

void writer_drop(struct writer *writer) {
	outlet_drop(&writer->outlet);
}

static void join(struct writer *writer) {
	if (writer->running && !writer->finished) {
		pthread_mutex_lock(&writer->mutex);
		writer->closing = true;
		pthread_cond_signal(&writer->pushed);
		pthread_mutex_unlock(&writer->mutex);
		pthread_join(writer->thread, NULL);
		writer->finished = true;
	}
}

int writer_finish(struct writer *writer, uint64_t *dropped) {
	join(writer);
	*dropped = writer->outlet.dropped;
	return outlet_error(&writer->outlet);
}

void writer_free(struct writer *writer) {
	if (!writer) {
		return;
	}
	writer_drop(writer);
	join(writer);
	pthread_cond_destroy(&writer->pushed);
	pthread_mutex_destroy(&writer->mutex);
	outlet_close(&writer->outlet);
	free(writer->chunk);
	free(writer);
}
