// SPDX-License-Identifier: MIT
// The prime checker of the guide, function for function, on libspool's queues and pool: jobs go
// into one queue, the workers' results come back through another, 0 ends a worker, and a result
// whose number is 0 says that one has ended.
//
//     prime_checker [WORKERS]
#include "pool/pool.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const uint64_t NUMBERS[] = {
	2,
	142702110479723,
	299593572317531,
	3333333333333301,
	3333333333333333,
	3333335652092209,
	4444444444444423,
	4444444444444444,
	4444444488888889,
	5555553133149889,
	5555555555555503,
	5555555555555555,
	6666666666666666,
	6666666666666719,
	6666667141414921,
	7777777536340681,
	7777777777777753,
	7777777777777777,
	9999999999999917,
	9999999999999999,
};
enum { COUNT = sizeof NUMBERS / sizeof NUMBERS[0] };
static const uint64_t SENTINEL = 0;

struct prime_result {
	uint64_t n;
	bool prime;
	double elapsed;
};

// What Process(target=worker, args=(jobs, results)) passes.
struct queues {
	sp_squeue *jobs;    // of const uint64_t *, borrowed
	sp_squeue *results; // of struct prime_result *, the reader's
};

static void must(sp_status status, const char *what) {
	if (status != SP_OK) {
		fprintf(stderr, "prime_checker: %s failed (%d)\n", what, (int)status);
		exit(3);
	}
}

static double perf_counter(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// Newton from above.
static uint64_t isqrt(uint64_t n) {
	uint64_t root = n, next = n / 2 + 1;
	while (next < root) {
		root = next;
		next = (root + n / root) / 2;
	}
	return root;
}

static bool is_prime(uint64_t n) {
	if (n < 2) {
		return false;
	}
	if (n == 2) {
		return true;
	}
	if (n % 2 == 0) {
		return false;
	}
	uint64_t root = isqrt(n);
	for (uint64_t i = 3; i <= root; i += 2) {
		if (n % i == 0) {
			return false;
		}
	}
	return true;
}

static struct prime_result check(uint64_t n) {
	double t0 = perf_counter();
	bool prime = is_prime(n);
	return (struct prime_result){n, prime, perf_counter() - t0};
}

static uint64_t get_job(sp_squeue *jobs) {
	void *n;
	must(sp_squeue_get(jobs, &n), "get of a job");
	return *(const uint64_t *)n;
}

static void put_result(sp_squeue *results, struct prime_result result) {
	struct prime_result *sent = malloc(sizeof *sent);
	must(sent ? SP_OK : SP_E_NOMEM, "memory for a result");
	*sent = result;
	must(sp_squeue_put(results, sent), "put of a result");
}

static sp_status worker(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel, (void)value, (void)error;
	struct queues *queues = arg;
	for (uint64_t n; (n = get_job(queues->jobs));) {
		put_result(queues->results, check(n));
	}
	put_result(queues->results, (struct prime_result){0, false, 0.0});
	return SP_OK;
}

static void start_jobs(sp_pool *pool, int procs, struct queues *queues) {
	for (size_t i = 0; i < COUNT; i++) {
		must(sp_squeue_put(queues->jobs, (void *)&NUMBERS[i]), "put of a job");
	}
	for (int i = 0; i < procs; i++) {
		must(sp_pool_apply_async(pool, worker, queues, NULL, NULL, NULL, NULL),
			"start of a worker");
		must(sp_squeue_put(queues->jobs, (void *)&SENTINEL), "put of a sentinel");
	}
}

static int report(int procs, sp_squeue *results) {
	int checked = 0;
	int procs_done = 0;
	while (procs_done < procs) {
		void *received;
		must(sp_squeue_get(results, &received), "get of a result");
		struct prime_result result = *(struct prime_result *)received;
		free(received);
		if (result.n == 0) {
			procs_done++;
		} else {
			checked++;
			printf("%16" PRIu64 " %c %9.6fs\n", result.n, result.prime ? 'P' : ' ',
				result.elapsed);
		}
	}
	return checked;
}

int main(int argc, char *argv[]) {
	sp_pool_opts opts;
	sp_pool_opts_init(&opts);
	if (argc > 1) {
		opts.processes = atoi(argv[1]);
	}
	if (argc > 2 || (argc > 1 && opts.processes < 1)) {
		fprintf(stderr, "usage: prime_checker [WORKERS]\n");
		return 2;
	}
	sp_pool *pool;
	must(sp_pool_new(&pool, &opts, NULL), "the pool");
	int procs = sp_pool_size(pool);
	printf("Checking %d numbers with %d processes:\n", (int)COUNT, procs);
	double t0 = perf_counter();
	struct queues queues;
	must(sp_squeue_new(&queues.jobs, 0), "the queue of jobs");
	must(sp_squeue_new(&queues.results, 0), "the queue of results");
	start_jobs(pool, procs, &queues);
	int checked = report(procs, queues.results);
	double elapsed = perf_counter() - t0;
	printf("%d checks in %.2fs\n", checked, elapsed);
	must(sp_pool_close(pool), "close");
	must(sp_pool_join(pool), "join");
	sp_pool_free(pool);
	sp_squeue_free(queues.jobs);
	sp_squeue_free(queues.results);
	return 0;
}
