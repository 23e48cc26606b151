/* SPDX-License-Identifier: MIT
 * What every test of the Popen layer is held to: it leaves no descriptor and no child behind, and
 * passes on older systems as well. Include it before anything of cmocka's. */
#ifndef TESTS_AS_FOUND_H
#define TESTS_AS_FOUND_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe.h"
#include "subprocess/pidfd.h"
#include "subprocess/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* How many of our first descriptors are open. It needs none itself, unlike probe_count. */
static inline int open_fds(void) {
	int n = 0;
	for (int fd = 0; fd < 1200; fd++) {
		n += fcntl(fd, F_GETFD) >= 0;
	}
	return n;
}

/* A hang ends the program. The longest test takes seconds; tools are slow. */
static inline int set_up(void **state, unsigned older) {
	alarm(600);
	signal(SIGPIPE, SIG_DFL);
	pidfd_force(older);
	*state = (void *)(intptr_t)open_fds();
	return 0;
}

static inline int as_found(void **state) {
	return set_up(state, PIDFD_FORCE_NOTHING);
}

static inline int as_without_pidfd(void **state) {
	return set_up(state, PIDFD_FORCE_NO_PIDFD);
}

static inline int as_without_group_signal(void **state) {
	return set_up(state, PIDFD_FORCE_NO_GROUP);
}

/* Ends the children that a failed test has left, so that the next one does not fail for it. Returns
   how many there were. */
static inline int end_children(void) {
	int n = 0, pid;
	for (FILE *file; waitpid(-1, NULL, WNOHANG | __WALL) >= 0; n++) {
		file = fopen("/proc/thread-self/children", "re");
		if (file && fscanf(file, "%d", &pid) == 1) {
			kill(pid, SIGKILL);
		}
		if (file) {
			fclose(file);
		}
		waitpid(-1, NULL, __WALL);
	}
	return n;
}

static inline int left_as_found(void **state) {
	pidfd_force(PIDFD_FORCE_NOTHING);
	assert_int_equal(end_children(), 0);
	sp_reap_abandoned();
	assert_int_equal(open_fds(), (int)(intptr_t)*state);
	alarm(0);
	return 0;
}

#define TEST(test) \
	{ #test, test, as_found, left_as_found, NULL }

/* As it is here, as before Linux 5.3, as before Linux 6.9. */
#define TEST_ON_EACH_KERNEL(test)                                                                \
	TEST(test), {#test " (no pidfd)", test, as_without_pidfd, left_as_found, NULL}, {        \
#test " (no group by pidfd)", test, as_without_group_signal, left_as_found, NULL \
	}

/* Runs body in a process of its own, where it may change limits, signals, 0, 1 and 2. An assertion
   that fails aborts that process. */
static inline void in_own_process(void (*body)(void)) {
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		struct rlimit files;
		getrlimit(RLIMIT_NOFILE, &files);
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		setenv("CMOCKA_TEST_ABORT", "1", 1);
		alarm(600);
		body();
		// The sanitizers want to open something before they go.
		setrlimit(RLIMIT_NOFILE, &files);
		exit(0);
	}
	int status;
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Root may do what others may not. For in_own_process only. */
static inline void become_nobody(void) {
	if (geteuid() == 0) {
		assert_int_equal(setresgid(65534, 65534, 65534), 0);
		assert_int_equal(setresuid(65534, 65534, 65534), 0);
		// Else /proc/self would be root's.
		assert_int_equal(prctl(PR_SET_DUMPABLE, 1), 0);
	}
}

/* Valgrind's fork shares no memory with the parent, so the parent does not learn why a program
   could not be executed. */
#define SKIP_WHERE_EXEC_FAILS_SILENTLY() SKIP_UNDER("valgrind", "reports no failed exec")
#endif
