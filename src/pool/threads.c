// SPDX-License-Identifier: MIT
// The threads of a pool: workers take tasks, the handler calls callbacks.
#include "base/error.h"
#include "pool/parts.h"

#include <errno.h>
#include <stdlib.h>

// The next task, NULL for a sentinel. Whoever comes back here is idle until there is one.
static sp_async *await_task(sp_pool *pool) {
	while (!pool->tasks.n && !pool->sentinels) {
		pthread_cond_wait(&pool->task_ready, &pool->mutex);
	}
	pool->idle--;
	sp_async *job = job_take(&pool->tasks);
	if (!job) {
		pool->sentinels--;
	} else if (pool->queue_max) {
		pthread_cond_signal(&pool->task_room);
	}
	return job;
}

static void run_task(sp_async *job) {
	const sp_cancel *cancel = job->pool->cancel;
	sp_status status = job->func(job->arg, cancel, &job->value, &job->error);
	if (status == SP_E_INTERRUPTED && sp_cancelled(cancel)) {
		error_set(&job->error, SP_E_CANCELLED, "the pool was terminated");
	} else {
		job->error.code = status;
	}
}

static sp_callback callback_of(const sp_async *job) {
	return job->error.code == SP_OK ? job->callback : job->error_callback;
}

static void *worker_main(void *arg) {
	sp_pool *pool = arg;
	pthread_mutex_lock(&pool->mutex);
	for (sp_async *job; (job = await_task(pool));) {
		pthread_mutex_unlock(&pool->mutex);
		run_task(job);
		bool has_callback = callback_of(job) != NULL;
		struct job_list spent = {0};
		pthread_mutex_lock(&pool->mutex);
		if (has_callback) {
			job_append(&pool->results, job);
			pthread_cond_signal(&pool->result_here);
		} else {
			job_finish(job, &spent);
		}
		if (spent.n) {
			pthread_mutex_unlock(&pool->mutex);
			job_free_all(&spent, pool->free_value);
			pthread_mutex_lock(&pool->mutex);
		}
		pool->idle++;
	}
	struct pool_thread *self = pool->workers;
	while (!thread_is_self(self)) {
		self++;
	}
	self->ended = true;
	if (--pool->live == 0) {
		pthread_cond_signal(&pool->result_here);
	}
	pthread_mutex_unlock(&pool->mutex);
	return NULL;
}

// The next result; NULL once the pool has stopped and no worker is left to bring one.
static sp_async *await_result(sp_pool *pool) {
	while (!pool->results.n && (pool->state == POOL_RUN || pool->live)) {
		pthread_cond_wait(&pool->result_here, &pool->mutex);
	}
	return job_take(&pool->results);
}

static void call_back(sp_async *job) {
	int rc = callback_of(job)(&job->value, 1, &job->error, job->ud);
	if (rc && job->error.code == SP_OK) {
		error_set(&job->error, SP_E_STATUS, "the callback returned %d", rc);
	}
}

static void *handler_main(void *arg) {
	sp_pool *pool = arg;
	pthread_mutex_lock(&pool->mutex);
	for (sp_async *job; (job = await_result(pool));) {
		pthread_mutex_unlock(&pool->mutex);
		call_back(job);
		struct job_list spent = {0};
		pthread_mutex_lock(&pool->mutex);
		job_finish(job, &spent);
		pthread_mutex_unlock(&pool->mutex);
		job_free_all(&spent, pool->free_value);
		pthread_mutex_lock(&pool->mutex);
	}
	pool->handler.ended = true;
	pthread_mutex_unlock(&pool->mutex);
	return NULL;
}

// One more worker; 0 or an errno.
static int start_worker(sp_pool *pool) {
	if (pool->n_workers == pool->workers_room) {
		size_t room = pool->workers_room ? 2 * pool->workers_room : 4;
		struct pool_thread *workers = reallocarray(pool->workers, room, sizeof *workers);
		if (!workers) {
			return ENOMEM;
		}
		pool->workers = workers;
		pool->workers_room = room;
	}
	struct pool_thread *worker = &pool->workers[pool->n_workers];
	worker->ended = false;
	int error = pthread_create(&worker->id, &pool->attr, worker_main, pool);
	if (!error) {
		pool->n_workers++;
		pool->live++;
		pool->idle++;
	}
	return error;
}

int threads_prepare(sp_pool *pool, bool callbacks) {
	if (callbacks && !pool->has_handler) {
		int error = pthread_create(&pool->handler.id, &pool->attr, handler_main, pool);
		if (error) {
			return error;
		}
		pool->has_handler = true;
	}
	if (pool->tasks.n < pool->idle || pool->live >= (size_t)atomic_load(&pool->most)) {
		return 0;
	}
	int error = start_worker(pool);
	if (error && pool->live) {
		// Those that are there will do; asking again for each task would cost more.
		atomic_store(&pool->most, (int)pool->live);
		return 0;
	}
	return error;
}

bool thread_is_self(const struct pool_thread *thread) {
	return !thread->ended && pthread_equal(thread->id, pthread_self());
}

bool threads_own(const sp_pool *pool) {
	bool own = pool->has_handler && thread_is_self(&pool->handler);
	for (size_t i = 0; i < pool->n_workers && !own; i++) {
		own = thread_is_self(&pool->workers[i]);
	}
	return own;
}
