// SPDX-License-Identifier: MIT
// Many threads that start children at once: none gets what is another's (subprocess contract F10;
// pitfalls 12, 14, 19, 24).
#include "command.h"
#include "folder.h"

#include <pthread.h>
#include <stdatomic.h>

static void join_all(pthread_t *threads, int n) {
	for (int i = 0; i < n; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	}
}

static void start_all(pthread_t *threads, int n, void *(*body)(void *), void *arg) {
	for (int i = 0; i < n; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, body, arg), 0);
	}
}

struct shared {
	atomic_bool stop;
	atomic_int number, bad;
	bool exec_fails_silently;
};

// ---- 64 threads

// One thread's child says what the thread told it, and no other.
static void *run_rounds(void *arg) {
	struct shared *shared = arg;
	for (int round = 0; round < 3; round++) {
		char word[16];
		snprintf(word, sizeof word, "%d", shared->number++);
		COMMAND(opts, "cat");
		sp_run_opts run;
		sp_run_opts_init(&run);
		run.input = word;
		run.input_len = strlen(word);
		run.capture_output = true;
		run.timeout_ns = 60000 * MS;
		sp_result result;
		bool ok = sp_run(&opts, &run, &result) == SP_OK && result.returncode == 0 &&
			  result.out.len == strlen(word) &&
			  memcmp(result.out.data, word, result.out.len) == 0 && result.err.len == 0;
		sp_result_clear(&result);
		COMMAND(bad, "/nonexistent/program");
		bad.in = bad.out = bad.err = SP_PIPE;
		sp_error error = SP_ERROR_INIT;
		sp_proc *proc;
		if (!shared->exec_fails_silently) {
			ok &= sp_popen(&proc, &bad, &error) == SP_E_OS && error.os_errno == ENOENT;
		}
		sp_error_clear(&error);
		shared->bad += !ok;
	}
	return NULL;
}

// Opens and closes descriptors that are not closed on exec for a moment.
static void *churn(void *arg) {
	struct shared *shared = arg;
	while (!shared->stop) {
		int ends[2];
		char c = 0;
		bool ok = pipe(ends) == 0;
		ok &= write(ends[1], "x", 1) == 1 && read(ends[0], &c, 1) == 1 && c == 'x';
		ok &= close(ends[0]) == 0;
		ok &= close(ends[1]) == 0;
		shared->bad += !ok;
	}
	return NULL;
}

static void pitfall_12_14_64_threads(void **state) {
	(void)state;
	enum { THREADS = 64 };
	struct shared shared = {.exec_fails_silently = strcmp(probe_tool(), "valgrind") == 0};
	pthread_t threads[THREADS], churning;
	start_all(&churning, 1, churn, &shared);
	start_all(threads, THREADS, run_rounds, &shared);
	join_all(threads, THREADS);
	shared.stop = true;
	join_all(&churning, 1);
	assert_int_equal(shared.number, THREADS * 3);
	assert_int_equal(shared.bad, 0);
}

// ---- a sibling that would hold a pipe

static void *start_holders(void *arg) {
	struct shared *shared = arg;
	while (!shared->stop) {
		COMMAND(opts, "sleep", "100");
		opts.close_fds = false;
		opts.in = opts.out = SP_PIPE;
		sp_proc *proc;
		if (sp_popen(&proc, &opts, NULL) != SP_OK) {
			shared->bad++;
			continue;
		}
		// It lives for a few rounds of the others.
		int until = shared->number + 4;
		while (!shared->stop && shared->number < until) {
			probe_rest();
		}
		sp_kill(proc, NULL);
		sp_wait(proc, SP_FOREVER, NULL, NULL);
		sp_free(proc);
	}
	return NULL;
}

// End of file comes although other children without close_fds live: they have none of its ends. A
// holder ends only after further rounds, and with it all would have to wait for the timeout.
static void F10_pitfall_14_a_sibling_holds_no_pipe(void **state) {
	(void)state;
	struct shared shared = {0};
	pthread_t holders[3];
	start_all(holders, 3, start_holders, &shared);
	for (int i = 0; i < 60; i++) {
		COMMAND(opts, "cat");
		sp_run_opts run;
		sp_run_opts_init(&run);
		run.input = "x";
		run.input_len = 1;
		run.capture_output = true;
		run.timeout_ns = 20000 * MS;
		sp_result result;
		assert_int_equal(sp_run(&opts, &run, &result), SP_OK);
		assert_buf(&result.out, "x");
		sp_result_clear(&result);
		shared.number++;
	}
	shared.stop = true;
	join_all(holders, 3);
	assert_int_equal(shared.bad, 0);
}

// ---- a script that was just written

struct writer {
	const struct folder *folder;
	atomic_int number, busy, bad;
};

// A sibling between clone and exec may still have the script open for writing. That is reported,
// as ETXTBSY and as nothing else.
static void *write_and_run(void *arg) {
	struct writer *writer = arg;
	char path[160];
	snprintf(path, sizeof path, "%s/%d", writer->folder->path, writer->number++);
	for (int i = 0; i < 20; i++) {
		unlink(path);
		int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
		bool ok = fd >= 0 && write(fd, "#!/bin/sh\n", 10) == 10;
		close(fd);
		COMMAND(opts, path);
		sp_error error = SP_ERROR_INIT;
		int rc = -1;
		sp_status status = sp_call(&opts, SP_FOREVER, &rc, &error);
		if (status == SP_E_OS) {
			ok &= error.os_errno == ETXTBSY && error.stage == SP_AT_EXEC &&
			      error.filename && strcmp(error.filename, path) == 0;
			writer->busy++;
		} else {
			ok &= status == SP_OK && rc == 0;
		}
		sp_error_clear(&error);
		writer->bad += !ok;
	}
	return NULL;
}

static void pitfall_19_a_script_that_was_just_written(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	enum { THREADS = 8 };
	struct folder folder = folder_new();
	struct writer writer = {.folder = &folder};
	pthread_t threads[THREADS];
	start_all(threads, THREADS, write_and_run, &writer);
	join_all(threads, THREADS);
	assert_int_equal(writer.bad, 0);
	folder_remove(&folder);
}

// ---- one child, many hands

static void *look_and_signal(void *arg) {
	sp_proc *proc = arg;
	struct rusage usage;
	bool empty;
	for (int i = 0; i < 20; i++) {
		sp_poll(proc, NULL);
		sp_send_signal(proc, 0, NULL);
		sp_signal_group(proc, 0, NULL);
		sp_group_probe(proc, &empty);
		sp_wait_exit(proc, 0, NULL, NULL);
		sp_wait(proc, 0, NULL, NULL);
		sp_rusage(proc, &usage);
		sp_returncode(proc, NULL, NULL);
		assert_true(sp_pid(proc) > 0);
		sp_pidfd(proc);
	}
	return NULL;
}

// What the header allows any number of threads, while one talks to the child.
static void pitfall_24_one_child_many_threads(void **state) {
	(void)state;
	for (int round = 0; round < 20; round++) {
		COMMAND(opts, "cat");
		opts.in = opts.out = SP_PIPE;
		opts.process_group = 0;
		sp_proc *proc = start(&opts);
		pthread_t threads[4];
		start_all(threads, 4, look_and_signal, proc);
		sp_buf out;
		assert_int_equal(
			sp_communicate(proc, "word", 4, SP_FOREVER, &out, NULL, NULL), SP_OK);
		assert_buf(&out, "word");
		join_all(threads, 4);
		assert_int_equal(finish(proc), 0);
	}
}

// The list of abandoned children is one for all threads.
static void *abandon(void *arg) {
	struct shared *shared = arg;
	for (int i = 0; i < 20; i++) {
		COMMAND(opts, "true");
		sp_proc *proc;
		shared->bad += sp_popen(&proc, &opts, NULL) != SP_OK;
		sp_free(proc);
		pid_t pids[4];
		sp_abandoned(pids, 4);
		sp_reap_abandoned();
	}
	return NULL;
}

static void pitfall_26_abandoned_by_many_threads(void **state) {
	(void)state;
	struct shared shared = {0};
	pthread_t threads[8];
	start_all(threads, 8, abandon, &shared);
	join_all(threads, 8);
	assert_int_equal(shared.bad, 0);
	AWAIT((sp_reap_abandoned(), sp_abandoned(NULL, 0) == 0));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST_ON_EACH_KERNEL(pitfall_12_14_64_threads),
		TEST(F10_pitfall_14_a_sibling_holds_no_pipe),
		TEST(pitfall_19_a_script_that_was_just_written),
		TEST_ON_EACH_KERNEL(pitfall_24_one_child_many_threads),
		TEST_ON_EACH_KERNEL(pitfall_26_abandoned_by_many_threads),
	};
	return cmocka_run_group_tests_name("popen threads", tests, NULL, NULL);
}
