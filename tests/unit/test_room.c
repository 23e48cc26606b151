// SPDX-License-Identifier: MIT
// Waiting for room for a process: a job that ends lets one try who waits.
#include "base/clock.h"
#include "run/room.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

enum { WAITERS = 4 };
static const int64_t LONG = 600 * (int64_t)CLOCK_SECOND;

struct scene {
	struct room *room;
	sp_cancel *stop;
	atomic_int came, stopped;
};

static void *wait_for_it(void *arg) {
	struct scene *scene = arg;
	bool goes_on = room_await(scene->room, scene->stop, LONG);
	atomic_fetch_add(goes_on ? &scene->came : &scene->stopped, 1);
	return NULL;
}

static int set_up(void **state) {
	struct scene *scene = calloc(1, sizeof *scene);
	*state = scene;
	return scene && (scene->room = room_new()) && sp_cancel_new(&scene->stop) == SP_OK ? 0 : -1;
}

static int tear_down(void **state) {
	struct scene *scene = *state;
	room_free(scene->room);
	sp_cancel_free(scene->stop);
	free(scene);
	return 0;
}

static void it_is_taken_while_a_job_runs(void **state) {
	struct scene *scene = *state;
	assert_false(room_taken(scene->room));
	room_enter(scene->room);
	room_enter(scene->room);
	room_leave(scene->room);
	assert_true(room_taken(scene->room));
	room_leave(scene->room);
	assert_false(room_taken(scene->room));
}

// Nobody waited when the job ended, so it is no turn of one who comes later.
static void a_wait_has_an_end(void **state) {
	struct scene *scene = *state;
	room_enter(scene->room);
	room_leave(scene->room);
	int64_t began = clock_now();
	assert_true(room_await(scene->room, scene->stop, 20 * (int64_t)CLOCK_MS));
	assert_true(clock_now() - began >= 20 * (int64_t)CLOCK_MS);
}

// Jobs end until all that wait have had their turn; those would wait for ten minutes otherwise.
static void each_end_lets_one_try(void **state) {
	struct scene *scene = *state;
	pthread_t threads[WAITERS];
	for (int i = 0; i < WAITERS; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, wait_for_it, scene), 0);
	}
	while (atomic_load(&scene->came) < WAITERS) {
		room_enter(scene->room);
		room_leave(scene->room);
		nanosleep(&(struct timespec){.tv_nsec = CLOCK_MS}, NULL);
	}
	for (int i = 0; i < WAITERS; i++) {
		pthread_join(threads[i], NULL);
	}
	assert_int_equal(scene->stopped, 0);
}

static void the_stop_ends_all_waits(void **state) {
	struct scene *scene = *state;
	pthread_t threads[WAITERS];
	for (int i = 0; i < WAITERS; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, wait_for_it, scene), 0);
	}
	sp_cancel_set(scene->stop);
	for (int i = 0; i < WAITERS; i++) {
		pthread_join(threads[i], NULL);
	}
	assert_int_equal(scene->stopped, WAITERS);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_taken_while_a_job_runs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_wait_has_an_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_end_lets_one_try, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_stop_ends_all_waits, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
