// SPDX-License-Identifier: MIT
// The environment and the signals that a child is born with, and what starting one does to those of
// its parent (subprocess contract E1-E6, G1-G5; pitfalls 18, 25; DEV-12).
#include "command.h"

#include <pthread.h>
#include <signal.h>

extern char **environ;

// ---- environment

static void E1_env_replaces_all_of_it(void **state) {
	(void)state;
	COMMAND(opts, "env");
	const char *const env[] = {"B=2", "A=b=c", "EMPTY=", NULL}, *const none[] = {NULL};
	opts.env = env;
	assert_says(&opts, "B=2\nA=b=c\nEMPTY=\n");
	opts.env = none;
	assert_says(&opts, "");
}

static void E1_without_env_it_is_the_callers_at_call_time(void **state) {
	(void)state;
	SCRIPT(opts, "echo $SPOOL_TEST_WORD");
	assert_int_equal(setenv("SPOOL_TEST_WORD", "one", 1), 0);
	assert_says(&opts, "one\n");
	assert_int_equal(setenv("SPOOL_TEST_WORD", "two", 1), 0);
	assert_says(&opts, "two\n");
	assert_int_equal(unsetenv("SPOOL_TEST_WORD"), 0);
	assert_says(&opts, "\n");
}

static void E2_an_entry_without_a_name_is_passed_on(void **state) {
	(void)state;
	COMMAND(opts, "env");
	const char *const env[] = {"=c", "A=1", NULL};
	opts.env = env;
	assert_says(&opts, "=c\nA=1\n");
}

static void E2_an_entry_without_equals_is_senseless(void **state) {
	(void)state;
	COMMAND(opts, "env");
	const char *const env[] = {"A=1", "word", NULL}, *const empty[] = {"", NULL};
	opts.env = env;
	assert_senseless(&opts, SP_E_VALUE, "env[1]");
	opts.env = empty;
	assert_senseless(&opts, SP_E_VALUE, "env[0]");
}

static void E5_of_a_name_given_twice_the_last_wins(void **state) {
	(void)state;
	COMMAND(opts, "env");
	const char *const env[] = {"A=1", "AB=2", "A=3", "=x", "A=4", "=y", NULL};
	opts.env = env;
	assert_says(&opts, "A=4\nAB=2\n=y\n");
	// Of PATH too.
	const char *const paths[] = {"PATH=/usr/bin:/bin", "PATH=/nowhere", NULL};
	opts.env = paths;
	opts.executable = "/usr/bin/env";
	assert_says(&opts, "PATH=/nowhere\n");
}

static void E5_many_names(void **state) {
	(void)state;
	enum { NAMES = 3000 };
	static char text[NAMES][32];
	static const char *env[NAMES + 1];
	for (int i = 0; i < NAMES; i++) {
		snprintf(text[i], sizeof text[i], "N%d=%d", i % (NAMES / 2), i);
		env[i] = text[i];
	}
	COMMAND(opts, "env");
	opts.env = env;
	char *out = output_of(&opts), *at = out;
	for (int i = 0; i < NAMES / 2; i++) {
		char line[16];
		int n = snprintf(line, sizeof line, "N%d=%d\n", i, i + NAMES / 2);
		assert_memory_equal(at, line, (size_t)n);
		at += n;
	}
	assert_int_equal(*at, '\0');
	free(out);
}

static void E6_the_callers_environ_is_not_touched(void **state) {
	(void)state;
	char **before = environ;
	const char *path = getenv("PATH");
	COMMAND(opts, "true");
	const char *const env[] = {"PATH=/usr/bin:/bin", NULL};
	opts.env = env;
	assert_int_equal(rc_of(&opts), 0);
	assert_ptr_equal(environ, before);
	assert_ptr_equal(getenv("PATH"), path);
}

// ---- signals of the child

struct signals {
	unsigned long long blocked, ignored, caught;
};

static struct signals signals_of(const sp_opts *given) {
	sp_opts opts = *given;
	const char *const argv[] = {"grep", "Sig", "/proc/self/status"};
	struct signals signals;
	opts.argv = argv;
	opts.argc = 3;
	char *out = output_of(&opts);
	assert_int_equal(sscanf(strstr(out, "SigBlk:"), "SigBlk: %llx SigIgn: %llx SigCgt: %llx",
				 &signals.blocked, &signals.ignored, &signals.caught),
		3);
	free(out);
	return signals;
}

enum { SIGXFSZ_BIT = 1 << (SIGXFSZ - 1), SIGPIPE_BIT = 1 << (SIGPIPE - 1) };

static void nothing_is_ignored(void) {
	for (int sig = 1; sig < 32; sig++) {
		signal(sig, SIG_DFL);
	}
	sp_opts opts;
	sp_opts_init(&opts);
	struct signals signals = signals_of(&opts);
	assert_int_equal(signals.ignored, 0);
	assert_int_equal(signals.blocked, 0);
	opts.restore_signals = false;
	assert_int_equal(signals_of(&opts).ignored, 0);
}

static void DEV12_32_and_33_are_not_left_ignored(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "takes signals for itself");
	in_own_process(nothing_is_ignored);
}

static void restore_signals(void) {
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	sp_opts opts;
	sp_opts_init(&opts);
	assert_int_equal(signals_of(&opts).ignored, 0);
	opts.restore_signals = false;
	assert_int_equal(signals_of(&opts).ignored, SIGPIPE_BIT | SIGXFSZ_BIT);
	struct sigaction action;
	assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
	assert_ptr_equal(action.sa_handler, SIG_IGN);
}

static void G1_restore_signals(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "takes signals for itself");
	in_own_process(restore_signals);
}

static void no_death_on_head(void) {
	signal(SIGPIPE, SIG_IGN);
	SCRIPT(opts, "yes | head -1");
	opts.out = opts.err = SP_PIPE;
	sp_result result;
	assert_int_equal(sp_run(&opts, NULL, &result), SP_OK);
	assert_buf(&result.out, "y\n");
	assert_buf(&result.err, ""); // else: "Broken pipe"
	sp_result_clear(&result);
}

static void G1_pitfall_18_a_writer_dies_when_its_reader_goes(void **state) {
	(void)state;
	in_own_process(no_death_on_head);
}

static void mixed_signals(void) {
	sigset_t mask;
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, &mask, NULL), 0);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sp_opts opts;
	sp_opts_init(&opts);
	struct signals signals = signals_of(&opts);
	assert_int_equal(signals.ignored, 1 << (SIGHUP - 1));
	assert_int_equal(signals.blocked, 1 << (SIGUSR1 - 1));
	// The options' mask replaces it, here and not there.
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	opts.sigmask = &mask;
	assert_int_equal(signals_of(&opts).blocked, 1 << (SIGTERM - 1));
	sigemptyset(&mask);
	assert_int_equal(signals_of(&opts).blocked, 0);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &mask), 0);
	assert_true(sigismember(&mask, SIGUSR1));
}

static void G2_G4_pitfall_18_ignored_and_blocked_ones_stay(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "takes signals for itself");
	in_own_process(mixed_signals);
}

static void on_signal(int sig) {
	(void)sig;
}

static void caught_signals(void) {
	signal(SIGUSR1, on_signal);
	signal(SIGTERM, on_signal);
	SCRIPT(opts, "kill -USR1 $$; exit 3");
	assert_int_equal(rc_of(&opts), -SIGUSR1);
	sp_opts any;
	sp_opts_init(&any);
	// grep catches one for itself.
	const unsigned caught = 1 << (SIGUSR1 - 1) | 1 << (SIGTERM - 1);
	assert_int_equal(signals_of(&any).caught & caught, 0);
}

static void G3_caught_signals_are_default_again(void **state) {
	(void)state;
	in_own_process(caught_signals);
}

// ---- signals of the parent

static void assert_same_signals(void (*use)(void)) {
	struct sigaction before[32], after;
	sigset_t mask_before, mask_after;
	for (int sig = 1; sig < 32; sig++) {
		assert_int_equal(sigaction(sig, NULL, &before[sig]), 0);
	}
	pthread_sigmask(SIG_SETMASK, NULL, &mask_before);
	use();
	pthread_sigmask(SIG_SETMASK, NULL, &mask_after);
	for (int sig = 1; sig < 32; sig++) {
		assert_int_equal(sigismember(&mask_after, sig), sigismember(&mask_before, sig));
		assert_int_equal(sigaction(sig, NULL, &after), 0);
		assert_ptr_equal(after.sa_handler, before[sig].sa_handler);
		assert_int_equal(after.sa_flags, before[sig].sa_flags);
	}
}

static void feed_one_who_does_not_read(void) {
	COMMAND(opts, "true");
	sp_run_opts run;
	sp_run_opts_init(&run);
	run.input_len = 1 << 20;
	char *input = calloc(1, run.input_len);
	run.input = input;
	sp_result result;
	assert_int_equal(sp_run(&opts, &run, &result), SP_OK);
	assert_int_equal(result.returncode, 0);
	sp_result_clear(&result);
	free(input);
}

static void no_death_of_sigpipe(void) {
	sigset_t pending;
	assert_int_equal(sigpending(&pending), 0);
	assert_false(sigismember(&pending, SIGPIPE));
	assert_same_signals(feed_one_who_does_not_read);
	sigset_t mask;
	sigemptyset(&mask);
	sigaddset(&mask, SIGPIPE);
	// Nobody's SIGPIPE is left behind..
	assert_int_equal(pthread_sigmask(SIG_BLOCK, &mask, NULL), 0);
	assert_same_signals(feed_one_who_does_not_read);
	assert_int_equal(sigpending(&pending), 0);
	assert_false(sigismember(&pending, SIGPIPE));
	// ..and one that was pending before is not taken.
	assert_int_equal(raise(SIGPIPE), 0);
	assert_same_signals(feed_one_who_does_not_read);
	assert_int_equal(sigpending(&pending), 0);
	assert_true(sigismember(&pending, SIGPIPE));
}

static void G5_pitfall_01_sigpipe_does_not_kill_the_host(void **state) {
	(void)state;
	in_own_process(no_death_of_sigpipe);
}

static volatile sig_atomic_t chld_count;

static void on_chld(int sig) {
	(void)sig;
	chld_count++;
}

static void run_many(void) {
	COMMAND(opts, "true");
	COMMAND(bad, "/nonexistent/program");
	for (int i = 0; i < 50; i++) {
		sp_result result;
		opts.out = SP_PIPE;
		assert_int_equal(sp_run(&opts, NULL, &result), SP_OK);
		assert_false(result.status_lost);
		sp_result_clear(&result);
		sp_run(&bad, NULL, NULL);
	}
}

// The host has a child and a handler of its own.
static void the_hosts_own_child(void) {
	signal(SIGCHLD, on_chld);
	int gate[2];
	assert_int_equal(pipe2(gate, O_CLOEXEC), 0);
	pid_t own = fork();
	if (own == 0) {
		char c;
		close(gate[1]);
		_exit(read(gate[0], &c, 1) == 0 ? 42 : 1);
	}
	close(gate[0]);
	assert_same_signals(run_many);
	assert_true(chld_count > 0);
	pid_t quick = fork();
	if (quick == 0) {
		_exit(43);
	}
	AWAIT(state_of(quick) == 'Z');
	assert_same_signals(run_many);
	int status;
	assert_int_equal(waitpid(quick, &status, 0), quick);
	assert_int_equal(WEXITSTATUS(status), 43);
	close(gate[1]);
	while (waitpid(own, &status, 0) < 0) {
		assert_int_equal(errno, EINTR);
	}
	assert_int_equal(WEXITSTATUS(status), 42);
}

static void pitfall_25_the_hosts_children_are_its_own(void **state) {
	(void)state;
	in_own_process(the_hosts_own_child);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(E1_env_replaces_all_of_it),
		TEST(E1_without_env_it_is_the_callers_at_call_time),
		TEST(E2_an_entry_without_a_name_is_passed_on),
		TEST(E2_an_entry_without_equals_is_senseless),
		TEST(E5_of_a_name_given_twice_the_last_wins),
		TEST(E5_many_names),
		TEST(E6_the_callers_environ_is_not_touched),
		TEST(DEV12_32_and_33_are_not_left_ignored),
		TEST(G1_restore_signals),
		TEST(G1_pitfall_18_a_writer_dies_when_its_reader_goes),
		TEST(G2_G4_pitfall_18_ignored_and_blocked_ones_stay),
		TEST(G3_caught_signals_are_default_again),
		TEST(G5_pitfall_01_sigpipe_does_not_kill_the_host),
		TEST_ON_EACH_KERNEL(pitfall_25_the_hosts_children_are_its_own),
	};
	return cmocka_run_group_tests_name("environment", tests, NULL, NULL);
}
