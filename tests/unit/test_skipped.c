// SPDX-License-Identifier: MIT
// The human report of jobs that were never started because of others, and of failures that are
// allowed.
#include "stage.h"

static const struct need first_to_pass[] = {{.job = 0, .condition = NEED_PASSED}};
static const struct need first_to_fail[] = {{.job = 0, .condition = NEED_FAILED}};
static const struct need first_both[] = {
	{.job = 0, .condition = NEED_PASSED}, {.job = 0, .condition = NEED_FAILED}};
static const struct needs to_pass = {.items = first_to_pass, .n = 1};
static const struct needs to_fail = {.items = first_to_fail, .n = 1};
static const struct needs both = {.items = first_both, .n = 2};
static const struct needs to_fail_elsewhere = {.left_out = "build"};

// What became of the first job, and what is said of one that needs it.
static const struct {
	enum verdict verdict;
	const struct needs *needs;
	const char *line;
} because[] = {
	{VERDICT_FAIL, &to_pass, "needs build, which failed"},
	{VERDICT_FAIL, &both, "needs build, which failed"},
	{VERDICT_SIGNAL, &to_pass, "needs build, which died by a signal"},
	{VERDICT_TIMEOUT, &to_pass, "needs build, which timed out"},
	{VERDICT_EXEC, &to_pass, "needs build, which could not be started"},
	{VERDICT_CANCELLED, &to_pass, "needs build, which was cancelled"},
	{VERDICT_PASS, &to_fail, "needs build to fail, which passed"},
	{VERDICT_PASS, &both, "needs build to fail, which passed"},
};

static void the_line_says_what_became_of_the_job_that_is_needed(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof because / sizeof *because; i++) {
		struct stage stage;
		struct buf wanted = {0};
		STAGE(&stage, "build", "deploy");
		stage.jobs[1].needs = because[i].needs;
		ends(&stage, 0, because[i].verdict, 0);
		give(&stage);
		skips(&stage, 1, SKIP_NEED, 0);
		char *text = printed(&stage);
		buf_printf(&wanted, "          deploy SKIPPED              (2/2)  %s\n",
			because[i].line);
		buf_putc(&wanted, '\0');
		assert_non_null(strstr(text, wanted.data));
		buf_clear(&wanted);
		free(text);
	}
}

static void skipped_jobs_are_counted_and_named_at_the_end(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "build", "deploy", "announce", "mourn", "clean", "never");
	stage.jobs[1].needs = &to_pass;
	stage.jobs[2].needs = &(const struct needs){
		.items = &(const struct need){.job = 1, .condition = NEED_FAILED}, .n = 1};
	stage.jobs[3].needs = &to_fail_elsewhere;
	ends(&stage, 0, VERDICT_FAIL, 3);
	give(&stage);
	skips(&stage, 1, SKIP_NEED, 0);
	skips(&stage, 2, SKIP_NEED, 1);
	skips(&stage, 3, SKIP_LEFT_OUT, 0);
	skips(&stage, 4, SKIP_WHEN, 0);
	assert_int_equal(tell(&stage, EVENT_SKIPPED, 5, NULL), 0);
	check(&stage,
		"Running 6 jobs with 4 workers:\n"
		"           build FAIL       0.001000s (1/6)  exit 3\n"
		"          deploy SKIPPED              (2/6)  needs build, which failed\n"
		"        announce SKIPPED              (3/6)  needs deploy to fail, which was "
		"skipped\n"
		"           mourn SKIPPED              (4/6)  needs build to fail, which was not "
		"selected\n"
		"           clean SKIPPED              (5/6)  on_failure: all that it needs "
		"passed\n"
		"1 jobs in 1.23s\n"
		"1 of 6 jobs did not pass:\n"
		"  build FAIL  exit 3\n"
		"    again: spool run jobs.yaml build\n"
		"skipped: 1\n"
		"    deploy\n"
		"never started: 1\n"
		"    never\n");
}

static void jobs_that_a_halt_left_are_named_only(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "a", "b");
	skips(&stage, 1, SKIP_HALT, 0);
	check(&stage, "Running 2 jobs with 4 workers:\n"
		      "0 jobs in 1.23s\n"
		      "never started: 1\n"
		      "    b\n");
}

static void quiet_names_them_at_the_end_only(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "build", "deploy", "clean", "test");
	stage.options.quiet = true;
	ends(&stage, 0, VERDICT_FAIL, 1);
	give(&stage);
	skips(&stage, 1, SKIP_NEED, 0);
	skips(&stage, 2, SKIP_WHEN, 0);
	ends(&stage, 3, VERDICT_FAIL, 2);
	give(&stage);
	check(&stage, "           build FAIL       0.001000s (1/4)  exit 1\n"
		      "            test FAIL       0.004000s (4/4)  exit 2\n"
		      "2 of 4 jobs did not pass:\n"
		      "  build FAIL  exit 1\n"
		      "    again: spool run jobs.yaml build\n"
		      "  test FAIL  exit 2\n"
		      "    again: spool run jobs.yaml test\n"
		      "skipped: 1\n"
		      "    deploy\n");
}

static void they_wait_for_their_turn(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "deploy", "slow", "build");
	stage.options.keep_order = true;
	ends(&stage, 2, VERDICT_TIMEOUT, -SIGTERM)->ladder = SIGTERM;
	give(&stage);
	skips(&stage, 1, SKIP_NEED, 2);
	skips(&stage, 0, SKIP_NEED, 1);
	check(&stage, "Running 3 jobs with 4 workers:\n"
		      "          deploy SKIPPED              (1/3)  needs slow, which was skipped\n"
		      "            slow SKIPPED              (2/3)  needs build, which timed out\n"
		      "           build TIMEOUT    0.003000s (3/3)  after 60s\n"
		      "1 jobs in 1.23s\n"
		      "1 of 3 jobs did not pass:\n"
		      "  build TIMEOUT  after 60s\n"
		      "    again: spool run jobs.yaml build\n"
		      "skipped: 2\n"
		      "    deploy  slow\n");
}

static void the_files_own_words_leave_the_counter_out(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "2", "3");
	stage.plan.report.given = true;
	stage.plan.report.title = stage.plan.report.footer = "";
	stage.plan.report.labels[0] = "P";
	stage.outlet.colour = true;
	ends(&stage, 0, VERDICT_PASS, 0);
	give(&stage);
	skips(&stage, 1, SKIP_WHEN, 0);
	check(&stage,
		"               2 \033[32mP\033[0m  0.001000s\n"
		"               3 \033[33mSKIPPED\033[0m             on_failure: all that it needs "
		"passed\n");
}

static void failures_that_are_allowed_are_told_apart(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "a", "b", "c");
	stage.outlet.colour = true;
	ends(&stage, 0, VERDICT_FAIL, 3)->allowed = true;
	stage.result->out = output_of("shown\n");
	give(&stage);
	ends(&stage, 1, VERDICT_FAIL, 4);
	give(&stage);
	ends(&stage, 2, VERDICT_TIMEOUT, -SIGTERM)->allowed = true;
	stage.result->ladder = SIGTERM;
	give(&stage);
	check(&stage,
		"Running 3 jobs with 4 workers:\n"
		"               a \033[33mFAIL\033[0m       0.001000s (1/3)  exit 3, allowed\n"
		"    shown\n"
		"               b \033[31mFAIL\033[0m       0.002000s (2/3)  exit 4\n"
		"               c \033[33mTIMEOUT\033[0m    0.003000s (3/3)  after 60s, allowed\n"
		"3 jobs in 1.23s\n"
		"3 of 3 jobs did not pass, 2 of them allowed:\n"
		"  a \033[33mFAIL\033[0m  exit 3, allowed\n"
		"    shown\n"
		"    again: spool run jobs.yaml a\n"
		"  b \033[31mFAIL\033[0m  exit 4\n"
		"    again: spool run jobs.yaml b\n"
		"  c \033[33mTIMEOUT\033[0m  after 60s, allowed\n"
		"    again: spool run jobs.yaml c\n");
	STAGE(&stage, "a", "b");
	stage.options.quiet = true;
	ends(&stage, 0, VERDICT_FAIL, 3)->allowed = true;
	give(&stage);
	check(&stage, "               a FAIL       0.001000s (1/2)  exit 3, allowed\n"
		      "1 of 2 jobs did not pass, as is allowed:\n"
		      "  a FAIL  exit 3, allowed\n"
		      "    again: spool run jobs.yaml a\n");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(the_line_says_what_became_of_the_job_that_is_needed),
		TEST(skipped_jobs_are_counted_and_named_at_the_end),
		TEST(jobs_that_a_halt_left_are_named_only),
		TEST(quiet_names_them_at_the_end_only),
		TEST(they_wait_for_their_turn),
		TEST(the_files_own_words_leave_the_counter_out),
		TEST(failures_that_are_allowed_are_told_apart),
	};
	return cmocka_run_group_tests(tests, stage_begin, NULL);
}
