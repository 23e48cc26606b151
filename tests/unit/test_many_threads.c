// SPDX-License-Identifier: MIT
// Sixty-four threads that run commands at once, beside threads that open and close descriptors:
// every status and every word of the environment is its own, and no descriptor crosses. (Subprocess
// contract F10, R10, T5, E6; pitfalls 12, 14, 23.)
#include "command.h"

#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 64, CHURNERS = 4, RUNS = 60, LONG_RUNS = 500 };

struct shared {
	const char *puppet;
	int runs;
	atomic_bool stop;
	atomic_int wrong;
};

struct runner {
	struct shared *shared;
	pthread_t thread;
	int number;
	char word[32]; // of its environment, its own copy, changed from run to run
};

static void complain(struct runner *runner, const char *what, long got, long wanted) {
	if (runner->shared->wrong++ < 10) {
		print_message("runner %d: %s: %ld, not %ld\n", runner->number, what, got, wanted);
	}
}

// Its own status and word, and no descriptors but 0, 1 and 2.
static void run_once(struct runner *runner, int run) {
	int rc = (runner->number + run) % 97;
	char status[8], wanted[64];
	snprintf(status, sizeof status, "%d", rc);
	snprintf(runner->word, sizeof runner->word, "WORD=%d-%d", runner->number, run);
	snprintf(wanted, sizeof wanted, "0\n1\n2\n%s\n", strchr(runner->word, '=') + 1);
	const char *const env[] = {"PATH=/usr/bin:/bin", runner->word, NULL};
	COMMAND(opts, runner->shared->puppet, "print-fds", "env", "WORD", "exit", status);
	opts.env = env;
	opts.in = SP_DEVNULL;
	sp_run_opts run_opts;
	sp_run_opts_init(&run_opts);
	run_opts.capture_output = true;
	sp_result result;
	sp_status ended = sp_run(&opts, &run_opts, &result);
	if (ended != SP_OK) {
		complain(runner, result.error.msg, (long)ended, SP_OK);
	} else if (result.returncode != rc || result.status_lost) {
		complain(runner, "status", result.returncode, rc);
	} else if (strcmp(result.out.data, wanted) != 0 || result.err.len != 0) {
		complain(runner, result.out.data, (long)result.err.len, 0);
	}
	sp_result_clear(&result);
}

// As a signal's, with pipes that go both ways and a wait of its own.
static void kill_once(struct runner *runner) {
	COMMAND(opts, runner->shared->puppet, "live");
	opts.in = opts.out = SP_PIPE;
	sp_proc *proc;
	sp_status status = sp_popen(&proc, &opts, NULL);
	if (status != SP_OK) {
		complain(runner, "not started", (long)status, SP_OK);
		return;
	}
	int sig = runner->number % 2 ? SIGKILL : SIGTERM, rc = 0;
	sp_send_signal(proc, sig, NULL);
	status = sp_wait(proc, SP_FOREVER, &rc, NULL);
	if (status != SP_OK || rc != -sig) {
		complain(runner, "killed", rc, -sig);
	}
	sp_free(proc);
}

static void *run_many(void *arg) {
	struct runner *runner = arg;
	for (int run = 0; run < runner->shared->runs; run++) {
		if (run % 10 == 9) {
			kill_once(runner);
		} else {
			run_once(runner, run);
		}
	}
	return NULL;
}

// Descriptors without O_CLOEXEC, at whatever number is free.
static void *churn(void *arg) {
	struct runner *runner = arg;
	while (!runner->shared->stop) {
		int ends[2];
		char c = 0;
		if (pipe(ends) < 0) {
			complain(runner, "pipe", errno, 0);
			break;
		}
		bool whole = write(ends[1], "x", 1) == 1 && read(ends[0], &c, 1) == 1 && c == 'x';
		whole &= close(ends[0]) == 0;
		whole &= close(ends[1]) == 0;
		if (!whole) {
			complain(runner, "a descriptor of ours", errno, 0);
		}
	}
	return NULL;
}

static void F10_R10_T5_E6_many_threads(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "runs one thread at a time");
	char puppet[4096];
	struct shared shared = {.runs = getenv("SPOOL_TEST_LONG") ? LONG_RUNS : RUNS};
	struct runner runners[THREADS + CHURNERS];
	snprintf(puppet, sizeof puppet, "%s/child", getenv("SPOOL_TEST_TOOLS"));
	shared.puppet = puppet;
	for (int i = 0; i < THREADS + CHURNERS; i++) {
		runners[i] = (struct runner){.shared = &shared, .number = i};
		assert_int_equal(pthread_create(&runners[i].thread, NULL,
					 i < THREADS ? run_many : churn, &runners[i]),
			0);
	}
	for (int i = 0; i < THREADS + CHURNERS; i++) {
		if (i == THREADS) {
			shared.stop = true;
		}
		assert_int_equal(pthread_join(runners[i].thread, NULL), 0);
	}
	assert_int_equal(shared.wrong, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST_ON_EACH_KERNEL(F10_R10_T5_E6_many_threads),
	};
	return cmocka_run_group_tests_name("many_threads", tests, NULL, NULL);
}
