/* SPDX-License-Identifier: MIT
 * What a pool is made of: jobs, two lists of them, and the threads between the lists. */
#ifndef POOL_PARTS_H
#define POOL_PARTS_H

#include "pool/pool.h"

#include <pthread.h>
#include <stdatomic.h>

/* A job: what was submitted, then how it ended. */
struct sp_async {
	sp_pool *pool; /* holds a reference to it */
	sp_func func;
	void *arg;
	sp_callback callback, error_callback;
	void *ud;
	/* Written by the one thread that has the job, read by all once it is done. */
	void *value;
	sp_error error;
	/* Guarded by the pool's mutex. */
	sp_async *next;
	unsigned refs; /* the pool until it is done, and the holder */
	bool done;
	pthread_cond_t finished;
};

struct job_list {
	sp_async *first, *last;
	size_t n;
};

struct pool_thread {
	pthread_t id;
	bool ended; /* it may be joined and its id given to another thread */
};

enum pool_state { POOL_RUN, POOL_CLOSE, POOL_TERMINATE };

/*
 *   submit ──► tasks ──► workers ──┬──► results ──► handler (callbacks) ──► done
 *                                  └──────── without a callback ──────────► done
 *
 * A sentinel is a number, not a job: they are all alike and all stand behind the last task.
 */
struct sp_pool {
	/* Set by sp_pool_new. */
	size_t queue_max;
	void (*free_value)(void *value);
	sp_cancel *cancel;
	pthread_attr_t attr; /* stack and signal mask of the threads */
	atomic_int most;     /* workers there may be; only ever lowered, with the mutex held */

	pthread_mutex_t mutex;      /* guards everything below, and what its jobs say */
	pthread_cond_t task_ready;  /* tasks or sentinels */
	pthread_cond_t task_room;   /* fewer tasks than queue_max, or no longer running */
	pthread_cond_t result_here; /* results, or no worker that could bring one */
	pthread_cond_t joined;
	enum pool_state state;
	struct job_list tasks, results;
	struct pool_thread *workers; /* n_workers made until now, room for workers_room */
	size_t n_workers, workers_room;
	size_t live; /* workers that have not taken a sentinel */
	size_t idle; /* those of them without a task: waiting, woken or still starting */
	size_t sentinels;
	struct pool_thread handler;
	bool has_handler;
	bool join_begun, join_done;
	size_t refs; /* the owner and all jobs */
};

/* All of these, except where said, with the mutex held. */

void job_append(struct job_list *list, sp_async *job);
sp_async *job_take(struct job_list *list); /* NULL: none */

/* Wakes those who wait for the job and lets go of the pool's reference; the list `spent` gets the
   job if it was the last. */
void job_finish(sp_async *job, struct job_list *spent);

/* Frees the jobs of the list and their values. Without the mutex. */
void job_free_all(struct job_list *spent, void (*free_value)(void *value));

/* Sees to it that there are threads for one more task. 0, or an errno: there is none. */
int threads_prepare(sp_pool *pool, bool callbacks);

/* Whether the calling thread is one of the pool's own. */
bool threads_own(const sp_pool *pool);

/* Whether the calling thread is this one. */
bool thread_is_self(const struct pool_thread *thread);

/* SP_E_OS with errnum: a thread or descriptor that is not to be had. With or without the mutex. */
sp_status pool_error(sp_error *error, int errnum, const char *message);

/* Frees the pool itself, after its last reference. Without the mutex. */
void pool_destroy(sp_pool *pool);

#endif
