// SPDX-License-Identifier: MIT
// The client of make's jobserver: what MAKEFLAGS says of it and what is so, and tokens out of pipes
// and FIFOs of the test, each a letter of its own, so that it is seen that the same ones return.
#include "run/jobserver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NOWHERE "/nonexistent"

static int count_open(void) {
	int n = 0;
	for (int fd = 0; fd < 256; fd++) {
		n += fcntl(fd, F_GETFD) >= 0;
	}
	return n;
}

static int note_open(void **state) {
	*state = (void *)(intptr_t)count_open();
	return 0;
}

static int same_open(void **state) {
	assert_int_equal(count_open(), (int)(intptr_t)*state);
	return 0;
}

// A server: a pipe with these tokens in it. Not O_CLOEXEC, as make's.
struct server {
	int ends[2];
	char flags[64];
};

static void serve(struct server *server, const char *tokens) {
	assert_int_equal(pipe(server->ends), 0);
	assert_int_equal(write(server->ends[1], tokens, strlen(tokens)), strlen(tokens));
	snprintf(server->flags, sizeof server->flags, " -j9 --jobserver-auth=%d,%d",
		server->ends[0], server->ends[1]);
}

static int compare(const void *a, const void *b) {
	return *(const char *)a - *(const char *)b;
}

// What lies in it now, sorted.
static void assert_left(int fd, const char *tokens) {
	char left[64] = "";
	size_t n = 0;
	while (poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 0) == 1 &&
		read(fd, left + n, 1) == 1) {
		n++;
	}
	qsort(left, n, 1, compare);
	assert_string_equal(left, tokens);
}

static void stop_serving(struct server *server, const char *tokens) {
	assert_left(server->ends[0], tokens);
	close(server->ends[0]);
	close(server->ends[1]);
}

static struct jobserver *join(const char *flags, const char *root) {
	struct jobserver_spec spec;
	struct jobserver *jobserver;
	jobserver_parse(flags, &spec);
	assert_true(spec.kind == JOBSERVER_PIPE || spec.kind == JOBSERVER_FIFO);
	assert_null(jobserver_problem(&spec));
	assert_int_equal(jobserver_open(&jobserver, &spec, root), 0);
	return jobserver;
}

static bool readable(int fd) {
	return poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 0) == 1;
}

// The first job and three more start, none else, until one has ended.
static void take_three(const char *flags, const char *root) {
	struct jobserver *jobserver = join(flags, root);
	for (int i = 0; i < 4; i++) {
		assert_true(readable(jobserver_fd(jobserver)));
		assert_true(jobserver_take(jobserver));
	}
	assert_false(readable(jobserver_fd(jobserver)));
	assert_false(jobserver_take(jobserver));
	assert_false(jobserver_take(jobserver));
	jobserver_give(jobserver);
	assert_true(readable(jobserver_fd(jobserver)));
	assert_true(jobserver_take(jobserver));
	assert_false(jobserver_take(jobserver));
	for (int i = 0; i < 4; i++) {
		jobserver_give(jobserver);
	}
	jobserver_free(jobserver);
}

static void the_same_tokens_return(void **state) {
	(void)state;
	struct server server;
	serve(&server, "abc");
	take_three(server.flags, "");
	stop_serving(&server, "abc");
}

static void without_proc_too(void **state) {
	(void)state;
	struct server server;
	serve(&server, "abc");
	take_three(server.flags, NOWHERE);
	stop_serving(&server, "abc");
}

static void a_token_is_held_by_a_job_alone(void **state) {
	(void)state;
	struct server server;
	serve(&server, "ab");
	struct jobserver *jobserver = join(server.flags, "");
	assert_true(jobserver_take(jobserver));
	assert_true(jobserver_take(jobserver));
	jobserver_give(jobserver);
	assert_left(server.ends[0], "ab"); // one runs, without a token
	assert_int_equal(write(server.ends[1], "ab", 2), 2);
	jobserver_give(jobserver);
	jobserver_free(jobserver);
	stop_serving(&server, "ab");
}

// Reading must neither wait nor make others' reading fail.
static void shared_descriptions_stay_as_they_are(const char *root) {
	struct server server;
	serve(&server, "");
	int from = fcntl(server.ends[0], F_GETFL), to = fcntl(server.ends[1], F_GETFL);
	struct jobserver *jobserver = join(server.flags, root);
	assert_true(jobserver_take(jobserver));
	assert_false(jobserver_take(jobserver));
	assert_int_equal(fcntl(server.ends[0], F_GETFL), from);
	assert_int_equal(fcntl(server.ends[1], F_GETFL), to);
	jobserver_free(jobserver);
	assert_int_equal(fcntl(server.ends[0], F_GETFL), from);
	assert_int_equal(fcntl(server.ends[1], F_GETFL), to);
	stop_serving(&server, "");
}

static void others_do_not_notice(void **state) {
	(void)state;
	shared_descriptions_stay_as_they_are("");
	shared_descriptions_stay_as_they_are(NOWHERE);
}

static void an_end_in_between_gives_all_back(void **state) {
	(void)state;
	struct server server;
	serve(&server, "abc");
	struct jobserver *jobserver = join(server.flags, "");
	for (int i = 0; i < 3; i++) {
		assert_true(jobserver_take(jobserver));
	}
	jobserver_give_all(jobserver);
	assert_false(jobserver_take(jobserver));
	assert_int_equal(jobserver_fd(jobserver), -1);
	jobserver_give(jobserver); // of a job that ended even so
	assert_left(server.ends[0], "abc");
	jobserver_free(jobserver);
	stop_serving(&server, "");

	serve(&server, "abc");
	jobserver = join(server.flags, "");
	for (int i = 0; i < 3; i++) {
		assert_true(jobserver_take(jobserver));
	}
	jobserver_free(jobserver);
	stop_serving(&server, "abc");
}

static void a_fifo(void **state) {
	(void)state;
	char folder[] = "/tmp/test jobserver.XXXXXX", path[64], flags[128];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/$fifo", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(write(fd, "xyz", 3), 3);
	snprintf(flags, sizeof flags, "k -j4 --jobserver-auth=fifo:/tmp/test\\ jobserver.%s/$$fifo",
		strrchr(folder, '.') + 1);
	take_three(flags, NOWHERE);
	assert_left(fd, "xyz");
	close(fd);
	// No longer one.
	assert_int_equal(unlink(path), 0);
	struct jobserver_spec spec;
	jobserver_parse(flags, &spec);
	assert_int_equal(spec.kind, JOBSERVER_BROKEN);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	jobserver_parse(flags, &spec);
	assert_int_equal(spec.kind, JOBSERVER_BROKEN);
	assert_non_null(jobserver_problem(&spec));
	unlink(path);
	assert_int_equal(rmdir(folder), 0);
}

static void assert_kind(const char *flags, enum jobserver_kind kind) {
	struct jobserver_spec spec;
	jobserver_parse(flags, &spec);
	if (spec.kind != kind) {
		print_message("%s\n", flags);
	}
	assert_int_equal(spec.kind, kind);
	assert_int_equal(jobserver_problem(&spec) != NULL,
		kind == JOBSERVER_CLOSED || kind == JOBSERVER_BROKEN);
}

static void what_is_none(void **state) {
	(void)state;
	static const char *const without[] = {NULL, "", " ", "k", "ks -j4", "-j", "--jobserver",
		"--jobserver-style=pipe", "-- A=1", "-- --jobserver-auth=0,1",
		"B=--jobserver-auth=0,1", "k -- A=a\\ --jobserver-auth=0,1"};
	static const char *const closed[] = {"--jobserver-auth=198,199",
		" -j --jobserver-fds=198,199", "--jobserver-auth=-2,-2", "--jobserver-auth=-1,4",
		"--jobserver-auth=99999,3", "--jobserver-auth=198,199 -- A=1"};
	static const char *const broken[] = {"--jobserver-auth",
		"--jobserver-auth=", "--jobserver-auth=3", "--jobserver-auth=3,",
		"--jobserver-auth=,3", "--jobserver-auth=a,b", "--jobserver-auth=3,4,5",
		"--jobserver-auth=+3,4", "--jobserver-auth=3,\t4",
		"--jobserver-auth=99999999999999999999,4", "--jobserver-auth=2147483648,4",
		"--jobserver-auth=fifo:", "--jobserver-auth=fifo:/nonexistent",
		"--jobserver-auth=sem:x", "--jobserver-fds=-"};
	for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
		assert_kind(without[i], JOBSERVER_NONE);
	}
	for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
		assert_kind(closed[i], JOBSERVER_CLOSED);
	}
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		assert_kind(broken[i], JOBSERVER_BROKEN);
	}
}

static void assert_pair(int from, int to, enum jobserver_kind kind) {
	char flags[64];
	snprintf(flags, sizeof flags, "--jobserver-auth=%d,%d", from, to);
	assert_kind(flags, kind);
	snprintf(flags, sizeof flags, "k --jobserver-fds=%d,%d -j", from, to);
	assert_kind(flags, kind);
}

// Numbers may have gone to something else since.
static void only_the_ends_of_one_pipe(void **state) {
	(void)state;
	int one[2], other[2], file = open("/dev/null", O_RDWR | O_CLOEXEC);
	assert_int_equal(pipe(one), 0);
	assert_int_equal(pipe(other), 0);
	assert_pair(one[0], one[1], JOBSERVER_PIPE);
	assert_pair(one[1], one[0], JOBSERVER_BROKEN);
	assert_pair(one[0], one[0], JOBSERVER_BROKEN);
	assert_pair(one[1], one[1], JOBSERVER_BROKEN);
	assert_pair(one[0], other[1], JOBSERVER_BROKEN);
	assert_pair(file, file, JOBSERVER_BROKEN);
	assert_pair(one[0], file, JOBSERVER_BROKEN);
	close(one[1]);
	assert_pair(one[0], one[1], JOBSERVER_CLOSED);
	close(one[0]);
	assert_pair(one[0], one[1], JOBSERVER_CLOSED);
	close(other[0]);
	close(other[1]);
	close(file);
}

static void the_last_word_counts(void **state) {
	(void)state;
	struct server server;
	char flags[256];
	struct jobserver_spec spec;
	serve(&server, "");
	snprintf(flags, sizeof flags, "-j3 --jobserver-auth=fifo:/nonexistent%s", server.flags);
	jobserver_parse(flags, &spec);
	assert_int_equal(spec.kind, JOBSERVER_PIPE);
	assert_int_equal(spec.jobs, 9);
	snprintf(flags, sizeof flags, "%s --jobserver-fds=-2,-2 -j", server.flags);
	jobserver_parse(flags, &spec);
	assert_int_equal(spec.kind, JOBSERVER_CLOSED);
	assert_int_equal(spec.jobs, 0);
	stop_serving(&server, "");
}

static void assert_scrubbed(const char *variable, const char *expected) {
	const char *environment[] = {"A=1", variable, "B=--jobserver-auth=3,4", NULL};
	const char **scrubbed = jobserver_scrub(environment);
	assert_non_null(scrubbed);
	size_t n = 0;
	assert_string_equal(scrubbed[n++], "A=1");
	if (expected) {
		assert_non_null(scrubbed[n]);
		assert_string_equal(scrubbed[n++], expected);
	}
	assert_string_equal(scrubbed[n++], "B=--jobserver-auth=3,4");
	assert_null(scrubbed[n]);
	free(scrubbed);
}

static void jobs_hear_nothing_of_it(void **state) {
	(void)state;
	assert_scrubbed("MAKEFLAGS= -j4 --jobserver-auth=3,4", NULL);
	assert_scrubbed("MAKEFLAGS= --jobserver-fds=3,4 -j ", NULL);
	assert_scrubbed("MFLAGS=-j4 --jobserver-auth=3,4", NULL);
	assert_scrubbed("MFLAGS=-k -j4 --jobserver-auth=3,4", "MFLAGS=-k");
	assert_scrubbed("MAKEFLAGS=ks -j4 --jobserver-auth=3,4 -l2", "MAKEFLAGS=ks -l2");
	assert_scrubbed("MAKEFLAGS=k --jobs=4 --jobserver-auth=fifo:/tmp/a\\ b -- A=a\\ b$$$$c -j4",
		"MAKEFLAGS=k -- A=a\\ b$$$$c -j4");
	assert_scrubbed("MAKEFLAGS= -j4 --jobserver-auth=3,4 -- A=1", "MAKEFLAGS=-- A=1");
	assert_scrubbed("MAKEFLAGS=n --no-print-directory", "MAKEFLAGS=n --no-print-directory");
	assert_scrubbed("MAKEFLAGSX= -j4", "MAKEFLAGSX= -j4");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, note_open, same_open)

int main(void) {
	alarm(60); // a read that waits would wait for ever
	const struct CMUnitTest tests[] = {
		TEST(the_same_tokens_return),
		TEST(without_proc_too),
		TEST(a_token_is_held_by_a_job_alone),
		TEST(others_do_not_notice),
		TEST(an_end_in_between_gives_all_back),
		TEST(a_fifo),
		TEST(what_is_none),
		TEST(only_the_ends_of_one_pipe),
		TEST(the_last_word_counts),
		TEST(jobs_hear_nothing_of_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
