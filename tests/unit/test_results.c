// SPDX-License-Identifier: MIT
// Output that is kept in files, with real processes: whole, while the job runs, of each try, never
// outside the directory, and what a full disk costs.
#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "run/results.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include "folder.h"
#include "graph.h"

static const int64_t LONG = 20 * (int64_t)CLOCK_SECOND;

enum { JOBS = 2 };

// A run of jobs that are scripts, and what came of it.
struct stand {
	struct folder folder;
	int fd;
	struct piece pieces[JOBS][3];
	struct text argv[JOBS][3];
	struct job jobs[JOBS];
	struct plan plan;
	struct run *run;
	size_t troubles, passed, retries;
	char trouble[160];
	uint64_t total;
	int results_errno;
};

static void stand_init(struct stand *stand) {
	memset(stand, 0, sizeof *stand);
	stand->folder = folder_new();
	stand->fd = open(folder_dir(&stand->folder, "kept"), O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(stand->fd > 2);
	stand->plan = (struct plan){.jobs = stand->jobs, .workers = 1, .name = "results"};
}

static struct job *add(struct stand *stand, const char *name, const char *script) {
	const char *const words[] = {"sh", "-c", script};
	size_t n = stand->plan.n_jobs++;
	struct job *job = &stand->jobs[n];
	for (size_t i = 0; i < 3; i++) {
		stand->pieces[n][i] = (struct piece){PIECE_TEXT, words[i]};
		stand->argv[n][i] = (struct text){&stand->pieces[n][i], 1};
	}
	*job = graph_job(n);
	job->name = name;
	job->argv = stand->argv[n];
	job->argc = 3;
	job->max_output = 64;
	stand->plan.n_all = stand->plan.n_jobs;
	return job;
}

static void begin(struct stand *stand) {
	struct run_options options = {.results = stand->fd};
	assert_int_equal(run_new(&stand->run, &stand->plan, &options), 0);
}

static enum event_kind step(struct stand *stand) {
	struct event event;
	assert_int_equal(run_next(stand->run, LONG, &event), 0);
	assert_int_not_equal(event.kind, EVENT_NONE);
	if (event.kind == EVENT_TROUBLE) {
		stand->troubles++;
		snprintf(stand->trouble, sizeof stand->trouble, "%s", event.text);
	} else if (event.kind == EVENT_RETRY) {
		stand->retries++;
	} else if (event.kind == EVENT_RESULT) {
		stand->passed += event.result->verdict == VERDICT_PASS;
		stand->total += event.result->out.total;
		stand->results_errno = event.result->results_errno;
	}
	enum event_kind kind = event.kind;
	event_clear(&event);
	return kind;
}

static void see_out(struct stand *stand) {
	while (step(stand) != EVENT_END) {
	}
	run_free(stand->run);
	stand->run = NULL;
}

static void carry_out(struct stand *stand) {
	begin(stand);
	see_out(stand);
}

static void stand_close(struct stand *stand) {
	close(stand->fd);
	folder_remove(&stand->folder);
}

// The whole of a file below the directory, for one look at it. NULL: there is none.
static const char *kept(const struct stand *stand, const char *name) {
	static char text[4096];
	char path[80];
	snprintf(path, sizeof path, "kept/%s", name);
	int fd = open(in_folder(&stand->folder, path), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		return NULL;
	}
	ssize_t n = read(fd, text, sizeof text - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
	return text;
}

static off_t size_of(const struct stand *stand, const char *name) {
	struct stat st;
	char path[80];
	snprintf(path, sizeof path, "kept/%s", name);
	return lstat(in_folder(&stand->folder, path), &st) == 0 ? st.st_size : -1;
}

static void check_name(const char *name, unsigned seq, const char *wanted) {
	char got[RESULTS_NAME];
	struct job job = {.seq = seq, .name = name};
	results_name(&job, got);
	assert_string_equal(got, wanted);
}

static void names_lead_nowhere(void **state) {
	char longest[301], cut[RESULTS_NAME];
	(void)state;
	check_name("lint", 7, "000007-lint");
	check_name("A.b_c-9", 123456, "123456-A.b_c-9");
	check_name("x", 4294967295, "4294967295-x");
	check_name("", 1, "000001-_");
	check_name(".", 1, "000001-.");
	check_name("..", 1, "000001-..");
	check_name("../../etc/passwd", 2, "000002-.._.._etc_passwd");
	check_name("a b\n\t\x7f\xc3\xa9", 3, "000003-a_b_____");
	memset(longest, '/', 300);
	longest[300] = '\0';
	snprintf(cut, sizeof cut, "4294967295-%.*s", RESULTS_SLUG, longest);
	for (char *at = cut; *at; at++) {
		*at = *at == '/' ? '_' : *at;
	}
	assert_int_equal(strlen(cut), 11 + RESULTS_SLUG);
	check_name(longest, 4294967295, cut);
}

static void all_of_it_is_kept(void **state) {
	struct stand stand;
	struct stat st;
	(void)state;
	stand_init(&stand);
	add(&stand, "count", "seq 300000; echo wrong >&2");
	add(&stand, "quiet", ":");
	mode_t mask = umask(027);
	carry_out(&stand);
	umask(mask);
	assert_int_equal(stand.troubles, 0);
	assert_int_equal(stand.passed, 2);
	assert_int_equal(size_of(&stand, "000001-count/stdout"), stand.total);
	assert_memory_equal(kept(&stand, "000001-count/stdout"), "1\n2\n3\n", 6);
	assert_string_equal(kept(&stand, "000001-count/stderr"), "wrong\n");
	assert_int_equal(size_of(&stand, "000002-quiet/stdout"), 0);
	assert_int_equal(size_of(&stand, "000002-quiet/stderr"), 0);
	assert_int_equal(lstat(in_folder(&stand.folder, "kept/000002-quiet"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_int_equal(lstat(in_folder(&stand.folder, "kept/000002-quiet/stdout"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	stand_close(&stand);
}

static void check_while_it_runs(bool live) {
	struct stand stand;
	char *script;
	stand_init(&stand);
	const char *go = in_folder(&stand.folder, "go");
	assert_true(asprintf(&script, "printf half; mkfifo '%s'; read x <'%s'; echo ' line'", go,
			    go) > 0);
	add(&stand, "job", script)->live = live;
	begin(&stand);
	step(&stand);
	struct event event;
	assert_int_equal(run_next(stand.run, 0, &event), 0);
	event_clear(&event);
	AWAIT(size_of(&stand, "000001-job/stdout") == 4);
	int fd;
	AWAIT((fd = open(in_folder(&stand.folder, "go"), O_WRONLY | O_NONBLOCK | O_CLOEXEC)) >= 0);
	close(fd);
	see_out(&stand);
	assert_string_equal(kept(&stand, "000001-job/stdout"), "half line\n");
	free(script);
	stand_close(&stand);
}

static void it_is_there_while_the_job_runs(void **state) {
	(void)state;
	check_while_it_runs(false);
	check_while_it_runs(true);
}

// An assertion on what a file has, NULL for none.
static void holds(const struct stand *stand, const char *name, const char *wanted) {
	const char *got = kept(stand, name);
	if (wanted && got) {
		assert_string_equal(got, wanted);
	} else {
		assert_true(!wanted && !got);
	}
}

static void each_try_has_files_of_its_own(void **state) {
	struct stand stand;
	(void)state;
	stand_init(&stand);
	add(&stand, "job", "echo out $SPOOL_ATTEMPT; echo err $SPOOL_ATTEMPT >&2; exit 1")
		->tries = 3;
	carry_out(&stand);
	assert_int_equal(stand.retries, 2);
	holds(&stand, "000001-job/stdout.1", "out 1\n");
	holds(&stand, "000001-job/stderr.1", "err 1\n");
	holds(&stand, "000001-job/stdout.2", "out 2\n");
	holds(&stand, "000001-job/stderr.2", "err 2\n");
	holds(&stand, "000001-job/stdout", "out 3\n");
	holds(&stand, "000001-job/stderr", "err 3\n");
	holds(&stand, "000001-job/stdout.3", NULL);
	// The next run leaves nothing of them.
	stand.jobs[0].tries = 1;
	stand.jobs[0].err = STREAM_STDOUT;
	carry_out(&stand);
	holds(&stand, "000001-job/stdout", "out 1\nerr 1\n");
	holds(&stand, "000001-job/stderr", NULL);
	for (int i = 1; i < 3; i++) {
		char name[40];
		snprintf(name, sizeof name, "000001-job/stdout.%d", i);
		holds(&stand, name, NULL);
		snprintf(name, sizeof name, "000001-job/stderr.%d", i);
		holds(&stand, name, NULL);
	}
	stand_close(&stand);
}

// What a job or somebody else has put in the way leads nowhere.
static void check_planted_links(void) {
	struct stand stand;
	stand_init(&stand);
	folder_dir(&stand.folder, "kept/000001-file");
	const char *outside = folder_file(&stand.folder, "outside", 0644, "mine\n");
	assert_int_equal(symlink(outside, in_folder(&stand.folder, "kept/000001-file/stdout")), 0);
	assert_int_equal(
		symlink(outside, in_folder(&stand.folder, "kept/000001-file/stderr.1")), 0);
	assert_int_equal(symlink(folder_dir(&stand.folder, "elsewhere"),
				 in_folder(&stand.folder, "kept/000002-folder")),
		0);
	add(&stand, "file", "echo one; echo two >&2");
	add(&stand, "folder", "echo three");
	carry_out(&stand);
	assert_int_equal(stand.passed, 2);
	holds(&stand, "000001-file/stdout", "one\n");
	holds(&stand, "000001-file/stderr", "two\n");
	holds(&stand, "000001-file/stderr.1", NULL);
	holds(&stand, "../outside", "mine\n");
	assert_int_equal(rmdir(in_folder(&stand.folder, "elsewhere")), 0); // empty
	assert_int_equal(stand.troubles, 1);
	assert_non_null(strstr(stand.trouble, "'000002-folder'"));
	stand_close(&stand);
}

static void links_that_are_in_the_way_lead_nowhere(void **state) {
	(void)state;
	check_planted_links();
}

// Has openat2 fail, as on an older kernel or in a sandbox.
static void lose_openat2(unsigned with) {
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | with),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
	assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
	assert_int_equal(syscall(SYS_openat2, -1, "", NULL, 0), -1);
	assert_int_equal(errno, with);
}

static void links_on_an_older_kernel(void) {
	lose_openat2(ENOSYS);
	check_planted_links();
}

static void links_in_a_sandbox(void) {
	lose_openat2(EPERM);
	check_planted_links();
}

static void without_openat2_it_is_the_same(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "it has system calls of its own");
	in_own_process(links_on_an_older_kernel);
	in_own_process(links_in_a_sandbox);
}

// What is in the way of a try's own files was put there while the try before ran.
static void links_that_a_try_leaves_lead_nowhere(void **state) {
	struct stand stand;
	char *script;
	(void)state;
	stand_init(&stand);
	const char *outside = folder_file(&stand.folder, "outside", 0644, "mine\n");
	assert_true(asprintf(&script,
			    "cd '%s'/kept/000001-job && rm stdout && ln -s '%s' stdout && "
			    "ln -s '%s' stdout.1; exit 1",
			    stand.folder.path, outside, outside) > 0);
	add(&stand, "job", script)->tries = 2;
	carry_out(&stand);
	assert_int_equal(stand.retries, 1);
	holds(&stand, "../outside", "mine\n");
	free(script);
	stand_close(&stand);
}

static void limit_files(rlim_t most) {
	struct rlimit limit;
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_is_said_once(void **state) {
	struct stand stand;
	sigset_t full, before;
	(void)state;
	sigemptyset(&full);
	sigaddset(&full, SIGXFSZ);
	pthread_sigmask(SIG_BLOCK, &full, &before);
	stand_init(&stand);
	add(&stand, "one", "seq 300000; echo end >&2");
	add(&stand, "two", "seq 300000; echo end >&2");
	begin(&stand);
	limit_files(100000);
	see_out(&stand);
	limit_files(RLIM_INFINITY);
	assert_int_equal(stand.passed, 2); // so nothing held them up
	assert_true(stand.total > 2000000);
	assert_int_equal(stand.results_errno, EFBIG);
	assert_int_equal(stand.troubles, 1);
	assert_string_equal(
		stand.trouble, "the results in '000001-one' are not whole: File too large");
	assert_int_equal(size_of(&stand, "000001-one/stdout"), 100000);
	assert_int_equal(size_of(&stand, "000002-two/stdout"), 100000);
	holds(&stand, "000002-two/stderr", "end\n");
	sigtimedwait(&full, NULL, &(struct timespec){0});
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	stand_close(&stand);
}

// There may be room again, but a file has no gap that nobody can see.
static void with_room_again(void) {
	struct stand stand;
	struct results results = RESULTS_NONE;
	sp_error error = SP_ERROR_INIT;
	signal(SIGXFSZ, SIG_IGN);
	stand_init(&stand);
	add(&stand, "job", "");
	struct attempt_common common = {.results = stand.fd};
	struct result result = {.job = &stand.jobs[0], .attempt = 1};
	assert_int_equal(results_open(&results, &common, &result, &error), SP_OK);
	results_write(&results, 1, "one,", 4);
	limit_files(6);
	results_write(&results, 1, "two,", 4);
	limit_files(RLIM_INFINITY);
	results_write(&results, 1, "three", 5);
	results_write(&results, 2, "all", 3);
	assert_int_equal(results_close(&results), EFBIG);
	holds(&stand, "000001-job/stdout", "one,tw");
	holds(&stand, "000001-job/stderr", "all");
	stand_close(&stand);
}

static void behind_what_is_missing_comes_nothing(void **state) {
	(void)state;
	in_own_process(with_room_again);
}

// A directory in place of a file costs that file only.
static void what_cannot_be_replaced_is_said(void **state) {
	struct stand stand;
	(void)state;
	stand_init(&stand);
	folder_dir(&stand.folder, "kept/000001-job");
	folder_dir(&stand.folder, "kept/000001-job/stdout");
	add(&stand, "job", "echo out; echo err >&2");
	carry_out(&stand);
	assert_int_equal(stand.passed, 1);
	assert_int_equal(stand.troubles, 1);
	assert_int_equal(stand.results_errno, EEXIST);
	holds(&stand, "000001-job/stderr", "err\n");
	stand_close(&stand);
}

static void streams_that_are_not_captured_have_no_files(void **state) {
	struct stand stand;
	(void)state;
	stand_init(&stand);
	add(&stand, "half", "echo err >&2")->out = STREAM_NULL;
	struct job *none = add(&stand, "none", "echo none");
	none->out = none->err = STREAM_NULL;
	carry_out(&stand);
	assert_int_equal(stand.passed, 2);
	holds(&stand, "000001-half/stdout", NULL);
	holds(&stand, "000001-half/stderr", "err\n");
	assert_int_equal(size_of(&stand, "000002-none"), -1);
	stand_close(&stand);
}

static void a_job_that_cannot_start_leaves_empty_files(void **state) {
	struct stand stand;
	(void)state;
	stand_init(&stand);
	add(&stand, "job", "");
	stand.pieces[0][0].text = "/nonesuch";
	carry_out(&stand);
	assert_int_equal(stand.passed, 0);
	assert_int_equal(stand.troubles, 0);
	assert_int_equal(size_of(&stand, "000001-job/stdout"), 0);
	assert_int_equal(size_of(&stand, "000001-job/stderr"), 0);
	stand_close(&stand);
}

static void they_count_for_the_limit_on_open_files(void **state) {
	struct stand stand;
	(void)state;
	stand_init(&stand);
	add(&stand, "job", ":");
	unsigned long without = run_least_descriptors(&stand.plan, &(struct run_options){0});
	struct run_options options = {.results = stand.fd};
	assert_int_equal(run_least_descriptors(&stand.plan, &options), without + RESULTS_FDS);
	stand_close(&stand);
}

static void allow_more_files(unsigned long n) {
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	int next = fcntl(0, F_DUPFD_CLOEXEC, 3);
	assert_true(next >= 0);
	close(next);
	limit.rlim_cur = (rlim_t)next + n;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

// A second call goes on from there: what the first one has opened is not taken for the last try's.
static void with_too_few_descriptors(void) {
	struct stand stand;
	struct results results = RESULTS_NONE;
	sp_error error = SP_ERROR_INIT;
	stand_init(&stand);
	add(&stand, "job", "");
	folder_dir(&stand.folder, "kept/000001-job");
	folder_file(&stand.folder, "kept/000001-job/stdout", 0644, "out 1\n");
	folder_file(&stand.folder, "kept/000001-job/stderr", 0644, "err 1\n");
	struct attempt_common common = {.results = stand.fd};
	struct result result = {.job = &stand.jobs[0], .attempt = 2};
	for (unsigned long n = 0; n < 3; n++) {
		allow_more_files(n);
		assert_int_equal(results_open(&results, &common, &result, &error), SP_E_OS);
		assert_int_equal(error.os_errno, EMFILE);
		if (n == 2) {
			assert_true(results.fds[0] >= 0);
		}
	}
	allow_more_files(16);
	assert_int_equal(results_open(&results, &common, &result, &error), SP_OK);
	results_write(&results, 1, "out 2\n", 6);
	results_write(&results, 2, "err 2\n", 6);
	assert_int_equal(results_close(&results), 0);
	holds(&stand, "000001-job/stdout", "out 2\n");
	holds(&stand, "000001-job/stderr", "err 2\n");
	holds(&stand, "000001-job/stdout.1", "out 1\n");
	holds(&stand, "000001-job/stderr.1", "err 1\n");
	close(stand.fd);
	COMMAND(remove, "rm", "-r", stand.folder.path);
	assert_int_equal(rc_of(&remove), 0);
}

static void descriptors_that_come_late_are_soon_enough(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "it has descriptors of its own");
	in_own_process(with_too_few_descriptors);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(names_lead_nowhere),
		TEST(all_of_it_is_kept),
		TEST(it_is_there_while_the_job_runs),
		TEST(each_try_has_files_of_its_own),
		TEST(links_that_are_in_the_way_lead_nowhere),
		TEST(without_openat2_it_is_the_same),
		TEST(links_that_a_try_leaves_lead_nowhere),
		TEST(a_full_disk_is_said_once),
		TEST(behind_what_is_missing_comes_nothing),
		TEST(what_cannot_be_replaced_is_said),
		TEST(streams_that_are_not_captured_have_no_files),
		TEST(a_job_that_cannot_start_leaves_empty_files),
		TEST(they_count_for_the_limit_on_open_files),
		TEST(descriptors_that_come_late_are_soon_enough),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
