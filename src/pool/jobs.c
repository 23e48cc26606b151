// SPDX-License-Identifier: MIT
// Jobs on their way to the workers: the queue, and submitting to it.
#include "base/error.h"
#include "pool/parts.h"

#include <errno.h>

// Whether queue_max counts it: an imap comes and goes, and is no task that waits.
static size_t counted(const struct job *job) {
	return job->kind != JOB_IMAP;
}

void job_append(struct job_list *list, struct job *job) {
	job->next = NULL;
	if (list->last) {
		list->last->next = job;
	} else {
		list->first = job;
	}
	list->last = job;
	list->n++;
}

struct job *job_take(struct job_list *list) {
	struct job *job = list->first;
	if (job) {
		list->first = job->next;
		list->last = list->first ? list->last : NULL;
		list->n--;
	}
	return job;
}

// From wherever it is; those that come back to the queue are near its front.
static void list_remove(struct job_list *list, const struct job *job) {
	if (list->first == job) {
		job_take(list);
		return;
	}
	struct job *before = list->first;
	while (before->next != job) {
		before = before->next;
	}
	before->next = job->next;
	list->last = list->last == job ? before : list->last;
	list->n--;
}

void job_unqueue(struct job *job) {
	sp_pool *pool = job->pool;
	if (job->queued) {
		job->queued = false;
		list_remove(&pool->queue, job);
		pool->counted -= counted(job);
		if (pool->queue_max && counted(job)) {
			pthread_cond_signal(&pool->task_room);
		}
	}
}

void job_requeue(struct job *job) {
	struct job_list *list = &job->pool->queue;
	struct job **at = &list->first;
	while (*at && (*at)->place < job->place) {
		at = &(*at)->next;
	}
	job->queued = true;
	job->next = *at;
	*at = job;
	list->n++;
	if (!job->next) {
		list->last = job;
	} else if (job->next->kind == JOB_MAP) {
		// Its workers do not look at the queue between two chunks.
		map_outrun((sp_async *)job->next);
	}
}

// Waits until the job may be queued.
static sp_status await_room(sp_pool *pool, const struct job *job) {
	while (pool->state == POOL_RUN && pool->queue_max && counted(job) &&
		pool->counted >= pool->queue_max) {
		pthread_cond_wait(&pool->task_room, &pool->mutex);
	}
	return pool->state == POOL_RUN ? SP_OK : SP_E_NOTRUNNING;
}

sp_status job_submit(struct job *job, bool callbacks) {
	sp_pool *pool = job->pool;
	pthread_mutex_lock(&pool->mutex);
	sp_status status = await_room(pool, job);
	int error = 0;
	bool signal = false;
	if (status == SP_OK) {
		error = threads_prepare(pool, callbacks);
		status = error ? SP_E_OS : SP_OK;
	}
	if (status == SP_OK) {
		pool->refs++;
		job->place = pool->places++;
		job->queued = true;
		job_append(&pool->queue, job);
		pool->counted += counted(job);
		if (job->kind == JOB_IMAP) {
			imap_open((sp_imap *)job);
		}
		signal = threads_rouse(pool);
	} else if (status == SP_E_OS && pool->queue_max) {
		// The room that this one waited for is for the next.
		pthread_cond_signal(&pool->task_room);
	}
	pthread_mutex_unlock(&pool->mutex);
	if (signal) {
		pthread_cond_signal(&pool->task_ready);
	}
	if (error) {
		errno = error;
	}
	return status;
}

sp_status job_refused(sp_error *error, sp_status status) {
	if (status == SP_E_OS) {
		return pool_error(error, errno, "cannot make a thread");
	}
	if (status == SP_E_DEADLOCK) {
		return error_set(error, status, "no other thread could run it");
	}
	return error_set(
		error, status, status == SP_E_NOMEM ? "out of memory" : "Pool not running");
}

sp_status job_call(const struct job *job, void *arg, void **value, sp_error *error) {
	const sp_cancel *cancel = job->pool->cancel;
	sp_status status = job->func(arg, cancel, value, error);
	if (status == SP_E_INTERRUPTED && sp_cancelled(cancel)) {
		return error_set(error, SP_E_CANCELLED, "the pool was terminated");
	}
	error->code = status;
	return status;
}

bool job_let_go(struct job *job) {
	bool last = --job->refs == 0;
	if (last) {
		job->pool->refs--;
	}
	return last;
}
