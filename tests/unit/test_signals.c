// SPDX-License-Identifier: MIT
// Signals to a child and to its group, and to nobody else (subprocess contract K1-K7; pitfalls 23,
// 28).
#include "command.h"

#include <sched.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>

// In place of libc's: what the library sends by number is counted.
static atomic_int kills;

int kill(pid_t pid, int sig) {
	kills++;
	return (int)syscall(SYS_kill, pid, sig);
}

static sp_proc *start_sleeper(void) {
	COMMAND(opts, "sleep", "100");
	return start(&opts);
}

static void assert_not_sent(sp_status status, const sp_error *error, int os_errno) {
	assert_int_equal(status, SP_E_OS);
	assert_int_equal(error->os_errno, os_errno);
	assert_int_equal(error->stage, SP_AT_WAIT);
	assert_null(error->filename);
}

// ---- to the child

static void K1_a_finished_child_gets_none(void **state) {
	(void)state;
	COMMAND(opts, "true");
	sp_proc *proc = start(&opts);
	sp_error error = SP_ERROR_INIT;
	assert_int_equal(sp_wait(proc, SP_FOREVER, NULL, NULL), SP_OK);
	kills = 0;
	assert_int_equal(sp_send_signal(proc, SIGTERM, &error), SP_OK);
	assert_int_equal(sp_send_signal(proc, 0, &error), SP_OK);
	assert_int_equal(sp_terminate(proc, &error), SP_OK);
	assert_int_equal(sp_kill(proc, &error), SP_OK);
	assert_int_equal(error.code, SP_OK);
	assert_int_equal(kills, 0);
	assert_int_equal(finish(proc), 0);
}

static void K1_each_signal_arrives(void **state) {
	(void)state;
	sp_proc *proc = start_sleeper();
	assert_int_equal(sp_send_signal(proc, SIGUSR1, NULL), SP_OK);
	assert_int_equal(finish(proc), -SIGUSR1);
	proc = start_sleeper();
	assert_int_equal(sp_terminate(proc, NULL), SP_OK);
	assert_int_equal(finish(proc), -SIGTERM);
	proc = start_sleeper();
	assert_int_equal(sp_kill(proc, NULL), SP_OK);
	assert_int_equal(finish(proc), -SIGKILL);
}

static void K2_a_bad_number(void **state) {
	(void)state;
	sp_proc *proc = start_sleeper();
	sp_error error = SP_ERROR_INIT;
	assert_not_sent(sp_send_signal(proc, 200, &error), &error, EINVAL);
	assert_not_sent(sp_send_signal(proc, -1, &error), &error, EINVAL);
	assert_int_equal(sp_send_signal(proc, SIGKILL, &error), SP_OK);
	assert_int_equal(error.code, SP_OK);
	assert_int_equal(finish(proc), -SIGKILL);
}

static void no_right_to_signal(void) {
	if (geteuid() != 0) {
		return;
	}
	COMMAND(opts, "sleep", "100");
	opts.process_group = 0;
	sp_proc *proc = start(&opts);
	assert_int_equal(setresuid(65534, 65534, 0), 0);
	sp_error error = SP_ERROR_INIT;
	assert_not_sent(sp_kill(proc, &error), &error, EPERM);
	assert_not_sent(sp_signal_group(proc, SIGKILL, &error), &error, EPERM);
	assert_int_equal(setresuid(0, 0, 0), 0);
	sp_error_clear(&error);
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

static void K2_no_right_to_signal(void **state) {
	(void)state;
	in_own_process(no_right_to_signal);
}

static void K3_a_zombie_is_collected(void **state) {
	(void)state;
	SCRIPT(opts, "exit 8");
	sp_proc *proc = start(&opts);
	await_end(proc);
	kills = 0;
	assert_int_equal(sp_terminate(proc, NULL), SP_OK);
	int rc;
	assert_true(sp_returncode(proc, &rc, NULL));
	assert_int_equal(rc, 8);
	assert_int_equal(kills, 0);
	sp_free(proc);
}

// A script that starts another process and says its number.
static sp_proc *start_pair(const char *script, pid_t *second) {
	SCRIPT(opts, script);
	opts.process_group = 0;
	opts.out = SP_PIPE;
	sp_proc *proc = start(&opts);
	char line[16];
	read_line(sp_fd(proc, 1), line, sizeof line);
	*second = atoi(line);
	assert_true(*second > 1);
	return proc;
}

#define TWO_SLEEPERS "sleep 100 & echo $!; exec sleep 100"

static void K4_only_the_child_itself(void **state) {
	(void)state;
	pid_t second;
	sp_proc *proc = start_pair(TWO_SLEEPERS, &second);
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
	assert_false(is_gone(second));
	assert_int_equal(kill(second, SIGKILL), 0);
}

static void K5_pitfall_23_collected_behind_its_back(void **state) {
	(void)state;
	for (int i = 0; i < 4; i++) {
		COMMAND(opts, "true");
		sp_proc *proc = start(&opts);
		int status, rc;
		bool lost;
		assert_int_equal(waitpid(sp_pid(proc), &status, 0), sp_pid(proc));
		kills = 0;
		switch (i) {
		case 0:
			assert_int_equal(sp_terminate(proc, NULL), SP_OK);
			break;
		case 1:
			assert_int_equal(sp_kill(proc, NULL), SP_OK);
			break;
		default:
			assert_int_equal(sp_send_signal(proc, 0, NULL), SP_OK);
		}
		assert_int_equal(kills, 0);
		assert_true(sp_returncode(proc, &rc, &lost));
		assert_true(rc == 0 && lost);
		sp_free(proc);
	}
}

// By number only where there is no descriptor: somebody may collect it at any moment.
static void K5_pitfall_23_a_living_one_is_signalled_by_its_descriptor(void **state) {
	(void)state;
	sp_proc *proc = start_sleeper();
	bool has_pidfd = sp_pidfd(proc) >= 0;
	kills = 0;
	assert_int_equal(sp_send_signal(proc, 0, NULL), SP_OK);
	assert_int_equal(sp_terminate(proc, NULL), SP_OK);
	assert_int_equal(kills, has_pidfd ? 0 : 2);
	assert_int_equal(finish(proc), -SIGTERM);
}

// The first process of a namespace with 301 numbers: they come again and again.
static void few_numbers(void) {
	char limit[8];
	int fd = open("/proc/sys/kernel/pid_max", O_RDWR | O_CLOEXEC);
	if (fd < 0 || write(fd, "301", 3) != 3 || pread(fd, limit, sizeof limit, 0) < 3 ||
		memcmp(limit, "301", 3) != 0) {
		_exit(77);
	}
	close(fd);
	COMMAND(bystander_opts, "sleep", "1000");
	sp_proc *bystander = start(&bystander_opts);
	COMMAND(opts, "true");
	for (int i = 0; i < 400; i++) {
		// The number of this one is free for the next when the signals come. Without a
		// pidfd the library has to know that it is.
		sp_proc *proc = start(&opts), *next;
		if (sp_pidfd(proc) >= 0) {
			int status;
			assert_int_equal(waitpid(sp_pid(proc), &status, 0), sp_pid(proc));
		} else {
			assert_int_equal(sp_wait(proc, SP_FOREVER, NULL, NULL), SP_OK);
		}
		next = start(&bystander_opts);
		assert_int_equal(sp_terminate(proc, NULL), SP_OK);
		assert_int_equal(sp_kill(proc, NULL), SP_OK);
		assert_false(sp_poll(next, NULL));
		assert_int_equal(kill_and_finish(next), -SIGKILL);
		sp_free(proc);
	}
	assert_false(sp_poll(bystander, NULL));
	assert_int_equal(kill_and_finish(bystander), -SIGKILL);
	exit(0);
}

// Runs in a namespace of numbers of its own whose limit is its own too (Linux 6.14), else not.
static int run_with_few_numbers(void) {
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		setenv("CMOCKA_TEST_ABORT", "1", 1);
		pid_t first = unshare(CLONE_NEWPID) == 0 ? fork() : -1;
		if (first == 0) {
			few_numbers();
		}
		int status = 77 << 8;
		if (first > 0) {
			waitpid(first, &status, 0);
		}
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void K5_pitfall_23_numbers_that_come_again(void **state) {
	(void)state;
	char limit[16] = "";
	int fd = open("/proc/sys/kernel/pid_max", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && read(fd, limit, sizeof limit - 1) > 0);
	int status = run_with_few_numbers();
	// On an older kernel it would have been the limit of all.
	char after[16] = "";
	assert_true(pread(fd, after, sizeof after - 1, 0) > 0);
	close(fd);
	assert_string_equal(limit, after);
	if (status == 77) {
		printf("tagged: %s: needs root and pid_max of a namespace\n", __func__);
		skip();
	}
	assert_int_equal(status, 0);
}

static void K6_signal_0(void **state) {
	(void)state;
	sp_proc *proc = start_sleeper();
	assert_int_equal(sp_send_signal(proc, 0, NULL), SP_OK);
	assert_false(sp_poll(proc, NULL));
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

// ---- to its group

static void K7_the_whole_group(void **state) {
	(void)state;
	for (int session = 0; session < 2; session++) {
		SCRIPT(opts, TWO_SLEEPERS);
		opts.process_group = session ? -1 : 0;
		opts.start_new_session = session;
		opts.out = SP_PIPE;
		sp_proc *proc = start(&opts);
		char line[16];
		read_line(sp_fd(proc, 1), line, sizeof line);
		assert_int_equal(sp_signal_group(proc, 0, NULL), SP_OK);
		assert_int_equal(sp_signal_group(proc, SIGKILL, NULL), SP_OK);
		assert_int_equal(finish(proc), -SIGKILL);
		AWAIT(is_gone(atoi(line)));
	}
}

static void K7_a_child_that_leads_none(void **state) {
	(void)state;
	sp_proc *leader, *proc;
	COMMAND(opts, "sleep", "100");
	opts.process_group = 0;
	leader = start(&opts);
	for (int i = 0; i < 2; i++) {
		opts.process_group = i == 0 ? -1 : sp_pid(leader);
		proc = start(&opts);
		sp_error error = SP_ERROR_INIT;
		bool empty;
		kills = 0;
		assert_int_equal(sp_signal_group(proc, SIGKILL, &error), SP_E_VALUE);
		assert_int_equal(error.code, SP_E_VALUE);
		assert_int_equal(kills, 0);
		assert_false(sp_group_probe(proc, &empty));
		assert_false(sp_group_outlasts(proc));
		sp_error_clear(&error);
		assert_int_equal(kill_and_finish(proc), -SIGKILL);
	}
	assert_int_equal(kill_and_finish(leader), -SIGKILL);
}

static void K7_a_bad_number(void **state) {
	(void)state;
	COMMAND(opts, "sleep", "100");
	opts.process_group = 0;
	sp_proc *proc = start(&opts);
	sp_error error = SP_ERROR_INIT;
	assert_not_sent(sp_signal_group(proc, 200, &error), &error, EINVAL);
	assert_not_sent(sp_signal_group(proc, -1, &error), &error, EINVAL);
	sp_error_clear(&error);
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

// The leader is dead. While it is not collected, its number is safe on every kernel; it counts as a
// member and is not collected by this.
static void K7_a_leader_that_is_not_collected(void **state) {
	(void)state;
	pid_t second;
	sp_proc *proc = start_pair("sleep 100 & echo $!", &second);
	assert_int_equal(sp_wait_exit(proc, SP_FOREVER, NULL, NULL), SP_OK);
	assert_int_equal(sp_signal_group(proc, SIGKILL, NULL), SP_OK);
	AWAIT(is_gone(second));
	assert_int_equal(sp_signal_group(proc, 0, NULL), SP_OK);
	bool empty;
	assert_false(sp_group_probe(proc, &empty));
	assert_false(sp_returncode(proc, NULL, NULL));
	assert_int_equal(finish(proc), 0);
}

static void K7_a_leader_that_is_collected(void **state) {
	(void)state;
	pid_t second;
	sp_proc *proc = start_pair("sleep 100 & echo $!", &second);
	bool outlasts = sp_group_outlasts(proc), empty;
	assert_int_equal(sp_wait(proc, SP_FOREVER, NULL, NULL), SP_OK);
	assert_int_equal(sp_group_outlasts(proc), outlasts);
	sp_error error = SP_ERROR_INIT;
	kills = 0;
	sp_status status = sp_signal_group(proc, SIGKILL, &error);
	assert_int_equal(kills, 0);
	if (outlasts) {
		assert_int_equal(status, SP_OK);
		AWAIT(sp_group_probe(proc, &empty) && empty);
		assert_not_sent(sp_signal_group(proc, SIGKILL, &error), &error, ESRCH);
	} else {
		assert_not_sent(status, &error, ENOSYS);
		assert_false(sp_group_probe(proc, &empty));
		assert_int_equal(kill(second, SIGKILL), 0);
	}
	sp_error_clear(&error);
	AWAIT(is_gone(second));
	sp_free(proc);
}

static void K7_the_probe_sees_who_is_left(void **state) {
	(void)state;
	pid_t second;
	sp_proc *proc = start_pair("sleep 100 & echo $!", &second);
	bool empty = true;
	assert_int_equal(sp_wait(proc, SP_FOREVER, NULL, NULL), SP_OK);
	assert_int_equal(sp_group_probe(proc, &empty), sp_group_outlasts(proc));
	assert_int_equal(empty, !sp_group_outlasts(proc));
	assert_int_equal(kill(second, SIGKILL), 0);
	sp_free(proc);
}

// What makes these tests run as on an older kernel.
static void K7_the_switches_for_tests(void **state) {
	(void)state;
	COMMAND(opts, "sleep", "100");
	opts.process_group = 0;
	pidfd_force(PIDFD_FORCE_NO_PIDFD);
	sp_proc *proc = start(&opts);
	assert_int_equal(sp_pidfd(proc), -1);
	assert_false(sp_group_outlasts(proc));
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
	pidfd_force(PIDFD_FORCE_NO_GROUP);
	proc = start(&opts);
	assert_false(sp_group_outlasts(proc));
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

// ---- a terminal

static void stopped_by_the_terminal(void) {
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	assert_true(setsid() > 0);
	int slave = open(ptsname(master), O_RDWR | O_CLOEXEC); // becomes our controlling terminal
	assert_true(slave >= 0);
	assert_int_equal(tcsetpgrp(slave, getpgrp()), 0);
	COMMAND(opts, "cat");
	opts.in = slave;
	opts.process_group = 0; // in the background
	sp_proc *proc = start(&opts);
	AWAIT(state_of(sp_pid(proc)) == 'T');
	assert_false(sp_poll(proc, NULL));
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

static void pitfall_28_stopped_by_the_terminal(void **state) {
	(void)state;
	in_own_process(stopped_by_the_terminal);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST_ON_EACH_KERNEL(K1_a_finished_child_gets_none),
		TEST_ON_EACH_KERNEL(K1_each_signal_arrives),
		TEST_ON_EACH_KERNEL(K2_a_bad_number),
		TEST_ON_EACH_KERNEL(K2_no_right_to_signal),
		TEST_ON_EACH_KERNEL(K3_a_zombie_is_collected),
		TEST_ON_EACH_KERNEL(K4_only_the_child_itself),
		TEST_ON_EACH_KERNEL(K5_pitfall_23_collected_behind_its_back),
		TEST_ON_EACH_KERNEL(K5_pitfall_23_a_living_one_is_signalled_by_its_descriptor),
		TEST_ON_EACH_KERNEL(K5_pitfall_23_numbers_that_come_again),
		TEST_ON_EACH_KERNEL(K6_signal_0),
		TEST_ON_EACH_KERNEL(K7_the_whole_group),
		TEST_ON_EACH_KERNEL(K7_a_child_that_leads_none),
		TEST_ON_EACH_KERNEL(K7_a_bad_number),
		TEST_ON_EACH_KERNEL(K7_a_leader_that_is_not_collected),
		TEST_ON_EACH_KERNEL(K7_a_leader_that_is_collected),
		TEST_ON_EACH_KERNEL(K7_the_probe_sees_who_is_left),
		TEST(K7_the_switches_for_tests),
		TEST_ON_EACH_KERNEL(pitfall_28_stopped_by_the_terminal),
	};
	return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}
