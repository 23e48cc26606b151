// SPDX-License-Identifier: MIT
// Runs whose starts are held back: by a jobserver of the test's own, by the gate, by a file that
// says how many workers there are. The attempts are the test's.
#include "base/clock.h"
#include "run/run.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "graph.h"
#include "probe.h"
#include "stand_in.h"

static const int64_t LONG = 20 * (int64_t)CLOCK_SECOND;

// What the attempts do: those that may go on wait until the gate of the test is open.
struct play {
	atomic_int running, most, started;
	atomic_bool open;
	int64_t begun[64];
};
static struct play play;

static void attempt(const struct attempt_common *common, struct result *result) {
	int now = atomic_fetch_add(&play.running, 1) + 1, most = atomic_load(&play.most);
	while (now > most && !atomic_compare_exchange_weak(&play.most, &most, now)) {
	}
	play.begun[atomic_fetch_add(&play.started, 1) % 64] = clock_now();
	while (!atomic_load(&play.open) && !sp_cancelled(common->stop)) {
		probe_rest();
	}
	bool stopped = sp_cancelled(common->stop);
	result->verdict = stopped                                ? VERDICT_CANCELLED
			  : result->attempt < result->job->tries ? VERDICT_FAIL
								 : VERDICT_PASS;
	atomic_fetch_sub(&play.running, 1);
}

static struct graph *jobs_of(size_t n, unsigned workers) {
	struct graph *graph = graph_new(n, 0);
	graph->plan.workers = workers;
	atomic_store(&play.running, 0);
	atomic_store(&play.most, 0);
	atomic_store(&play.started, 0);
	atomic_store(&play.open, false);
	return graph;
}

static struct run *begin(const struct graph *graph, struct run_options options) {
	struct run *run;
	options.attempt = attempt;
	assert_int_equal(run_new(&run, &graph->plan, &options), 0);
	return run;
}

static enum event_kind next(struct run *run, int64_t wait_ns) {
	struct event event;
	assert_int_equal(run_next(run, wait_ns, &event), 0);
	enum event_kind kind = event.kind;
	event_clear(&event);
	return kind;
}

// All that happens until nothing has for a while.
static void settle(struct run *run) {
	while (next(run, 20 * (int64_t)CLOCK_MS) != EVENT_NONE) {
	}
}

static void start(struct run *run, int n) {
	for (int64_t end = clock_now() + LONG; atomic_load(&play.started) < n;) {
		assert_true(clock_now() < end);
		next(run, CLOCK_MS);
	}
	settle(run);
	assert_int_equal(atomic_load(&play.started), n);
}

// A job may start now, and the run does not wait until it is asked again.
static void wakes(struct run *run) {
	int64_t began = clock_now();
	assert_int_equal(next(run, LONG), EVENT_STARTING);
	assert_true(clock_now() - began < LONG / 2);
}

static void see_out(struct run *run) {
	while (next(run, LONG) != EVENT_END) {
	}
}

struct server {
	int ends[2];
	struct jobserver *jobserver;
};

static struct server serve(const char *tokens) {
	struct server server;
	struct jobserver_spec spec;
	char flags[64];
	assert_int_equal(pipe2(server.ends, O_CLOEXEC), 0);
	assert_int_equal(write(server.ends[1], tokens, strlen(tokens)), strlen(tokens));
	snprintf(flags, sizeof flags, "--jobserver-auth=%d,%d", server.ends[0], server.ends[1]);
	jobserver_parse(flags, &spec);
	assert_int_equal(jobserver_open(&server.jobserver, &spec, ""), 0);
	return server;
}

// The tokens that lie in it are as many; they go back.
static void assert_lie(const struct server *server, int n) {
	int lie = 0;
	char tokens[16];
	while (poll(&(struct pollfd){.fd = server->ends[0], .events = POLLIN}, 1, 0) == 1) {
		assert_int_equal(read(server->ends[0], tokens + lie, 1), 1);
		lie++;
	}
	assert_int_equal(write(server->ends[1], tokens, (size_t)lie), lie);
	assert_int_equal(lie, n);
}

static void stop_serving(struct server *server) {
	jobserver_free(server->jobserver);
	close(server->ends[0]);
	close(server->ends[1]);
}

// Another client, once the run waits.
static void *give_one(void *arg) {
	struct server *server = arg;
	while (!probe_asleep(getpid())) {
		probe_rest();
	}
	if (write(server->ends[1], "c", 1) != 1) {
		abort();
	}
	return NULL;
}

static void no_more_run_than_there_are_tokens(void **state) {
	struct server server = serve("ab");
	struct graph *graph = jobs_of(30, 8);
	(void)state;
	struct run *run = begin(graph, (struct run_options){.jobserver = server.jobserver});
	start(run, 3);
	assert_lie(&server, 0);
	// One that others give back is taken, at once.
	pthread_t other;
	assert_int_equal(pthread_create(&other, NULL, give_one, &server), 0);
	wakes(run);
	assert_int_equal(pthread_join(other, NULL), 0);
	start(run, 4);
	atomic_store(&play.open, true);
	see_out(run);
	assert_int_equal(atomic_load(&play.started), 30);
	assert_int_equal(atomic_load(&play.most), 4);
	assert_lie(&server, 3);
	run_free(run);
	stop_serving(&server);
	graph_free(graph);
}

// Nor does it take one that it has no job for.
static void tokens_are_left_to_others(void **state) {
	struct server server = serve("abcd");
	struct graph *graph = jobs_of(3, 8);
	(void)state;
	struct run *run = begin(graph, (struct run_options){.jobserver = server.jobserver});
	start(run, 3);
	assert_lie(&server, 2);
	run_cancel(run, SIGTERM, false);
	see_out(run);
	assert_lie(&server, 4);
	run_free(run);
	graph_free(graph);
	graph = jobs_of(9, 2); // no more than workers
	run = begin(graph, (struct run_options){.jobserver = server.jobserver});
	start(run, 2);
	assert_lie(&server, 3);
	run_free(run); // in between
	assert_lie(&server, 4);
	stop_serving(&server);
	graph_free(graph);
}

static void tries_need_a_token_each(void **state) {
	struct server server = serve("a");
	struct graph *graph = jobs_of(6, 8);
	(void)state;
	for (int i = 0; i < 6; i++) {
		graph->jobs[i].tries = 3;
	}
	struct run *run = begin(graph, (struct run_options){.jobserver = server.jobserver});
	start(run, 2);
	atomic_store(&play.open, true);
	see_out(run);
	assert_int_equal(atomic_load(&play.started), 18);
	assert_int_equal(atomic_load(&play.most), 2);
	assert_lie(&server, 1);
	run_free(run);
	stop_serving(&server);
	graph_free(graph);
}

// Announced, and then the report falls behind.
static void a_job_that_is_held_holds_no_token(void **state) {
	struct server server = serve("a");
	struct graph *graph = jobs_of(2, 2);
	(void)state;
	struct run *run = begin(graph, (struct run_options){.jobserver = server.jobserver});
	assert_int_equal(next(run, LONG), EVENT_STARTING);
	assert_int_equal(next(run, LONG), EVENT_STARTING);
	assert_lie(&server, 0);
	run_hold(run, true);
	assert_int_equal(next(run, 0), EVENT_NONE);
	assert_lie(&server, 1);
	run_hold(run, false);
	start(run, 2);
	assert_lie(&server, 0);
	run_abandon(run); // as before _exit
	assert_lie(&server, 1);
	run_free(run);
	assert_lie(&server, 1);
	stop_serving(&server);
	graph_free(graph);
}

static enum source_state none_yet(struct source *source, const struct job **job) {
	(void)source, (void)job;
	return SOURCE_WAIT;
}

static int no_fd(const struct source *source) {
	(void)source;
	return -1;
}

static void nor_does_a_wait_for_jobs(void **state) {
	struct server server = serve("ab");
	struct graph *graph = jobs_of(0, 4);
	struct source source = {.next = none_yet, .fd = no_fd};
	(void)state;
	graph->plan.endless = true;
	struct run *run = begin(
		graph, (struct run_options){.jobserver = server.jobserver, .source = &source});
	assert_int_equal(next(run, 0), EVENT_NONE);
	assert_lie(&server, 2);
	assert_true(jobserver_take(server.jobserver)); // the one without a token is free, too
	assert_lie(&server, 2);
	jobserver_give(server.jobserver);
	run_free(run);
	stop_serving(&server);
	graph_free(graph);
}

static void starts_are_so_far_apart(void **state) {
	enum { JOBS = 5 };
	const int64_t delay = 30 * (int64_t)CLOCK_MS;
	struct graph *graph = jobs_of(JOBS, 4);
	(void)state;
	atomic_store(&play.open, true);
	struct run *run = begin(graph, (struct run_options){.gate = {.delay_ns = delay}});
	int64_t began = clock_now();
	see_out(run);
	assert_int_equal(atomic_load(&play.started), JOBS);
	assert_true(clock_now() - began >= (JOBS - 1) * delay);
	// One is announced a delay behind the other, and is handed over at once.
	for (int i = 1; i < JOBS; i++) {
		assert_true(play.begun[i] > play.begun[i - 1]);
	}
	run_free(run);
	graph_free(graph);
}

static void a_load_is_waited_out(void **state) {
	char root[] = "/tmp/test_starts.XXXXXX";
	struct file load = {"/proc/loadavg", "9.00 0.00 0.00 1/2 3\n"};
	struct graph *graph = jobs_of(2, 2);
	(void)state;
	assert_non_null(mkdtemp(root));
	write_file(root, &load);
	struct run *run = begin(graph, (struct run_options){.gate = {.load = 300, .root = root}});
	settle(run);
	assert_int_equal(atomic_load(&play.started), 0);
	load.text = "0.00 0.00 0.00 1/2 3\n";
	write_file(root, &load);
	wakes(run);
	start(run, 2);
	atomic_store(&play.open, true);
	see_out(run);
	run_free(run);
	graph_free(graph);
	// Not known: it is said.
	remove_file(root, &load);
	assert_int_equal(rmdir(root), 0);
	graph = jobs_of(1, 1);
	run = begin(graph, (struct run_options){.gate = {.load = 300, .root = root}});
	enum event_kind first = next(run, LONG), second = next(run, LONG);
	assert_true(first == EVENT_STARTING && second == EVENT_WARNING);
	run_free(run);
	graph_free(graph);
}

// Cancelled though nothing may start.
static void a_closed_gate_does_not_hold_the_end_up(void **state) {
	char root[] = "/tmp/test_starts.XXXXXX";
	struct file load = {"/proc/loadavg", "9.00 0.00 0.00 1/2 3\n"};
	struct graph *graph = jobs_of(3, 2);
	(void)state;
	assert_non_null(mkdtemp(root));
	write_file(root, &load);
	struct run *run = begin(graph, (struct run_options){.gate = {.load = 300, .root = root}});
	settle(run);
	run_cancel(run, SIGTERM, false);
	see_out(run);
	run_free(run);
	graph_free(graph);
	remove_file(root, &load);
	assert_int_equal(rmdir(root), 0);
}

static void a_file_says_how_many(void **state) {
	char root[] = "/tmp/test_starts.XXXXXX", path[64];
	struct file number = {"/n", "2\n"};
	struct workers_file file;
	struct graph *graph = jobs_of(40, 2);
	(void)state;
	assert_non_null(mkdtemp(root));
	write_file(root, &number);
	snprintf(path, sizeof path, "%s/n", root);
	assert_null(workers_file_open(&file, path));
	struct run *run = begin(graph, (struct run_options){.workers_file = &file});
	start(run, 2);
	number.text = "5\n";
	write_file(root, &number);
	start(run, 5);
	number.text = "1\n";
	write_file(root, &number);
	AWAIT((settle(run), file.workers.n == 1));
	assert_int_equal(atomic_load(&play.running), 5); // they may end
	atomic_store(&play.open, true);
	AWAIT((next(run, 0), atomic_load(&play.running) <= 1));
	atomic_store(&play.most, 0);
	see_out(run);
	assert_int_equal(atomic_load(&play.started), 40);
	assert_int_equal(atomic_load(&play.most), 1);
	run_free(run);
	graph_free(graph);
	remove_file(root, &number);
	assert_int_equal(rmdir(root), 0);
}

int main(void) {
	alarm(300);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_more_run_than_there_are_tokens),
		cmocka_unit_test(tokens_are_left_to_others),
		cmocka_unit_test(tries_need_a_token_each),
		cmocka_unit_test(a_job_that_is_held_holds_no_token),
		cmocka_unit_test(nor_does_a_wait_for_jobs),
		cmocka_unit_test(starts_are_so_far_apart),
		cmocka_unit_test(a_load_is_waited_out),
		cmocka_unit_test(a_closed_gate_does_not_hold_the_end_up),
		cmocka_unit_test(a_file_says_how_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
