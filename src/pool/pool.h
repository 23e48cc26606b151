/* SPDX-License-Identifier: MIT
 *
 * <spool/pool.h>: Python's multiprocessing.SimpleQueue, Queue, JoinableQueue and
 * multiprocessing.pool.ThreadPool between the threads of one process. With them the guide's prime
 * checker can be written line for line: a queue of jobs, a queue of results, workers that end when
 * they take a sentinel.
 *
 * Durations are int64_t nanoseconds on CLOCK_MONOTONIC; SP_FOREVER (Python's None) waits without
 * limit, <= 0 tries once and does not wait. Every function may be called from any thread at any
 * time, except that nobody may use an object while or after it is freed, nor in the child of a
 * fork(), where the threads are missing. No signal handler is installed, no signal mask of the
 * caller changed.
 */
#ifndef SPOOL_POOL_H
#define SPOOL_POOL_H

#include "base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- SimpleQueue ------------------------------------------------------------------------------
 *
 * A first-in-first-out queue of pointers. The queue never looks at what they point to: a pointer
 * belongs to the queue's user before, in and after the queue; NULL is a pointer like any other and
 * makes a good sentinel.
 */
typedef struct sp_squeue sp_squeue;

/*
 * Makes a queue; *queue is the caller's, for sp_squeue_free. capacity is the number of pointers at
 * which put blocks (in Python the size of a pipe); 0 = no limit. Memory is taken as the queue
 * grows. SP_E_NOMEM. Python: SimpleQueue()
 */
SP_API sp_status sp_squeue_new(sp_squeue **queue, size_t capacity);

/*
 * Appends item, waiting while the queue is full. SP_E_CLOSED: the queue is closed, or was while
 * this call waited; SP_E_NOMEM; with either, item is not in the queue. Python: put(obj)
 */
SP_API sp_status sp_squeue_put(sp_squeue *queue, void *item);

/*
 * Takes the oldest pointer, waiting while there is none. SP_E_CLOSED: the queue is closed, or was
 * while this call waited, even if there are pointers left (OSError "handle is closed");
 * *item is untouched then. Python: get()
 */
SP_API sp_status sp_squeue_get(sp_squeue *queue, void **item);

/*
 * Takes the oldest pointer if there is one; never waits. SP_E_EMPTY: none now; SP_E_CLOSED: none
 * and the queue is closed. Unlike get it still hands out what was left in a closed queue, so that
 * its owner can free it. Not in Python's SimpleQueue; an event loop wants it beside sp_squeue_fd.
 */
SP_API sp_status sp_squeue_try_get(sp_squeue *queue, void **item);

/*
 * Whether there is nothing in the queue now. SP_E_CLOSED (*empty is untouched) once it is closed.
 * With other threads about, the answer may be old when it arrives. Python: empty()
 */
SP_API sp_status sp_squeue_empty(sp_squeue *queue, bool *empty);

/*
 * A descriptor that polls readable exactly while sp_squeue_get would not block: there is something
 * in the queue, or it is closed. Made at the first call (an eventfd, O_CLOEXEC, >= 3), the same at
 * every other; it belongs to the queue: poll it, do not read or close it. Only the steps from empty
 * to non-empty and back cost a system call, and none does in a queue never asked for this.
 * -1 and errno (EMFILE, ENFILE, ENOMEM) if there is none to be had; the next call tries again.
 * Python: what multiprocessing.connection.wait() gets from SimpleQueue._reader
 */
SP_API int sp_squeue_fd(sp_squeue *queue);

/*
 * Closes the queue: put, get and empty say SP_E_CLOSED from now on and all threads that wait in
 * them return so at once. What is left in it is the caller's to get with sp_squeue_try_get. Closing
 * again does nothing. Python: close()
 */
SP_API void sp_squeue_close(sp_squeue *queue);

/* Frees the queue and its descriptor, not what the pointers in it point to. Nobody may be using it:
   close it and join its threads first. NULL is allowed. */
SP_API void sp_squeue_free(sp_squeue *queue);

/* ---- Queue, JoinableQueue ---------------------------------------------------------------------
 *
 * A SimpleQueue with timeouts, and with a count of what was put and is not done yet. Who never asks
 * for that count has Python's Queue, who calls task_done and join its JoinableQueue. Pointers
 * belong to the queue's user here too.
 *
 * Python hands what is put to a feeder thread, which writes it to a pipe. Here there is none: an
 * item can be got as soon as put returns, qsize and empty are exact at the moment they are asked,
 * a put that fails leaves no slot taken (bpo-33078), and there is nothing to flush: join_thread and
 * cancel_join_thread do not exist. First in, first out, also between producers.
 */
typedef struct sp_queue sp_queue;

/*
 * Makes a queue; *queue is the caller's, for sp_queue_free. maxsize is the number of pointers at
 * which it is full; 0 = no limit. Memory is taken as the queue grows. SP_E_NOMEM.
 * Python: Queue(maxsize), JoinableQueue(maxsize)
 */
SP_API sp_status sp_queue_new(sp_queue **queue, size_t maxsize);

/*
 * Appends item. While the queue is full it waits up to timeout_ns; without block, or with
 * timeout_ns <= 0, not at all. SP_E_FULL: it still is; SP_E_CLOSED: the queue is closed, or was
 * while this call waited; SP_E_NOMEM; with each, item is not in the queue and does not count for
 * join. Python: put(obj, block, timeout), SP_FOREVER for None; put_nowait(obj)
 */
SP_API sp_status sp_queue_put(sp_queue *queue, void *item, bool block, int64_t timeout_ns);
SP_API sp_status sp_queue_put_nowait(sp_queue *queue, void *item);

/*
 * Takes the oldest pointer, waiting in the same way while there is none. SP_E_EMPTY: there still is
 * none; SP_E_CLOSED: the queue is closed, or was while this call waited, even if there are pointers
 * left (ValueError "is closed"); *item is untouched with both.
 * Python: get(block, timeout), SP_FOREVER for None; get_nowait()
 */
SP_API sp_status sp_queue_get(sp_queue *queue, void **item, bool block, int64_t timeout_ns);
SP_API sp_status sp_queue_get_nowait(sp_queue *queue, void **item);

/*
 * As sp_queue_get_nowait, but it still hands out what was left in a closed queue, so that its owner
 * can free it. SP_E_EMPTY: none now; SP_E_CLOSED: none and the queue is closed. Not in Python.
 */
SP_API sp_status sp_queue_try_get(sp_queue *queue, void **item);

/* How many pointers are in the queue, and whether that is maxsize; of a closed queue too. With
   other threads about, the answer may be old when it arrives. Python: qsize(), full() */
SP_API size_t sp_queue_qsize(sp_queue *queue);
SP_API bool sp_queue_full(sp_queue *queue);

/* Whether there is nothing in the queue now. SP_E_CLOSED (*empty is untouched) once it is closed
   (OSError "handle is closed", in Python as soon as the feeder thread has ended; its qsize() and
   full() still answer). Python: empty() */
SP_API sp_status sp_queue_empty(sp_queue *queue, bool *empty);

/* A descriptor that polls readable exactly while sp_queue_get would not block; all that is said of
   sp_squeue_fd. Python: what multiprocessing.connection.wait() gets from Queue._reader */
SP_API int sp_queue_fd(sp_queue *queue);

/*
 * Says that one of the items put is done with; may be called by any thread and in any order, before
 * or after the item was got, and in a closed queue. SP_E_OVERRELEASE: called more often than items
 * were put (ValueError "task_done() called too many times"). Python: JoinableQueue.task_done()
 */
SP_API sp_status sp_queue_task_done(sp_queue *queue);

/*
 * Waits until as many items are done as were put, be it only for a moment. SP_E_TIMEOUT: they are
 * not yet. Closing does not end it, as in Python: who takes what is left in a closed queue says
 * task_done for it. Python: JoinableQueue.join(), which knows no timeout: SP_FOREVER
 */
SP_API sp_status sp_queue_join(sp_queue *queue, int64_t timeout_ns);

/*
 * Closes the queue: put, get and empty say SP_E_CLOSED from now on and all threads that wait in put
 * or get return so at once. What is left in it is the caller's to get with sp_queue_try_get.
 * Closing again does nothing. Python: close(), which leaves a get that already waits alone
 */
SP_API void sp_queue_close(sp_queue *queue);

/* Frees the queue and its descriptor, not what the pointers in it point to. Nobody may be using it:
   close it and join its threads first. NULL is allowed. */
SP_API void sp_queue_free(sp_queue *queue);

/* ---- Pool -------------------------------------------------------------------------------------
 *
 * A pool runs tasks on at most `processes` threads, in the order of submission. A thread is made
 * when a task comes, none is idle and there are fewer than that; it has a stack of 256 KiB and the
 * signal mask that the thread that called sp_pool_new had then. A pool is running, then closed or
 * terminated, then joined:
 *
 *     sp_pool *pool;
 *     sp_async *answer;
 *     sp_pool_new(&pool, NULL, NULL);
 *     sp_pool_apply_async(pool, task, arg, NULL, NULL, NULL, &answer);
 *     sp_async_get(answer, SP_FOREVER, &values, NULL, NULL, &error);
 *     sp_async_free(answer);
 *     sp_pool_close(pool);
 *     sp_pool_join(pool);
 *     sp_pool_free(pool);
 */
typedef struct sp_pool sp_pool;

/* The AsyncResult of one job, shared by its holder and the pool. It may outlive the pool. */
typedef struct sp_async sp_async;

/*
 * A task: a function and its argument. It runs in a thread of the pool, with arg as it was given.
 * cancel is set when the pool is terminated; the task should watch it (sp_cancelled,
 * sp_cancel_fd) and return early then, with SP_E_INTERRUPTED or SP_E_CANCELLED: one that does not
 * is waited for by sp_pool_join. *value starts as NULL; what the task leaves there is handed to
 * the callback, then to all who get() the job, whatever the status. A status other than SP_OK is
 * the exception raised; details go into *error, which starts cleared and need not be filled in.
 */
typedef sp_status (*sp_func)(void *arg, const sp_cancel *cancel, void **value, sp_error *error);

/*
 * What is called when a job is done, with its n values (1 after apply_async), its error (never
 * NULL; SP_OK after success) and the ud given with it. Values and error are borrowed until it
 * returns; the values live on as sp_async_get says. Anything but 0 fails the job with SP_E_STATUS,
 * or leaves a failed one as it is; later jobs are not affected. (In Python an exception raised
 * here kills the result handler, and every later result hangs.)
 */
typedef int (*sp_callback)(void *const *values, size_t n, const sp_error *error, void *ud);

/* How a pool shall be. Call sp_pool_opts_init, then set what shall differ. */
typedef struct {
	size_t size; /* sizeof(sp_pool_opts), set by sp_pool_opts_init */
	/* Most threads at a time, >= 1; -1 (Python's None): one for each CPU this process may use.
	 */
	int processes;
	/* Jobs that may wait for a thread before submitting blocks; a map counts as one until its
	   last chunk has started, an imap does not count. 0 = no limit. */
	size_t queue_max;
	/* Frees a value (never NULL) that nobody took: see sp_async_free, sp_imap_free. Called from
	   whichever thread lets go of the job last. NULL = values are not the pool's affair. */
	void (*free_value)(void *value);
	/* Called with initarg first in each thread that runs tasks, before any task; the thread of
	   the callbacks does not call it. NULL = none. */
	void (*initializer)(void *arg);
	void *initarg;
	/* A thread ends after so many tasks, >= 1, and another is made when there is work; a chunk
	   of a map counts as one task. -1 (Python's None): threads live as long as the pool. */
	int maxtasksperchild;
} sp_pool_opts;

/* Sets size and the defaults: processes -1, no limit, no free_value, no initializer,
   maxtasksperchild -1. The second form is for callers that are not C. */
SP_API void sp_pool_opts_init_size(sp_pool_opts *opts, size_t size);
static inline void sp_pool_opts_init(sp_pool_opts *opts) {
	sp_pool_opts_init_size(opts, sizeof *opts);
}

/*
 * Makes a running pool without any thread yet; *pool is the caller's, for sp_pool_free. opts is
 * copied; NULL = all defaults. SP_E_VALUE: processes or maxtasksperchild out of range, or opts not
 * set up by sp_pool_opts_init; SP_E_OS: no descriptor for the cancel object; SP_E_NOMEM.
 * Python: Pool(processes, initializer, initargs, maxtasksperchild)
 */
SP_API sp_status sp_pool_new(sp_pool **pool, const sp_pool_opts *opts, sp_error *error);

/*
 * Runs func(arg) in the pool and waits for it: sp_pool_apply_async and sp_async_get in one. *value
 * is the caller's from then on; with value NULL it goes to free_value. Returns the task's status,
 * or, with *value NULL, what sp_pool_apply_async returns. From a task of the same pool it waits for
 * a free thread, which may never come; SP_E_DEADLOCK if there is only the calling one.
 * Python: apply(func, args)
 */
SP_API sp_status sp_pool_apply(
	sp_pool *pool, sp_func func, void *arg, void **value, sp_error *error);

/*
 * Queues func(arg) and returns. Exactly one of callback (after success) and error_callback (after
 * failure) is called exactly once, with ud, *before* the job becomes ready; either may be NULL.
 * Callbacks run one after another in one thread of their own, made when the first job with a
 * callback comes: a slow one delays the other jobs that have one. A job without any is completed
 * by the thread that ran it. A job dropped by sp_pool_terminate before it started gets no callback.
 *
 * *async is the caller's, for sp_async_free; it is set before the task can start, and NULL after a
 * failure. async NULL = nobody will ask, the pool frees the job and its value when it is done. arg
 * and ud stay the caller's and must live as long as the job.
 *
 * With queue_max set it waits until fewer tasks wait (in a task of the same pool, perhaps for ever:
 * all threads may be waiting so). Nothing is queued and no callback called on
 * SP_E_NOTRUNNING: the pool was closed or terminated, perhaps while this waited (ValueError "Pool
 * not running"); SP_E_OS: there is no thread and none can be made, or none for the callbacks; errno
 * says why; SP_E_NOMEM. If there is a thread already and no further one can be made, the pool goes
 * on with those that it has: see sp_pool_size.
 * Python: apply_async(func, args, callback=, error_callback=)
 */
SP_API sp_status sp_pool_apply_async(sp_pool *pool, sp_func func, void *arg, sp_callback callback,
	sp_callback error_callback, void *ud, sp_async **async);

/*
 * Runs func for each of the n args and waits for all of them, also when some fail. The args are
 * handed out in chunks of chunksize, each of which one thread runs from its first to its last;
 * -1 (Python's None): ceil(n / (4 * threads)). A failure ends neither the map nor its chunk.
 *
 * values has room for n pointers, which are the caller's from then on: values[i] is what the task
 * of args[i] left, whether it failed or not, NULL where it did not run. With values NULL they go to
 * free_value. args is not changed. Returns SP_OK, or the status (and *error) of the task that
 * failed first in time; or, with values all NULL: SP_E_VALUE: chunksize neither >= 1 nor -1;
 * SP_E_DEADLOCK as sp_pool_apply; what sp_pool_map_async returns. n may be 0. Nothing of the pool's
 * is allocated for each task. Python: map(func, iterable, chunksize)
 */
SP_API sp_status sp_pool_map(sp_pool *pool, sp_func func, void *const args[], size_t n,
	int chunksize, void **values, sp_error *error);

/*
 * Queues a map and returns; the rules are those of sp_pool_apply_async. The array args is copied
 * before it returns; what its pointers point to must live as long as the job. One of the callbacks
 * is called once when all tasks have ended, with all n values; with n = 0 the job is done at once
 * and neither is called. A map of which sp_pool_terminate dropped the rest is a failure, that of
 * which no task had started gets no callback. SP_E_VALUE: chunksize; else as sp_pool_apply_async.
 * Python: map_async(func, iterable, chunksize, callback, error_callback)
 */
SP_API sp_status sp_pool_map_async(sp_pool *pool, sp_func func, void *const args[], size_t n,
	int chunksize, sp_callback callback, sp_callback error_callback, void *ud,
	sp_async **async);

/* Whether the job is done, its callback included. Python: ready() */
SP_API bool sp_async_ready(sp_async *async);

/* Whether a job that is done succeeded. SP_E_VALUE if it is not done (ValueError "not ready");
 *successful is untouched then. Python: successful() */
SP_API sp_status sp_async_successful(sp_async *async, bool *successful);

/*
 * Waits for the job to be done, whether it succeeds or not. SP_E_TIMEOUT: it is not done yet.
 * SP_E_DEADLOCK: called, with a timeout > 0, from a callback for a job with a callback, or from a
 * task in the only thread of the pool for a job that it would have to run: neither could become
 * done before this call returned (in Python this hangs). Python: wait(timeout)
 */
SP_API sp_status sp_async_wait(sp_async *async, int64_t timeout_ns);

/*
 * Waits like sp_async_wait (same errors, with *values NULL and *n 0), then returns the status of
 * the job: SP_OK, what the task returned, SP_E_STATUS if its callback failed it, SP_E_CANCELLED if
 * sp_pool_terminate dropped it or interrupted it. *values are the job's n values (1 after
 * apply_async), on failure too as far as the tasks left any. Of several tasks that failed the one
 * that did so first in time gives the status, *error, and *first_failed, its index; that is n if
 * there is none, as when the callback of a map failed (after apply_async the job is its one item).
 * values, n, first_failed and error may be NULL. Several threads may get one job; all are handed
 * the same values, which stay the job's: borrowed until sp_async_free.
 * A task's own SP_E_TIMEOUT is told from this call's by sp_async_ready.
 * Python: get(timeout)
 */
SP_API sp_status sp_async_get(sp_async *async, int64_t timeout_ns, void *const **values, size_t *n,
	size_t *first_failed, sp_error *error);

/*
 * How one item of a job that is done ended: the status of its task, with the error in *error;
 * SP_E_CANCELLED if it was dropped or interrupted by sp_pool_terminate, SP_E_NOMEM if it failed
 * when there was no memory left to keep its error. *value is borrowed like sp_async_get's. value
 * and error may be NULL. SP_E_VALUE, *value NULL: the job is not done, or has no such item. Not in
 * Python, where the results of all items are lost when one fails.
 */
SP_API sp_status sp_async_item(sp_async *async, size_t index, void **value, sp_error *error);

/*
 * Lets go of the job. One that is not done goes on. When it is done and let go of, its values are
 * passed to the pool's free_value; without a free_value whoever got them frees them. NULL is
 * allowed.
 */
SP_API void sp_async_free(sp_async *async);

/* The iterator over the results of sp_pool_imap. It may outlive the pool. */
typedef struct sp_imap sp_imap;

/*
 * The input of an imap: sets *arg, which starts as NULL, and returns SP_OK; SP_E_EOF: there is no
 * more. Any other status is the iterable's exception: it becomes the last item, failed with it. The
 * threads of the pool call it, one at a time, and may be held up in it: those that are not go on
 * with other work, and results are handed out meanwhile. It must not end the pool. ud is the one
 * given to sp_pool_imap.
 */
typedef sp_status (*sp_next)(void *ud, void **arg);

/*
 * Runs func for each arg that next gives; the results are had from sp_imap_next, in the order of
 * the input (ordered, Python's imap) or as they arrive (imap_unordered). *imap is the caller's, for
 * sp_imap_free; it is set before next can be called, and NULL after a failure. The input is drawn
 * ahead of the results, but never so that more than buffersize items are drawn and not yet handed
 * out (Python draws without bound); 0: twice as many as there may be threads, but 256 to 65536.
 * Memory for so many results is taken here. What next gave is always passed to func, after
 * sp_pool_terminate too (with its cancel set), so func is the place to free it.
 *
 * An imap goes before what was submitted later, as long as it has something to do. After
 * sp_pool_close it goes on to the end of its input, and sp_pool_join waits for that: so take all
 * results, or free the imap, before joining, or in another thread. SP_E_NOTRUNNING, SP_E_OS
 * with errno, SP_E_NOMEM as sp_pool_apply_async.
 * Python: imap(func, iterable), imap_unordered(func, iterable); chunksize is always 1
 */
SP_API sp_status sp_pool_imap(sp_pool *pool, sp_func func, sp_next next, void *ud,
	size_t buffersize, bool ordered, sp_imap **imap);

/*
 * Hands out the next result, waiting for it: *value, which is the caller's from then on (NULL: it
 * goes to free_value), and *index, the number of its arg in the input. Returns the status of the
 * task, with the error in *error; whatever it is, iteration goes on with the next. index and error
 * may be NULL. Where the status is this call's own, *index is SIZE_MAX and *value NULL:
 * SP_E_TIMEOUT: none is there in time, ask again; SP_E_EOF: all were handed out; SP_E_CANCELLED:
 * all that there will be, since the pool was terminated before the input had ended; SP_E_DEADLOCK:
 * it would have to wait, and was called from the imap's own next or from a task in the only thread
 * of the pool. Several threads may take from one imap: each result goes to one of them, the end is
 * told to all. Other tasks of the pool that wait here each occupy a thread. Python: next(timeout)
 */
SP_API sp_status sp_imap_next(
	sp_imap *imap, int64_t timeout_ns, size_t *index, void **value, sp_error *error);

/*
 * Lets go of the imap at any time, but not while a thread is in sp_imap_next: nothing is drawn any
 * more; tasks that run go on and are not waited for; results not handed out go to free_value. A
 * call of next that is under way is waited for, so that afterwards next and its ud are no longer
 * used: do not call it where that call waits for the caller. From next itself it does not wait, and
 * that call is the last. NULL is allowed.
 */
SP_API void sp_imap_free(sp_imap *imap);

/*
 * No more jobs are taken; those queued still run, an imap to the end of its input, then the threads
 * end. Does not wait. SP_OK always: closing again, or after terminate, does nothing.
 * Python: close()
 */
SP_API sp_status sp_pool_close(sp_pool *pool);

/*
 * No more jobs are taken; tasks that run see their cancel set; what is queued is dropped: jobs that
 * no thread has taken complete as SP_E_CANCELLED before this returns, without their callbacks; the
 * rest of a map that had started is dropped and it completes when its running tasks have ended;
 * imaps draw nothing more. A task that was interrupted (returned SP_E_INTERRUPTED after this) is
 * SP_E_CANCELLED too; any other status stands. Does not wait for running tasks, that is
 * sp_pool_join. Again does nothing. SP_E_DEADLOCK from a task, a callback or the input of an imap
 * of the same pool, nothing is done then.
 * Python: terminate(), where dropped results never become ready and get() hangs
 */
SP_API sp_status sp_pool_terminate(sp_pool *pool);

/*
 * Waits until all threads of a closed or terminated pool have ended; all its jobs are done then and
 * all callbacks have returned. May be repeated, and called by several threads. SP_E_VALUE: the pool
 * is still running (ValueError "Pool is still running"); SP_E_DEADLOCK: called from a task, a
 * callback or the input of an imap of the same pool. Python: join()
 */
SP_API sp_status sp_pool_join(sp_pool *pool);

/*
 * Frees the pool; one that is still running or not joined is terminated and joined first, as when
 * Python leaves `with Pool()`. Jobs and imaps that somebody still holds stay valid. From a task, a
 * callback or the input of an imap of the same pool it does nothing. NULL is allowed.
 */
SP_API void sp_pool_free(sp_pool *pool);

/* The most tasks that can run at a time: processes, or fewer once a thread could not be made.
   Python: len(pool._pool) */
SP_API int sp_pool_size(const sp_pool *pool);

#ifdef __cplusplus
}
#endif
#endif
