/* SPDX-License-Identifier: MIT
 * Trying something with too little memory: each request fails, once as the first of many and once
 * as the only one. Include it first, in one source file of a program. */
#ifndef TESTS_STARVE_H
#define TESTS_STARVE_H

#include "command.h"
#include "scarce.h"

#define SKIP_WITHOUT_SCARCE()                                      \
	do {                                                       \
		SKIP_UNDER("asan", "has a malloc of its own");     \
		SKIP_UNDER("tsan", "has a malloc of its own");     \
		SKIP_UNDER("valgrind", "has a malloc of its own"); \
	} while (0)

/* Does something with little memory. SP_OK, or what it said; it leaves nothing of its own. */
typedef sp_status (*attempt_fn)(sp_error *error);

struct outcome {
	sp_status status;
	int os_errno;
	long refused, live;
	int fds;
};

static inline struct outcome try_with(attempt_fn attempt, long memory, bool once) {
	sp_error error = SP_ERROR_INIT;
	long live = scarce_live;
	int fds = open_fds();
	scarce_begin(memory, once);
	sp_status status = attempt(&error);
	long refused = scarce_end();
	struct outcome outcome = {status, error.os_errno, refused, 0, 0};
	sp_error_clear(&error);
	outcome.live = scarce_live - live;
	outcome.fds = open_fds() - fds;
	return outcome;
}

static inline void starve_how(attempt_fn attempt, bool once) {
	long n = 0;
	for (struct outcome outcome; (outcome = try_with(attempt, n, once)).refused > 0; n++) {
		bool said = outcome.status == SP_E_NOMEM ||
			    (outcome.status == SP_E_OS &&
				    (outcome.os_errno == ENOMEM || outcome.os_errno == EAGAIN));
		if (!said && outcome.status != SP_OK) {
			fail_msg("after %ld: status %d, errno %d", n, outcome.status,
				outcome.os_errno);
		}
		if (outcome.live != 0 || outcome.fds != 0) {
			fail_msg("after %ld: %ld left, %d descriptors", n, outcome.live,
				outcome.fds);
		}
		assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
		assert_true(n < 10000);
	}
	assert_true(n > 0);
}

static inline void starve(attempt_fn attempt) {
	assert_int_equal(try_with(attempt, -1, false).status, SP_OK);
	starve_how(attempt, false);
	starve_how(attempt, true);
}

/* The test of an attempt_fn. */
#define STARVES(name)                                 \
	static void R10_memory_##name(void **state) { \
		(void)state;                          \
		SKIP_WITHOUT_SCARCE();                \
		starve(name);                         \
	}
#endif
