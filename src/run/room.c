// SPDX-License-Identifier: MIT
// A count of the jobs that run, a turn for each that ends while others wait, and the kept place.
#include "run/room.h"
#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>

static const int64_t LOOK_UP = 100 * (int64_t)CLOCK_MS; // how often to look for the stop

struct room {
	pthread_mutex_t mutex;
	pthread_cond_t left;
	size_t inside, waiting, turns;
	pthread_t keeper;
	bool has_keeper, given;
	pthread_cond_t give;
};

static void *keep(void *arg) {
	struct room *room = arg;
	pthread_mutex_lock(&room->mutex);
	while (!room->given) {
		pthread_cond_wait(&room->give, &room->mutex);
	}
	pthread_mutex_unlock(&room->mutex);
	return NULL;
}

// Without the mutex. What cannot be kept is not: then there is hardly room for a worker either.
static void start_keeper(struct room *room) {
	enum { STACK = 64 * 1024 };
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	room->has_keeper = pthread_create(&room->keeper, &attr, keep, room) == 0;
	pthread_attr_destroy(&attr);
}

// With the mutex.
static void give(struct room *room) {
	room->given = true;
	pthread_cond_signal(&room->give);
}

struct room *room_new(void) {
	struct room *room = calloc(1, sizeof *room);
	pthread_condattr_t attr;
	if (!room) {
		return NULL;
	}
	// In glibc none of these can fail.
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&room->mutex, NULL);
	pthread_cond_init(&room->left, &attr);
	pthread_condattr_destroy(&attr);
	pthread_cond_init(&room->give, NULL);
	start_keeper(room);
	return room;
}

void room_free(struct room *room) {
	if (room) {
		pthread_mutex_lock(&room->mutex);
		give(room);
		pthread_mutex_unlock(&room->mutex);
		if (room->has_keeper) {
			pthread_join(room->keeper, NULL);
		}
		pthread_cond_destroy(&room->give);
		pthread_cond_destroy(&room->left);
		pthread_mutex_destroy(&room->mutex);
		free(room);
	}
}

void room_enter(struct room *room) {
	pthread_mutex_lock(&room->mutex);
	room->inside++;
	pthread_mutex_unlock(&room->mutex);
}

void room_leave(struct room *room) {
	pthread_mutex_lock(&room->mutex);
	room->inside--;
	if (room->turns < room->waiting) {
		room->turns++;
		pthread_cond_signal(&room->left);
	}
	pthread_mutex_unlock(&room->mutex);
}

bool room_taken(struct room *room) {
	pthread_mutex_lock(&room->mutex);
	bool taken = room->inside > 0;
	if (!taken) {
		give(room);
	}
	pthread_mutex_unlock(&room->mutex);
	return taken;
}

static void sleep_until(struct room *room, int64_t deadline) {
	struct timespec at = {
		.tv_sec = deadline / CLOCK_SECOND, .tv_nsec = deadline % CLOCK_SECOND};
	pthread_cond_timedwait(&room->left, &room->mutex, &at);
}

bool room_await(struct room *room, const sp_cancel *stop, int64_t wait_ns) {
	int64_t now = clock_now(), deadline = now + wait_ns;
	pthread_mutex_lock(&room->mutex);
	room->waiting++;
	while (!room->turns && now < deadline && !sp_cancelled(stop)) {
		sleep_until(room, now + LOOK_UP < deadline ? now + LOOK_UP : deadline);
		now = clock_now();
	}
	room->waiting--;
	room->turns -= room->turns > 0;
	pthread_mutex_unlock(&room->mutex);
	return !sp_cancelled(stop);
}
