// SPDX-License-Identifier: MIT
// Values that are paths: as a shell in the directory where relative paths start would print them,
// but in the order of their bytes, whatever the locale.
#include "plan/matching.h"
#include "plan/matrix.h"
#include "plan/place.h"
#include "plan/values.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

// Whether the pattern asks for any number of folders, which no pattern here does.
static bool has_two_stars(const char *pattern) {
	for (const char *p = pattern; *p; p++) {
		if (*p == '\\' && p[1]) {
			p++;
		} else if (p[0] == '*' && p[1] == '*') {
			return true;
		}
	}
	return false;
}

// A path as a pattern that means it alone, with a slash behind it.
static const char *escaped(const char *path, struct arena *arena) {
	size_t len = strlen(path);
	char *pattern = ARENA_ARRAY(arena, 2 * len + 2, char), *to = pattern;
	for (const char *p = path; *p; p++) {
		if (strchr("*?[]\\", *p)) {
			*to++ = '\\';
		}
		*to++ = *p;
	}
	if (len && path[len - 1] != '/') {
		*to++ = '/';
	}
	return pattern;
}

// The folder that the pattern names before its first special character, as a path.
static const char *first_folder(const char *pattern, struct arena *arena) {
	char *folder = arena_strdup(arena, pattern), *to = folder, *slash = NULL;
	for (const char *p = pattern; *p && !strchr("*?[", *p); p++) {
		p += *p == '\\' && p[1];
		slash = *p == '/' ? to : slash;
		*to++ = *p;
	}
	if (!slash) {
		return ".";
	}
	slash[slash == folder] = '\0';
	return folder;
}

static void report_nothing(struct values_maker *maker, const char *pattern, const char *shown,
	const struct spec_text *source) {
	const char *folder = first_folder(pattern, maker->spec->arena);
	const char *hint = NULL;
	DIR *opened = opendir(folder);
	if (opened) {
		closedir(opened);
		hint = maker->directory && *shown != '/'
			       ? arena_printf(maker->spec->arena, "a relative pattern starts in %s",
					 problems_quote(maker->problems, maker->directory))
			       : NULL;
	} else {
		hint = arena_printf(maker->spec->arena, "cannot look into %s: %s",
			problems_quote(maker->problems, folder), strerror(errno));
	}
	place_addf(maker->problems, source->at, hint, "no file matches %s",
		problems_quote(maker->problems, shown));
}

static int look(const char *pattern, glob_t *found) {
	struct matching matching;
	matching_begin(&matching);
	int failed = glob(pattern, GLOB_NOSORT, NULL, found);
	matching_end(&matching);
	return failed;
}

static int by_bytes(const void *a, const void *b) {
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static struct spec_texts paths_of(
	struct values_maker *maker, const glob_t *found, size_t prefix, struct mark at) {
	struct spec_texts values = {.at = at};
	if (found->gl_pathc > JOBS_MAX) {
		place_addf(maker->problems, at, NULL,
			"the pattern matches more than %d files: a file has no more jobs",
			JOBS_MAX);
		return values;
	}
	qsort(found->gl_pathv, found->gl_pathc, sizeof *found->gl_pathv, by_bytes);
	values.n = (uint32_t)found->gl_pathc;
	values.items = ARENA_ARRAY(maker->spec->arena, values.n, struct spec_text);
	for (size_t i = 0; i < values.n; i++) {
		values.items[i].text = arena_strdup(
			maker->spec->arena, found->gl_pathv[i] + prefix);
		values.items[i].at = at;
	}
	return values;
}

struct spec_texts values_of_glob(struct values_maker *maker, const char *pattern, const char *shown,
	const struct spec_text *source) {
	struct spec_texts values = {.at = source->at};
	struct arena *arena = maker->spec->arena;
	if (has_two_stars(pattern)) {
		place_add(maker->problems, source->at,
			"'*' stands for a part of one name; write '*/*.c' for one folder, or "
			"{lines: FILE} with what find prints",
			"a pattern cannot hold '**'");
		return values;
	}
	const char *whole = pattern;
	size_t prefix = 0;
	if (maker->directory && *pattern != '/') {
		size_t len = strlen(maker->directory);
		prefix = len + (len && maker->directory[len - 1] != '/');
		whole = arena_printf(arena, "%s%s", escaped(maker->directory, arena), pattern);
	}
	glob_t found = {0};
	switch (look(whole, &found)) {
	case 0:
		values = paths_of(maker, &found, prefix, source->at);
		break;
	case GLOB_NOMATCH:
		report_nothing(maker, whole, shown, source);
		break;
	default:
		place_addf(maker->problems, source->at, NULL, "cannot look for %s: %s",
			problems_quote(maker->problems, shown), strerror(ENOMEM));
	}
	globfree(&found);
	return values;
}
