// SPDX-License-Identifier: MIT
// Opening what a run needs, and freeing it.
#include "base/fd.h"
#include "run/attempt.h"
#include "run/budget.h"
#include "run/capture.h"
#include "run/live.h"
#include "run/parts.h"
#include "run/room.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

// A run's name: when it began (UTC: no time zone to be read), and a few random digits.
static void make_id(char *id, size_t size) {
	time_t now = time(NULL);
	struct tm tm;
	unsigned random = (unsigned)getpid();
	char when[32];
	gmtime_r(&now, &tm);
	strftime(when, sizeof when, "%Y%m%d-%H%M%S", &tm);
	if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0) {
		random ^= (unsigned)clock_now();
	}
	snprintf(id, size, "%s-%08x", when, random);
}

static int warn_few(struct run *run, unsigned workers, unsigned wanted, unsigned long limit) {
	int n = asprintf(&run->warning,
		"%u of %u workers: the limit on open files (ulimit -n %lu) carries no more",
		workers, wanted, limit);
	if (n < 0) {
		run->warning = NULL;
	}
	return n < 0 ? -1 : 0;
}

static bool needs_step(const struct plan *plan) {
	for (size_t i = 0; i < plan->n_jobs; i++) {
		if (plan->jobs[i].rights) {
			return true;
		}
	}
	return false;
}

static unsigned at_most_jobs(const struct plan *plan, unsigned workers) {
	return plan->endless || workers <= plan->n_jobs ? workers : (unsigned)plan->n_jobs;
}

static unsigned more_descriptors(int results) {
	return results ? RESULTS_FDS : 0;
}

// As many workers as there are jobs and descriptors for; where a file says how many, as it might.
static int settle_workers(struct run *run, unsigned beside) {
	const struct plan *plan = run->common.plan;
	unsigned long limit, needed;
	bool changes = run->starts.workers_file && plan->workers < WORKERS_FILE_MOST;
	unsigned most = at_most_jobs(plan, changes ? WORKERS_FILE_MOST : plan->workers);
	unsigned workers = budget_workers(most ? most : 1, needs_step(plan),
		more_descriptors(run->common.results), beside, &limit, &needed);
	if (workers == 0) {
		errno = EMFILE;
		return -1;
	}
	run->workers = workers;
	run->wanted = at_most_jobs(plan, plan->workers);
	return workers < run->wanted && !plan->elastic ? warn_few(run, workers, run->wanted, limit)
						       : 0;
}

static int open_parts(struct run *run) {
	sp_pool_opts opts;
	run->common.null_fd = fd_above_stdio(open("/dev/null", O_RDWR | O_CLOEXEC));
	if (run->common.null_fd < 0 || sp_cancel_new(&run->cancel) != SP_OK ||
		sp_cancel_new(&run->stop) != SP_OK || sp_cancel_new(&run->kill) != SP_OK ||
		sp_squeue_new(&run->results, 0) != SP_OK) {
		return -1;
	}
	run->common.stop = run->stop;
	run->common.kill = run->kill;
	run->common.room = room_new();
	run->cleanup = run->common;
	run->cleanup.stop = run->cancel;
	run->slots = slots_new(run->workers);
	run->queue = queue_new(run->common.plan, run->workers, 0);
	run->intake.queue = run->queue;
	sp_pool_opts_init(&opts);
	opts.processes = (int)run->workers;
	if (!run->slots || !run->common.room || !run->queue ||
		sp_pool_new(&run->pool, &opts, NULL) != SP_OK) {
		return -1;
	}
	staff_set(run);
	return 0;
}

int run_new(struct run **result, const struct plan *plan, const struct run_options *options) {
	struct run *run = calloc(1, sizeof *run);
	if (!run) {
		return -1;
	}
	run->common = (struct attempt_common){
		.plan = plan,
		.id = run->id,
		.environment = options->environment ? options->environment
						    : (const char *const *)environ,
		.mask = &run->mask,
		.spill_dir = options->spill_dir,
		.null_fd = -1,
		.results = options->results,
		.signal = &run->signal,
		.memory = &run->memory,
		.limit = &run->limit,
		.live_memory = &run->live_memory,
		.deliver = run_deliver,
		.run = run,
	};
	run->attempt = options->attempt ? options->attempt : attempt_run;
	claims_init(&run->claims);
	run->intake.source = options->source;
	starts_init(&run->starts, options);
	run->wake_fd = -1;
	run->began = clock_now();
	run->pace = 2 * SHORT; // until a few have shown otherwise
	atomic_init(&run->signal, SIGTERM);
	atomic_init(&run->memory, CAPTURE_MEMORY);
	atomic_init(&run->live_memory, LIVE_MEMORY);
	make_id(run->id, sizeof run->id);
	if (options->mask) {
		run->mask = *options->mask;
	} else {
		pthread_sigmask(SIG_BLOCK, NULL, &run->mask);
	}
	if (settle_workers(run, options->descriptors) < 0 || open_parts(run) < 0) {
		int saved = errno;
		run_free(run);
		errno = saved;
		return -1;
	}
	*result = run;
	return 0;
}

unsigned long run_least_descriptors(const struct plan *plan, const struct run_options *options) {
	unsigned long limit, needed;
	budget_workers(1, needs_step(plan), more_descriptors(options->results),
		options->descriptors, &limit, &needed);
	return needed;
}

void run_free(struct run *run) {
	void *back;
	if (!run) {
		return;
	}
	if (run->pool) {
		if (!run->ended) {
			run_cancel(run, SIGTERM, true);
		}
		sp_pool_close(run->pool);
		sp_pool_join(run->pool);
		sp_pool_free(run->pool);
	}
	while (run->results && sp_squeue_try_get(run->results, &back) == SP_OK) {
		staff_return_leave(back);
		claim_free(back); // NULL: run_look_up
	}
	for (struct claim *claim = run->claims.waiting; claim; claim = claim->next) {
		staff_return_leave(claim);
	}
	claims_clear(&run->claims);
	if (run->spoken) {
		job_release(run->spoken);
	}
	free(run->warning);
	sp_squeue_free(run->results);
	queue_free(run->queue);
	slots_free(run->slots);
	sp_cancel_free(run->cancel);
	room_free(run->common.room);
	sp_cancel_free(run->stop);
	sp_cancel_free(run->kill);
	fd_close(&run->common.null_fd);
	free(run);
}
