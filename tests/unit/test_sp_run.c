// SPDX-License-Identifier: MIT
// A program from start to end in one call (subprocess contract, section 4 and C21; pitfalls 5, 6;
// DEV-2), and what sp_describe says of it.
#include "command.h"

static sp_run_opts run_with(int64_t timeout_ns) {
	sp_run_opts run;
	sp_run_opts_init(&run);
	run.timeout_ns = timeout_ns;
	return run;
}

// ---- run

static void section_4_run_fills_in_the_result(void **state) {
	(void)state;
	SCRIPT(opts, "cat; echo err >&2; exit 3");
	sp_run_opts run = run_with(SP_FOREVER);
	run.input = "in\n";
	run.input_len = 3;
	run.capture_output = true;
	sp_result result;
	memset(&result, 0x5a, sizeof result); // it is not cleared first
	int64_t before = probe_now();
	assert_int_equal(sp_run(&opts, &run, &result), SP_OK);
	assert_int_equal(result.returncode, 3);
	assert_buf(&result.out, "in\n");
	assert_buf(&result.err, "err\n");
	assert_true(!result.timed_out && !result.killed && !result.status_lost);
	assert_true(result.out_omitted == 0 && result.err_omitted == 0);
	assert_true(result.timeout_ns == SP_FOREVER);
	assert_true(before <= result.t_start && result.t_start < result.t_end);
	assert_true(result.t_end <= probe_now());
	assert_true(result.ru.ru_maxrss > 0);
	assert_int_equal(result.error.code, SP_OK);
	sp_result_clear(&result);
	assert_null(result.out.data);
	sp_result_clear(&result);
	sp_result_clear(NULL);
}

static void section_4_run_without_options_or_result(void **state) {
	(void)state;
	SCRIPT(opts, "exit 3");
	assert_int_equal(sp_run(&opts, NULL, NULL), SP_OK);
	sp_result result;
	assert_int_equal(sp_run(&opts, NULL, &result), SP_OK);
	assert_int_equal(result.returncode, 3);
	assert_true(!result.out.captured && !result.err.captured);
	sp_result_clear(&result);
}

static void section_4_run_of_a_program_that_cannot_start(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	COMMAND(opts, "/nonexistent/program");
	sp_result result;
	assert_int_equal(sp_run(&opts, NULL, &result), SP_E_OS);
	assert_int_equal(result.error.os_errno, ENOENT);
	assert_string_equal(result.error.filename, "/nonexistent/program");
	assert_true(result.t_start == 0 && result.t_end == 0);
	assert_true(!result.killed && !result.out.captured);
	sp_result_clear(&result);
	assert_int_equal(sp_run(&opts, NULL, NULL), SP_E_OS);
}

static void section_4_run_with_empty_input_makes_a_pipe(void **state) {
	(void)state;
	// Else it would read ours.
	COMMAND(opts, "cat");
	sp_run_opts run = run_with(SP_FOREVER);
	run.has_input = true;
	run.capture_output = true;
	sp_result result;
	assert_int_equal(sp_run(&opts, &run, &result), SP_OK);
	assert_buf(&result.out, "");
	sp_result_clear(&result);
}

static void assert_run_is_senseless(
	const sp_opts *opts, const sp_run_opts *run, const char *parameter) {
	sp_result result;
	assert_int_equal(sp_run(opts, run, &result), SP_E_VALUE);
	assert_int_equal(result.error.code, SP_E_VALUE);
	assert_non_null(strstr(result.error.msg, parameter));
	assert_int_equal(result.t_start, 0);
	sp_result_clear(&result);
}

static void section_4_run_with_streams_given_twice(void **state) {
	(void)state;
	COMMAND(opts, "true");
	sp_run_opts run = run_with(SP_FOREVER);
	run.has_input = true;
	opts.in = SP_PIPE;
	assert_run_is_senseless(&opts, &run, "input");
	opts.in = SP_INHERIT;
	run.has_input = false;
	run.capture_output = true;
	opts.out = SP_DEVNULL;
	assert_run_is_senseless(&opts, &run, "capture_output");
	opts.out = SP_INHERIT;
	opts.err = SP_STDOUT;
	assert_run_is_senseless(&opts, &run, "capture_output");
	opts.err = SP_INHERIT;
	run.capture_output = false;
	run.input_len = 1;
	assert_run_is_senseless(&opts, &run, "input is NULL");
	run = (sp_run_opts){0};
	assert_run_is_senseless(&opts, &run, "sp_run_opts");
}

static void section_4_run_check(void **state) {
	(void)state;
	SCRIPT(opts, "echo hi; exit 3");
	sp_run_opts run = run_with(SP_FOREVER);
	run.check = true;
	opts.out = SP_PIPE;
	sp_result result;
	assert_int_equal(sp_run(&opts, &run, &result), SP_E_STATUS);
	assert_int_equal(result.error.code, SP_E_STATUS);
	assert_int_equal(result.returncode, 3);
	assert_buf(&result.out, "hi\n");
	sp_result_clear(&result);
	SCRIPT(killed, "kill -TERM $$");
	assert_int_equal(sp_run(&killed, &run, &result), SP_E_STATUS);
	assert_int_equal(result.returncode, -SIGTERM);
	sp_result_clear(&result);
	COMMAND(good, "true");
	assert_int_equal(sp_run(&good, &run, NULL), SP_OK);
}

static void section_4_pitfall_05_run_with_a_timeout_does_not_wait_for_a_grandchild(void **state) {
	(void)state;
	SCRIPT(opts, "sleep 100 & echo $!; wait");
	opts.out = SP_PIPE;
	sp_run_opts run = run_with(100 * MS);
	sp_result result;
	int64_t before = probe_now();
	assert_int_equal(sp_run(&opts, &run, &result), SP_E_TIMEOUT);
	assert_true(probe_now() - before < 10000 * MS);
	assert_true(result.timed_out && result.killed && !result.status_lost);
	assert_int_equal(result.returncode, -SIGKILL);
	assert_int_equal(result.timeout_ns, 100 * MS);
	assert_int_equal(result.error.code, SP_E_TIMEOUT);
	// So much it has said, and the holder lives on.
	pid_t holder = result.out.captured ? atoi(result.out.data) : 0;
	assert_true(holder > 1 && !is_gone(holder));
	assert_int_equal(kill(holder, SIGKILL), 0);
	assert_false(result.err.captured);
	assert_true(result.t_end - result.t_start >= 100 * MS);
	sp_result_clear(&result);
}

static void section_4_pitfall_06_run_with_a_timeout_after_eof(void **state) {
	(void)state;
	SCRIPT(opts, "echo hi; exec >&- 2>&-; exec sleep 100");
	sp_run_opts run = run_with(100 * MS);
	run.capture_output = true;
	sp_result result;
	assert_int_equal(sp_run(&opts, &run, &result), SP_E_TIMEOUT);
	assert_buf(&result.out, "hi\n");
	assert_false(result.err.captured); // nothing came: None
	assert_int_equal(result.timeout_ns, 100 * MS);
	sp_result_clear(&result);
}

static void section_4_run_without_time(void **state) {
	(void)state;
	COMMAND(opts, "sleep", "100");
	sp_run_opts run = run_with(0);
	sp_result result;
	assert_int_equal(sp_run(&opts, &run, &result), SP_E_TIMEOUT);
	assert_int_equal(result.returncode, -SIGKILL);
	assert_int_equal(result.timeout_ns, 0);
	sp_result_clear(&result);
}

// ---- max_output

static void assert_kept(const char *text, size_t max, const char *kept) {
	COMMAND(opts, "printf", "%s", text);
	opts.out = SP_PIPE;
	opts.max_output = max;
	sp_result result;
	assert_int_equal(sp_run(&opts, NULL, &result), SP_OK);
	assert_buf(&result.out, kept);
	assert_int_equal(result.out_omitted, strlen(text) - strlen(kept));
	assert_int_equal(result.err_omitted, 0);
	sp_result_clear(&result);
}

static void C21_max_output_keeps_both_ends(void **state) {
	(void)state;
	const char *const text = "0123456789abcdef";
	assert_kept(text, 0, text);
	assert_kept(text, 17, text);
	assert_kept(text, 16, text);
	assert_kept(text, 15,
		"0123456"
		"89abcdef");
	assert_kept(text, 10,
		"01234"
		"bcdef");
	assert_kept(text, 7,
		"012"
		"cdef");
	assert_kept(text, 2,
		"0"
		"f");
	assert_kept(text, 1, "f");
	assert_kept("", 1, "");
}

// Byte i of "100000 100001 100002 ..".
static char flood_byte(size_t i) {
	char number[24];
	snprintf(number, sizeof number, "%zu ", 100000 + i / 7);
	return number[i % 7];
}

static void C21_max_output_of_a_flood_in_pieces(void **state) {
	(void)state;
	enum { MAX = 1001, SIZE = 7 * 300000 };
	SCRIPT(opts, "printf few; seq 100000 399999 | tr '\n' ' ' >&2");
	opts.out = opts.err = SP_PIPE;
	opts.max_output = MAX;
	sp_proc *proc = start(&opts);
	sp_buf out, err;
	sp_status status;
	do { // what is shown in between is in order too
		status = sp_communicate(proc, NULL, 0, MS, &out, &err, NULL);
		assert_true(status == SP_OK || status == SP_E_TIMEOUT);
		size_t omitted = sp_omitted(proc, 2);
		assert_true(err.len <= MAX && (omitted == 0 || err.len == MAX));
		for (size_t i = 0; i < err.len; i++) {
			size_t at = i < MAX / 2 ? i : i + omitted;
			assert_int_equal(err.data[i], flood_byte(at));
		}
	} while (status != SP_OK);
	assert_buf(&out, "few");
	assert_int_equal(err.len, MAX);
	assert_int_equal(sp_omitted(proc, 2), SIZE - MAX);
	for (int which = 0; which < 2; which++) {
		assert_int_equal(sp_omitted(proc, which), 0);
	}
	assert_int_equal(finish(proc), 0);
}

// ---- call, check_call

static void section_4_call_returns_the_code(void **state) {
	(void)state;
	SCRIPT(opts, "exit 3");
	int rc = 0;
	assert_int_equal(sp_call(&opts, SP_FOREVER, &rc, NULL), SP_OK);
	assert_int_equal(rc, 3);
	assert_int_equal(sp_call(&opts, SP_FOREVER, NULL, NULL), SP_OK);
}

static void section_4_call_with_a_timeout_kills(void **state) {
	(void)state;
	COMMAND(opts, "sleep", "100");
	sp_error error = SP_ERROR_INIT;
	int rc = 77;
	assert_int_equal(sp_call(&opts, 20 * MS, &rc, &error), SP_E_TIMEOUT);
	assert_int_equal(error.code, SP_E_TIMEOUT);
	assert_int_equal(rc, 77);
	sp_error_clear(&error);
}

static void section_4_call_reads_no_pipes(void **state) {
	(void)state;
	COMMAND(opts, "head", "-c", "200000", "/dev/zero");
	opts.out = SP_PIPE;
	assert_int_equal(sp_call(&opts, 50 * MS, NULL, NULL), SP_E_TIMEOUT);
}

static void section_4_check_call_wants_0(void **state) {
	(void)state;
	COMMAND(good, "true");
	COMMAND(bad, "false");
	COMMAND(late, "sleep", "100");
	sp_error error = SP_ERROR_INIT;
	assert_int_equal(sp_check_call(&good, SP_FOREVER, &error), SP_OK);
	assert_int_equal(sp_check_call(&bad, SP_FOREVER, &error), SP_E_STATUS);
	assert_int_equal(error.code, SP_E_STATUS);
	assert_int_equal(sp_check_call(&late, 5 * MS, &error), SP_E_TIMEOUT);
	sp_error_clear(&error);
}

// ---- check_output, getstatusoutput

static void section_4_check_output_gives_the_output(void **state) {
	(void)state;
	SCRIPT(opts, "cat; echo hi");
	sp_run_opts run = run_with(SP_FOREVER);
	run.has_input = true;
	sp_buf out;
	sp_result result;
	assert_int_equal(sp_check_output(&opts, &run, &out, &result), SP_OK);
	assert_buf(&out, "hi\n");
	assert_int_equal(result.returncode, 0);
	assert_false(result.out.captured);
	sp_buf_clear(&out);
	sp_buf_clear(NULL);
	sp_result_clear(&result);
}

static void section_4_check_output_of_one_that_fails(void **state) {
	(void)state;
	SCRIPT(opts, "echo hi; exit 3");
	sp_buf out;
	sp_result result;
	assert_int_equal(sp_check_output(&opts, NULL, &out, &result), SP_E_STATUS);
	assert_true(!out.captured && !out.data);
	assert_int_equal(result.returncode, 3);
	assert_buf(&result.out, "hi\n");
	sp_result_clear(&result);
	assert_int_equal(sp_check_output(&opts, NULL, &out, NULL), SP_E_STATUS);
}

static void section_4_check_output_overrides(void **state) {
	(void)state;
	COMMAND(opts, "true");
	sp_run_opts run = run_with(SP_FOREVER);
	sp_buf out;
	sp_result result;
	run.check = true;
	assert_int_equal(sp_check_output(&opts, &run, &out, &result), SP_E_VALUE);
	assert_string_equal(result.error.msg, "check not allowed, it will be overridden");
	sp_result_clear(&result);
	run.check = false;
	run.capture_output = true;
	assert_int_equal(sp_check_output(&opts, &run, &out, &result), SP_E_VALUE);
	sp_result_clear(&result);
	opts.out = SP_PIPE;
	assert_int_equal(sp_check_output(&opts, NULL, &out, &result), SP_E_VALUE);
	assert_string_equal(result.error.msg, "out not allowed, it will be overridden");
	sp_result_clear(&result);
}

static void assert_statusoutput(const char *script, int rc, const char *text) {
	int found;
	sp_buf out;
	assert_int_equal(sp_getstatusoutput(script, &found, &out, NULL), SP_OK);
	assert_int_equal(found, rc);
	assert_buf(&out, text);
	sp_buf_clear(&out);
}

static void section_4_getstatusoutput_drops_one_newline(void **state) {
	(void)state;
	assert_statusoutput("echo a; echo b >&2; echo c", 0, "a\nb\nc");
	assert_statusoutput("printf 'a\\n\\n'", 0, "a\n");
	assert_statusoutput("printf a; exit 3", 3, "a");
	assert_statusoutput("true", 0, "");
	assert_statusoutput("kill -TERM $$", -SIGTERM, "");
}

// ---- sp_describe

static void assert_described(const sp_opts *opts, int64_t timeout_ns, const char *text) {
	char said[256];
	sp_run_opts run = run_with(timeout_ns);
	sp_result result;
	run.check = true;
	sp_run(opts, &run, &result);
	assert_int_equal(sp_describe(opts, &result, said, sizeof said), strlen(text));
	assert_string_equal(said, text);
	sp_result_clear(&result);
}

static void section_4_describe_says_what_python_says(void **state) {
	(void)state;
	COMMAND(status, "sh", "-c", "exit 3");
	assert_described(
		&status, SP_FOREVER, "Command 'sh -c 'exit 3'' returned non-zero exit status 3.");
	SCRIPT(script, "kill -TERM $$");
	assert_described(
		&script, SP_FOREVER, "Command 'kill -TERM $$' died with <Signals.SIGTERM: 15>.");
	SCRIPT(unknown, "kill -40 $$");
	assert_described(
		&unknown, SP_FOREVER, "Command 'kill -40 $$' died with unknown signal 40.");
	COMMAND(late, "sleep", "100");
	assert_described(&late, 100 * MS, "Command 'sleep 100' timed out after 0.1 seconds");
	COMMAND(good, "true");
	assert_described(&good, SP_FOREVER, "Command 'true' returned exit status 0.");
}

static void section_4_describe_of_one_that_cannot_start(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	COMMAND(opts, "/nonexistent/program", "a b");
	char said[256];
	sp_result result;
	sp_run(&opts, NULL, &result);
	assert_true(sp_describe(&opts, &result, said, sizeof said) > 0);
	assert_ptr_equal(strstr(said, "Command '/nonexistent/program 'a b'' failed: "), said);
	assert_non_null(strstr(said, "No such file or directory"));
	sp_result_clear(&result);
}

static void section_4_describe_of_options_that_are_none(void **state) {
	(void)state;
	COMMAND(opts, "a b", NULL, "c");
	assert_described(&opts, SP_FOREVER, "Command ''a b'' failed: argv[1] is NULL");
	opts.argv = NULL;
	assert_described(&opts, SP_FOREVER, "Command '' failed: argv is NULL");
	SCRIPT(script, NULL);
	assert_described(&script, SP_FOREVER, "Command '' failed: argv[0] is NULL");
	opts.size = 0;
	const char *const text = "Command '' failed: sp_opts was not set up by sp_opts_init";
	assert_described(&opts, SP_FOREVER, text);
	assert_described(NULL, SP_FOREVER, text);
}

static void T6_describe_knows_no_status_that_is_lost(void **state) {
	(void)state;
	COMMAND(opts, "false");
	const sp_result result = {.status_lost = true, .error = SP_ERROR_INIT};
	char said[64];
	assert_true(sp_describe(&opts, &result, said, sizeof said) > 0);
	assert_string_equal(said, "Command 'false' ended, and its exit status is not known.");
}

static void section_4_describe_fits_into_its_buffer(void **state) {
	(void)state;
	COMMAND(opts, "false");
	const char *const text = "Command 'false' returned non-zero exit status 1.";
	sp_result result;
	char said[64];
	assert_int_equal(sp_run(&opts, NULL, &result), SP_OK);
	for (size_t n = 0; n < sizeof said; n++) {
		memset(said, 'x', sizeof said);
		assert_int_equal(sp_describe(&opts, &result, said, n), strlen(text));
		size_t kept = n == 0 ? 0 : n <= strlen(text) ? n - 1 : strlen(text);
		assert_memory_equal(said, text, kept);
		assert_int_equal(said[kept], n == 0 ? 'x' : '\0');
		assert_int_equal(said[kept + 1], 'x');
	}
	assert_int_equal(sp_describe(&opts, &result, NULL, 0), strlen(text));
	sp_result_clear(&result);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST_ON_EACH_KERNEL(section_4_run_fills_in_the_result),
		TEST(section_4_run_without_options_or_result),
		TEST(section_4_run_of_a_program_that_cannot_start),
		TEST(section_4_run_with_empty_input_makes_a_pipe),
		TEST(section_4_run_with_streams_given_twice),
		TEST(section_4_run_check),
		TEST_ON_EACH_KERNEL(
			section_4_pitfall_05_run_with_a_timeout_does_not_wait_for_a_grandchild),
		TEST_ON_EACH_KERNEL(section_4_pitfall_06_run_with_a_timeout_after_eof),
		TEST_ON_EACH_KERNEL(section_4_run_without_time),
		TEST(C21_max_output_keeps_both_ends),
		TEST(C21_max_output_of_a_flood_in_pieces),
		TEST_ON_EACH_KERNEL(section_4_call_returns_the_code),
		TEST_ON_EACH_KERNEL(section_4_call_with_a_timeout_kills),
		TEST_ON_EACH_KERNEL(section_4_call_reads_no_pipes),
		TEST(section_4_check_call_wants_0),
		TEST(section_4_check_output_gives_the_output),
		TEST(section_4_check_output_of_one_that_fails),
		TEST(section_4_check_output_overrides),
		TEST(section_4_getstatusoutput_drops_one_newline),
		TEST(section_4_describe_says_what_python_says),
		TEST(section_4_describe_of_one_that_cannot_start),
		TEST(section_4_describe_of_options_that_are_none),
		TEST(T6_describe_knows_no_status_that_is_lost),
		TEST(section_4_describe_fits_into_its_buffer),
	};
	return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
