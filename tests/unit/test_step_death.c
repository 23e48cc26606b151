// SPDX-License-Identifier: MIT
// The signal of the parent's death, and the thread of the library that starts those who get it
// (subprocess contract S17; pitfall 21).
#include "stepped.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

struct orphan {
	sp_opts opts;
	sp_proc *proc;
};

static void *start_and_end(void *arg) {
	struct orphan *orphan = arg;
	orphan->proc = start(&orphan->opts);
	return NULL;
}

// The kernel would send the signal when the thread ends.
static void S17_pitfall_21_the_thread_that_started_it_may_end(void **state) {
	(void)state;
	COMMAND(opts, "sleep", "60");
	struct orphan orphan = {.opts = opts};
	orphan.opts.exec_step = step_program(0);
	orphan.opts.pdeathsig = SIGKILL;
	for (int i = 0; i < 3; i++) {
		pthread_t thread;
		assert_int_equal(pthread_create(&thread, NULL, start_and_end, &orphan), 0);
		assert_int_equal(pthread_join(thread, NULL), 0);
		// What would be sent is sent before the join returns, or very soon after.
		assert_int_equal(sp_wait(orphan.proc, 200 * MS, NULL, NULL), SP_E_TIMEOUT);
		assert_int_equal(kill(sp_pid(orphan.proc), 0), 0);
		assert_int_equal(kill_and_finish(orphan.proc), -SIGKILL);
	}
}

// The grandchild's pid comes through a pipe, from a process that is then killed.
static pid_t child_of_a_killed_one(bool from_thread, int64_t uid) {
	int ends[2];
	pid_t grandchild = 0;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		COMMAND(opts, "sleep", "60");
		struct orphan orphan = {.opts = opts};
		orphan.opts.exec_step = step_program(0);
		orphan.opts.pdeathsig = SIGTERM;
		orphan.opts.uid = uid;
		pthread_t thread;
		if (from_thread) {
			pthread_create(&thread, NULL, start_and_end, &orphan);
			pthread_join(thread, NULL);
		} else {
			start_and_end(&orphan);
		}
		pid_t started = sp_pid(orphan.proc);
		(void)!write(ends[1], &started, sizeof started);
		pause();
		_exit(1);
	}
	assert_true(pid > 0);
	close(ends[1]);
	assert_int_equal(read(ends[0], &grandchild, sizeof grandchild), sizeof grandchild);
	close(ends[0]);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return grandchild;
}

static void S17_pitfall_21_it_dies_with_the_process(void **state) {
	(void)state;
	int64_t other = geteuid() == 0 ? 65534 : -1; // a change of ids drops the signal
	for (int i = 0; i < 4; i++) {
		pid_t grandchild = child_of_a_killed_one(i % 2, i < 2 ? -1 : other);
		AWAIT(is_gone(grandchild));
	}
}

static void S17_a_fork_of_the_host_gets_a_thread_of_its_own(void **state) {
	(void)state;
	SKIP_UNDER("tsan", "starts no threads behind the fork of a process that had some");
	pid_t grandchild = child_of_a_killed_one(true, -1);
	AWAIT(is_gone(grandchild));
}

static void start_into_a_namespace(void) {
	if (unshare(CLONE_NEWPID) < 0) {
		return; // a container that may not
	}
	COMMAND(first, "sleep", "60");
	sp_proc *init = start(&first);
	COMMAND(opts, "true");
	opts.exec_step = step_program(0);
	opts.pdeathsig = SIGKILL;
	assert_int_equal(rc_of(&opts), 0);
	assert_int_equal(kill_and_finish(init), -SIGKILL);
}

// There it has no number of ours to see, which is not to be taken for our death.
static void S17_from_outside_of_a_namespace(void **state) {
	(void)state;
	SKIP_WITHOUT_ROOT();
	SKIP_UNDER("asan", "looks for leaks from a process, which would be in there");
	in_own_process(start_into_a_namespace);
}

static void *cancelled_while_it_starts(void *arg) {
	struct orphan *orphan = arg;
	pthread_cancel(pthread_self());
	orphan->proc = start(&orphan->opts);
	pthread_testcancel();
	return NULL;
}

// A request left behind would name a stack that is gone.
static void S17_a_cancelled_thread_leaves_no_request(void **state) {
	(void)state;
	COMMAND(opts, "true");
	for (int i = 0; i < 4; i++) {
		struct orphan orphan = {.opts = opts};
		orphan.opts.exec_step = step_program(0);
		orphan.opts.pdeathsig = i % 2 ? SIGKILL : 0;
		orphan.opts.umask = 022;
		pthread_t thread;
		void *value;
		assert_int_equal(
			pthread_create(&thread, NULL, cancelled_while_it_starts, &orphan), 0);
		assert_int_equal(pthread_join(thread, &value), 0);
		assert_ptr_equal(value, PTHREAD_CANCELED);
		assert_non_null(orphan.proc);
		assert_int_equal(finish(orphan.proc), 0);
	}
}

static atomic_bool hold; // whoever makes the thread of the library, with its lock
static atomic_bool held, forked;

// In place of the C library's: only that thread is made with a mask.
int pthread_attr_setsigmask_np(pthread_attr_t *attr, const sigset_t *mask) {
	int (*real)(pthread_attr_t *, const sigset_t *);
	*(void **)&real = dlsym(RTLD_NEXT, "pthread_attr_setsigmask_np");
	if (hold) {
		held = true;
		for (int ms = 0; ms < 300 && !forked; ms++) {
			poll(NULL, 0, 1);
		}
	}
	return real(attr, mask);
}

// The lock is taken when the process forks, and the child asks for it.
static void fork_while_the_lock_is_held(void) {
	COMMAND(opts, "true");
	struct orphan orphan = {.opts = opts};
	orphan.opts.exec_step = step_program(0);
	orphan.opts.pdeathsig = SIGKILL;
	pthread_t thread;
	hold = true;
	assert_int_equal(pthread_create(&thread, NULL, start_and_end, &orphan), 0);
	AWAIT(held);
	pid_t pid = fork();
	forked = true;
	if (pid == 0) {
		alarm(20);
		hold = false;
		pthread_create(&thread, NULL, start_and_end, &orphan);
		pthread_join(thread, NULL);
		_exit(orphan.proc && finish(orphan.proc) == 0 ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(finish(orphan.proc), 0);
}

static void S17_a_fork_of_the_host_does_not_lock_it_out(void **state) {
	(void)state;
	SKIP_UNDER("tsan", "starts no threads behind the fork of a process that had some");
	SKIP_UNDER("asan", "knows a stack that a thread behind the fork gets as another's");
	SKIP_UNDER("valgrind", "misses what the other thread of the parent had");
	in_own_process(fork_while_the_lock_is_held);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(S17_pitfall_21_it_dies_with_the_process),
		TEST(S17_pitfall_21_the_thread_that_started_it_may_end),
		TEST(S17_a_fork_of_the_host_gets_a_thread_of_its_own),
		TEST(S17_from_outside_of_a_namespace),
		TEST(S17_a_cancelled_thread_leaves_no_request),
		TEST(S17_a_fork_of_the_host_does_not_lock_it_out),
	};
	return cmocka_run_group_tests_name("step_death", tests, NULL, NULL);
}
