// SPDX-License-Identifier: MIT
// imap: a job that draws its tasks from an input, one at a time, and a window of results.
#include "base/clock.h"
#include "base/error.h"
#include "pool/parts.h"

#include <stdlib.h>

// The window when none is given: enough that neither side waits for the other at each task, and
// memory that is to be had however many threads there may be.
enum { WINDOW_EACH = 2, WINDOW_LEAST = 256, WINDOW_MOST = 65536 };

struct imap_result {
	size_t index;
	void *value;
	const sp_error *failure; // NULL: none
	bool here;
};

/*
 * Item i of an ordered imap, or the i-th to arrive of another, has the place i % room in the
 * window. Between them taken..drawn are `drawn - taken` items that the pool has and nobody was
 * handed: as many as room at most, the one that is just being drawn included.
 */
struct sp_imap {
	struct job job; // its references: the holder, and each worker that is at it
	sp_next next;
	void *ud;
	bool ordered;
	size_t room;
	// Guarded by the pool's mutex.
	sp_imap *next_open, *previous_open;
	struct imap_result *window;
	size_t drawn, arrived, taken;
	pthread_t drawer; // the thread in `next`, while drawing
	bool drawing;
	bool ended;             // nothing is drawn any more
	bool cancelled;         // … because the pool was terminated
	bool left;              // … because its holder let go of it
	size_t waiting, roused; // threads in sp_imap_next; those of them that were signalled
	pthread_cond_t result;  // the next in the window is here, or the end
	pthread_cond_t drawing_over;
};

static struct imap_result *place(sp_imap *imap, size_t i) {
	return &imap->window[i % imap->room];
}

// ---- the worker's side

static void end(sp_imap *imap) {
	sp_pool *pool = imap->job.pool;
	if (imap->ended) {
		return;
	}
	imap->ended = true;
	job_unqueue(&imap->job);
	*(imap->previous_open ? &imap->previous_open->next_open : &pool->imaps) = imap->next_open;
	if (imap->next_open) {
		imap->next_open->previous_open = imap->previous_open;
	}
	imap->roused = imap->waiting;
	pthread_cond_broadcast(&imap->result);
	if (!pool->imaps && pool->state != POOL_RUN) {
		threads_rouse_all(pool);
	}
}

void imap_drop(sp_imap *imap) {
	imap->cancelled = true;
	end(imap);
}

void imap_open(sp_imap *imap) {
	sp_pool *pool = imap->job.pool;
	imap->next_open = pool->imaps;
	if (pool->imaps) {
		pool->imaps->previous_open = imap;
	}
	pool->imaps = imap;
}

static void rouse_consumer(sp_imap *imap) {
	if (imap->waiting > imap->roused && place(imap, imap->taken)->here) {
		imap->roused++;
		pthread_cond_signal(&imap->result);
	}
}

static void deliver(sp_imap *imap, size_t index, void *value, const sp_error *failure) {
	size_t i = imap->ordered ? index : imap->arrived;
	imap->arrived++;
	*place(imap, i) = (struct imap_result){index, value, failure, true};
	rouse_consumer(imap);
}

// The next argument. The mutex is let go of meanwhile, and nobody else draws.
static sp_status draw(sp_imap *imap, void **arg) {
	sp_pool *pool = imap->job.pool;
	imap->drawing = true;
	imap->drawer = pthread_self();
	pthread_mutex_unlock(&pool->mutex);
	sp_status status = imap->next(imap->ud, arg);
	pthread_mutex_lock(&pool->mutex);
	imap->drawing = false;
	pthread_cond_broadcast(&imap->drawing_over);
	return status;
}

static void input_failed(sp_imap *imap, sp_status status) {
	sp_error error = SP_ERROR_INIT;
	error_set(&error, status, "the input failed");
	deliver(imap, imap->drawn++, NULL, failure_keep(&error));
	end(imap);
}

// What was drawn is run whatever has happened meanwhile, so that its owner knows it used.
static void run_drawn(sp_imap *imap, void *arg) {
	sp_pool *pool = imap->job.pool;
	bool wanted = !imap->ended, signal = false;
	size_t index = imap->drawn;
	if (wanted) {
		imap->drawn++;
	}
	if (wanted && imap->drawn - imap->taken < imap->room) {
		job_requeue(&imap->job);
		signal = threads_rouse(pool);
	}
	pthread_mutex_unlock(&pool->mutex);
	if (signal) {
		pthread_cond_signal(&pool->task_ready);
	}
	sp_error error = SP_ERROR_INIT;
	void *value = NULL;
	sp_status status = job_call(&imap->job, arg, &value, &error);
	const sp_error *failure = status == SP_OK ? NULL : failure_keep(&error);
	free(error.filename);
	pthread_mutex_lock(&pool->mutex);
	if (wanted && !imap->left) {
		deliver(imap, index, value, failure);
		return;
	}
	pthread_mutex_unlock(&pool->mutex);
	failure_free(failure);
	if (value && pool->free_value) {
		pool->free_value(value);
	}
	pthread_mutex_lock(&pool->mutex);
}

static void imap_free(sp_imap *imap) {
	pthread_cond_destroy(&imap->result);
	pthread_cond_destroy(&imap->drawing_over);
	free(imap->window);
	free(imap);
}

size_t imap_serve(sp_imap *imap) {
	void *arg = NULL;
	imap->job.refs++;
	job_unqueue(&imap->job);
	sp_status status = draw(imap, &arg);
	if (status == SP_OK) {
		run_drawn(imap, arg);
	} else if (!imap->ended && status == SP_E_EOF) {
		end(imap);
	} else if (!imap->ended) {
		input_failed(imap, status);
	}
	if (job_let_go(&imap->job)) {
		imap_free(imap);
	}
	return status == SP_OK;
}

// ---- the holder's side

static size_t usual_window(const sp_pool *pool) {
	int most = atomic_load(&pool->most);
	if (most > WINDOW_MOST / WINDOW_EACH) {
		return WINDOW_MOST;
	}
	return most < WINDOW_LEAST / WINDOW_EACH ? WINDOW_LEAST : WINDOW_EACH * (size_t)most;
}

sp_status sp_pool_imap(sp_pool *pool, sp_func func, sp_next next, void *ud, size_t buffersize,
	bool ordered, sp_imap **imap) {
	size_t room = buffersize ? buffersize : usual_window(pool);
	sp_imap *new = malloc(sizeof *new);
	bool fits = room <= PTRDIFF_MAX / sizeof(struct imap_result);
	struct imap_result *window = fits ? calloc(room, sizeof *window) : NULL;
	if (!new || !window) {
		free(new);
		free(window);
		*imap = NULL;
		return SP_E_NOMEM;
	}
	*new = (sp_imap){.job = {.kind = JOB_IMAP, .pool = pool, .func = func, .refs = 1},
		.next = next,
		.ud = ud,
		.ordered = ordered,
		.room = room,
		.window = window};
	pthread_cond_init(&new->result, NULL);
	pthread_cond_init(&new->drawing_over, NULL);
	*imap = new; // before its input can look for it
	sp_status status = job_submit(&new->job, false);
	if (status != SP_OK) {
		imap_free(new);
		*imap = NULL;
	}
	return status;
}

// Called where no result can come before the call has returned.
static bool waits_for_itself(const sp_imap *imap) {
	return (imap->drawing && pthread_equal(imap->drawer, pthread_self())) ||
	       threads_alone(imap->job.pool);
}

// If there is room in the window workers may go on; those that sleep are roused.
static void offer(sp_imap *imap) {
	if (!imap->ended && !imap->drawing && !imap->job.queued &&
		imap->drawn - imap->taken < imap->room) {
		job_requeue(&imap->job);
	}
	if (imap->job.queued && threads_rouse(imap->job.pool)) {
		pthread_cond_signal(&imap->job.pool->task_ready);
	}
}

// Waits for the next result or the end of them.
static sp_status await_result(sp_imap *imap, int64_t timeout_ns) {
	int64_t deadline = 0;
	while (!place(imap, imap->taken)->here) {
		if (imap->ended && imap->taken == imap->drawn) {
			return imap->cancelled ? SP_E_CANCELLED : SP_E_EOF;
		}
		offer(imap);
		if (timeout_ns <= 0 || (deadline && clock_now() >= deadline)) {
			return SP_E_TIMEOUT;
		}
		if (waits_for_itself(imap)) {
			return SP_E_DEADLOCK;
		}
		deadline = deadline ? deadline : clock_deadline(timeout_ns);
		imap->waiting++;
		pool_wait(imap->job.pool, &imap->result, deadline);
		imap->waiting--;
		imap->roused -= imap->roused > 0;
	}
	return SP_OK;
}

static struct imap_result take(sp_imap *imap) {
	struct imap_result *first = place(imap, imap->taken), result = *first;
	*first = (struct imap_result){0};
	imap->taken++;
	if (imap->ended && imap->taken == imap->drawn) {
		pthread_cond_broadcast(&imap->result);
	} else {
		rouse_consumer(imap);
	}
	// Not for each result: a worker is roused for half a window, or when there is none to take.
	if (imap->arrived - imap->taken <= imap->room / 2) {
		offer(imap);
	}
	return result;
}

static sp_status refuse(sp_error *error, sp_status status) {
	switch ((int)status) {
	case SP_E_TIMEOUT:
		return error_set(error, status, "no result is there yet");
	case SP_E_EOF:
		return error_set(error, status, "there are no more results");
	case SP_E_CANCELLED:
		return error_set(error, status, "the pool was terminated");
	default:
		return error_set(error, status, "no other thread could bring a result");
	}
}

sp_status sp_imap_next(
	sp_imap *imap, int64_t timeout_ns, size_t *index, void **value, sp_error *error) {
	sp_pool *pool = imap->job.pool;
	struct imap_result result = {.index = SIZE_MAX};
	pthread_mutex_lock(&pool->mutex);
	sp_status status = await_result(imap, timeout_ns);
	if (status == SP_OK) {
		result = take(imap);
	}
	pthread_mutex_unlock(&pool->mutex);
	if (index) {
		*index = result.index;
	}
	if (value) {
		*value = result.value;
	} else if (result.value && pool->free_value) {
		pool->free_value(result.value);
	}
	if (status != SP_OK) {
		return refuse(error, status);
	}
	status = failure_copy(error, result.failure);
	failure_free(result.failure);
	return status;
}

// What was not handed out; the rest of the window, which may be large, was never touched.
static void discard_window(sp_imap *imap) {
	for (; imap->taken != imap->drawn; imap->taken++) {
		struct imap_result *result = place(imap, imap->taken);
		failure_free(result->failure);
		if (result->value && imap->job.pool->free_value) {
			imap->job.pool->free_value(result->value);
		}
	}
}

void sp_imap_free(sp_imap *imap) {
	if (!imap) {
		return;
	}
	sp_pool *pool = imap->job.pool;
	pthread_mutex_lock(&pool->mutex);
	imap->left = true;
	end(imap);
	while (imap->drawing && !pthread_equal(imap->drawer, pthread_self())) {
		pthread_cond_wait(&imap->drawing_over, &pool->mutex);
	}
	pthread_mutex_unlock(&pool->mutex);
	discard_window(imap);
	pthread_mutex_lock(&pool->mutex);
	bool last = job_let_go(&imap->job), last_of_pool = pool->refs == 0;
	pthread_mutex_unlock(&pool->mutex);
	if (last) {
		imap_free(imap);
	}
	if (last_of_pool) {
		pool_destroy(pool);
	}
}
