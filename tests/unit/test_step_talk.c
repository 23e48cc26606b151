// SPDX-License-Identifier: MIT
// What passes between libspool and the exec step: the order whole, and answers that are foreign,
// short, late or none (subprocess contract 2.3; S1, S2, S3, E1, G1-G4, W1-W7 through the step).
#include "step/step.h"
#include "stepped.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static atomic_int kills;

// In place of the C library's, to see which the library sends by number.
int kill(pid_t pid, int sig) {
	kills++;
	return (int)syscall(SYS_kill, pid, sig);
}

// Any setting makes it necessary.
static void need_step(sp_opts *opts, int which) {
	opts->exec_step = step_program(which);
	opts->umask = 022;
}

// ---- the program arrives as without it

static void section_2_3_words_and_environment_arrive(void **state) {
	(void)state;
	const char *const env[] = {"A=1", "B=", "PATH=/usr/bin:/bin", "A=2", "=x",
		"LD_LIBRARY_PATH=/nonexistent", NULL};
	COMMAND(words, "printf", "[%s]", "", "a b", "'", "$HOME\n", "\xff");
	SCRIPT(shell, "echo \"$0 $1\"; env | sort", "zero", "one");
	shell.env = env;
	for (int i = 0; i < STEP_PROGRAMS; i++) {
		need_step(&words, i);
		need_step(&shell, i);
		assert_says(&words, "[][a b]['][$HOME\n][\xff]");
		char *out = output_of(&shell);
		assert_non_null(strstr(out, "zero one\n"));
		assert_non_null(strstr(out, "\nA=2\nB=\nLD_LIBRARY_PATH=/nonexistent\n"));
		assert_null(strstr(out, "SPOOL"));
		free(out);
	}
}

static void section_2_3_no_words_but_an_executable(void **state) {
	(void)state;
	const char *const none[] = {NULL};
	COMMAND(opts, "unused");
	need_step(&opts, 0);
	opts.argc = 0;
	opts.executable = "/bin/true";
	opts.env = none;
	sp_proc *proc = start(&opts);
	assert_int_equal(finish(proc), 0);
	COMMAND(named, "zero", "-c", "echo $0");
	need_step(&named, 0);
	named.executable = "sh";
	assert_says(&named, "zero\n");
}

static void section_2_3_megabytes_of_environment(void **state) {
	(void)state;
	enum { ENTRIES = 15, LENGTH = 100 * 1024 };
	static char entries[ENTRIES][LENGTH + 1];
	const char *env[ENTRIES + 1] = {NULL};
	for (int i = 0; i < ENTRIES; i++) {
		memset(entries[i], 'x', LENGTH);
		entries[i][0] = (char)('A' + i);
		entries[i][1] = '=';
		env[i] = entries[i];
	}
	COMMAND(opts, "/bin/sh", "-c", "env | wc -c");
	need_step(&opts, 0);
	opts.env = env;
	char *out = output_of(&opts);
	assert_true(atol(out) >= (LENGTH + 1) * ENTRIES);
	free(out);
}

static void W1_W5_through_the_step(void **state) {
	(void)state;
	struct folder folder = folder_new();
	folder_dir(&folder, "one");
	folder_dir(&folder, "two");
	folder_file(&folder, "one/tool", 0644, "#!/bin/sh\necho one\n");
	folder_file(&folder, "two/tool", 0755, "#!/bin/sh\necho two\n");
	folder_file(&folder, "one/text", 0755, "echo text\n");
	const char *bad = folder_file(&folder, "two/bad", 0755, "#!/nonexistent/sh\n");
	const char *const env[] = {"PATH=one:two", NULL};
	COMMAND(opts, "tool");
	need_step(&opts, 0);
	opts.cwd = folder.path;
	opts.env = env;
	assert_says(&opts, "two\n");
	COMMAND(text, "text");
	need_step(&text, 0);
	text.cwd = folder.path;
	text.env = env;
	assert_refused(&text, ENOEXEC, SP_AT_EXEC, "text");
	COMMAND(missing, "missing");
	need_step(&missing, 0);
	missing.env = env;
	assert_refused(&missing, ENOENT, SP_AT_EXEC, "missing");
	COMMAND(script, bad);
	need_step(&script, 0);
	assert_refused(&script, ENOENT, SP_AT_EXEC, bad);
	script.cwd = "/nonexistent";
	assert_refused(&script, ENOENT, SP_AT_CWD, "/nonexistent");
	folder_remove(&folder);
}

static void W5_the_last_miss_counts_through_the_step(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	struct folder folder = folder_new();
	folder_dir(&folder, "one");
	folder_file(&folder, "file", 0644, "");
	folder_file(&folder, "one/tool", 0755, "#!/nonexistent/sh\n");
	const char *const ends[] = {"PATH=one:file", NULL}, *const begins[] = {
								    "PATH=file:one", NULL};
	COMMAND(opts, "tool");
	opts.cwd = folder.path;
	for (int i = 0; i < 2; i++) {
		opts.env = ends;
		assert_refused(&opts, ENOTDIR, SP_AT_EXEC, "tool");
		opts.env = begins;
		assert_refused(&opts, ENOENT, SP_AT_EXEC, "tool");
		need_step(&opts, i);
	}
	folder_remove(&folder);
}

static void W7_too_long_through_the_step(void **state) {
	(void)state;
	size_t n = 200 * 1024;
	char *word = malloc(n + 1);
	assert_non_null(word);
	memset(word, 'x', n);
	word[n] = '\0';
	COMMAND(opts, "true", word);
	need_step(&opts, 0);
	assert_refused(&opts, E2BIG, SP_AT_EXEC, "true");
	free(word);
}

static void signals_through_the_step(void) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	SCRIPT(opts, "grep -E '^Sig(Blk|Ign)' /proc/self/status | tr -d '\\t'");
	for (int i = 0; i < STEP_PROGRAMS; i++) {
		need_step(&opts, i);
		opts.pdeathsig = SIGUSR2;
		assert_says(&opts, "SigBlk:0000000000000200\nSigIgn:0000000000000001\n");
	}
	opts.start_new_session = true;
	opts.err = SP_STDOUT;
	sp_proc *proc = start(&opts);
	assert_int_equal(getsid(sp_pid(proc)), sp_pid(proc));
	assert_int_equal(finish(proc), 0);
}

static void G1_G4_S10_DEV12_through_the_step(void **state) {
	(void)state;
	SKIP_UNDER("tsan", "takes signals itself");
	in_own_process(signals_through_the_step);
}

static void S12_through_the_step(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	COMMAND(opts, "true");
	need_step(&opts, 0);
	opts.start_new_session = true;
	opts.process_group = 0;
	assert_refused(&opts, EPERM, SP_AT_SETUP, NULL);
}

// ---- the exec step itself

static void assert_no_step(const sp_opts *opts, int os_errno) {
	sp_error error = SP_ERROR_INIT;
	sp_proc *proc;
	int fds = open_fds();
	assert_int_equal(sp_popen(&proc, opts, &error), SP_E_HELPER);
	assert_null(proc);
	assert_int_equal(error.os_errno, os_errno);
	if (os_errno) {
		assert_string_equal(error.filename, opts->exec_step);
	}
	assert_non_null(strstr(error.msg, "exec step"));
	sp_error_clear(&error);
	assert_int_equal(open_fds(), fds);
	assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
}

static void section_2_3_a_missing_step_is_an_error_of_its_own(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	COMMAND(opts, "true");
	opts.umask = 0;
	opts.exec_step = "/nonexistent/step";
	assert_no_step(&opts, ENOENT);
	opts.exec_step = "/etc/passwd";
	assert_no_step(&opts, EACCES);
	// Nobody pays who asks for nothing.
	opts.umask = -1;
	assert_int_equal(rc_of(&opts), 0);
}

// A script in place of the step; it gets the numbers as $1 and $2.
static void assert_bad_data(const struct folder *folder, const char *script) {
	char text[512];
	snprintf(text, sizeof text, "#!/bin/sh\ncd '%s'\n%s\n", folder->path, script);
	COMMAND(opts, "true");
	opts.umask = 0;
	opts.exec_step = folder_file(folder, "step", 0755, text);
	assert_no_step(&opts, 0);
}

static void put_report(const struct folder *folder, const char *name, struct step_report report) {
	const char *path = folder_file(folder, name, 0600, "");
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(write(fd, &report, sizeof report), sizeof report);
	close(fd);
}

static void section_2_3_foreign_and_short_data(void **state) {
	(void)state;
	struct folder folder = folder_new();
	put_report(&folder, "begun", (struct step_report){STEP_MAGIC, STEP_BEGUN, 0, 0, 0});
	put_report(&folder, "odd", (struct step_report){STEP_MAGIC, 99, EPERM, 0, 0});
	put_report(&folder, "zero", (struct step_report){STEP_MAGIC, STEP_UID, 0, 0, 0});
	put_report(&folder, "unfailing", (struct step_report){STEP_MAGIC, STEP_EXEC, 0, 0, 0});
	put_report(&folder, "order", (struct step_report){STEP_MAGIC, STEP_ORDER, EINVAL, 0, 0});
	assert_bad_data(&folder, "exit 0");
	assert_bad_data(&folder, "exit 127");
	assert_bad_data(&folder, "eval \"exec $2>&-\"; sleep 60"); // lives on and says nothing
	assert_bad_data(&folder, "echo x >&$2");
	assert_bad_data(&folder, "exec yes >&$2");
	assert_bad_data(&folder, "cat begun unfailing >&$2");
	assert_bad_data(&folder, "cat begun >&$2; echo x >&$2");
	assert_bad_data(&folder, "cat begun odd >&$2");
	assert_bad_data(&folder, "cat begun zero >&$2");
	assert_bad_data(&folder, "cat begun order >&$2");
	assert_bad_data(&folder, "cat begun begun begun >&$2");
	folder_remove(&folder);
}

// The library is older than what is installed, or has pointers of another size.
static void section_2_3_a_step_of_another_version(void **state) {
	(void)state;
	struct folder folder = folder_new();
	const uint64_t others[] = {STEP_MAGIC + 256, STEP_MAGIC ^ 12};
	for (size_t i = 0; i < 2; i++) {
		put_report(&folder, "other", (struct step_report){others[i], STEP_BEGUN, 0, 0, 0});
		const char *path = folder_file(&folder, "step", 0755, "");
		FILE *file = fopen(path, "we");
		assert_non_null(file);
		fprintf(file, "#!/bin/sh\ncat '%s/other' >&$2\n", folder.path);
		assert_int_equal(fclose(file), 0);
		COMMAND(opts, "true");
		opts.umask = 0;
		opts.exec_step = path;
		sp_error error = SP_ERROR_INIT;
		sp_proc *proc;
		assert_int_equal(sp_popen(&proc, &opts, &error), SP_E_HELPER);
		assert_non_null(strstr(error.msg, "another version"));
		sp_error_clear(&error);
	}
	folder_remove(&folder);
}

static void fail_while_children_are_ignored(void) {
	signal(SIGCHLD, SIG_IGN);
	COMMAND(opts, "/nonexistent/program");
	need_step(&opts, 0);
	for (int i = 0; i < 20; i++) {
		sp_proc *proc;
		kills = 0;
		assert_int_equal(sp_popen(&proc, &opts, NULL), SP_E_OS);
		assert_int_equal(kills, 0);
	}
}

// The system has collected it, and may have given its number away.
static void K5_pitfall_23_a_step_that_failed_is_not_killed_by_number(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "has no pidfd");
	in_own_process(fail_while_children_are_ignored);
}

static void allow_no_files(void) {
	const struct rlimit none = {0, 0};
	int fds = open_fds();
	COMMAND(opts, "true");
	need_step(&opts, 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	sp_error error = SP_ERROR_INIT;
	sp_proc *proc;
	assert_int_equal(sp_popen(&proc, &opts, &error), SP_E_OS);
	assert_int_equal(error.os_errno, EFBIG);
	assert_int_equal(error.stage, SP_AT_PIPE);
	assert_non_null(strstr(error.msg, "exec step"));
	sp_error_clear(&error);
	assert_int_equal(open_fds(), fds);
	sigset_t pending;
	assert_int_equal(sigpending(&pending), 0);
	assert_int_equal(sigismember(&pending, SIGXFSZ), 0);
	opts.umask = -1;
	assert_int_equal(rc_of(&opts), 0);
}

// The order is a file too, but the host does not die of SIGXFSZ.
static void section_2_3_the_host_may_write_no_files(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "writes files itself");
	in_own_process(allow_no_files);
}

static void section_2_3_killed_in_between_it_is_a_signals_result(void **state) {
	(void)state;
	struct folder folder = folder_new();
	put_report(&folder, "begun", (struct step_report){STEP_MAGIC, STEP_BEGUN, 0, 0, 0});
	for (int begun = 0; begun < 2; begun++) {
		char text[512];
		snprintf(text, sizeof text,
			"#!/bin/sh\n[ %d = 0 ] || cat %s/begun >&$2\nkill -9 $$\n", begun,
			folder.path);
		COMMAND(opts, "true");
		opts.umask = 0;
		opts.out = SP_PIPE;
		opts.exec_step = folder_file(&folder, "step", 0755, text);
		assert_int_equal(rc_of(&opts), -SIGKILL);
	}
	folder_remove(&folder);
}

// ---- orders that make no sense

// The order of a command, taken from it on its way.
static struct step_order *catch_order(const struct folder *folder) {
	char text[256];
	snprintf(text, sizeof text, "#!/bin/sh\ncat /proc/self/fd/$1 >%s/order\nkill -9 $$\n",
		folder->path);
	const gid_t groups[] = {1, 2, 3};
	const sp_rlim limits[] = {{RLIMIT_CORE, {0, 0}}};
	const char *const env[] = {"PATH=/usr/bin:/bin", "A=b", NULL};
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	COMMAND(opts, "true", "word");
	opts.env = env;
	opts.groups = groups;
	opts.n_groups = 3;
	opts.rlimits = limits;
	opts.n_rlimits = 1;
	opts.pass_fds = &fd;
	opts.n_pass_fds = 1;
	opts.exec_step = folder_file(folder, "catch", 0755, text);
	assert_int_equal(rc_of(&opts), -SIGKILL);
	close(fd);
	fd = open(in_folder(folder, "order"), O_RDONLY | O_CLOEXEC);
	struct stat status;
	assert_int_equal(fstat(fd, &status), 0);
	assert_true(status.st_size > (off_t)sizeof(struct step_order));
	struct step_order *order = malloc((size_t)status.st_size);
	assert_non_null(order);
	assert_int_equal(read(fd, order, (size_t)status.st_size), status.st_size);
	assert_int_equal(order->size, status.st_size);
	close(fd);
	return order;
}

// Hands the step an order of n bytes; returns its last report.
static struct step_report carry_out(const void *order, size_t n) {
	struct step_report reports[3] = {{0}};
	int ends[2], fd = memfd_create("order", MFD_CLOEXEC);
	char numbers[2][12];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write(fd, order, n), n);
	snprintf(numbers[0], sizeof numbers[0], "%d", fd);
	snprintf(numbers[1], sizeof numbers[1], "%d", ends[1]);
	const int passed[] = {fd, ends[1]};
	COMMAND(opts, STEP_NAME, numbers[0], numbers[1]);
	opts.executable = step_program(0);
	opts.pass_fds = passed;
	opts.n_pass_fds = 2;
	sp_proc *proc = start(&opts);
	close(ends[1]);
	ssize_t got = read(ends[0], reports, sizeof reports);
	for (ssize_t more = got; more > 0 && got < (ssize_t)sizeof reports; got += more) {
		more = read(ends[0], (char *)reports + got, sizeof reports - (size_t)got);
	}
	close(ends[0]);
	close(fd);
	int rc = finish(proc);
	assert_int_equal(reports[0].magic, STEP_MAGIC);
	assert_int_equal(reports[0].matter, STEP_BEGUN);
	if (got == sizeof *reports) {
		assert_int_equal(rc, 0); // true(1) has run
		return reports[0];
	}
	assert_int_equal(got, 2 * sizeof *reports);
	assert_int_equal(rc, 127);
	return reports[1];
}

static void assert_senseless_order(const void *order, size_t n) {
	struct step_report report = carry_out(order, n);
	assert_int_equal(report.matter, STEP_ORDER);
}

static void section_2_3_orders_that_make_no_sense(void **state) {
	(void)state;
	struct folder folder = folder_new();
	struct step_order *order = catch_order(&folder), good = *order;
	size_t size = order->size;
	if (geteuid() == 0) {
		assert_int_equal(carry_out(order, size).matter, STEP_BEGUN);
	}
	uint64_t *const counts[] = {&order->n_args, &order->n_env, &order->n_places,
		&order->n_limits, &order->size, &order->magic};
	const uint64_t values[] = {size, size / 8, UINT64_MAX, UINT64_MAX / 8, UINT64_MAX / 24 + 1,
		UINT64_C(1) << 32, UINT64_C(1) << 61};
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		for (size_t j = 0; j < sizeof values / sizeof *values; j++) {
			*order = good;
			if (counts[i] != &order->size || values[j] != size) {
				*counts[i] = values[j];
				assert_senseless_order(order, size);
			}
		}
	}
	*order = good;
	order->n_groups = INT64_MAX;
	assert_senseless_order(order, size);
	*order = good;
	order->n_kept = UINT32_MAX;
	assert_senseless_order(order, size);
	*order = good;
	assert_senseless_order(order, size - 1);
	assert_senseless_order(order, sizeof *order);
	assert_senseless_order(order, 7);
	assert_senseless_order("", 0);
	free(order);
	folder_remove(&folder);
}

static void section_2_3_offsets_that_lead_out_of_the_order(void **state) {
	(void)state;
	struct folder folder = folder_new();
	struct step_order *order = catch_order(&folder);
	struct step_parts parts;
	assert_true(step_parts(order, &parts));
	union step_word *const words[] = {parts.args, parts.args + order->n_args, parts.env,
		parts.env + order->n_env, parts.places};
	const uintptr_t values[] = {1, 8, order->size, order->size + 1, UINTPTR_MAX};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		uintptr_t good = words[i]->offset;
		for (size_t j = 0; j < sizeof values / sizeof *values; j++) {
			words[i]->offset = values[j];
			assert_senseless_order(order, order->size);
		}
		words[i]->offset = good;
	}
	free(order);
	folder_remove(&folder);
}

static void section_2_3_started_by_hand_it_says_what_it_is(void **state) {
	(void)state;
	for (int i = 0; i < STEP_PROGRAMS; i++) {
		const char *const arguments[][2] = {
			{NULL, NULL}, {"x", "1"}, {"1", ""}, {"999999999999", "1"}, {"0", "777"}};
		for (size_t j = 0; j < sizeof arguments / sizeof *arguments; j++) {
			COMMAND(opts, STEP_NAME, arguments[j][0], arguments[j][1]);
			opts.argc = arguments[j][0] ? 3 : 1;
			opts.executable = step_program(i);
			opts.err = SP_PIPE;
			sp_result result;
			assert_int_equal(sp_run(&opts, NULL, &result), SP_OK);
			assert_int_equal(result.returncode, 125);
			assert_buf(&result.err,
				"spool-exec-step: it is libspool that runs this program\n");
			sp_result_clear(&result);
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(section_2_3_words_and_environment_arrive),
		TEST(section_2_3_no_words_but_an_executable),
		TEST(section_2_3_megabytes_of_environment),
		TEST(W1_W5_through_the_step),
		TEST(W5_the_last_miss_counts_through_the_step),
		TEST(W7_too_long_through_the_step),
		TEST(G1_G4_S10_DEV12_through_the_step),
		TEST(S12_through_the_step),
		TEST(section_2_3_a_missing_step_is_an_error_of_its_own),
		TEST(section_2_3_foreign_and_short_data),
		TEST(section_2_3_a_step_of_another_version),
		TEST(K5_pitfall_23_a_step_that_failed_is_not_killed_by_number),
		TEST(section_2_3_the_host_may_write_no_files),
		TEST(section_2_3_killed_in_between_it_is_a_signals_result),
		TEST(section_2_3_orders_that_make_no_sense),
		TEST(section_2_3_offsets_that_lead_out_of_the_order),
		TEST(section_2_3_started_by_hand_it_says_what_it_is),
	};
	return cmocka_run_group_tests_name("step_talk", tests, NULL, NULL);
}
