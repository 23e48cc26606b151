// SPDX-License-Identifier: MIT
// Whether files can be read and written is asked of the system here and now, so that no batch fails
// half way.
#include "plan/paths.h"
#include "plan/place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct paths paths_for(
	const struct spec *spec, struct problems *problems, struct arena *scratch, size_t jobs) {
	return (struct paths){.spec = spec, .problems = problems, .scratch = scratch, .jobs = jobs};
}

static const char *shown(struct paths *paths, const char *path) {
	return problems_quote(paths->problems, path);
}

static const char *base_of(const char *path) {
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static const char *directory_of(const struct paths *paths, const char *path) {
	size_t len = (size_t)(base_of(path) - path);
	if (paths->directory && len > 0 && strncmp(paths->directory, path, len) == 0 &&
		!paths->directory[len]) {
		return paths->directory;
	}
	return len ? arena_strndup(paths->scratch, path, len) : ".";
}

static bool may(const char *path, int how) {
	return faccessat(AT_FDCWD, path, how, AT_EACCESS) == 0;
}

// Looks at a directory, unless it is still the one of the last time. 0, or -1 and errno.
static int look_at(struct paths *paths, const char *directory) {
	struct stat status;
	if (paths->directory && strcmp(paths->directory, directory) == 0) {
		return 0;
	}
	if (stat(directory, &status) < 0) {
		return -1;
	}
	paths->directory = directory;
	paths->closed = may(directory, W_OK | X_OK) ? 0 : errno;
	paths->identity = arena_printf(paths->scratch, "%llx:%llx/",
		(unsigned long long)status.st_dev, (unsigned long long)status.st_ino);
	return 0;
}

// What tells the file from all others, in the directory that was looked at.
static const char *identity(const struct paths *paths, const char *path) {
	const char *base = base_of(path);
	size_t len = strlen(paths->identity), rest = strlen(base) + 1;
	char *name = ARENA_ARRAY(paths->scratch, len + rest, char);
	memcpy(name, paths->identity, len);
	memcpy(name + len, base, rest);
	return name;
}

// Two that append to a file get on, and with one that does not nobody can say what is meant. name:
// what tells the file from all others.
static void check_alone(
	struct paths *paths, const char *name, const char *path, struct mark at, bool append) {
	static const char hint[] =
		"put ${{ job.name }} into the path, or append: {path: FILE, append: true}; "
		"'stderr: stdout' sends both streams of a job to one file";
	if (!paths->written.entries) {
		paths->written = nameset_for(2 * paths->jobs, paths->scratch);
	}
	struct nameset_entry *first = nameset_add(&paths->written, name, at);
	if (!first) {
		nameset_find(&paths->written, name)->found = append;
	} else if (first->found && !append) {
		first->at = at;
		first->found = false;
	} else if (append) {
		return;
	} else if (first->at.line == at.line && first->at.col == at.col) {
		place_addf(paths->problems, at, hint, "two jobs write to %s", shown(paths, path));
	} else {
		place_addf(paths->problems, at, hint,
			"%s is written to twice, the first time at line %u:%u", shown(paths, path),
			first->at.line, first->at.col);
	}
}

static void refuse_directory(struct paths *paths, const char *path, struct mark at) {
	place_addf(paths->problems, at, "name a file in it", "%s is a directory, not a file",
		shown(paths, path));
}

static void refuse_missing_directory(
	struct paths *paths, const char *directory, struct mark at, const char *key) {
	size_t len = strlen(directory);
	const char *name = arena_strndup(paths->scratch, directory, len > 1 ? len - 1 : len);
	place_addf(paths->problems, at,
		"spool makes no directories: make it first, or correct the path",
		"there is no directory %s for %s", shown(paths, name), key);
}

void paths_write(
	struct paths *paths, const char *path, struct mark at, const char *key, bool append) {
	struct stat status;
	const char *directory = directory_of(paths, path);
	if (look_at(paths, directory) < 0 && errno == ENOENT) {
		if (paths->waits) {
			check_alone(paths, path, path, at, append);
		} else {
			refuse_missing_directory(paths, directory, at, key);
		}
		return;
	}
	int error = stat(path, &status) == 0 ? 0 : errno;
	if ((error == 0 && S_ISDIR(status.st_mode)) || !*base_of(path)) {
		refuse_directory(paths, path, at);
		return;
	}
	bool fresh = error == ENOENT;
	if (fresh) {
		error = paths->closed;
	} else if (error == 0 && !may(path, W_OK)) {
		error = errno;
	}
	if (error) {
		place_addf(paths->problems, at, NULL, "cannot write to %s: %s", shown(paths, path),
			strerror(error));
	} else if (fresh || S_ISREG(status.st_mode)) {
		check_alone(paths, identity(paths, path), path, at, append);
	}
}

static void refuse_to_read(struct paths *paths, const char *path, struct mark at, int error) {
	static const char hint[] =
		"'stdin' is the path of a file; a text for standard input is 'input'";
	place_addf(paths->problems, at, error == ENOENT ? hint : NULL, "cannot read %s: %s",
		shown(paths, path), strerror(error));
}

void paths_read(struct paths *paths, const char *path, struct mark at) {
	struct stat status;
	if (stat(path, &status) < 0) {
		if (errno != ENOENT) {
			refuse_to_read(paths, path, at, errno);
			return;
		}
		if (paths->waits) {
			return;
		}
		paths->missing = arena_grow(paths->scratch, paths->missing, paths->n_missing,
			&paths->cap_missing, sizeof *paths->missing);
		paths->missing[paths->n_missing++] = (struct paths_missing){path, at};
	} else if (S_ISDIR(status.st_mode)) {
		refuse_directory(paths, path, at);
	} else if (!may(path, R_OK)) {
		refuse_to_read(paths, path, at, errno);
	}
}

void paths_finish(struct paths *paths) {
	for (size_t i = 0; i < paths->n_missing; i++) {
		const struct paths_missing *missing = &paths->missing[i];
		bool made = look_at(paths, directory_of(paths, missing->path)) == 0 &&
			    paths->written.entries &&
			    nameset_find(&paths->written, identity(paths, missing->path));
		if (!made) {
			refuse_to_read(paths, missing->path, missing->at, ENOENT);
		}
	}
}
