// SPDX-License-Identifier: MIT
// What a task costs that does nothing: so many of them on a pool of two threads. The peer is
// pool.py.
//
//     tasks map N    one sp_pool_map, chunksize 1
//     tasks imap N   one imap in order of arrival, taken by one thread
//     tasks apply N  N jobs submitted, then each waited for
#include "pool/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORKERS = 2 };

static void must(sp_status status, const char *what) {
	if (status != SP_OK) {
		fprintf(stderr, "tasks: %s: status %d\n", what, (int)status);
		exit(1);
	}
}

static void *room_for(size_t n, size_t size) {
	void *room = calloc(n ? n : 1, size);
	if (!room) {
		must(SP_E_NOMEM, "memory");
	}
	return room;
}

static sp_status nothing(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)arg, (void)cancel, (void)value, (void)error;
	return SP_OK;
}

static void map(sp_pool *pool, size_t n) {
	void **args = room_for(n, sizeof *args);
	must(sp_pool_map(pool, nothing, args, n, 1, args, NULL), "map");
	free(args);
}

static sp_status count_down(void *ud, void **arg) {
	size_t *left = ud;
	*arg = NULL;
	return *left && (*left)-- ? SP_OK : SP_E_EOF;
}

static void imap(sp_pool *pool, size_t n) {
	size_t left = n, taken = 0;
	sp_imap *results;
	must(sp_pool_imap(pool, nothing, count_down, &left, 0, false, &results), "imap");
	while (sp_imap_next(results, SP_FOREVER, NULL, NULL, NULL) == SP_OK) {
		taken++;
	}
	sp_imap_free(results);
	must(taken == n ? SP_OK : SP_E_EOF, "imap");
}

static void apply(sp_pool *pool, size_t n) {
	sp_async **jobs = room_for(n, sizeof *jobs);
	for (size_t i = 0; i < n; i++) {
		must(sp_pool_apply_async(pool, nothing, NULL, NULL, NULL, NULL, &jobs[i]), "apply");
	}
	for (size_t i = 0; i < n; i++) {
		must(sp_async_wait(jobs[i], SP_FOREVER), "wait");
		sp_async_free(jobs[i]);
	}
	free(jobs);
}

int main(int argc, char **argv) {
	static const struct {
		const char *name;
		void (*run)(sp_pool *pool, size_t n);
	} modes[] = {{"map", map}, {"imap", imap}, {"apply", apply}};
	size_t mode = 0, n_modes = sizeof modes / sizeof modes[0];
	while (argc == 3 && mode < n_modes && strcmp(argv[1], modes[mode].name) != 0) {
		mode++;
	}
	if (argc != 3 || mode == n_modes) {
		fprintf(stderr, "usage: tasks map|imap|apply N\n");
		return 2;
	}
	sp_pool_opts opts;
	sp_pool_opts_init(&opts);
	opts.processes = WORKERS;
	sp_pool *pool;
	must(sp_pool_new(&pool, &opts, NULL), "the pool");
	modes[mode].run(pool, strtoul(argv[2], NULL, 10));
	must(sp_pool_close(pool), "close");
	must(sp_pool_join(pool), "join");
	sp_pool_free(pool);
	return 0;
}
