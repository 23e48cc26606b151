// SPDX-License-Identifier: MIT
// Users and groups by name. It is a member of its own of libspool.a and so knows nothing but the
// public header: a program linked statically, which should not use the system's databases, gets
// what glibc needs for them only if it asks.
#include "base/base.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_BYTES = 1024, MOST_BYTES = 16 * 1024 * 1024 };

struct lookup {
	const char *name;
	bool group;
	int64_t id, gid;
};

// 0 or an errno; *found says whether there is such a name.
static int look(struct lookup *lookup, char *buf, size_t size, bool *found) {
	int err;
	*found = false;
	if (lookup->group) {
		struct group entry, *result;
		err = getgrnam_r(lookup->name, &entry, buf, size, &result);
		if (err == 0 && result) {
			*found = true;
			lookup->id = entry.gr_gid;
		}
		return err;
	}
	struct passwd entry, *result;
	err = getpwnam_r(lookup->name, &entry, buf, size, &result);
	if (err == 0 && result) {
		*found = true;
		lookup->id = entry.pw_uid;
		lookup->gid = entry.pw_gid;
	}
	return err;
}

// What the databases say in place of "no such name", as getpwnam(3) warns.
static bool is_absent(int err) {
	return err == ENOENT || err == ESRCH || err == EBADF || err == EPERM;
}

static sp_status fail(sp_error *error, sp_status code, int os_errno, const struct lookup *lookup) {
	if (error) {
		error->code = code;
		error->os_errno = code == SP_E_OS ? os_errno : 0;
		snprintf(error->msg, sizeof error->msg, "%s %s '%s'",
			code == SP_E_NOENTRY ? "there is no" : "cannot look up the",
			lookup->group ? "group" : "user", lookup->name);
	}
	return code;
}

static sp_status look_up(struct lookup *lookup, sp_error *error) {
	sp_error_clear(error);
	char *buf = NULL;
	bool found = false;
	int err = ERANGE;
	for (size_t size = FIRST_BYTES; err == ERANGE && size <= MOST_BYTES; size *= 4) {
		free(buf);
		buf = malloc(size);
		err = buf ? look(lookup, buf, size, &found) : ENOMEM;
	}
	free(buf);
	if (found) {
		return SP_OK;
	}
	bool absent = err == 0 || is_absent(err);
	return fail(error,
		absent          ? SP_E_NOENTRY
		: err == ENOMEM ? SP_E_NOMEM
				: SP_E_OS,
		err, lookup);
}

sp_status sp_lookup_user(const char *name, int64_t *uid, int64_t *gid, sp_error *error) {
	struct lookup lookup = {.name = name};
	sp_status status = look_up(&lookup, error);
	if (status == SP_OK) {
		*uid = lookup.id;
	}
	if (status == SP_OK && gid) {
		*gid = lookup.gid;
	}
	return status;
}

sp_status sp_lookup_group(const char *name, int64_t *gid, sp_error *error) {
	struct lookup lookup = {.name = name, .group = true};
	sp_status status = look_up(&lookup, error);
	if (status == SP_OK) {
		*gid = lookup.id;
	}
	return status;
}
