// SPDX-License-Identifier: MIT
// Waiting for a child and what it ended with (subprocess contract T1-T8, 3.3, 3.4, K8; pitfalls 24,
// 25, 27; DEV-4, 6).
#include "command.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/time.h>

static sp_proc *start_sleeper(void) {
	COMMAND(opts, "sleep", "100");
	return start(&opts);
}

static sp_proc *start_script(const char *script) {
	SCRIPT(opts, script);
	return start(&opts);
}

// ---- wait

static void T1_a_known_return_code_needs_no_time(void **state) {
	(void)state;
	sp_proc *proc = start_script("exit 9");
	int rc;
	assert_int_equal(sp_wait(proc, SP_FOREVER, &rc, NULL), SP_OK);
	const int64_t timeouts[] = {SP_FOREVER, 1, 0, -1, INT64_MIN};
	for (size_t i = 0; i < sizeof timeouts / sizeof *timeouts; i++) {
		rc = -1000;
		assert_int_equal(sp_wait(proc, timeouts[i], &rc, NULL), SP_OK);
		assert_int_equal(rc, 9);
	}
	assert_true(sp_poll(proc, &rc));
	sp_free(proc);
}

static void T2_it_blocks_until_the_end(void **state) {
	(void)state;
	sp_proc *proc = start_script("sleep .1; exit 2");
	int rc;
	assert_int_equal(sp_wait(proc, SP_FOREVER, &rc, NULL), SP_OK);
	assert_int_equal(rc, 2);
	assert_int_equal(sp_wait(proc, SP_FOREVER, NULL, NULL), SP_OK);
	sp_free(proc);
}

static void on_alarm(int sig) {
	(void)sig;
}

static void wait_in_a_storm(void) {
	struct sigaction action = {.sa_handler = on_alarm}; // no SA_RESTART
	assert_int_equal(sigaction(SIGVTALRM, &action, NULL), 0);
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGVTALRM};
	timer_t timer;
	assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	const struct itimerspec every = {{0, 500000}, {0, 500000}};
	assert_int_equal(timer_settime(timer, 0, &every, NULL), 0);
	sp_proc *proc = start_script("sleep .2; exit 2");
	int64_t before = probe_now();
	assert_int_equal(sp_wait(proc, 50 * MS, NULL, NULL), SP_E_TIMEOUT);
	assert_true(probe_now() - before >= 50 * MS);
	assert_int_equal(finish(proc), 2);
	assert_int_equal(timer_delete(timer), 0);
}

static void T2_a_storm_of_signals(void **state) {
	(void)state;
	in_own_process(wait_in_a_storm);
}

static void T3_it_looks_at_the_child_before_the_clock(void **state) {
	(void)state;
	const int64_t timeouts[] = {0, -5, INT64_MIN};
	for (int i = 0; i < 3; i++) {
		sp_proc *proc = start_script("exit 6");
		await_end(proc);
		int rc;
		assert_int_equal(sp_wait(proc, timeouts[i], &rc, NULL), SP_OK);
		assert_int_equal(rc, 6);
		sp_free(proc);
		proc = start_sleeper();
		assert_int_equal(sp_wait(proc, timeouts[i], &rc, NULL), SP_E_TIMEOUT);
		assert_int_equal(rc, 6);
		assert_int_equal(kill_and_finish(proc), -SIGKILL);
	}
}

static void T3_the_timeout_says_the_time_given(void **state) {
	(void)state;
	sp_proc *proc = start_sleeper();
	sp_error error = SP_ERROR_INIT;
	int64_t before = probe_now();
	assert_int_equal(sp_wait(proc, 20 * MS, NULL, &error), SP_E_TIMEOUT);
	assert_true(probe_now() - before >= 20 * MS);
	assert_int_equal(error.code, SP_E_TIMEOUT);
	assert_non_null(strstr(error.msg, "0.02 seconds"));
	assert_false(sp_returncode(proc, NULL, NULL));
	sp_error_clear(&error);
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

static void T4_pitfall_27_waiting_costs_nothing(void **state) {
	(void)state;
	sp_proc *proc = start_script("sleep .3");
	bool has_pidfd = sp_pidfd(proc) >= 0;
	struct rusage before, after;
	getrusage(RUSAGE_THREAD, &before);
	assert_int_equal(sp_wait(proc, 5000 * MS, NULL, NULL), SP_OK);
	getrusage(RUSAGE_THREAD, &after);
	// With a pidfd it sleeps once; without, 1, 2, 4 .. 50 ms at a time.
	assert_true(after.ru_nvcsw - before.ru_nvcsw < (has_pidfd ? 5 : 50));
	assert_true(cpu_us(&after) - cpu_us(&before) < 100000);
	sp_free(proc);
}

static void T4_pitfall_27_a_short_timeout_does_not_spin(void **state) {
	(void)state;
	sp_proc *proc = start_sleeper();
	struct rusage before, after;
	getrusage(RUSAGE_THREAD, &before);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(sp_wait(proc, 400000, NULL, NULL), SP_E_TIMEOUT);
	}
	getrusage(RUSAGE_THREAD, &after);
	// It sleeps, and does so once.
	assert_true(after.ru_nvcsw - before.ru_nvcsw >= 15);
	assert_true(after.ru_nvcsw - before.ru_nvcsw < 200);
	assert_true(cpu_us(&after) - cpu_us(&before) < 200000);
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

static void no_descriptor_for_a_pidfd(void) {
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = 64;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	while (fcntl(0, F_DUPFD_CLOEXEC, 3) >= 0) {
	}
	assert_int_equal(errno, EMFILE);
	sp_proc *proc = start_sleeper();
	assert_int_equal(sp_pidfd(proc), -1);
	assert_int_equal(sp_wait(proc, 50 * MS, NULL, NULL), SP_E_TIMEOUT);
	assert_int_equal(sp_terminate(proc, NULL), SP_OK);
	assert_int_equal(finish(proc), -SIGTERM);
}

static void T4_pitfall_27_no_descriptor_for_a_pidfd(void **state) {
	(void)state;
	in_own_process(no_descriptor_for_a_pidfd);
}

// ---- several threads

enum { WAITERS = 4 };

struct waiter {
	sp_proc *proc;
	int how;
	int rc;
	bool ok;
};

static void *wait_somehow(void *arg) {
	struct waiter *w = arg;
	sp_status status = SP_E_TIMEOUT;
	int64_t until = probe_now() + 20000 * MS;
	switch (w->how) {
	case 0:
		status = sp_wait(w->proc, SP_FOREVER, &w->rc, NULL);
		break;
	case 1:
		while (status == SP_E_TIMEOUT && probe_now() < until) {
			status = sp_wait(w->proc, MS, &w->rc, NULL);
		}
		break;
	case 2:
		while (!sp_poll(w->proc, &w->rc) && probe_now() < until) {
			sched_yield();
		}
		status = sp_returncode(w->proc, NULL, NULL) ? SP_OK : SP_E_TIMEOUT;
		break;
	default:
		status = sp_communicate(w->proc, NULL, 0, SP_FOREVER, NULL, NULL, NULL);
		sp_returncode(w->proc, &w->rc, NULL);
	}
	w->ok = status == SP_OK;
	return NULL;
}

static void T5_pitfall_24_all_waiters_see_the_same(void **state) {
	(void)state;
	for (int round = 0; round < 50; round++) {
		sp_proc *proc = start_sleeper();
		struct waiter waiters[WAITERS];
		pthread_t threads[WAITERS];
		for (int i = 0; i < WAITERS; i++) {
			waiters[i] = (struct waiter){proc, i, -1000, false};
			assert_int_equal(
				pthread_create(&threads[i], NULL, wait_somehow, &waiters[i]), 0);
		}
		assert_int_equal(kill(sp_pid(proc), SIGKILL), 0);
		for (int i = 0; i < WAITERS; i++) {
			assert_int_equal(pthread_join(threads[i], NULL), 0);
			assert_true(waiters[i].ok);
			assert_int_equal(waiters[i].rc, -SIGKILL);
		}
		bool lost = true;
		assert_true(sp_returncode(proc, NULL, &lost));
		assert_false(lost);
		sp_free(proc);
	}
}

static void section_3_4_DEV6_poll_is_exact_while_others_wait(void **state) {
	(void)state;
	for (int round = 0; round < 50; round++) {
		sp_proc *proc = start_sleeper();
		struct waiter waiters[2] = {{proc, 0, 0, false}, {proc, 1, 0, false}};
		pthread_t threads[2];
		for (int i = 0; i < 2; i++) {
			assert_int_equal(
				pthread_create(&threads[i], NULL, wait_somehow, &waiters[i]), 0);
		}
		assert_false(sp_poll(proc, NULL));
		assert_int_equal(kill(sp_pid(proc), SIGKILL), 0);
		siginfo_t info;
		// A waiter may have collected it by now.
		int r = waitid(P_PID, (id_t)sp_pid(proc), &info, WEXITED | WNOWAIT);
		assert_true(r == 0 || errno == ECHILD);
		int rc = 0;
		assert_true(sp_poll(proc, &rc));
		assert_int_equal(rc, -SIGKILL);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(pthread_join(threads[i], NULL), 0);
			assert_true(waiters[i].ok);
		}
		sp_free(proc);
	}
}

// ---- a status that someone else took

static void assert_lost(sp_proc *proc) {
	int rc = -1;
	bool lost = false;
	struct rusage usage;
	assert_true(sp_returncode(proc, &rc, &lost));
	assert_int_equal(rc, 0);
	assert_true(lost);
	assert_false(sp_rusage(proc, &usage));
	sp_free(proc);
}

static sp_proc *start_and_steal(void) {
	sp_proc *proc = start_script("exit 3");
	int status;
	assert_int_equal(waitpid(sp_pid(proc), &status, 0), sp_pid(proc));
	return proc;
}

static void T6_DEV4_collected_behind_its_back(void **state) {
	(void)state;
	int rc = -1;
	sp_proc *proc = start_and_steal();
	assert_int_equal(sp_wait(proc, SP_FOREVER, &rc, NULL), SP_OK);
	assert_int_equal(rc, 0);
	assert_lost(proc);
	proc = start_and_steal();
	assert_int_equal(sp_wait(proc, 100 * MS, NULL, NULL), SP_OK);
	assert_lost(proc);
	proc = start_and_steal();
	assert_true(sp_poll(proc, &rc));
	assert_lost(proc);
	proc = start_and_steal();
	assert_int_equal(sp_communicate(proc, NULL, 0, SP_FOREVER, NULL, NULL, NULL), SP_OK);
	assert_lost(proc);
	proc = start_and_steal();
	assert_int_equal(sp_wait_exit(proc, SP_FOREVER, NULL, NULL), SP_OK);
	sp_free(proc);
}

static void sigchld_is_ignored(void) {
	signal(SIGCHLD, SIG_IGN);
	sp_proc *proc = start_script("exit 3");
	assert_int_equal(sp_wait(proc, SP_FOREVER, NULL, NULL), SP_OK);
	assert_lost(proc);
	proc = start_script("exit 3");
	assert_int_equal(sp_wait(proc, 20000 * MS, NULL, NULL), SP_OK);
	assert_lost(proc);
	proc = start_script("exit 3");
	AWAIT(sp_poll(proc, NULL));
	assert_lost(proc);
	SCRIPT(opts, "echo hi; exit 3");
	opts.out = SP_PIPE;
	sp_result result;
	assert_int_equal(sp_run(&opts, NULL, &result), SP_OK);
	assert_true(result.status_lost && !result.killed);
	assert_buf(&result.out, "hi\n");
	sp_result_clear(&result);
	proc = start_sleeper();
	assert_int_equal(sp_kill(proc, NULL), SP_OK);
	assert_int_equal(sp_wait(proc, SP_FOREVER, NULL, NULL), SP_OK);
	assert_lost(proc);
	signal(SIGCHLD, SIG_DFL);
}

static void T6_DEV4_pitfall_25_sigchld_is_ignored(void **state) {
	(void)state;
	in_own_process(sigchld_is_ignored);
}

static void T7_it_reads_no_pipes(void **state) {
	(void)state;
	COMMAND(opts, "head", "-c", "200000", "/dev/zero");
	opts.out = SP_PIPE;
	sp_proc *proc = start(&opts);
	assert_int_equal(sp_wait(proc, 50 * MS, NULL, NULL), SP_E_TIMEOUT);
	sp_buf out;
	assert_int_equal(sp_communicate(proc, NULL, 0, SP_FOREVER, &out, NULL, NULL), SP_OK);
	assert_int_equal(out.len, 200000);
	assert_int_equal(finish(proc), 0);
}

static void T8_stopped_is_not_finished(void **state) {
	(void)state;
	sp_proc *proc = start_sleeper();
	assert_int_equal(sp_send_signal(proc, SIGSTOP, NULL), SP_OK);
	AWAIT(state_of(sp_pid(proc)) == 'T');
	assert_false(sp_poll(proc, NULL));
	assert_int_equal(sp_wait(proc, 5 * MS, NULL, NULL), SP_E_TIMEOUT);
	assert_int_equal(sp_wait_exit(proc, probe_now(), NULL, NULL), SP_E_TIMEOUT);
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

// ---- return codes

static void section_3_3_exit_statuses(void **state) {
	(void)state;
	const struct {
		const char *script;
		int rc;
	} all[] = {{"exit 0", 0}, {"exit 1", 1}, {"exit 255", 255}, {"exit 256", 0},
		{"kill -9 $$", -9}, {"kill -15 $$", -15}, {"kill -40 $$", -40},
		{"ulimit -c 0; kill -ABRT $$", -SIGABRT}, {"sh -c 'kill -9 $$'; exit $?", 137}};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		SCRIPT(opts, all[i].script);
		opts.err = SP_DEVNULL;
		assert_int_equal(rc_of(&opts), all[i].rc);
	}
}

static void section_3_3_what_waitpid_says(void **state) {
	(void)state;
	assert_int_equal(sp_status_to_returncode(0), 0);
	assert_int_equal(sp_status_to_returncode(3 << 8), 3);
	assert_int_equal(sp_status_to_returncode(255 << 8), 255);
	assert_int_equal(sp_status_to_returncode(9), -9);
	assert_int_equal(sp_status_to_returncode(0x80 | 11), -11); // with a core
	assert_int_equal(sp_status_to_returncode(40), -40);
	assert_int_equal(sp_status_to_returncode(19 << 8 | 0x7f), -19); // stopped
}

// ---- wait_exit

static void section_10_wait_exit_does_not_collect(void **state) {
	(void)state;
	sp_proc *proc = start_script("exit 4");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sp_wait_exit(proc, SP_FOREVER, NULL, NULL), SP_OK);
		assert_false(sp_returncode(proc, NULL, NULL));
		assert_int_equal(state_of(sp_pid(proc)), 'Z');
	}
	assert_int_equal(sp_wait(proc, 0, NULL, NULL), SP_OK);
	assert_int_equal(sp_wait_exit(proc, 0, NULL, NULL), SP_OK);
	assert_int_equal(finish(proc), 4);
}

static void section_10_wait_exit_has_a_deadline(void **state) {
	(void)state;
	sp_proc *proc = start_sleeper();
	sp_error error = SP_ERROR_INIT;
	int64_t deadline = probe_now() + 20 * MS;
	assert_int_equal(sp_wait_exit(proc, deadline, NULL, &error), SP_E_TIMEOUT);
	assert_int_equal(error.code, SP_E_TIMEOUT);
	assert_true(probe_now() >= deadline);
	assert_int_equal(sp_wait_exit(proc, INT64_MIN, NULL, &error), SP_E_TIMEOUT);
	sp_error_clear(&error);
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

// ---- usage

static void K8_usage_of_this_child_alone(void **state) {
	(void)state;
	SCRIPT(busy, "i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done");
	COMMAND(idle, "sleep", "100");
	sp_proc *one = start(&busy), *two = start(&idle);
	struct rusage used_busy, used_idle;
	assert_int_equal(sp_wait(one, SP_FOREVER, NULL, NULL), SP_OK);
	assert_int_equal(sp_kill(two, NULL), SP_OK);
	assert_int_equal(sp_wait(two, SP_FOREVER, NULL, NULL), SP_OK);
	assert_true(sp_rusage(one, &used_busy));
	assert_true(sp_rusage(two, &used_idle));
	assert_true(cpu_us(&used_busy) > 20000);
	assert_true(cpu_us(&used_idle) < cpu_us(&used_busy));
	assert_true(used_busy.ru_maxrss > 0);
	sp_free(one);
	sp_free(two);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST_ON_EACH_KERNEL(T1_a_known_return_code_needs_no_time),
		TEST_ON_EACH_KERNEL(T2_it_blocks_until_the_end),
		TEST_ON_EACH_KERNEL(T2_a_storm_of_signals),
		TEST_ON_EACH_KERNEL(T3_it_looks_at_the_child_before_the_clock),
		TEST_ON_EACH_KERNEL(T3_the_timeout_says_the_time_given),
		TEST_ON_EACH_KERNEL(T4_pitfall_27_waiting_costs_nothing),
		TEST_ON_EACH_KERNEL(T4_pitfall_27_a_short_timeout_does_not_spin),
		TEST(T4_pitfall_27_no_descriptor_for_a_pidfd),
		TEST_ON_EACH_KERNEL(T5_pitfall_24_all_waiters_see_the_same),
		TEST_ON_EACH_KERNEL(section_3_4_DEV6_poll_is_exact_while_others_wait),
		TEST_ON_EACH_KERNEL(T6_DEV4_collected_behind_its_back),
		TEST_ON_EACH_KERNEL(T6_DEV4_pitfall_25_sigchld_is_ignored),
		TEST_ON_EACH_KERNEL(T7_it_reads_no_pipes),
		TEST_ON_EACH_KERNEL(T8_stopped_is_not_finished),
		TEST_ON_EACH_KERNEL(section_3_3_exit_statuses),
		TEST(section_3_3_what_waitpid_says),
		TEST_ON_EACH_KERNEL(section_10_wait_exit_does_not_collect),
		TEST_ON_EACH_KERNEL(section_10_wait_exit_has_a_deadline),
		TEST_ON_EACH_KERNEL(K8_usage_of_this_child_alone),
	};
	return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
