// SPDX-License-Identifier: MIT
// Reads /proc/self/cgroup (which group) and /proc/self/mountinfo (where groups are mounted). In a
// container the group may lie outside of what is mounted; then the root of the mount is what is
// known of it. What is missing or unreadable is passed over, and so is all without memory.
#include "base/cgroup.h"
#include "base/buf.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_VERSIONS = CGROUP_V2 + 1 };

// The hierarchies that may have the controller.
struct hierarchy {
	char *group; // the path of our group in it; NULL: none
	char *top;   // directory of the mount
	char *below; // what of the hierarchy is mounted there
	bool fits;   // the group lies in it
};

static FILE *open_below(const char *root, const char *path) {
	struct buf name = {0};
	FILE *file = NULL;
	if (buf_puts(&name, root) == 0 && buf_puts(&name, path) == 0 &&
		buf_putc(&name, '\0') == 0) {
		file = fopen(name.data, "re");
	}
	buf_clear(&name);
	return file;
}

static void replace(char **place, char *with) {
	free(*place);
	*place = with;
}

// Whether word is one of a list with commas.
static bool lists(const char *list, const char *word) {
	size_t len = strlen(word);
	for (const char *at = list; *at;) {
		size_t n = strcspn(at, ",");
		if (n == len && strncmp(at, word, n) == 0) {
			return true;
		}
		at += n + (at[n] == ',');
	}
	return false;
}

// "4:cpu,cpuacct:/a/b" or "0::/a/b"
static void read_groups(
	const char *root, const char *controller, struct hierarchy all[N_VERSIONS]) {
	FILE *file = open_below(root, "/proc/self/cgroup");
	char *line = NULL;
	size_t cap = 0;
	while (file && getline(&line, &cap, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		char *controllers = strchr(line, ':');
		char *path = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!path || path[1] != '/') {
			continue;
		}
		*controllers++ = *path++ = '\0';
		if (strcmp(line, "0") == 0 && !*controllers) {
			replace(&all[CGROUP_V2].group, strdup(path));
		} else if (lists(controllers, controller)) {
			replace(&all[CGROUP_V1].group, strdup(path));
		}
	}
	free(line);
	if (file) {
		fclose(file);
	}
}

// mountinfo writes blanks and backslashes as \040.
static void unescape(char *text) {
	char *to = text;
	for (const char *c = text; *c;) {
		if (c[0] == '\\' && c[1] >= '0' && c[1] <= '3' && c[2] >= '0' && c[2] <= '7' &&
			c[3] >= '0' && c[3] <= '7') {
			*to++ = (char)((c[1] - '0') << 6 | (c[2] - '0') << 3 | (c[3] - '0'));
			c += 4;
		} else {
			*to++ = *c++;
		}
	}
	*to = '\0';
}

// What is left of group below the mounted part, or NULL when it lies elsewhere.
static const char *inside(const char *group, const char *below) {
	size_t len = strcmp(below, "/") == 0 ? 0 : strlen(below);
	bool within = strncmp(group, below, len) == 0 && (!group[len] || group[len] == '/');
	return within && !strstr(group, "/..") ? group + len : NULL;
}

// The first mount that the group lies in counts, else the first one.
static void use_mount(struct hierarchy *hierarchy, const char *top, const char *below) {
	bool fits = hierarchy->group && inside(hierarchy->group, below);
	if (hierarchy->top && (hierarchy->fits || !fits)) {
		return;
	}
	replace(&hierarchy->top, strdup(top));
	replace(&hierarchy->below, strdup(below));
	hierarchy->fits = fits;
}

// "31 23 0:28 /below /top options … - cgroup source rw,cpu"
static void read_mount(char *line, const char *controller, struct hierarchy all[N_VERSIONS]) {
	enum { BELOW = 3, TOP, N_FIRST };
	char *first[N_FIRST], *last[3], *at = line;
	char *dash = strstr(line, " - ");
	if (!dash) {
		return;
	}
	*dash = '\0';
	for (int i = 0; i < N_FIRST; i++) {
		first[i] = strsep(&at, " ");
	}
	at = dash + 3;
	for (int i = 0; i < 3; i++) {
		last[i] = strsep(&at, " ");
	}
	if (!first[TOP] || !last[2] || first[TOP][0] != '/' || first[BELOW][0] != '/') {
		return;
	}
	unescape(first[TOP]);
	unescape(first[BELOW]);
	if (strcmp(last[0], "cgroup2") == 0) {
		use_mount(&all[CGROUP_V2], first[TOP], first[BELOW]);
	} else if (strcmp(last[0], "cgroup") == 0 && lists(last[2], controller)) {
		use_mount(&all[CGROUP_V1], first[TOP], first[BELOW]);
	}
}

static void read_mounts(
	const char *root, const char *controller, struct hierarchy all[N_VERSIONS]) {
	FILE *file = open_below(root, "/proc/self/mountinfo");
	char *line = NULL;
	size_t cap = 0;
	while (file && getline(&line, &cap, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		read_mount(line, controller, all);
	}
	free(line);
	if (file) {
		fclose(file);
		return;
	}
	use_mount(&all[CGROUP_V2], "/sys/fs/cgroup", "/");
	char *usual;
	if (asprintf(&usual, "/sys/fs/cgroup/%s", controller) >= 0) {
		use_mount(&all[CGROUP_V1], usual, "/");
		free(usual);
	}
}

FILE *cgroup_file(const char *root, const char *directory, const char *name) {
	char *path;
	if (asprintf(&path, "%s/%s", directory, name) < 0) {
		return NULL;
	}
	FILE *file = open_below(root, path);
	int saved = errno;
	free(path);
	errno = saved;
	return file;
}

int cgroup_words(
	const char *root, const char *directory, const char *name, char words[][24], int n) {
	FILE *file = cgroup_file(root, directory, name);
	int got = 0;
	while (file && got < n && fscanf(file, "%23s", words[got]) == 1) {
		got++;
	}
	if (file) {
		fclose(file);
	}
	return got;
}

// From the group up to the top of the mount.
static void climb(const struct hierarchy *hierarchy, enum cgroup_version version,
	cgroup_visit visit, void *arg) {
	if (!hierarchy->group || !hierarchy->top || !hierarchy->below) {
		return;
	}
	const char *rest = inside(hierarchy->group, hierarchy->below);
	size_t top = strlen(hierarchy->top);
	char *directory, *slash;
	if (asprintf(&directory, "%s%s", hierarchy->top, rest ? rest : "") < 0) {
		return;
	}
	for (;;) {
		visit(arg, directory, version);
		slash = strrchr(directory, '/');
		if (!slash || (size_t)(slash - directory) < top) {
			break;
		}
		*slash = '\0';
	}
	free(directory);
}

void cgroup_climb(const char *root, const char *controller, cgroup_visit visit, void *arg) {
	struct hierarchy all[N_VERSIONS] = {0};
	read_groups(root, controller, all);
	read_mounts(root, controller, all);
	for (int version = 0; version < N_VERSIONS; version++) {
		climb(&all[version], (enum cgroup_version)version, visit, arg);
		free(all[version].group);
		free(all[version].top);
		free(all[version].below);
	}
}
