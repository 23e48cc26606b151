// SPDX-License-Identifier: MIT
// The threads of a pool: workers take tasks, the handler calls callbacks.
#include "base/error.h"
#include "pool/parts.h"

#include <errno.h>
#include <stdlib.h>

static void *worker_main(void *arg);

// One more worker; 0 or an errno.
static int start_worker(sp_pool *pool) {
	if (pool->live == pool->workers_room) {
		size_t room = pool->workers_room ? 2 * pool->workers_room : 4;
		pthread_t *workers = reallocarray(pool->workers, room, sizeof *workers);
		if (!workers) {
			return ENOMEM;
		}
		pool->workers = workers;
		pool->workers_room = room;
	}
	int error = pthread_create(&pool->workers[pool->live], &pool->attr, worker_main, pool);
	if (!error) {
		pool->live++;
		pool->idle++;
	}
	return error;
}

// One more worker if there may be more. 0, or an errno: there is none at all.
static int add_worker(sp_pool *pool) {
	if (pool->live >= (size_t)atomic_load(&pool->most)) {
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

// Whether nothing can come any more once the queue is empty.
static bool over(const sp_pool *pool) {
	return pool->state == POOL_TERMINATE || (pool->state == POOL_CLOSE && !pool->imaps);
}

// The first job of the queue, which stays there; NULL once it is over.
static struct job *await_job(sp_pool *pool) {
	while (!pool->queue.n && !over(pool)) {
		pool->sleeping++;
		pthread_cond_wait(&pool->task_ready, &pool->mutex);
		pool->sleeping--;
		pool->roused -= pool->roused > 0;
	}
	return pool->queue.first;
}

bool threads_rouse(sp_pool *pool) {
	if (pool->sleeping > pool->roused) {
		pool->roused++;
		return true;
	}
	// Those that are idle come already, each for one job, whichever goes first then.
	if (pool->queue.n > pool->idle) {
		add_worker(pool);
	}
	return false;
}

void threads_rouse_all(sp_pool *pool) {
	pool->roused = pool->sleeping;
	pthread_cond_broadcast(&pool->task_ready);
}

// At most so many tasks of the job; how many it were.
static size_t serve(struct job *job, size_t most) {
	switch (job->kind) {
	case JOB_APPLY:
		return apply_serve((sp_async *)job);
	case JOB_MAP:
		return map_serve((sp_async *)job, most);
	case JOB_IMAP:
		return imap_serve((sp_imap *)job);
	}
	return 0;
}

// A worker that has run its number of tasks makes way for a new one, which is made if there is work
// for it. Only a last one that cannot be replaced stays.
static bool makes_way(sp_pool *pool) {
	bool last = pool->live == 1;
	if (pool->queue.n > pool->idle || (pool->imaps && last)) {
		int error = start_worker(pool);
		if (error && last) {
			return false;
		}
		if (error) {
			atomic_store(&pool->most, (int)pool->live - 1);
		}
	}
	if (pool->queue.n && threads_rouse(pool)) {
		pthread_cond_signal(&pool->task_ready);
	}
	return true;
}

// Lets go of the mutex and joins the worker that ended last, if nobody has. All that come and go do
// so; thus no more can be on their way out than the pool has workers.
static void unlock_and_join(sp_pool *pool, bool has_last, pthread_t last) {
	pthread_mutex_unlock(&pool->mutex);
	if (has_last) {
		pthread_join(last, NULL);
	}
}

static void enter(sp_pool *pool) {
	pthread_mutex_lock(&pool->mutex);
	bool has_last = pool->has_last;
	pool->has_last = false;
	unlock_and_join(pool, has_last, pool->last);
	if (pool->initializer) {
		pool->initializer(pool->initarg);
	}
	pthread_mutex_lock(&pool->mutex);
}

static void leave(sp_pool *pool) {
	pthread_t *self = pool->workers;
	while (!pthread_equal(*self, pthread_self())) {
		self++;
	}
	*self = pool->workers[--pool->live];
	bool has_last = pool->has_last;
	pthread_t last = pool->last;
	pool->has_last = true;
	pool->last = pthread_self();
	if (!pool->live) {
		pthread_cond_signal(&pool->result_here);
		pthread_cond_broadcast(&pool->joined);
	}
	unlock_and_join(pool, has_last, last);
}

static void *worker_main(void *arg) {
	sp_pool *pool = arg;
	enter(pool);
	size_t left = pool->worker_tasks;
	for (struct job *job; (job = await_job(pool));) {
		pool->idle--;
		left -= serve(job, left);
		bool leaves = !left && makes_way(pool);
		left = left ? left : pool->worker_tasks;
		pool->idle++;
		if (leaves) {
			break;
		}
	}
	pool->idle--;
	leave(pool);
	return NULL;
}

// The next result; NULL once the pool has stopped and no worker is left to bring one.
static struct job *await_result(sp_pool *pool) {
	while (!pool->results.n && (pool->state == POOL_RUN || pool->live)) {
		pthread_cond_wait(&pool->result_here, &pool->mutex);
	}
	return job_take(&pool->results);
}

static void call_back(sp_async *job) {
	int rc = async_callback(job)(job->items, job->n, &job->error, job->ud);
	if (rc && job->error.code == SP_OK) {
		error_set(&job->error, SP_E_STATUS, "the callback returned %d", rc);
		// After apply the job is its one item.
		job->failed = job->job.kind == JOB_APPLY ? 0 : job->n;
	}
}

static void *handler_main(void *arg) {
	sp_pool *pool = arg;
	pthread_mutex_lock(&pool->mutex);
	for (struct job *job; (job = await_result(pool));) {
		pthread_mutex_unlock(&pool->mutex);
		call_back((sp_async *)job);
		struct job_list spent = {0};
		pthread_mutex_lock(&pool->mutex);
		async_finish((sp_async *)job, &spent);
		pthread_mutex_unlock(&pool->mutex);
		async_free_all(&spent, pool->free_value);
		pthread_mutex_lock(&pool->mutex);
	}
	pool->handler_ended = true;
	pthread_mutex_unlock(&pool->mutex);
	return NULL;
}

int threads_prepare(sp_pool *pool, bool callbacks) {
	if (callbacks && !pool->has_handler) {
		int error = pthread_create(&pool->handler, &pool->attr, handler_main, pool);
		if (error) {
			return error;
		}
		pool->has_handler = true;
	}
	return pool->queue.n < pool->idle ? 0 : add_worker(pool);
}

static bool is_worker(const sp_pool *pool) {
	bool own = false;
	for (size_t i = 0; i < pool->live && !own; i++) {
		own = pthread_equal(pool->workers[i], pthread_self());
	}
	return own;
}

bool threads_handler(const sp_pool *pool) {
	return pool->has_handler && !pool->handler_ended &&
	       pthread_equal(pool->handler, pthread_self());
}

bool threads_own(const sp_pool *pool) {
	return threads_handler(pool) || is_worker(pool);
}

bool threads_alone(const sp_pool *pool) {
	return atomic_load(&pool->most) == 1 && is_worker(pool);
}

sp_status threads_check(sp_pool *pool) {
	pthread_mutex_lock(&pool->mutex);
	sp_status status = threads_alone(pool) ? SP_E_DEADLOCK : SP_OK;
	pthread_mutex_unlock(&pool->mutex);
	return status;
}
