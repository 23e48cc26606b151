// SPDX-License-Identifier: MIT
// Getting the text of a job file: a file, standard input, a pipe. Whatever it is, it ends.
#include "spec/source.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 256 * 1024 };

static const struct mark nowhere;

static const char *shown_name(const char *file, struct problems *problems) {
	return strcmp(file, "-") == 0 ? "standard input" : problems_quote(problems, file);
}

static bool unreadable(const char *file, struct problems *problems, const char *why) {
	problems_add(
		problems, nowhere, NULL, "cannot read %s: %s", shown_name(file, problems), why);
	return false;
}

void source_too_large(const char *file, struct problems *problems) {
	problems_add(problems, nowhere,
		"put what is long into files of its own, or make several job files",
		"%s is larger than a job file may be (%d MiB)", shown_name(file, problems),
		SOURCE_MAX / (1024 * 1024));
}

// Reads until the end, or until it is clear that this is no job file: past the limit, or behind the
// first NUL, so that /dev/zero does not fill the memory first.
static bool read_all(int fd, const char *file, struct buf *text, struct problems *problems) {
	while (text->len <= SOURCE_MAX) {
		if (buf_reserve(text, BLOCK) < 0) {
			return unreadable(file, problems, strerror(errno));
		}
		char *block = text->data + text->len;
		ssize_t got = read(fd, block, text->cap - text->len);
		if (got < 0 && errno != EINTR) {
			return unreadable(file, problems, strerror(errno));
		}
		if (got == 0) {
			return true;
		}
		text->len += got > 0 ? (size_t)got : 0;
		if (got > 0 && memchr(block, '\0', (size_t)got)) {
			return true;
		}
	}
	source_too_large(file, problems);
	return false;
}

// What can be said before the first byte.
static bool promising(int fd, const char *file, struct buf *text, struct problems *problems) {
	struct stat st;
	if (fstat(fd, &st) < 0) {
		return unreadable(file, problems, strerror(errno));
	}
	if (S_ISDIR(st.st_mode)) {
		return unreadable(file, problems, "it is a directory");
	}
	if (!S_ISREG(st.st_mode)) {
		return true;
	}
	if (st.st_size > SOURCE_MAX) {
		source_too_large(file, problems);
		return false;
	}
	// One block more, so that the end of the file is found without growing again.
	if (buf_reserve(text, (size_t)st.st_size + BLOCK) < 0) {
		return unreadable(file, problems, strerror(errno));
	}
	return true;
}

bool source_read(const char *file, struct buf *text, struct problems *problems) {
	bool standard_input = strcmp(file, "-") == 0;
	int opened = -1;
	if (!standard_input) {
		// O_NOCTTY: a terminal given by name must not become ours.
		do {
			opened = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		} while (opened < 0 && errno == EINTR); // a FIFO that waits for its writer
		if (opened < 0) {
			return unreadable(file, problems, strerror(errno));
		}
	}
	int fd = standard_input ? STDIN_FILENO : opened;
	bool done = promising(fd, file, text, problems) && read_all(fd, file, text, problems);
	fd_close(&opened);
	return done;
}
