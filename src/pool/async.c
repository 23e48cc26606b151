// SPDX-License-Identifier: MIT
// Jobs: submitting them, waiting for them, and whose they are.
#include "base/clock.h"
#include "base/error.h"
#include "pool/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void job_append(struct job_list *list, sp_async *job) {
	job->next = NULL;
	if (list->last) {
		list->last->next = job;
	} else {
		list->first = job;
	}
	list->last = job;
	list->n++;
}

sp_async *job_take(struct job_list *list) {
	sp_async *job = list->first;
	if (job) {
		list->first = job->next;
		list->last = list->first ? list->last : NULL;
		list->n--;
	}
	return job;
}

// One reference less; the last takes the job to `spent` and the job's hold on the pool with it.
static void let_go(sp_async *job, struct job_list *spent) {
	if (--job->refs == 0) {
		job->pool->refs--;
		job_append(spent, job);
	}
}

void job_finish(sp_async *job, struct job_list *spent) {
	job->done = true;
	pthread_cond_broadcast(&job->finished);
	let_go(job, spent);
}

void job_free_all(struct job_list *spent, void (*free_value)(void *value)) {
	for (sp_async *job; (job = job_take(spent));) {
		if (free_value && job->value) {
			free_value(job->value);
		}
		sp_error_clear(&job->error);
		pthread_cond_destroy(&job->finished);
		free(job);
	}
}

// Waits until one more task may be queued.
static sp_status await_room(sp_pool *pool) {
	while (pool->state == POOL_RUN && pool->queue_max && pool->tasks.n >= pool->queue_max) {
		pthread_cond_wait(&pool->task_room, &pool->mutex);
	}
	return pool->state == POOL_RUN ? SP_OK : SP_E_NOTRUNNING;
}

// Queues a job that is filled in. On failure errno says why and nothing has changed.
static sp_status submit(sp_pool *pool, sp_async *job) {
	pthread_mutex_lock(&pool->mutex);
	sp_status status = await_room(pool);
	int error = 0;
	bool wake = false;
	if (status == SP_OK) {
		error = threads_prepare(pool, job->callback || job->error_callback);
		status = error ? SP_E_OS : SP_OK;
	}
	if (status == SP_OK) {
		pool->refs++;
		job_append(&pool->tasks, job);
		// With more tasks than idle workers all of those have been woken already.
		wake = pool->tasks.n <= pool->idle;
	} else if (status == SP_E_OS && pool->queue_max) {
		// The room that this one waited for is for the next.
		pthread_cond_signal(&pool->task_room);
	}
	pthread_mutex_unlock(&pool->mutex);
	if (wake) {
		pthread_cond_signal(&pool->task_ready);
	}
	if (error) {
		errno = error;
	}
	return status;
}

sp_status sp_pool_apply_async(sp_pool *pool, sp_func func, void *arg, sp_callback callback,
	sp_callback error_callback, void *ud, sp_async **async) {
	sp_async *job = malloc(sizeof *job);
	if (!job) {
		return SP_E_NOMEM;
	}
	*job = (sp_async){.pool = pool,
		.func = func,
		.arg = arg,
		.callback = callback,
		.error_callback = error_callback,
		.ud = ud,
		.error = SP_ERROR_INIT,
		.refs = async ? 2 : 1};
	pthread_cond_init(&job->finished, NULL);
	sp_status status = submit(pool, job);
	if (status != SP_OK) {
		pthread_cond_destroy(&job->finished);
		free(job);
	} else if (async) {
		*async = job;
	}
	return status;
}

static sp_status explain(sp_error *error, sp_status status) {
	if (status == SP_E_OS) {
		return pool_error(error, errno, "cannot make a thread");
	}
	return error_set(
		error, status, status == SP_E_NOMEM ? "out of memory" : "Pool not running");
}

sp_status sp_pool_apply(sp_pool *pool, sp_func func, void *arg, void **value, sp_error *error) {
	sp_async *job;
	sp_status status = sp_pool_apply_async(pool, func, arg, NULL, NULL, NULL, &job);
	if (status != SP_OK) {
		return explain(error, status);
	}
	status = sp_async_get(job, SP_FOREVER, NULL, NULL, NULL, error);
	if (value) {
		*value = job->value;
		job->value = NULL;
	}
	sp_async_free(job);
	return status;
}

bool sp_async_ready(sp_async *async) {
	pthread_mutex_lock(&async->pool->mutex);
	bool done = async->done;
	pthread_mutex_unlock(&async->pool->mutex);
	return done;
}

sp_status sp_async_successful(sp_async *async, bool *successful) {
	if (!sp_async_ready(async)) {
		return SP_E_VALUE;
	}
	*successful = async->error.code == SP_OK;
	return SP_OK;
}

// In the handler, for a job that only the handler could complete.
static bool waits_for_itself(const sp_async *job) {
	const sp_pool *pool = job->pool;
	return (job->callback || job->error_callback) && pool->has_handler &&
	       thread_is_self(&pool->handler);
}

sp_status sp_async_wait(sp_async *async, int64_t timeout_ns) {
	int64_t deadline = timeout_ns > 0 ? clock_deadline(timeout_ns) : 0;
	struct timespec until = {deadline / CLOCK_SECOND, deadline % CLOCK_SECOND};
	pthread_mutex_t *mutex = &async->pool->mutex;
	pthread_mutex_lock(mutex);
	sp_status status = SP_OK;
	if (!async->done && timeout_ns <= 0) {
		status = SP_E_TIMEOUT;
	} else if (!async->done && waits_for_itself(async)) {
		status = SP_E_DEADLOCK;
	}
	while (status == SP_OK && !async->done) {
		if (deadline == SP_FOREVER) {
			pthread_cond_wait(&async->finished, mutex);
		} else if (pthread_cond_clockwait(
				   &async->finished, mutex, CLOCK_MONOTONIC, &until) == ETIMEDOUT) {
			status = async->done ? SP_OK : SP_E_TIMEOUT;
		}
	}
	pthread_mutex_unlock(mutex);
	return status;
}

static void copy_error(sp_error *to, const sp_error *from) {
	sp_error_clear(to);
	if (to) {
		*to = *from;
		to->filename = from->filename ? strdup(from->filename) : NULL;
	}
}

sp_status sp_async_get(sp_async *async, int64_t timeout_ns, void *const **values, size_t *n,
	size_t *first_failed, sp_error *error) {
	sp_status status = sp_async_wait(async, timeout_ns);
	bool done = status == SP_OK;
	if (done) {
		status = async->error.code;
		copy_error(error, &async->error);
	} else {
		error_set(error, status, "the job is not done");
	}
	size_t items = done ? 1 : 0;
	if (values) {
		*values = done ? &async->value : NULL;
	}
	if (n) {
		*n = items;
	}
	if (first_failed) {
		*first_failed = status == SP_OK ? items : 0;
	}
	return status;
}

void sp_async_free(sp_async *async) {
	if (!async) {
		return;
	}
	sp_pool *pool = async->pool;
	void (*free_value)(void *value) = pool->free_value;
	struct job_list spent = {0};
	pthread_mutex_lock(&pool->mutex);
	let_go(async, &spent);
	bool last = pool->refs == 0;
	pthread_mutex_unlock(&pool->mutex);
	job_free_all(&spent, free_value);
	if (last) {
		pool_destroy(pool);
	}
}
