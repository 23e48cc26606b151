// SPDX-License-Identifier: MIT
// Reads /proc/self/cgroup (which group), /proc/self/mountinfo (where groups are mounted) and the
// quota files from the group up to the mount. In a container the group may lie outside of what is
// mounted; then the root of the mount is what is known of it. Everything missing or unreadable
// counts as no quota. All memory is freed here; without memory there is no quota.
#include "plan/cgroup.h"
#include "base/buf.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { V1, V2, N_VERSIONS };

// A hierarchy that may hold a quota.
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
static void read_groups(const char *root, struct hierarchy all[N_VERSIONS]) {
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
			replace(&all[V2].group, strdup(path));
		} else if (lists(controllers, "cpu")) {
			replace(&all[V1].group, strdup(path));
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
static void read_mount(char *line, struct hierarchy all[N_VERSIONS]) {
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
		use_mount(&all[V2], first[TOP], first[BELOW]);
	} else if (strcmp(last[0], "cgroup") == 0 && lists(last[2], "cpu")) {
		use_mount(&all[V1], first[TOP], first[BELOW]);
	}
}

static void read_mounts(const char *root, struct hierarchy all[N_VERSIONS]) {
	FILE *file = open_below(root, "/proc/self/mountinfo");
	char *line = NULL;
	size_t cap = 0;
	while (file && getline(&line, &cap, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		read_mount(line, all);
	}
	free(line);
	if (file) {
		fclose(file);
		return;
	}
	use_mount(&all[V2], "/sys/fs/cgroup", "/");
	use_mount(&all[V1], "/sys/fs/cgroup/cpu", "/");
}

// The first words of a small file; false: there are fewer than n.
static bool read_words(
	const char *root, const char *directory, const char *name, char words[][24], int n) {
	struct buf path = {0};
	int got = 0;
	if (buf_printf(&path, "%s/%s", directory, name) == 0 && buf_putc(&path, '\0') == 0) {
		FILE *file = open_below(root, path.data);
		while (file && got < n && fscanf(file, "%23s", words[got]) == 1) {
			got++;
		}
		if (file) {
			fclose(file);
		}
	}
	buf_clear(&path);
	return got == n;
}

static unsigned whole_cpus(const char *quota, const char *period) {
	char *end_quota, *end_period;
	long long q = strtoll(quota, &end_quota, 10), p = strtoll(period, &end_period, 10);
	if (*end_quota || *end_period || q <= 0 || p <= 0) {
		return UINT_MAX; // "max", -1 or nonsense
	}
	long long cpus = q / p + (q % p != 0);
	return cpus > UINT_MAX ? UINT_MAX : (unsigned)cpus;
}

static unsigned quota_in(const char *root, const char *directory, int version) {
	char words[2][24];
	bool known = version == V2
			     ? read_words(root, directory, "cpu.max", words, 2)
			     : read_words(root, directory, "cpu.cfs_quota_us", &words[0], 1) &&
				       read_words(
					       root, directory, "cpu.cfs_period_us", &words[1], 1);
	return known ? whole_cpus(words[0], words[1]) : UINT_MAX;
}

// The smallest quota from the group up to the top of the mount.
static unsigned quota_of(const char *root, const struct hierarchy *hierarchy, int version) {
	if (!hierarchy->group || !hierarchy->top || !hierarchy->below) {
		return UINT_MAX;
	}
	const char *rest = inside(hierarchy->group, hierarchy->below);
	struct buf directory = {0};
	unsigned least = UINT_MAX;
	size_t top = strlen(hierarchy->top);
	if (buf_puts(&directory, hierarchy->top) < 0 ||
		buf_puts(&directory, rest ? rest : "") < 0 || buf_putc(&directory, '\0') < 0) {
		buf_clear(&directory);
		return UINT_MAX;
	}
	for (;;) {
		unsigned cpus = quota_in(root, directory.data, version);
		least = cpus < least ? cpus : least;
		char *slash = strrchr(directory.data, '/');
		if (!slash || (size_t)(slash - directory.data) < top) {
			break;
		}
		*slash = '\0';
	}
	buf_clear(&directory);
	return least;
}

unsigned cgroup_cpus(const char *root) {
	struct hierarchy all[N_VERSIONS] = {0};
	unsigned least = UINT_MAX;
	read_groups(root, all);
	read_mounts(root, all);
	for (int version = 0; version < N_VERSIONS; version++) {
		unsigned cpus = quota_of(root, &all[version], version);
		least = cpus < least ? cpus : least;
		free(all[version].group);
		free(all[version].top);
		free(all[version].below);
	}
	return least;
}
