/* SPDX-License-Identifier: MIT
 * The programs that can be the exec step: the one that is installed, and spool itself. */
#ifndef TESTS_STEPPED_H
#define TESTS_STEPPED_H

#include "folder.h"

#include <sys/sendfile.h>

#define SKIP_WITHOUT_ROOT()                                           \
	do {                                                          \
		if (geteuid() != 0) {                                 \
			printf("tagged: %s: needs root\n", __func__); \
			skip();                                       \
		}                                                     \
	} while (0)

enum { STEP_PROGRAMS = 2 };

/* A path in a buffer of each. */
static inline const char *step_program(int which) {
	static char paths[STEP_PROGRAMS][4096];
	const char *tools = getenv("SPOOL_TEST_TOOLS");
	const char *name = which == 0 ? "spool-exec-step" : "spool";
	assert_non_null(tools);
	snprintf(paths[which], sizeof paths[which], "%s/../%s", tools, name);
	return paths[which];
}

/* A copy of it that everybody may execute. */
static inline const char *step_copy(const struct folder *folder) {
	int from = open(step_program(0), O_RDONLY | O_CLOEXEC);
	const char *path = folder_file(folder, "step", 0755, "");
	int to = open(path, O_WRONLY | O_CLOEXEC);
	struct stat status;
	assert_true(from >= 0 && to >= 0);
	assert_int_equal(fstat(from, &status), 0);
	assert_int_equal(sendfile(to, from, NULL, (size_t)status.st_size), status.st_size);
	close(from);
	close(to);
	return path;
}

/* It cannot be started: a setting, which the message names, is refused. */
static inline void assert_setting_refused(const sp_opts *opts, int os_errno, const char *word) {
	sp_error error = SP_ERROR_INIT;
	sp_proc *proc;
	assert_int_equal(sp_popen(&proc, opts, &error), SP_E_OS);
	if (error.os_errno != os_errno || !strstr(error.msg, word)) {
		fail_msg("%s: %s, expected %s of %s", error.msg, strerrorname_np(error.os_errno),
			strerrorname_np(os_errno), word);
	}
	assert_int_equal(error.stage, SP_AT_SETUP);
	assert_null(error.filename);
	sp_error_clear(&error);
}
#endif
