// SPDX-License-Identifier: MIT
// The life of a pool: made, closed or terminated, joined, freed.
#include "pool/pool.h"
#include "base/error.h"
#include "base/sized.h"
#include "pool/parts.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STACK_BYTES = 256 * 1024 };

static const sp_pool_opts defaults = {
	.size = sizeof(sp_pool_opts),
	.processes = -1,
	.maxtasksperchild = -1,
};

void sp_pool_opts_init_size(sp_pool_opts *opts, size_t size) {
	sized_init(opts, size, &defaults, sizeof defaults);
}

// CPUs that this process may use, at least 1.
static int count_cpus(void) {
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof set, &set) == 0) {
		return CPU_COUNT(&set);
	}
	// More CPUs than a cpu_set_t has bits.
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	return online >= 1 && online <= INT_MAX ? (int)online : 1;
}

// The attributes of the threads: a small stack, and the signal mask of the caller.
static int init_attr(pthread_attr_t *attr) {
	int error = pthread_attr_init(attr);
	if (error) {
		return error;
	}
	sigset_t mask;
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	error = pthread_attr_setstacksize(attr, STACK_BYTES);
	if (!error) {
		error = pthread_attr_setsigmask_np(attr, &mask);
	}
	if (error) {
		pthread_attr_destroy(attr);
	}
	return error;
}

// A copy of what the caller filled in; an older, shorter struct leaves the rest at the defaults.
static sp_status read_opts(sp_pool_opts *copy, const sp_pool_opts *opts, sp_error *error) {
	*copy = defaults;
	sp_status status = opts ? sized_load(copy, sizeof *copy, opts, "sp_pool_opts", error)
				: SP_OK;
	if (status != SP_OK) {
		return status;
	}
	if (copy->processes == -1) {
		copy->processes = count_cpus();
	}
	if (copy->processes < 1) {
		return error_set(error, SP_E_VALUE, "Number of processes must be at least 1");
	}
	if (copy->maxtasksperchild < 1 && copy->maxtasksperchild != -1) {
		return error_set(error, SP_E_VALUE, "maxtasksperchild must be at least 1, or -1");
	}
	return SP_OK;
}

sp_status pool_error(sp_error *error, int errnum, const char *message) {
	error_set(error, SP_E_OS, "%s", message);
	if (error) {
		error->os_errno = errnum;
		error->stage = SP_AT_CREATE;
	}
	return SP_E_OS;
}

// What the system or memory may refuse; the pool is zeroed, and still is after a failure.
static sp_status acquire(sp_pool *pool, sp_error *error) {
	if (init_attr(&pool->attr)) {
		return error_set(error, SP_E_NOMEM, "out of memory");
	}
	sp_status status = sp_cancel_new(&pool->cancel);
	if (status != SP_OK) {
		int reason = errno;
		pthread_attr_destroy(&pool->attr);
		return status == SP_E_OS ? pool_error(error, reason, "cannot make a descriptor")
					 : error_set(error, status, "out of memory");
	}
	return SP_OK;
}

sp_status sp_pool_new(sp_pool **pool, const sp_pool_opts *opts, sp_error *error) {
	sp_error_clear(error);
	sp_pool_opts copy;
	sp_status status = read_opts(&copy, opts, error);
	if (status != SP_OK) {
		return status;
	}
	sp_pool *new = calloc(1, sizeof *new);
	if (!new) {
		return error_set(error, SP_E_NOMEM, "out of memory");
	}
	status = acquire(new, error);
	if (status != SP_OK) {
		free(new);
		return status;
	}
	new->queue_max = copy.queue_max;
	new->free_value = copy.free_value;
	new->initializer = copy.initializer;
	new->initarg = copy.initarg;
	new->worker_tasks = copy.maxtasksperchild == -1 ? SIZE_MAX : (size_t)copy.maxtasksperchild;
	atomic_init(&new->most, copy.processes);
	pthread_mutex_init(&new->mutex, NULL);
	pthread_cond_init(&new->task_ready, NULL);
	pthread_cond_init(&new->task_room, NULL);
	pthread_cond_init(&new->result_here, NULL);
	pthread_cond_init(&new->joined, NULL);
	new->refs = 1;
	*pool = new;
	return SP_OK;
}

int sp_pool_size(const sp_pool *pool) {
	return atomic_load(&pool->most);
}

// From running to closed or terminated: all who wait look again.
static void stop(sp_pool *pool, enum pool_state state) {
	pool->state = state;
	threads_rouse_all(pool);
	pthread_cond_broadcast(&pool->task_room);
	pthread_cond_broadcast(&pool->result_here);
}

sp_status sp_pool_close(sp_pool *pool) {
	pthread_mutex_lock(&pool->mutex);
	if (pool->state == POOL_RUN) {
		stop(pool, POOL_CLOSE);
	}
	pthread_mutex_unlock(&pool->mutex);
	return SP_OK;
}

// Empties the queue and ends the inputs. Tasks that run go on.
static void drop_all(sp_pool *pool, struct job_list *spent) {
	while (pool->imaps) {
		imap_drop(pool->imaps);
	}
	for (struct job *job; (job = pool->queue.first);) {
		job_unqueue(job);
		if (job->kind == JOB_MAP) {
			map_drop((sp_async *)job, spent);
		} else {
			apply_drop((sp_async *)job, spent);
		}
	}
}

sp_status sp_pool_terminate(sp_pool *pool) {
	struct job_list spent = {0};
	pthread_mutex_lock(&pool->mutex);
	sp_status status = threads_own(pool) ? SP_E_DEADLOCK : SP_OK;
	if (status == SP_OK && pool->state != POOL_TERMINATE) {
		stop(pool, POOL_TERMINATE);
		sp_cancel_set(pool->cancel);
		drop_all(pool, &spent);
	}
	pthread_mutex_unlock(&pool->mutex);
	async_free_all(&spent, pool->free_value);
	return status;
}

// Once the pool has stopped and has no worker, no thread is added.
static void join_threads(sp_pool *pool) {
	pthread_mutex_unlock(&pool->mutex);
	if (pool->has_last) {
		pthread_join(pool->last, NULL);
	}
	if (pool->has_handler) {
		pthread_join(pool->handler, NULL);
	}
	pthread_mutex_lock(&pool->mutex);
	pool->has_last = false;
	pool->has_handler = false;
	pool->join_done = true;
	pthread_cond_broadcast(&pool->joined);
}

sp_status sp_pool_join(sp_pool *pool) {
	sp_status status = SP_OK;
	pthread_mutex_lock(&pool->mutex);
	if (threads_own(pool)) {
		status = SP_E_DEADLOCK;
	} else if (pool->state == POOL_RUN) {
		status = SP_E_VALUE;
	}
	while (status == SP_OK && !pool->join_done) {
		if (pool->live || pool->join_begun) {
			pthread_cond_wait(&pool->joined, &pool->mutex);
		} else {
			pool->join_begun = true;
			join_threads(pool);
		}
	}
	pthread_mutex_unlock(&pool->mutex);
	return status;
}

void pool_destroy(sp_pool *pool) {
	pthread_cond_destroy(&pool->task_ready);
	pthread_cond_destroy(&pool->task_room);
	pthread_cond_destroy(&pool->result_here);
	pthread_cond_destroy(&pool->joined);
	pthread_mutex_destroy(&pool->mutex);
	free(pool);
}

void sp_pool_free(sp_pool *pool) {
	if (!pool || sp_pool_terminate(pool) == SP_E_DEADLOCK) {
		return;
	}
	sp_pool_join(pool);
	// Jobs that are still held need nothing of this, only the mutex.
	sp_cancel_free(pool->cancel);
	pthread_attr_destroy(&pool->attr);
	free(pool->workers);
	pthread_mutex_lock(&pool->mutex);
	bool last = --pool->refs == 0;
	pthread_mutex_unlock(&pool->mutex);
	if (last) {
		pool_destroy(pool);
	}
}
