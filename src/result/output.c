// SPDX-License-Identifier: MIT
// Reading a captured stream back: head, file, ring, tail.
#include "base/fd.h"
#include "result/result.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint64_t output_gap(const struct output *output) {
	return output->head_len + output->first_len;
}

uint64_t output_kept(const struct output *output) {
	return output_gap(output) + output->ring_len + output->tail_len;
}

static size_t at_most(size_t n, uint64_t limit) {
	return n < limit ? n : (size_t)limit;
}

// Where in a ring position pos lies, and how far one can go before its end.
static uint64_t ring_offset(uint64_t start, uint64_t pos, uint64_t size, uint64_t *run) {
	uint64_t offset = (start + pos) % size;
	*run = size - offset;
	return offset;
}

ssize_t output_read(const struct output *output, uint64_t pos, char *data, size_t n) {
	uint64_t run;
	if (pos < output->head_len) {
		n = at_most(n, output->head_len - pos);
		memcpy(data, output->head + pos, n);
		return (ssize_t)n;
	}
	pos -= output->head_len;
	if (pos < output->first_len) {
		n = at_most(n, output->first_len - pos);
		return pread(output->fd, data, n, (off_t)(output->at + pos));
	}
	pos -= output->first_len;
	if (pos < output->ring_len) {
		n = at_most(n, output->ring_len - pos);
		uint64_t offset = ring_offset(output->ring_start, pos, output->ring_size, &run);
		offset += output->at + output->ring_at;
		return pread(output->fd, data, at_most(n, run), (off_t)offset);
	}
	pos -= output->ring_len;
	if (pos < output->tail_len) {
		n = at_most(n, output->tail_len - pos);
		uint64_t offset = ring_offset(output->tail_start, pos, output->tail_size, &run);
		n = at_most(n, run);
		memcpy(data, output->tail + offset, n);
		return (ssize_t)n;
	}
	return 0;
}

// Gives a part of a shared file back to the disk; where that cannot be, it is back when all is.
static void give_back(struct output *output) {
	int saved = errno;
	fallocate(output->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)output->at,
		(off_t)(output->first_len + output->ring_len));
	output->fd = -1;
	errno = saved;
}

void output_clear(struct output *output) {
	free(output->head);
	free(output->tail);
	if (output->budget) {
		atomic_fetch_add(output->budget, output->charged);
	}
	if (output->borrowed) {
		give_back(output);
	}
	fd_close(&output->fd);
	*output = OUTPUT_EMPTY;
}
