/* SPDX-License-Identifier: MIT
 *
 * The exec step: what posix_spawn cannot set is set by a small program in between, which then
 * executes the one that was asked for. It is spool itself under another name, or, for libspool, the
 * installed spool-exec-step. It gets an order, a file without a name that it maps, and answers with
 * reports on a pipe that the execution closes:
 *
 *	order   ───► settings, argv, environment, places to look ───► execve
 *	reports ◄─── "begun" ◄─── what failed, or the end of file
 *
 * Nothing of it is for long storage: who writes an order and who reads it are of one version.
 */
#ifndef STEP_STEP_H
#define STEP_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Its argv[0], and how spool knows that it is called as the exec step. */
#define STEP_NAME "spool-exec-step"

/* What the reader of an order expects it to begin with: the version, and the size of a pointer. */
#define STEP_MAGIC ((UINT64_C(0x73706f6f6c303100)) | sizeof(void *))

/* The bits below say the version and the size; the rest is of every version. */
enum { STEP_NAME_SHIFT = 24 };

enum { STEP_MAX_GROUPS = 65536 }; /* NGROUPS_MAX of Linux */

struct step_limit {
	int64_t resource;
	uint64_t soft, hard;
};

/* Where a text is: from the start of the order, then, once it is mapped, in memory. */
union step_word {
	uintptr_t offset;
	char *text;
};

/*
 * An order begins with this. Behind it follow, each as often as it is counted here: struct
 * step_limit, union step_word (arguments, a zero, environment, a zero, places), uint32_t (groups),
 * int32_t (descriptors kept), and the texts, each with a NUL.
 */
struct step_order {
	uint64_t magic;
	uint64_t size;    /* of all of it */
	int64_t uid, gid; /* -1: no change */
	int64_t n_groups; /* -1: no change; 0: none at all */
	int32_t parent;   /* whose end deathsig tells of */
	int32_t deathsig; /* 0: none */
	int32_t umask;    /* -1: no change */
	int32_t nice;     /* added; 0: no change */
	int32_t oom;      /* oom_score_adj, if set_oom */
	uint32_t set_oom;
	uint32_t close_others; /* every descriptor >= 3 that is not kept */
	uint32_t n_kept;       /* ascending, all >= 3 */
	uint64_t n_limits, n_args, n_env, n_places;
};

/* Where the parts of an order are. */
struct step_parts {
	struct step_limit *limits;
	union step_word *args, *env, *places;
	uint32_t *groups;
	int32_t *kept;
	char *texts;
};

/* What a report is about: that it has begun, or which setting failed. */
enum step_matter {
	STEP_BEGUN,
	STEP_ORDER, /* the order makes no sense */
	STEP_OOM,
	STEP_NICE,
	STEP_UMASK,
	STEP_LIMIT, /* detail: which resource */
	STEP_DEATHSIG,
	STEP_GROUPS,
	STEP_GID,
	STEP_UID,
	STEP_CLOSE,
	STEP_EXEC,
};

/* Short enough that a pipe never splits it. */
struct step_report {
	uint64_t magic;
	int32_t matter, error, detail, zero;
};

/* Fills in where the parts begin. false: the counts do not fit the size. */
bool step_parts(const struct step_order *order, struct step_parts *parts);

/* Reads an order of n bytes: checks it and makes its offsets pointers. false: it makes no sense,
   and may be half changed. */
bool step_read(struct step_order *order, size_t n, struct step_parts *parts);

/* Whether the program was called as the exec step. */
bool step_is_called(int argc, char *const *argv);

/* Carries out the order whose descriptor argv names; returns, with an exit status, only if it
   failed. Takes no memory but the order's, and needs no library that could be preloaded. */
int step_main(int argc, char **argv);
#endif
