// SPDX-License-Identifier: MIT
// Looking for a program as Python does: by the child's PATH, relative to the child's directory.
#include "subprocess/search.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int search_init(struct search *search, const char *file, const char *path, int cwd_fd) {
	*search = (struct search){
		.file = file,
		.rest = path ? path : "/bin:/usr/bin",
		.cwd_fd = cwd_fd >= 0 ? cwd_fd : AT_FDCWD,
		.as_given = strchr(file, '/') != NULL,
		.miss = ENOENT,
	};
	if (search->as_given) {
		return 0;
	}
	search->candidate = malloc(strlen(search->rest) + strlen(file) + 2);
	return search->candidate ? 0 : -1;
}

// Joins the first element of rest with the file; an empty element is the working directory.
static void join_next(struct search *search) {
	const char *element = search->rest;
	size_t n = strcspn(element, ":");
	search->rest = element[n] == ':' ? element + n + 1 : NULL;
	memcpy(search->candidate, element, n);
	if (n > 0 && element[n - 1] != '/') {
		search->candidate[n++] = '/';
	}
	strcpy(search->candidate + n, search->file);
}

const char *search_next_unseen(struct search *search) {
	if (!search->rest) {
		return NULL;
	}
	if (search->as_given) {
		search->rest = NULL;
		return search->file;
	}
	join_next(search);
	return search->candidate;
}

const char *search_next(struct search *search) {
	const char *place;
	while ((place = search_next_unseen(search))) {
		if (search->as_given || faccessat(search->cwd_fd, place, F_OK, 0) == 0 ||
			(errno != ENOENT && errno != ENOTDIR)) {
			return place;
		}
		search->miss = errno;
	}
	return NULL;
}

void search_clear(struct search *search) {
	free(search->candidate);
	search->candidate = NULL;
}
