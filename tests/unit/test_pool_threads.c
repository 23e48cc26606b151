// SPDX-License-Identifier: MIT
// The pool's threads: when they are made, with what, when one cannot be; bounded submission, who
// frees values, and everything at once.
#include "pool/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate.h"
#include "pooled.h"
#include "probe.h"

#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static sp_pool *bounded(int processes, size_t queue_max, void (*free_value)(void *)) {
	sp_pool_opts opts;
	sp_pool_opts_init(&opts);
	opts.processes = processes;
	opts.queue_max = queue_max;
	opts.free_value = free_value;
	return pool_with(&opts);
}

static sp_status submit(sp_pool *pool, sp_func func, void *arg) {
	return sp_pool_apply_async(pool, func, arg, NULL, NULL, NULL, NULL);
}

static int ignore(void *const *values, size_t n, const sp_error *error, void *ud) {
	(void)values, (void)n, (void)error, (void)ud;
	return 0;
}

// ---- when they are made, and with what

static void P24_threads_come_with_the_tasks_that_need_them(void **state) {
	(void)state;
	// TSan makes a thread of its own beside the first.
	sp_pool *first = pool_of(1, NULL);
	atomic_int calls = 0;
	assert_int_equal(sp_pool_apply(first, count, &calls, NULL, NULL), SP_OK);
	finish(first);
	int none = 1 + (strcmp(probe_tool(), "tsan") == 0);
	AWAIT(probe_count("task") == none); // a joined thread may still be in the list
	sp_pool *pool = pool_of(3, NULL);
	assert_int_equal(probe_count("task"), none);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(sp_pool_apply(pool, count, &calls, NULL, NULL), SP_OK);
		assert_int_equal(probe_count("task"), none + 1); // one is idle each time
	}
	struct gate gate = GATE_INIT;
	for (int i = 0; i < 10; i++) {
		assert_int_equal(submit(pool, gate_task, &gate), SP_OK);
	}
	AWAIT(gate.arrived == 3);
	assert_int_equal(probe_count("task"), none + 3);
	assert_int_equal(sp_pool_size(pool), 3);
	// One more for the callbacks, only now.
	assert_int_equal(sp_pool_apply_async(pool, count, &calls, ignore, NULL, NULL, NULL), SP_OK);
	assert_int_equal(probe_count("task"), none + 4);
	gate_open(&gate);
	finish(pool);
	assert_int_equal(gate.arrived, 10);
	assert_int_equal(calls, 52);
	AWAIT(probe_count("task") == none);
}

struct seen {
	sigset_t mask;
	size_t stack;
};

static void look_at_thread(struct seen *seen) {
	pthread_attr_t attr;
	pthread_sigmask(SIG_SETMASK, NULL, &seen->mask);
	if (pthread_getattr_np(pthread_self(), &attr) == 0) {
		pthread_attr_getstacksize(&attr, &seen->stack);
		pthread_attr_destroy(&attr);
	}
}

static sp_status look(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel, (void)value, (void)error;
	look_at_thread(arg);
	return SP_OK;
}

static int look_back(void *const *values, size_t n, const sp_error *error, void *ud) {
	(void)values, (void)n, (void)error;
	look_at_thread(ud);
	return 0;
}

static void G4_mask_is_that_of_the_maker(void **state) {
	(void)state;
	sigset_t usr1, old, after;
	struct seen task, callback;
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &usr1, &old);
	sp_pool *pool = pool_of(1, NULL);
	// The thread is made later, by a thread with another mask.
	sigset_t usr2;
	sigemptyset(&usr2);
	sigaddset(&usr2, SIGUSR2);
	pthread_sigmask(SIG_SETMASK, &usr2, NULL);
	sp_async *job;
	assert_int_equal(
		sp_pool_apply_async(pool, look, &task, look_back, NULL, &callback, &job), SP_OK);
	assert_int_equal(sp_async_wait(job, SP_FOREVER), SP_OK);
	sp_async_free(job);
	finish(pool);
	pthread_sigmask(SIG_SETMASK, &old, &after);
	assert_true(sigismember(&after, SIGUSR2));
	assert_false(sigismember(&after, SIGUSR1));
	const struct seen *all[] = {&task, &callback};
	for (int i = 0; i < 2; i++) {
		for (int sig = 1; sig < SIGRTMIN; sig++) {
			int want = sig == SIGUSR1 || sigismember(&old, sig) == 1;
			assert_int_equal(sigismember(&all[i]->mask, sig) == 1, want);
		}
		assert_true(all[i]->stack >= 256 * 1024);
		assert_true(all[i]->stack <= 1024 * 1024); // sanitizers may add some
	}
}

// ---- when one cannot be made

static void allow_tasks(rlim_t most) {
	struct rlimit limit;
	getrlimit(RLIMIT_NPROC, &limit);
	limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
	setrlimit(RLIMIT_NPROC, &limit);
}

static sp_status no_input(void *ud, void **arg) {
	(void)ud, (void)arg;
	return SP_E_EOF;
}

// Number of the first step that went wrong, 0 if none did.
static int without_threads(void) {
	sp_pool_opts opts;
	sp_pool_opts_init(&opts);
	opts.processes = 4;
	sp_pool *pool;
	sp_error error = SP_ERROR_INIT;
	atomic_int calls = 0;
	struct gate gate = GATE_INIT;
	if (sp_pool_new(&pool, &opts, NULL) != SP_OK) {
		return 1;
	}
	// None at all: refused, nothing queued, and it may be tried again.
	allow_tasks(0);
	errno = 0;
	if (submit(pool, count, &calls) != SP_E_OS || errno != EAGAIN) {
		return 2;
	}
	if (sp_pool_apply(pool, count, &calls, NULL, &error) != SP_E_OS ||
		error.os_errno != EAGAIN || error.stage != SP_AT_CREATE) {
		return 3;
	}
	sp_imap *imap;
	void *in[] = {&calls};
	if (sp_pool_map(pool, count, in, 1, 1, NULL, NULL) != SP_E_OS ||
		sp_pool_imap(pool, count, no_input, NULL, 0, true, &imap) != SP_E_OS ||
		sp_pool_size(pool) != 4) {
		return 4;
	}
	allow_tasks(RLIM_INFINITY);
	if (submit(pool, gate_task, &gate) != SP_OK) {
		return 5;
	}
	// One is there: it will do, and the pool says so.
	allow_tasks(0);
	for (int i = 0; i < 5; i++) {
		if (submit(pool, count, &calls) != SP_OK || sp_pool_size(pool) != 1) {
			return 6;
		}
	}
	// Callbacks need a thread of their own.
	if (sp_pool_apply_async(pool, count, &calls, ignore, NULL, NULL, NULL) != SP_E_OS) {
		return 7;
	}
	gate_open(&gate);
	sp_pool_close(pool);
	sp_pool_join(pool);
	sp_pool_free(pool);
	return calls == 5 ? 0 : 8;
}

// A thread beside the first; 0: there is none.
static pid_t second_thread(void) {
	DIR *dir = opendir("/proc/self/task");
	pid_t found = 0;
	for (const struct dirent *entry; dir && (entry = readdir(dir));) {
		pid_t tid = (pid_t)atoi(entry->d_name);
		found = tid && tid != getpid() ? tid : found;
	}
	if (dir) {
		closedir(dir);
	}
	return found;
}

// The callbacks' thread is made, no worker is: close and join must end it all the same.
static int without_workers(void) {
	sp_pool *pool;
	atomic_int calls = 0;
	if (sp_pool_new(&pool, NULL, NULL) != SP_OK) {
		return 11;
	}
	allow_tasks(2);
	sp_status status = sp_pool_apply_async(pool, count, &calls, ignore, NULL, NULL, NULL);
	allow_tasks(RLIM_INFINITY);
	for (pid_t tid = second_thread(); tid && !probe_asleep(tid);) {
		probe_rest();
	}
	sp_pool_close(pool);
	sp_pool_join(pool);
	sp_pool_free(pool);
	return status == SP_E_OS && calls == 0 ? 0 : 12;
}

// The last worker cannot be replaced after its task, so it stays.
static int without_replacements(void) {
	sp_pool_opts opts;
	sp_pool_opts_init(&opts);
	opts.processes = 2;
	opts.maxtasksperchild = 1;
	sp_pool *pool;
	atomic_int calls = 0;
	struct gate gate = GATE_INIT;
	if (sp_pool_new(&pool, &opts, NULL) != SP_OK || submit(pool, gate_task, &gate) != SP_OK) {
		return 21;
	}
	allow_tasks(0);
	for (int i = 0; i < 5; i++) {
		if (submit(pool, count, &calls) != SP_OK) {
			return 22;
		}
	}
	gate_open(&gate);
	sp_pool_close(pool);
	sp_pool_join(pool);
	sp_pool_free(pool);
	allow_tasks(RLIM_INFINITY);
	return calls == 5 ? 0 : 23;
}

// In a process of its own; its exit status.
static int as_nobody(void) {
	bool root = geteuid() == 0;
	if (root && (setgroups(0, NULL) || setresgid(61234, 61234, 61234) ||
			    setresuid(61234, 61234, 61234))) {
		return 99;
	}
	alarm(60);
	// Counting to two works only where nobody else's processes count.
	int failed = root ? without_workers() : 0;
	failed = failed ? failed : without_replacements();
	return failed ? failed : without_threads();
}

static void P24_threads_that_cannot_be_made_lower_the_size(void **state) {
	(void)state;
	SKIP_UNDER("tsan", "no threads after fork");
	// The limit does not bind root, so the child becomes someone without a process.
	pid_t pid = fork();
	if (pid == 0) {
		_exit(as_nobody());
	}
	int status;
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void P24_new_fails_without_descriptors(void **state) {
	(void)state;
	struct rlimit old, none;
	sp_pool *pool;
	sp_error error = SP_ERROR_INIT;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = (struct rlimit){0, old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	sp_status status = sp_pool_new(&pool, NULL, &error);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(status, SP_E_OS);
	assert_int_equal(error.os_errno, EMFILE);
}

// ---- bounded submission

struct submitter {
	sp_pool *pool;
	pthread_t thread;
	atomic_int tid, submitted;
	atomic_int calls;
	sp_status status; // of the last, once joined
};

static void *submit_five(void *arg) {
	struct submitter *me = arg;
	sp_status status = SP_OK;
	me->tid = gettid();
	for (int i = 0; i < 5 && status == SP_OK; i++) {
		status = submit(me->pool, count, &me->calls);
		me->submitted += status == SP_OK;
	}
	me->status = status;
	return NULL;
}

// Two tasks wait for the one thread, which is at the gate; the submitter is blocked.
static void start_blocked(struct submitter *me, struct gate *gate) {
	me->pool = bounded(1, 2, NULL);
	assert_int_equal(submit(me->pool, gate_task, gate), SP_OK);
	AWAIT(gate->arrived == 1);
	pthread_create(&me->thread, NULL, submit_five, me);
	AWAIT(me->submitted == 2 && probe_asleep(me->tid));
	assert_int_equal(me->submitted, 2);
}

static void P_queue_max_blocks_submitting(void **state) {
	(void)state;
	struct submitter me = {0};
	struct gate gate = GATE_INIT;
	start_blocked(&me, &gate);
	gate_open(&gate);
	pthread_join(me.thread, NULL);
	assert_int_equal(me.status, SP_OK);
	finish(me.pool);
	assert_int_equal(me.calls, 5);
}

static void P1_blocked_submit_ends_with_the_pool(void **state) {
	(void)state;
	for (int terminate = 0; terminate < 2; terminate++) {
		struct submitter me = {0};
		struct gate gate = GATE_INIT;
		start_blocked(&me, &gate);
		assert_int_equal(
			terminate ? sp_pool_terminate(me.pool) : sp_pool_close(me.pool), SP_OK);
		pthread_join(me.thread, NULL);
		assert_int_equal(me.status, SP_E_NOTRUNNING);
		gate_open(&gate);
		assert_int_equal(sp_pool_join(me.pool), SP_OK);
		sp_pool_free(me.pool);
		assert_int_equal(me.calls, terminate ? 0 : 2);
	}
}

// ---- who frees values

static void P_values_nobody_took_are_freed_once(void **state) {
	(void)state;
	sp_pool *pool = pool_of(2, count_freed);
	atomic_int apply_took = 0, apply_left = 0, unheld = 0, held = 0, dropped = 0, late = 0;
	void *value = NULL;
	assert_int_equal(sp_pool_apply(pool, echo, &apply_took, &value, NULL), SP_OK);
	assert_ptr_equal(value, &apply_took);
	assert_int_equal(sp_pool_apply(pool, echo, &apply_left, NULL, NULL), SP_OK);
	assert_int_equal(apply_left, 1);
	assert_int_equal(submit(pool, echo, &unheld), SP_OK);
	sp_async *job, *later;
	assert_int_equal(sp_pool_apply_async(pool, echo, &held, NULL, NULL, NULL, &job), SP_OK);
	assert_int_equal(sp_async_wait(job, SP_FOREVER), SP_OK);
	assert_int_equal(held, 0);
	sp_async_free(job);
	assert_int_equal(held, 1);
	// Let go of before it is done, with a callback that still sees it.
	assert_int_equal(
		sp_pool_apply_async(pool, echo, &dropped, ignore, NULL, NULL, &job), SP_OK);
	sp_async_free(job);
	assert_int_equal(sp_pool_apply_async(pool, echo, &late, NULL, NULL, NULL, &later), SP_OK);
	finish(pool);
	sp_async_free(later); // after its pool
	assert_int_equal(apply_took, 0);
	assert_int_equal(apply_left, 1);
	assert_int_equal(unheld, 1);
	assert_int_equal(held, 1);
	assert_int_equal(dropped, 1);
	assert_int_equal(late, 1);
}

// ---- everything at once

enum { SUBMITTERS = 4, TASKS = 3000 };

struct storm {
	sp_pool *pool;
	pthread_t thread;
	atomic_int ran, called_back, freed;
	int lost;
};

struct drop {
	struct storm *storm;
	int number;
};

static sp_status drop_task(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel, (void)error;
	struct drop *drop = arg;
	drop->storm->ran++;
	*value = drop;
	return drop->number % 7 ? SP_OK : SP_E_VALUE;
}

static int drop_back(void *const *values, size_t n, const sp_error *error, void *ud) {
	struct drop *drop = values[0];
	drop->storm->called_back += ud == drop->storm && n == 1;
	return error->code == SP_OK && drop->number % 5 == 0;
}

static void drop_free(void *value) {
	struct drop *drop = value;
	drop->storm->freed++;
	free(drop);
}

static sp_status expected(int number, bool callback) {
	if (number % 7 == 0) {
		return SP_E_VALUE;
	}
	return callback && number % 5 == 0 ? SP_E_STATUS : SP_OK;
}

static void *storm(void *arg) {
	struct storm *me = arg;
	for (int i = 0; i < TASKS; i++) {
		struct drop *drop = malloc(sizeof *drop);
		*drop = (struct drop){me, i};
		sp_async *job = NULL;
		sp_callback callback = i % 2 ? drop_back : NULL;
		sp_status status = sp_pool_apply_async(
			me->pool, drop_task, drop, callback, callback, me, i % 3 ? &job : NULL);
		me->lost += status != SP_OK;
		if (job && i % 4 == 0) {
			status = sp_async_get(job, SP_FOREVER, NULL, NULL, NULL, NULL);
			me->lost += status != expected(i, callback != NULL);
		}
		sp_async_free(job);
	}
	return NULL;
}

static void storm_pool(size_t queue_max) {
	int fds = probe_count("fd"), threads = probe_count("task");
	sp_pool *pool = bounded(4, queue_max, drop_free);
	struct storm storms[SUBMITTERS];
	for (int i = 0; i < SUBMITTERS; i++) {
		storms[i] = (struct storm){.pool = pool};
		pthread_create(&storms[i].thread, NULL, storm, &storms[i]);
	}
	for (int i = 0; i < SUBMITTERS; i++) {
		pthread_join(storms[i].thread, NULL);
	}
	finish(pool);
	for (int i = 0; i < SUBMITTERS; i++) {
		assert_int_equal(storms[i].lost, 0);
		assert_int_equal(storms[i].ran, TASKS);
		assert_int_equal(storms[i].called_back, TASKS / 2);
		assert_int_equal(storms[i].freed, TASKS);
	}
	assert_int_equal(probe_count("fd"), fds);
	AWAIT(probe_count("task") == threads);
}

static void P_many_submitters_lose_nothing(void **state) {
	(void)state;
	storm_pool(0);
	storm_pool(3);
}

// Terminate at any moment while others submit: every job ends, as run or as cancelled.
static void *submit_until_stopped(void *arg) {
	struct storm *me = arg;
	for (;;) {
		struct drop *drop = malloc(sizeof *drop);
		*drop = (struct drop){me, 1};
		sp_async *job;
		if (sp_pool_apply_async(me->pool, drop_task, drop, NULL, NULL, NULL, &job)) {
			free(drop);
			return NULL;
		}
		sp_status status = sp_async_get(job, SP_FOREVER, NULL, NULL, NULL, NULL);
		if (status == SP_E_CANCELLED) {
			free(drop);
		} else {
			me->lost += status != SP_OK;
		}
		sp_async_free(job);
	}
}

static void DEV5b_terminate_while_others_submit(void **state) {
	(void)state;
	for (int round = 0; round < 20; round++) {
		sp_pool *pool = pool_of(2, drop_free);
		struct storm storms[SUBMITTERS];
		for (int i = 0; i < SUBMITTERS; i++) {
			storms[i] = (struct storm){.pool = pool};
			pthread_create(&storms[i].thread, NULL, submit_until_stopped, &storms[i]);
		}
		AWAIT(storms[round % SUBMITTERS].ran >= 10 * round);
		assert_int_equal(sp_pool_terminate(pool), SP_OK);
		assert_int_equal(sp_pool_join(pool), SP_OK);
		for (int i = 0; i < SUBMITTERS; i++) {
			pthread_join(storms[i].thread, NULL);
			assert_int_equal(storms[i].lost, 0);
			assert_int_equal(storms[i].ran, storms[i].freed);
		}
		sp_pool_free(pool);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P24_threads_come_with_the_tasks_that_need_them),
		cmocka_unit_test(G4_mask_is_that_of_the_maker),
		cmocka_unit_test(P24_threads_that_cannot_be_made_lower_the_size),
		cmocka_unit_test(P24_new_fails_without_descriptors),
		cmocka_unit_test(P_queue_max_blocks_submitting),
		cmocka_unit_test(P1_blocked_submit_ends_with_the_pool),
		cmocka_unit_test(P_values_nobody_took_are_freed_once),
		cmocka_unit_test(P_many_submitters_lose_nothing),
		cmocka_unit_test(DEV5b_terminate_while_others_submit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
