// SPDX-License-Identifier: MIT
// AsyncResult: how a job of apply or map ends, waiting for it, and whose it is.
#include "base/clock.h"
#include "base/error.h"
#include "pool/deadline.h"
#include "pool/parts.h"

#include <stdlib.h>

void async_init(sp_async *job, sp_pool *pool, sp_func func, bool held) {
	*job = (sp_async){
		.job = {.pool = pool, .func = func, .refs = held ? 2 : 1}, .error = SP_ERROR_INIT};
	pthread_cond_init(&job->finished, NULL);
}

void async_hand_over(sp_async **async, sp_async *job) {
	if (async) {
		*async = job;
	}
}

sp_callback async_callback(const sp_async *job) {
	return job->error.code == SP_OK ? job->callback : job->error_callback;
}

void async_ran(sp_async *job, bool callback, struct job_list *spent) {
	sp_pool *pool = job->job.pool;
	job->ran = true;
	if (callback && async_callback(job)) {
		job_append(&pool->results, &job->job);
		pthread_cond_signal(&pool->result_here);
	} else {
		async_finish(job, spent);
	}
}

void async_finish(sp_async *job, struct job_list *spent) {
	job->done = true;
	if (job->job.refs > 1) {
		pthread_cond_broadcast(&job->finished);
	}
	if (job_let_go(&job->job)) {
		job_append(spent, &job->job);
	}
}

static void free_map(sp_async *job) {
	for (size_t i = 0; i < job->n && job->failures; i++) {
		failure_free(job->failures[i]);
	}
	free(job->failures);
	free(job->items);
}

void async_free_all(struct job_list *spent, void (*free_value)(void *value)) {
	for (struct job *job; (job = job_take(spent));) {
		sp_async *async = (sp_async *)job;
		for (size_t i = 0; i < async->n && free_value; i++) {
			if (async->items[i]) {
				free_value(async->items[i]);
			}
		}
		if (job->kind == JOB_MAP) {
			free_map(async);
		}
		free(async->error.filename);
		pthread_cond_destroy(&async->finished);
		free(async);
	}
}

sp_status pool_wait(sp_pool *pool, pthread_cond_t *condition, int64_t deadline) {
	return deadline_wait(condition, &pool->mutex, deadline) ? SP_OK : SP_E_TIMEOUT;
}

sp_status async_await(sp_async *job, int64_t deadline) {
	sp_status status = SP_OK;
	while (status == SP_OK && !job->done) {
		status = pool_wait(job->job.pool, &job->finished, deadline);
	}
	return job->done ? SP_OK : status;
}

// Called where it cannot become done before the call has returned: in the handler for a job that
// only the handler could complete, in the only worker for a job that it would have to run.
static bool waits_for_itself(const sp_async *job) {
	const sp_pool *pool = job->job.pool;
	if (!job->ran && threads_alone(pool)) {
		return true;
	}
	return (job->callback || job->error_callback) && threads_handler(pool);
}

bool sp_async_ready(sp_async *async) {
	pthread_mutex_t *mutex = &async->job.pool->mutex;
	pthread_mutex_lock(mutex);
	bool done = async->done;
	pthread_mutex_unlock(mutex);
	return done;
}

sp_status sp_async_successful(sp_async *async, bool *successful) {
	if (!sp_async_ready(async)) {
		return SP_E_VALUE;
	}
	*successful = async->error.code == SP_OK;
	return SP_OK;
}

sp_status sp_async_wait(sp_async *async, int64_t timeout_ns) {
	int64_t deadline = timeout_ns > 0 ? clock_deadline(timeout_ns) : 0;
	pthread_mutex_t *mutex = &async->job.pool->mutex;
	pthread_mutex_lock(mutex);
	sp_status status = SP_OK;
	if (!async->done && timeout_ns <= 0) {
		status = SP_E_TIMEOUT;
	} else if (!async->done && waits_for_itself(async)) {
		status = SP_E_DEADLOCK;
	} else {
		status = async_await(async, deadline);
	}
	pthread_mutex_unlock(mutex);
	return status;
}

sp_status sp_async_get(sp_async *async, int64_t timeout_ns, void *const **values, size_t *n,
	size_t *first_failed, sp_error *error) {
	sp_status status = sp_async_wait(async, timeout_ns);
	bool done = status == SP_OK;
	if (done) {
		status = failure_copy(error, &async->error);
	} else {
		error_set(error, status, "the job is not done");
	}
	if (values) {
		*values = done ? async->items : NULL;
	}
	if (n) {
		*n = done ? async->n : 0;
	}
	if (first_failed) {
		*first_failed = done ? async->failed : 0;
	}
	return status;
}

sp_status sp_async_item(sp_async *async, size_t index, void **value, sp_error *error) {
	if (value) {
		*value = NULL;
	}
	if (!sp_async_ready(async)) {
		return error_set(error, SP_E_VALUE, "not ready");
	}
	if (index >= async->n) {
		return error_set(error, SP_E_VALUE, "index out of range");
	}
	if (value) {
		*value = async->items[index];
	}
	// After apply the job is its one item.
	return failure_copy(error, async->failures ? async->failures[index] : &async->error);
}

void sp_async_free(sp_async *async) {
	if (!async) {
		return;
	}
	sp_pool *pool = async->job.pool;
	void (*free_value)(void *value) = pool->free_value;
	struct job_list spent = {0};
	pthread_mutex_lock(&pool->mutex);
	if (job_let_go(&async->job)) {
		job_append(&spent, &async->job);
	}
	bool last = pool->refs == 0;
	pthread_mutex_unlock(&pool->mutex);
	async_free_all(&spent, free_value);
	if (last) {
		pool_destroy(pool);
	}
}
