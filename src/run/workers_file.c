// SPDX-License-Identifier: MIT
// The file is read each time: it is short, and two changes within one tick of the file system's
// clock look like one. Who writes it may be half done, so what is wrong is so only when it was at
// two looks.
#include "run/workers_file.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t FRESH = 250 * (int64_t)CLOCK_MS, AGAIN = CLOCK_SECOND;

static const char *parse(char *text, struct workers *workers) {
	static const char blanks[] = " \t\r\n";
	text += strspn(text, blanks);
	size_t n = strlen(text);
	while (n > 0 && strchr(blanks, text[n - 1])) {
		n--;
	}
	text[n] = '\0';
	return workers_parse(text, workers);
}

// NULL, or what is wrong. regular: out, whether it may change.
static const char *read_number(
	const char *path, int flags, struct workers *workers, bool *regular) {
	char text[64];
	size_t n = 0;
	ssize_t got = -1;
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	if (fd < 0) {
		return strerror(errno);
	}
	*regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
	do {
		got = read(fd, text + n, sizeof text - n);
		n += got > 0 ? (size_t)got : 0;
	} while ((got > 0 && n < sizeof text) || (got < 0 && errno == EINTR));
	const char *wrong = got < 0 ? strerror(errno) : NULL;
	close(fd);
	if (wrong) {
		return wrong;
	}
	if (n == sizeof text) {
		return "it is longer than a number";
	}
	text[n] = '\0';
	return parse(text, workers);
}

const char *workers_file_open(struct workers_file *file, const char *path) {
	bool regular = false;
	*file = (struct workers_file){.path = path};
	const char *wrong = read_number(path, 0, &file->workers, &regular);
	file->looked = regular ? clock_now() : 0;
	return wrong;
}

enum workers_file_news workers_file_look(
	struct workers_file *file, int64_t now, const char **wrong) {
	struct workers read;
	bool regular;
	if (file->looked == 0 || now - file->looked < FRESH) {
		return WORKERS_SAME;
	}
	file->looked = now;
	*wrong = read_number(file->path, O_NONBLOCK, &read, &regular);
	if (*wrong) {
		bool news = file->doubtful && !file->wrong;
		file->doubtful = true;
		file->wrong |= news;
		return news ? WORKERS_WRONG : WORKERS_SAME;
	}
	bool same = read.kind == file->workers.kind && read.n == file->workers.n;
	file->workers = read;
	file->doubtful = file->wrong = false;
	return same ? WORKERS_SAME : WORKERS_CHANGED;
}

int64_t workers_file_again(const struct workers_file *file) {
	return file->looked ? file->looked + AGAIN : INT64_MAX;
}
