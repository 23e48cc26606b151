// SPDX-License-Identifier: MIT
// apply: a job of one task.
#include "base/error.h"
#include "pool/parts.h"

#include <stdlib.h>

size_t apply_serve(sp_async *job) {
	sp_pool *pool = job->job.pool;
	struct job_list spent = {0};
	job_unqueue(&job->job);
	pthread_mutex_unlock(&pool->mutex);
	void *arg = job->item;
	job->item = NULL;
	job->failed = job_call(&job->job, arg, &job->item, &job->error) == SP_OK ? 1 : 0;
	pthread_mutex_lock(&pool->mutex);
	async_ran(job, true, &spent);
	if (spent.n) {
		pthread_mutex_unlock(&pool->mutex);
		async_free_all(&spent, pool->free_value);
		pthread_mutex_lock(&pool->mutex);
	}
	return 1;
}

void apply_drop(sp_async *job, struct job_list *spent) {
	job->item = NULL;
	failure_copy(&job->error, failure_dropped());
	async_ran(job, false, spent);
}

sp_status sp_pool_apply_async(sp_pool *pool, sp_func func, void *arg, sp_callback callback,
	sp_callback error_callback, void *ud, sp_async **async) {
	sp_async *job = malloc(sizeof *job);
	async_hand_over(async, job);
	if (!job) {
		return SP_E_NOMEM;
	}
	async_init(job, pool, func, async != NULL);
	job->callback = callback;
	job->error_callback = error_callback;
	job->ud = ud;
	job->n = 1;
	job->item = arg;
	job->items = &job->item;
	sp_status status = job_submit(&job->job, callback || error_callback);
	if (status != SP_OK) {
		pthread_cond_destroy(&job->finished);
		free(job);
		async_hand_over(async, NULL);
	}
	return status;
}

sp_status sp_pool_apply(sp_pool *pool, sp_func func, void *arg, void **value, sp_error *error) {
	sp_async *job;
	sp_status status = threads_check(pool);
	if (status == SP_OK) {
		status = sp_pool_apply_async(pool, func, arg, NULL, NULL, NULL, &job);
	}
	if (status != SP_OK) {
		if (value) {
			*value = NULL;
		}
		return job_refused(error, status);
	}
	pthread_mutex_lock(&pool->mutex);
	async_await(job, SP_FOREVER);
	pthread_mutex_unlock(&pool->mutex);
	status = failure_copy(error, &job->error);
	if (value) {
		*value = job->item;
		job->item = NULL;
	}
	sp_async_free(job);
	return status;
}
