// SPDX-License-Identifier: MIT
// Each request for memory fails once: the call says so or does without, and leaves nothing behind.
// (Subprocess contract R10, DEV-9, section 10.)
#include "starve.h"
#include "stepped.h"

static sp_status start_and_wait(const sp_opts *opts, sp_error *error) {
	sp_proc *proc;
	sp_status status = sp_popen(&proc, opts, error);
	if (status != SP_OK) {
		assert_null(proc);
		return status;
	}
	int rc = -1;
	assert_int_equal(sp_wait(proc, SP_FOREVER, &rc, NULL), SP_OK);
	assert_int_equal(rc, 0);
	sp_free(proc);
	return SP_OK;
}

static sp_status popen_plain(sp_error *error) {
	COMMAND(opts, "true");
	return start_and_wait(&opts, error);
}

static sp_status popen_with_all(sp_error *error) {
	const char *const env[] = {"A=1", "PATH=/nonexistent:/bin", "B=2", "A=3", NULL};
	const int fds[] = {2, 1};
	COMMAND(opts, "true", "word");
	opts.env = env;
	opts.cwd = "/";
	opts.in = opts.out = opts.err = SP_PIPE;
	opts.pass_fds = fds;
	opts.n_pass_fds = 2;
	return start_and_wait(&opts, error);
}

static sp_status popen_by_the_step(sp_error *error) {
	const gid_t groups[] = {1, 2, 3};
	const char *const env[] = {"PATH=/nonexistent:/bin", NULL};
	COMMAND(opts, "true", "word");
	opts.exec_step = step_program(0);
	opts.umask = 022;
	opts.env = env;
	opts.groups = groups;
	opts.n_groups = geteuid() == 0 ? 3 : -1;
	opts.in = opts.out = SP_PIPE;
	opts.cwd = "/";
	return start_and_wait(&opts, error);
}

static sp_status popen_of_nothing(sp_error *error) {
	COMMAND(opts, "/nonexistent/program");
	sp_proc *proc;
	sp_status status = sp_popen(&proc, &opts, error);
	assert_null(proc);
	// The name may be lost, what happened may not.
	return status == SP_E_OS && error->os_errno == ENOENT ? SP_OK : status;
}

static sp_status communicate_much(sp_error *error) {
	static char input[300000];
	COMMAND(opts, "sh", "-c", "tee /dev/stderr");
	opts.in = opts.out = opts.err = SP_PIPE;
	sp_proc *proc;
	sp_buf out, err;
	sp_status status = sp_popen(&proc, &opts, error);
	if (status != SP_OK) {
		return status;
	}
	status = sp_communicate(proc, input, sizeof input, SP_FOREVER, &out, &err, error);
	if (status == SP_OK) {
		assert_int_equal(out.len, sizeof input);
		assert_int_equal(err.len, sizeof input);
	} else {
		sp_kill(proc, NULL);
		sp_close(proc, NULL);
	}
	sp_free(proc);
	return status;
}

static sp_status result_of(sp_status status, sp_result *result, sp_error *error) {
	error->os_errno = result->error.os_errno;
	sp_result_clear(result);
	return status;
}

static sp_status run_captured(sp_error *error) {
	SCRIPT(opts, "echo out; echo err >&2");
	opts.max_output = 1000;
	sp_run_opts run;
	sp_run_opts_init(&run);
	run.capture_output = true;
	run.check = true;
	run.input = "word";
	run.input_len = 4;
	sp_result result;
	sp_status status = sp_run(&opts, &run, &result);
	if (status == SP_OK) {
		assert_buf(&result.out, "out\n");
		assert_buf(&result.err, "err\n");
	}
	return result_of(status, &result, error);
}

static sp_status check_output(sp_error *error) {
	COMMAND(opts, "echo", "word");
	sp_result result;
	sp_buf out;
	sp_status status = sp_check_output(&opts, NULL, &out, &result);
	if (status == SP_OK) {
		assert_buf(&out, "word\n");
	}
	sp_buf_clear(&out);
	return result_of(status, &result, error);
}

static sp_status getstatusoutput(sp_error *error) {
	sp_buf out;
	int rc = -1;
	sp_status status = sp_getstatusoutput("echo word; exit 3", &rc, &out, error);
	if (status == SP_OK) {
		assert_buf(&out, "word");
		assert_int_equal(rc, 3);
	}
	sp_buf_clear(&out);
	return status;
}

static sp_status run_as_task(sp_error *error) {
	COMMAND(opts, "echo", "word");
	opts.out = SP_PIPE;
	sp_command command = {&opts, NULL};
	void *value = NULL;
	sp_status status = sp_run_task(&command, NULL, &value, error);
	sp_result_free(value);
	return status;
}

static sp_status describe(sp_error *error) {
	(void)error;
	COMMAND(opts, "a b", "c",
		"long enough to need more than the first block of a growing text");
	sp_result result = {.error = SP_ERROR_INIT};
	return sp_describe(&opts, &result, NULL, 0) < 0 ? SP_E_NOMEM : SP_OK;
}

static sp_status cancel(sp_error *error) {
	(void)error;
	sp_cancel *cancel;
	sp_status status = sp_cancel_new(&cancel);
	if (status == SP_OK) {
		sp_cancel_free(cancel);
	}
	return status;
}

static sp_status quote(sp_error *error) {
	(void)error;
	char *quoted;
	sp_status status = sp_quote("it's", &quoted);
	assert_true((quoted != NULL) == (status == SP_OK));
	free(quoted);
	return status;
}

static sp_status join_and_split(sp_error *error) {
	const char *const words[] = {"a b", "", "long enough to need more than the first block"};
	char *joined, **argv = NULL;
	size_t argc = 0;
	sp_status status = sp_join(words, 3, &joined);
	if (status == SP_OK) {
		status = sp_split(joined, &argv, &argc, error);
	}
	assert_int_equal(argc, status == SP_OK ? 3 : 0);
	for (size_t i = 0; i < argc; i++) {
		assert_string_equal(argv[i], words[i]);
	}
	sp_argv_free(argv);
	free(joined);
	return status;
}

STARVES(popen_plain)
STARVES(popen_with_all)
STARVES(popen_by_the_step)
STARVES(popen_of_nothing)
STARVES(communicate_much)
STARVES(run_captured)
STARVES(check_output)
STARVES(getstatusoutput)
STARVES(run_as_task)
STARVES(describe)
STARVES(cancel)
STARVES(quote)
STARVES(join_and_split)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(R10_memory_popen_plain),
		TEST(R10_memory_popen_with_all),
		TEST(R10_memory_popen_by_the_step),
		TEST(R10_memory_popen_of_nothing),
		TEST(R10_memory_communicate_much),
		TEST(R10_memory_run_captured),
		TEST(R10_memory_check_output),
		TEST(R10_memory_getstatusoutput),
		TEST(R10_memory_run_as_task),
		TEST(R10_memory_describe),
		TEST(R10_memory_cancel),
		TEST(R10_memory_quote),
		TEST(R10_memory_join_and_split),
	};
	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
