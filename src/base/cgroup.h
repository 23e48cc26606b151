/* SPDX-License-Identifier: MIT
 * The control groups of this process, of both versions; what only Linux has of limits. */
#ifndef BASE_CGROUP_H
#define BASE_CGROUP_H

#include <stdio.h>

enum cgroup_version { CGROUP_V1, CGROUP_V2 };

typedef void (*cgroup_visit)(void *arg, const char *directory, enum cgroup_version version);

/* Visits the directories of this controller ("cpu"), from our group over the whole path up to where
   the hierarchy is mounted; those of v2 whatever controllers it has. root: "" or what stands in for
   / in tests; directories come without it. */
void cgroup_climb(const char *root, const char *controller, cgroup_visit visit, void *arg);

/* A file of such a directory; NULL and errno. */
FILE *cgroup_file(const char *root, const char *directory, const char *name);
/* Its first n words; how many there are. */
int cgroup_words(
	const char *root, const char *directory, const char *name, char words[][24], int n);
#endif
