/* SPDX-License-Identifier: MIT
 * Files of a directory that stands in for / in a test. Comes behind cmocka.h. */
#ifndef TESTS_STAND_IN_H
#define TESTS_STAND_IN_H

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* path: as it is below /. */
struct file {
	const char *path, *text;
};

static inline void write_file(const char *root, const struct file *file) {
	char path[PATH_MAX];
	assert_true(snprintf(path, sizeof path, "%s%s", root, file->path) < (int)sizeof path);
	for (char *slash = path + strlen(root); (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	FILE *stream = fopen(path, "we");
	assert_non_null(stream);
	assert_true(fputs(file->text, stream) >= 0);
	assert_int_equal(fclose(stream), 0);
}

/* Removes the file and what directories that leaves empty. */
static inline void remove_file(const char *root, const struct file *file) {
	char path[PATH_MAX];
	assert_true(snprintf(path, sizeof path, "%s%s", root, file->path) < (int)sizeof path);
	unlink(path);
	for (char *slash; (slash = strrchr(path, '/')) && slash > path + strlen(root);) {
		*slash = '\0';
		rmdir(path);
	}
}
#endif
