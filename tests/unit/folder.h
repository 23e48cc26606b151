/* SPDX-License-Identifier: MIT
 * A temporary folder with programs in it. */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include "command.h"

struct folder {
	char path[64];
};

static inline struct folder folder_new(void) {
	struct folder folder = {"/tmp/spool-test-XXXXXX"};
	assert_non_null(mkdtemp(folder.path));
	assert_int_equal(chmod(folder.path, 0755), 0);
	return folder;
}

static inline void folder_remove(const struct folder *folder) {
	COMMAND(remove, "rm", "-r", folder->path);
	assert_int_equal(rc_of(&remove), 0);
}

/* The path of an entry, in one of four buffers that take turns. */
static inline const char *in_folder(const struct folder *folder, const char *name) {
	static char paths[4][160];
	static int turn;
	char *path = paths[turn++ % 4];
	snprintf(path, sizeof paths[0], "%s/%s", folder->path, name);
	return path;
}

static inline const char *folder_dir(const struct folder *folder, const char *name) {
	const char *path = in_folder(folder, name);
	assert_int_equal(mkdir(path, 0755), 0);
	return path;
}

static inline const char *folder_file(
	const struct folder *folder, const char *name, mode_t mode, const char *text) {
	const char *path = in_folder(folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
	return path;
}
#endif
