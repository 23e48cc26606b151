// SPDX-License-Identifier: MIT
// map: one job of many tasks, in chunks that the workers claim by counting.
#include "base/error.h"
#include "pool/parts.h"

#include <stdlib.h>
#include <string.h>

struct map {
	sp_async async;
	// Its items are handed out in `chunks` of `chunksize`.
	size_t chunksize, chunks;
	atomic_size_t claimed; // chunks that threads took, or more
	atomic_bool outrun;    // an older job waits, which goes first
	// Guarded by the pool's mutex.
	unsigned visitors; // threads that are at it
	bool begun;        // a task of it was run
};

// An item has failed. What came first is the map's error.
static void fail(struct map *map, size_t index, sp_error *error) {
	sp_pool *pool = map->async.job.pool;
	const sp_error *failure = failure_keep(error);
	pthread_mutex_lock(&pool->mutex);
	if (map->async.error.code == SP_OK) {
		failure_copy(&map->async.error, failure);
		map->async.failed = index;
	}
	pthread_mutex_unlock(&pool->mutex);
	if (map->async.failures) {
		map->async.failures[index] = failure;
	} else {
		failure_free(failure);
	}
}

// The items from..to will not run. With the mutex held.
static void drop(struct map *map, size_t from, size_t to) {
	if (from < to && map->async.error.code == SP_OK) {
		failure_copy(&map->async.error, failure_dropped());
		map->async.failed = from;
	}
	for (size_t i = from; i < to; i++) {
		map->async.items[i] = NULL;
	}
	for (size_t i = from; i < to && map->async.failures; i++) {
		map->async.failures[i] = failure_dropped();
	}
}

static size_t chunk_end(const struct map *map, size_t from) {
	return map->async.n - from < map->chunksize ? map->async.n : from + map->chunksize;
}

// Whether any of its items was run: once the pool is terminated none is.
static bool run_chunk(struct map *map, size_t chunk) {
	sp_pool *pool = map->async.job.pool;
	size_t from = chunk * map->chunksize, end = chunk_end(map, from), i = from;
	for (; i < end && !sp_cancelled(pool->cancel); i++) {
		sp_error error = SP_ERROR_INIT;
		void *value = NULL;
		sp_status status = job_call(&map->async.job, map->async.items[i], &value, &error);
		map->async.items[i] = value;
		if (status != SP_OK) {
			fail(map, i, &error);
		}
		free(error.filename);
	}
	if (i < end) {
		pthread_mutex_lock(&pool->mutex);
		drop(map, i, end);
		pthread_mutex_unlock(&pool->mutex);
	}
	return i > from;
}

// The next chunk; `chunks` or more: there is none. Who takes the last takes the map off the queue.
static size_t claim(struct map *map) {
	size_t chunk = atomic_fetch_add(&map->claimed, 1);
	if (chunk + 1 == map->chunks) {
		sp_pool *pool = map->async.job.pool;
		pthread_mutex_lock(&pool->mutex);
		job_unqueue(&map->async.job);
		pthread_mutex_unlock(&pool->mutex);
	}
	return chunk;
}

void map_outrun(sp_async *job) {
	atomic_store(&((struct map *)job)->outrun, true);
}

static void leave(struct map *map, struct job_list *spent) {
	if (--map->visitors == 0 && atomic_load(&map->claimed) >= map->chunks) {
		async_ran(&map->async, map->begun, spent);
	}
}

size_t map_serve(sp_async *job, size_t most) {
	struct map *map = (struct map *)job;
	sp_pool *pool = job->job.pool;
	map->visitors++;
	atomic_store(&map->outrun, false);
	bool more = atomic_load(&map->claimed) + 1 < map->chunks;
	bool signal = more && threads_rouse(pool);
	pthread_mutex_unlock(&pool->mutex);
	if (signal) {
		pthread_cond_signal(&pool->task_ready);
	}
	size_t done = 0;
	bool begun = false;
	while (done < most && !atomic_load_explicit(&map->outrun, memory_order_relaxed)) {
		size_t chunk = claim(map);
		if (chunk >= map->chunks) {
			break;
		}
		begun |= run_chunk(map, chunk);
		done++;
	}
	struct job_list spent = {0};
	pthread_mutex_lock(&pool->mutex);
	map->begun |= begun;
	leave(map, &spent);
	if (spent.n) {
		pthread_mutex_unlock(&pool->mutex);
		async_free_all(&spent, pool->free_value);
		pthread_mutex_lock(&pool->mutex);
	}
	return done;
}

void map_drop(sp_async *job, struct job_list *spent) {
	struct map *map = (struct map *)job;
	map->visitors++;
	size_t chunk = atomic_exchange(&map->claimed, map->chunks);
	drop(map, chunk * map->chunksize, map->async.n);
	leave(map, spent);
}

// A chunksize of -1 is Python's None: four for each worker.
static size_t chunksize_of(const sp_pool *pool, size_t n, int chunksize) {
	if (chunksize > 0) {
		return (size_t)chunksize;
	}
	uint64_t chunks = 4 * (uint64_t)atomic_load(&pool->most);
	return (size_t)(n / chunks + (n % chunks != 0));
}

static sp_status check_chunksize(int chunksize, sp_error *error) {
	if (chunksize < 1 && chunksize != -1) {
		return error_set(error, SP_E_VALUE, "Chunksize must be 1+, not %d", chunksize);
	}
	return SP_OK;
}

// With room for the items unless the caller has it.
static struct map *map_new(sp_pool *pool, sp_func func, void *const args[], size_t n, int chunksize,
	void **items, bool held) {
	struct map *map = calloc(1, sizeof *map);
	void **own = map && !items && n ? reallocarray(NULL, n, sizeof *own) : NULL;
	if (!map || (!items && n && !own)) {
		free(map);
		return NULL;
	}
	async_init(&map->async, pool, func, held);
	map->async.job.kind = JOB_MAP;
	map->async.n = map->async.failed = n;
	map->async.items = items ? items : own;
	map->chunksize = chunksize_of(pool, n, chunksize);
	map->chunks = n ? (n - 1) / map->chunksize + 1 : 0;
	if (n) {
		memcpy(map->async.items, args, n * sizeof *args);
	}
	return map;
}

// Its items never belonged to it, or are still the caller's arguments.
static void map_discard(struct map *map, bool own_items) {
	if (!map) {
		return;
	}
	if (own_items) {
		free(map->async.items);
	}
	free(map->async.failures);
	pthread_cond_destroy(&map->async.finished);
	free(map);
}

// An empty map is done at once, but may not be had of a pool that does not run.
static sp_status submit(struct map *map) {
	if (map->async.n) {
		return job_submit(
			&map->async.job, map->async.callback || map->async.error_callback);
	}
	sp_pool *pool = map->async.job.pool;
	pthread_mutex_lock(&pool->mutex);
	sp_status status = pool->state == POOL_RUN ? SP_OK : SP_E_NOTRUNNING;
	if (status == SP_OK) {
		pool->refs++;
		map->async.job.refs--;
		map->async.done = true;
	}
	pthread_mutex_unlock(&pool->mutex);
	return status;
}

// The part of sp_pool_map that may refuse; *map is NULL then.
static sp_status begin(struct map **map, sp_pool *pool, sp_func func, void *const args[], size_t n,
	int chunksize, void **values) {
	*map = NULL;
	sp_status status = n ? threads_check(pool) : SP_OK;
	if (status == SP_OK) {
		*map = map_new(pool, func, args, n, chunksize, values, true);
		status = *map ? submit(*map) : SP_E_NOMEM;
	}
	if (status != SP_OK) {
		map_discard(*map, !values);
		*map = NULL;
	}
	return status;
}

sp_status sp_pool_map(sp_pool *pool, sp_func func, void *const args[], size_t n, int chunksize,
	void **values, sp_error *error) {
	sp_error_clear(error);
	struct map *map = NULL;
	sp_status status = check_chunksize(chunksize, error);
	if (status == SP_OK) {
		status = begin(&map, pool, func, args, n, chunksize, values);
		status = status == SP_OK ? SP_OK : job_refused(error, status);
	}
	if (status != SP_OK) {
		for (size_t i = 0; i < n && values; i++) {
			values[i] = NULL;
		}
		return status;
	}
	pthread_mutex_lock(&pool->mutex);
	async_await(&map->async, SP_FOREVER);
	pthread_mutex_unlock(&pool->mutex);
	status = failure_copy(error, &map->async.error);
	if (values) {
		map->async.items = NULL;
		map->async.n = 0;
	}
	sp_async_free(&map->async);
	return status;
}

sp_status sp_pool_map_async(sp_pool *pool, sp_func func, void *const args[], size_t n,
	int chunksize, sp_callback callback, sp_callback error_callback, void *ud,
	sp_async **async) {
	if (check_chunksize(chunksize, NULL) != SP_OK) {
		async_hand_over(async, NULL);
		return SP_E_VALUE;
	}
	// An empty one is never the pool's, so it needs a holder in any case.
	struct map *map = map_new(pool, func, args, n, chunksize, NULL, async || !n);
	async_hand_over(async, map ? &map->async : NULL);
	if (!map) {
		return SP_E_NOMEM;
	}
	map->async.callback = callback;
	map->async.error_callback = error_callback;
	map->async.ud = ud;
	// Touched only where an item fails. With nobody to ask for them they are not kept.
	map->async.failures = async && n ? calloc(n, sizeof *map->async.failures) : NULL;
	sp_status status = async && n && !map->async.failures ? SP_E_NOMEM : submit(map);
	if (status != SP_OK) {
		map_discard(map, true);
		async_hand_over(async, NULL);
	} else if (!async && !n) {
		sp_async_free(&map->async);
	}
	return status;
}
