/* SPDX-License-Identifier: MIT
 * What a pool is made of: jobs, two lists of them, and the threads between the lists. */
#ifndef POOL_PARTS_H
#define POOL_PARTS_H

#include "pool/pool.h"

#include <pthread.h>
#include <stdatomic.h>

/* What a worker finds in the queue: one task, many, or a source of them. */
enum job_kind { JOB_APPLY, JOB_MAP, JOB_IMAP };

struct job {
	enum job_kind kind;
	sp_pool *pool; /* holds a reference to it */
	sp_func func;
	/* Guarded by the pool's mutex. */
	struct job *next;
	uint64_t place; /* in the order of submission */
	bool queued;    /* in the pool's queue, which is so for as long as it has work to give */
	unsigned refs;
};

/* A job of apply or map: what was submitted, then how it ended. */
struct sp_async {
	struct job job; /* its references: the pool until it is done, and the holder */
	sp_callback callback, error_callback;
	void *ud;
	size_t n;
	void **items; /* each the argument until its task starts, then its value */
	void *item;   /* the only one after apply */
	/* Written by the threads that have the job, read by all once it is done. Of a map they are
	   guarded by the pool's mutex: */
	sp_error error;            /* that came first */
	size_t failed;             /* the item whose error it is; n: none */
	const sp_error **failures; /* of each item, see failure_keep; NULL: they are not kept */

	bool ran; /* only its callback is still to come */
	bool done;
	pthread_cond_t finished;
};

struct job_list {
	struct job *first, *last;
	size_t n;
};

enum pool_state { POOL_RUN, POOL_CLOSE, POOL_TERMINATE };

/*
 *   submit ──► queue ──► workers ──┬──► results ──► handler (callbacks) ──► done
 *                                  └──────── without a callback ──────────► done
 *
 * A map stays in the queue until its last chunk is claimed; workers claim without the mutex. An
 * imap leaves it while its input is asked or its window is full, and comes back to its place.
 * Whoever takes from a job that has more to give rouses another worker, so that submitting and
 * taking results cost at most one wake-up.
 */
struct sp_pool {
	/* Set by sp_pool_new. */
	size_t queue_max;
	void (*free_value)(void *value);
	void (*initializer)(void *arg);
	void *initarg;
	size_t worker_tasks; /* after so many a worker ends; SIZE_MAX: never */
	sp_cancel *cancel;
	pthread_attr_t attr; /* stack and signal mask of the threads */
	atomic_int most;     /* workers there may be; only ever lowered, with the mutex held */

	pthread_mutex_t mutex;      /* guards everything below, and what its jobs say */
	pthread_cond_t task_ready;  /* something is queued, or it is over */
	pthread_cond_t task_room;   /* fewer jobs than queue_max, or no longer running */
	pthread_cond_t result_here; /* results, or no worker that could bring one */
	pthread_cond_t joined;      /* no worker any more, or join_done */
	enum pool_state state;
	uint64_t places; /* given away */
	struct job_list queue, results;
	size_t counted;     /* jobs in the queue but for imaps; see queue_max */
	sp_imap *imaps;     /* whose input has not ended */
	pthread_t *workers; /* `live` of them, room for workers_room */
	size_t live, workers_room;
	size_t idle;     /* workers without a task: asleep, roused or still starting */
	size_t sleeping; /* those of them that wait on task_ready */
	size_t roused;   /* those of them that were signalled and have not yet noticed */
	pthread_t last;  /* the worker that ended last, while has_last: nobody has joined it */
	bool has_last;
	pthread_t handler;
	bool has_handler;
	bool handler_ended; /* it may be joined and its id given to another thread */
	bool join_begun, join_done;
	size_t refs; /* the owner and all jobs */
};

/* All of these, except where said, with the mutex held. */

/* ---- jobs.c: the queue */

void job_append(struct job_list *list, struct job *job);
struct job *job_take(struct job_list *list); /* NULL: none */

/* Takes a job out of the pool's queue, if it is there; puts it back in its place. */
void job_unqueue(struct job *job);
void job_requeue(struct job *job);

/* Queues a job that is filled in, with threads for it, and signals. SP_E_NOTRUNNING, SP_E_OS with
   errno; nothing has changed then. Without the mutex. */
sp_status job_submit(struct job *job, bool callbacks);

/* What a submission that failed says in *error. Without the mutex. */
sp_status job_refused(sp_error *error, sp_status status);

/* Runs one task of the job. Its status, SP_E_CANCELLED for a task that the pool interrupted, is
   error->code too. Without the mutex. */
sp_status job_call(const struct job *job, void *arg, void **value, sp_error *error);

/* One reference less; with the last the job's hold on its pool. True: it is to be freed. */
bool job_let_go(struct job *job);

/* ---- async.c: jobs with results that are waited for */

/* Fills in what all have in common: a holder or not, nothing done. Without the mutex. */
void async_init(sp_async *job, sp_pool *pool, sp_func func, bool held);

/* Gives the job to the holder, if there is one; before it is submitted, so that its own tasks and
   callbacks find it there. Without the mutex. */
void async_hand_over(sp_async **async, sp_async *job);

/* All its tasks have run: it is done, or goes to the handler first if a callback is to hear of
   it. The list `spent` gets the job if nobody holds it. */
void async_ran(sp_async *job, bool callback, struct job_list *spent);

/* It is done: wakes those who wait for it and lets go of the pool's reference. */
void async_finish(sp_async *job, struct job_list *spent);

/* The callback that is to hear of it; NULL: none. */
sp_callback async_callback(const sp_async *job);

/* Waits until it is done, whoever asks. SP_E_TIMEOUT at the deadline. */
sp_status async_await(sp_async *job, int64_t deadline);

/* Frees the jobs of the list and their values. Without the mutex. */
void async_free_all(struct job_list *spent, void (*free_value)(void *value));

/* Waits for the condition; SP_E_TIMEOUT at the deadline. */
sp_status pool_wait(sp_pool *pool, pthread_cond_t *condition, int64_t deadline);

/* ---- what a worker does with each kind: at most so many tasks; how many it were. The mutex is let
   go of in between. */

size_t apply_serve(sp_async *job);
size_t map_serve(sp_async *job, size_t most);
size_t imap_serve(sp_imap *imap);

/* An older job has come back to the queue, which goes first. */
void map_outrun(sp_async *job);

/* Puts it among those whose input has not ended. */
void imap_open(sp_imap *imap);

/* What becomes of them when the pool is terminated; those of apply and map are no longer queued. */
void apply_drop(sp_async *job, struct job_list *spent);
void map_drop(sp_async *job, struct job_list *spent);
void imap_drop(sp_imap *imap);

/* ---- failure.c: the errors of single items, of which there are few */

/* Moves the error into memory of its own. Without memory it becomes SP_E_NOMEM. */
const sp_error *failure_keep(sp_error *error);
/* The one of all items that were dropped; it costs nothing. */
const sp_error *failure_dropped(void);
void failure_free(const sp_error *failure);
/* *to gets a copy, or is cleared if failure is NULL; the status. to NULL is allowed. */
sp_status failure_copy(sp_error *to, const sp_error *failure);

/* ---- threads.c */

/* Sees to it that there are threads for one more job. 0, or an errno: there is none. */
int threads_prepare(sp_pool *pool, bool callbacks);

/* There is more to do than the caller takes: true if it shall signal task_ready, which it may
   after letting go of the mutex; without a worker to rouse one is made, if that may be. */
bool threads_rouse(sp_pool *pool);

/* All workers look again. */
void threads_rouse_all(sp_pool *pool);

/* Whether the calling thread is one of the pool's own; whether it is that of the callbacks; whether
   it is the only one that there can be to run tasks. */
bool threads_own(const sp_pool *pool);
bool threads_handler(const sp_pool *pool);
bool threads_alone(const sp_pool *pool);

/* SP_E_DEADLOCK if waiting for tasks here were in vain, since threads_alone. Without the mutex. */
sp_status threads_check(sp_pool *pool);

/* ---- pool.c */

/* SP_E_OS with errnum: a thread or descriptor that is not to be had. With or without the mutex. */
sp_status pool_error(sp_error *error, int errnum, const char *message);

/* Frees the pool itself, after its last reference. Without the mutex. */
void pool_destroy(sp_pool *pool);

#endif
