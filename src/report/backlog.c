// SPDX-License-Identifier: MIT
/*
 * Each job has a chain of chunks in a store, and a record of where it begins:
 *
 *     records  | job 7: first, last, ended | job 8 | …
 *                         │      └────────────┐
 *     store    … | next, length, bytes … | … | next, length, bytes … | …
 *                     └──────────────────────►
 *
 * Chunks that are in a span do not change any more, since then it is its last job's turn.
 */
#include "report/backlog.h"
#include "report/records.h"
#include "report/store.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct place {
	uint64_t first, last; // chunks of the chain, each 1 more than where it is; 0: none
	uint64_t bytes;       // in the chain
	uint64_t ended;
};

struct chunk {
	uint64_t next; // as in a place
	uint64_t n;    // bytes behind this
};

struct backlog {
	size_t turn; // of this job; main's
	size_t most; // behind all that were ever mentioned; main's
	char *ahead; // the reader's: a part of the store's file
	uint64_t ahead_at;
	size_t ahead_n;

	pthread_mutex_t mutex; // guards all below
	struct records places;
	struct store store;
	unsigned unread; // spans
};

struct backlog *backlog_new(const char *spill_dir) {
	struct backlog *backlog = calloc(1, sizeof *backlog);
	if (!backlog) {
		return NULL;
	}
	pthread_mutex_init(&backlog->mutex, NULL);
	backlog->places.fd = backlog->store.fd = -1;
	backlog->ahead = malloc(STORE_BLOCK);
	if (!backlog->ahead ||
		records_init(&backlog->places, sizeof(struct place), spill_dir) < 0 ||
		store_init(&backlog->store, spill_dir) < 0) {
		backlog_free(backlog);
		errno = ENOMEM;
		return NULL;
	}
	return backlog;
}

void backlog_free(struct backlog *backlog) {
	if (backlog) {
		records_clear(&backlog->places);
		store_clear(&backlog->store);
		pthread_mutex_destroy(&backlog->mutex);
		free(backlog->ahead);
		free(backlog);
	}
}

bool backlog_is_turn(const struct backlog *backlog, size_t job) {
	return job == backlog->turn;
}

static void mention(struct backlog *backlog, size_t job) {
	if (job >= backlog->most) {
		backlog->most = job + 1;
	}
}

// A chunk that cannot be whole has what there was room for. How many bytes.
static size_t put_chunk(
	struct store *store, const char *data, size_t n, const struct place *place) {
	struct chunk chunk = {.n = n};
	uint64_t at = store->end, link = at + 1;
	size_t head = store_append(store, &chunk, sizeof chunk);
	size_t done = head == sizeof chunk ? store_append(store, data, n) : 0;
	int saved = errno;
	chunk.n = done;
	if (done > 0 && done < n && store_patch(store, at, &chunk, sizeof chunk) < 0) {
		store_give_back(store, at + head, done);
		done = 0;
	}
	if (done > 0 && place->last &&
		store_patch(store, place->last - 1, &link, sizeof link) < 0) {
		saved = errno;
		store_give_back(store, at + head, done);
		done = 0;
	}
	if (done == 0 && head > 0) {
		store_give_back(store, at, head);
	}
	errno = saved;
	return done;
}

static size_t append(struct backlog *backlog, size_t job, const char *data, size_t n) {
	struct place *place = records_change(&backlog->places, job);
	uint64_t at = backlog->store.end;
	size_t done = place ? put_chunk(&backlog->store, data, n, place) : 0;
	if (done > 0) {
		place->first = place->first ? place->first : at + 1;
		place->last = at + 1;
		place->bytes += done;
	}
	return done;
}

int backlog_append(
	struct backlog *backlog, size_t job, const char *data, size_t n, uint64_t *lost) {
	mention(backlog, job);
	pthread_mutex_lock(&backlog->mutex);
	size_t done = append(backlog, job, data, n);
	pthread_mutex_unlock(&backlog->mutex);
	*lost += n - done;
	return done < n ? -1 : 0;
}

// Hands over what may be printed of the jobs from one up to the one whose turn it is.
static void hand_over(struct backlog *backlog, size_t from, uint64_t bytes, struct span *span) {
	*span = (struct span){.from = from, .to = backlog->turn, .bytes = bytes};
	if (bytes) {
		backlog->unread++;
	} else if (backlog->unread == 0) {
		records_release(&backlog->places, backlog->turn);
	}
}

// A record that cannot be read back says nothing: the turn stays where it is.
static void pass_on(struct backlog *backlog, struct span *span) {
	size_t from = backlog->turn;
	uint64_t bytes = 0;
	bool ended = true;
	while (ended && backlog->turn < backlog->most) {
		const struct place *place = records_look(&backlog->places, backlog->turn);
		ended = place && place->ended;
		bytes += place ? place->bytes : 0;
		backlog->turn += ended;
	}
	hand_over(backlog, from, bytes, span);
}

int backlog_end(struct backlog *backlog, size_t job, struct span *span) {
	int r = 0;
	*span = (struct span){0};
	mention(backlog, job);
	pthread_mutex_lock(&backlog->mutex);
	if (job == backlog->turn) {
		backlog->turn++;
		pass_on(backlog, span);
	} else {
		struct place *place = records_change(&backlog->places, job);
		if (place) {
			place->ended = true;
		}
		r = place ? 0 : -1;
	}
	pthread_mutex_unlock(&backlog->mutex);
	return r;
}

void backlog_close(struct backlog *backlog, struct span *span) {
	uint64_t bytes = 0;
	pthread_mutex_lock(&backlog->mutex);
	size_t from = backlog->turn + 1;
	for (size_t i = from; i < backlog->most; i++) {
		const struct place *place = records_look(&backlog->places, i);
		bytes += place ? place->bytes : 0;
	}
	backlog->turn = backlog->most > from ? backlog->most : from;
	hand_over(backlog, from, bytes, span);
	pthread_mutex_unlock(&backlog->mutex);
}

// With the mutex held, but for the time of a look at the disk: what is in a span stays where it is.
// How many bytes were read; 0 and errno.
static size_t read_file(struct backlog *backlog, uint64_t at, char *data, size_t n) {
	int fd = backlog->store.fd;
	ssize_t r;
	pthread_mutex_unlock(&backlog->mutex);
	do {
		r = pread(fd, data, n, (off_t)at);
	} while (r < 0 && errno == EINTR);
	errno = r == 0 ? EIO : errno; // somebody has cut it off
	pthread_mutex_lock(&backlog->mutex);
	return r > 0 ? (size_t)r : 0;
}

// Short pieces are read from the file in one long one.
static size_t read_ahead(struct backlog *backlog, uint64_t at, char *data, size_t n, size_t there) {
	if (at < backlog->ahead_at || at - backlog->ahead_at >= backlog->ahead_n) {
		backlog->ahead_n = read_file(
			backlog, at, backlog->ahead, there < STORE_BLOCK ? there : STORE_BLOCK);
		backlog->ahead_at = at;
	}
	size_t skip = (size_t)(at - backlog->ahead_at), left = backlog->ahead_n - skip;
	n = n < left ? n : left;
	memcpy(data, backlog->ahead + skip, n);
	return n;
}

// How many of n bytes could be read at once; 0 and errno.
static size_t read_some(struct backlog *backlog, uint64_t at, char *data, size_t n) {
	size_t there;
	const char *from = store_look(&backlog->store, at, &there);
	n = n < there ? n : there;
	if (from) {
		memcpy(data, from, n);
		return n;
	}
	return n < STORE_BLOCK ? read_ahead(backlog, at, data, n, there)
			       : read_file(backlog, at, data, n);
}

// Enters the chunk that is next. 0, or -1 and errno.
static int enter_chunk(struct backlog *backlog, struct span *span) {
	struct chunk chunk;
	uint64_t at = span->next - 1;
	for (size_t done = 0; done < sizeof chunk;) {
		size_t n = read_some(
			backlog, at + done, (char *)&chunk + done, sizeof chunk - done);
		if (n == 0) {
			return -1;
		}
		done += n;
	}
	span->at = at + sizeof chunk;
	span->left = chunk.n;
	span->next = chunk.next;
	store_give_back(&backlog->store, at, sizeof chunk);
	return 0;
}

// Finds the next job that has written anything. 0, or -1 and errno.
static int enter_chain(struct backlog *backlog, struct span *span) {
	if (span->from > span->to) {
		errno = EIO; // a record could not be read when it was handed over
		return -1;
	}
	const struct place *place = records_look(&backlog->places, span->from);
	if (!place) {
		return -1;
	}
	span->next = place->first;
	span->from++;
	return 0;
}

static ssize_t read_chunk(struct backlog *backlog, struct span *span, char *data, size_t n) {
	size_t most = n < span->left ? n : (size_t)span->left;
	size_t done = read_some(backlog, span->at, data, most);
	if (done == 0) {
		return -1;
	}
	store_give_back(&backlog->store, span->at, done);
	span->at += done;
	span->left -= done;
	span->bytes -= done;
	return (ssize_t)done;
}

static void end_span(struct backlog *backlog, struct span *span) {
	if (span->begun) {
		span->begun = false;
		backlog->unread--;
		records_release(&backlog->places, span->to);
	}
}

ssize_t backlog_read(struct backlog *backlog, struct span *span, char *data, size_t n) {
	ssize_t r = 0;
	pthread_mutex_lock(&backlog->mutex);
	if (!span->begun && span->bytes) {
		span->begun = true;
		backlog->ahead_n = 0; // may have been written since it was read
	}
	while (r == 0 && span->bytes) {
		r = span->left   ? read_chunk(backlog, span, data, n)
		    : span->next ? enter_chunk(backlog, span)
				 : enter_chain(backlog, span);
		if (span->from % 1024 == 0) {
			pthread_mutex_unlock(&backlog->mutex); // who puts need not wait long
			pthread_mutex_lock(&backlog->mutex);
		}
	}
	if (r <= 0 || span->bytes == 0) {
		end_span(backlog, span);
	}
	pthread_mutex_unlock(&backlog->mutex);
	return r;
}
