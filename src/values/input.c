// SPDX-License-Identifier: MIT
// The bytes of one file. It is asked whether there are any before it is read, since standard input
// may be shared: to make it O_NONBLOCK would change it for others.
#include "values/input.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A read asks for LEAST bytes at least; a pipe holds 64 KiB.
enum { BLOCK = 128 * 1024, LEAST = 32 * 1024, LARGE = 8 * BLOCK };

static bool is_standard_input(const char *file) {
	return strcmp(file, "-") == 0;
}

// Said of the file as a whole.
static enum values_state refuse(struct input *input, int error) {
	const char *quote = is_standard_input(input->file) ? "" : "'";
	const char *name = *quote ? input->file : "standard input";
	if (asprintf(&input->problem, "cannot read %s%s%s: %s", quote, name, quote,
		    strerror(error)) < 0) {
		input->problem = NULL;
	}
	return VALUES_FAILED;
}

enum values_state input_complain(
	struct input *input, size_t line, size_t column, const char *what) {
	const char *name = !input->file                     ? "value"
			   : is_standard_input(input->file) ? "standard input"
							    : input->file;
	const char *before = input->file ? ":" : " ";
	int n;
	if (column) {
		n = asprintf(&input->problem, "%s%s%zu:%zu: %s", name, before, line, column, what);
	} else {
		n = asprintf(&input->problem, "%s%s%zu: %s", name, before, line, what);
	}
	if (n < 0) {
		input->problem = NULL;
	}
	return VALUES_FAILED;
}

enum values_state input_measure(struct input *input, size_t n) {
	char what[64];
	if (n <= input->longest) {
		return VALUES_ROW;
	}
	snprintf(what, sizeof what, "longer than %zu bytes", input->longest);
	return input_complain(input, input->line, 0, what);
}

enum values_state input_lacks_memory(struct input *input) {
	return input_complain(input, input->line, 0, "not enough memory");
}

static int resize(struct input *input, size_t cap) {
	char *data = realloc(input->data, cap);
	if (!data) {
		return -1;
	}
	input->data = data;
	input->cap = cap;
	return 0;
}

int input_open(struct input *input, const char *file) {
	struct stat status;
	*input = (struct input){
		.file = file, .fd = STDIN_FILENO, .line = 1, .longest = input->longest};
	if (!is_standard_input(file)) {
		// O_NONBLOCK: else a FIFO waits here for its writer.
		input->fd = fd_above_stdio(
			open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
		input->ours = true;
	}
	if (input->fd < 0 || fstat(input->fd, &status) < 0) {
		refuse(input, errno);
		return -1;
	}
	if (S_ISDIR(status.st_mode)) {
		refuse(input, EISDIR);
		return -1;
	}
	if (resize(input, BLOCK) < 0) {
		input_lacks_memory(input);
		return -1;
	}
	input->ready = S_ISREG(status.st_mode) || S_ISBLK(status.st_mode);
	return 0;
}

// Room behind the bytes that are still to be taken. They are moved only when the block is full,
// which is when they are few.
static int make_room(struct input *input) {
	size_t n = input->end - input->start;
	// One long record shall not be paid for by all that follow.
	bool shrinks = input->cap > LARGE && n < LEAST;
	if (n > 0 && input->cap - input->end > LEAST && !shrinks) {
		return 0;
	}
	if (n > 0 && input->start > 0) {
		memmove(input->data, input->data + input->start, n);
	}
	input->start = 0;
	input->end = n;
	if (shrinks) {
		(void)resize(input, BLOCK); // if it cannot, there is room enough
	}
	return input->cap - n > LEAST ? 0 : resize(input, 2 * input->cap);
}

// Whether a read would not wait. What cannot be asked is read, which says what is wrong.
static bool is_readable(const struct input *input, int timeout) {
	struct pollfd fd = {.fd = input->fd, .events = POLLIN};
	int n;
	do {
		n = poll(&fd, 1, timeout);
	} while (n < 0 && errno == EINTR);
	return n != 0;
}

enum values_state input_read(struct input *input) {
	if (input->ended) {
		return VALUES_END;
	}
	if (input_measure(input, input->end - input->start) != VALUES_ROW) {
		return VALUES_FAILED;
	}
	if (make_room(input) < 0) {
		return input_lacks_memory(input);
	}
	// Asked first each time: of a FIFO that had no writer yet, read says that it has ended.
	while (input->ready || is_readable(input, 0)) {
		size_t room = input->cap - input->end - 1;
		ssize_t n = read(input->fd, input->data + input->end, room < BLOCK ? room : BLOCK);
		if (n > 0) {
			input->end += (size_t)n;
			return VALUES_ROW;
		}
		if (n == 0) {
			input->ended = true;
			return VALUES_END;
		}
		if (errno == EAGAIN) {
			return VALUES_WAIT; // somebody else was faster
		}
		if (errno != EINTR) {
			return refuse(input, errno);
		}
	}
	return VALUES_WAIT;
}

int input_put(struct input *input, const char *word) {
	size_t n = strlen(word);
	if (n >= input->cap && resize(input, n + 1) < 0) {
		return -1;
	}
	memcpy(input->data, word, n + 1);
	input->start = 0;
	input->end = n;
	input->ended = true;
	return 0;
}

void input_wait(const struct input *input) {
	(void)is_readable(input, -1);
}

void input_close(struct input *input) {
	if (input->ours) {
		fd_close(&input->fd);
	}
	free(input->data);
	free(input->problem);
	*input = (struct input){.fd = -1};
}
