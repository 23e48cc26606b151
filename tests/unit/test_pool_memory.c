// SPDX-License-Identifier: MIT
// The same as test_memory.c for the pool and the queues: without memory a call says so or does
// without, and everything that was accepted comes to its end.
#include "starve.h"

#include "pool/pool.h"

#include <pthread.h>

enum { ITEMS = 10, PUT = 40 };

// ---- pools

static sp_status make_pool(sp_pool **pool, void (*free_value)(void *), sp_error *error) {
	sp_pool_opts opts;
	sp_pool_opts_init(&opts);
	opts.processes = 2;
	opts.free_value = free_value;
	*pool = NULL;
	return sp_pool_new(pool, &opts, error);
}

// With errno in the error, for the calls that have none.
static sp_status with_errno(sp_status status, sp_error *error) {
	if (status == SP_E_OS) {
		error->os_errno = errno;
	}
	return status;
}

// Its value is a copy of the word; a word that begins with - fails, with details.
static sp_status copy(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel;
	const char *word = arg;
	if (word[0] == '-') {
		error->filename = strdup(word);
		return SP_E_RANGE;
	}
	*value = strdup(word);
	return *value ? SP_OK : SP_E_NOMEM;
}

static char texts[ITEMS][3] = {"a", "-b", "c", "d", "-e", "f", "g", "h", "i", "j"};
static void *const words[ITEMS] = {texts[0], texts[1], texts[2], texts[3], texts[4], texts[5],
	texts[6], texts[7], texts[8], texts[9]};

// What became of a word; the want of memory is worth telling, what had to fail is not.
static sp_status outcome_of(size_t i, sp_status status) {
	bool fails = ((const char *)words[i])[0] == '-';
	assert_true(status == (fails ? SP_E_RANGE : SP_OK) || status == SP_E_NOMEM);
	return fails && status == SP_E_RANGE ? SP_OK : status;
}

static int hear(void *const *values, size_t n, const sp_error *error, void *ud) {
	(void)values, (void)n, (void)error;
	atomic_int *calls = ud;
	(*calls)++;
	return 0;
}

static sp_status apply(sp_error *error) {
	sp_pool *pool;
	void *value = NULL;
	sp_status status = make_pool(&pool, free, error);
	if (status == SP_OK) {
		status = sp_pool_apply(pool, copy, words[0], &value, error);
		assert_true(status != SP_OK || strcmp(value, words[0]) == 0);
	}
	free(value);
	sp_pool_free(pool);
	return status;
}

static sp_status apply_async(sp_error *error) {
	sp_pool *pool;
	sp_async *jobs[ITEMS] = {NULL};
	atomic_int calls = 0;
	int accepted = 0;
	sp_status status = make_pool(&pool, free, error), all = status;
	for (size_t i = 0; i < ITEMS && pool; i++) {
		// The last is nobody's.
		status = with_errno(sp_pool_apply_async(pool, copy, words[i], hear, hear, &calls,
					    i < ITEMS - 1 ? &jobs[i] : NULL),
			error);
		accepted += status == SP_OK;
		all = all == SP_OK ? status : all;
	}
	for (size_t i = 0; i < ITEMS && jobs[i]; i++) {
		status = outcome_of(i, sp_async_get(jobs[i], SP_FOREVER, NULL, NULL, NULL, NULL));
		all = all == SP_OK ? status : all;
	}
	if (pool) {
		sp_pool_close(pool);
		assert_int_equal(sp_pool_join(pool), SP_OK);
	}
	sp_pool_free(pool);
	assert_int_equal(calls, accepted);
	for (size_t i = 0; i < ITEMS; i++) {
		sp_async_free(jobs[i]);
	}
	return all;
}

static sp_status map(sp_error *error) {
	sp_pool *pool;
	void *values[ITEMS] = {NULL};
	sp_status status = make_pool(&pool, free, error);
	if (status == SP_OK) {
		status = sp_pool_map(pool, copy, words, ITEMS, 2, values, error);
	}
	for (size_t i = 0; i < ITEMS; i++) {
		free(values[i]);
	}
	sp_pool_free(pool);
	return status == SP_E_RANGE ? SP_OK : status;
}

static sp_status map_async(sp_error *error) {
	sp_pool *pool;
	sp_async *job = NULL;
	atomic_int calls = 0;
	sp_status status = make_pool(&pool, free, error);
	if (status == SP_OK) {
		status = with_errno(
			sp_pool_map_async(pool, copy, words, ITEMS, -1, hear, hear, &calls, &job),
			error);
	}
	if (job) {
		sp_async_wait(job, SP_FOREVER);
		assert_int_equal(calls, 1);
	}
	for (size_t i = 0; i < ITEMS && job; i++) {
		sp_status item = outcome_of(i, sp_async_item(job, i, NULL, NULL));
		status = status == SP_OK ? item : status;
	}
	sp_pool_free(pool);
	sp_async_free(job);
	return status;
}

struct input {
	sp_func func;
	void *const *args;
	size_t n, drawn;
};

static sp_status next(void *ud, void **arg) {
	struct input *input = ud;
	if (input->drawn == input->n) {
		return SP_E_EOF;
	}
	*arg = input->args[input->drawn++];
	return SP_OK;
}

// To its end. Every item comes, with a status that is the first of any but SP_E_RANGE.
static sp_status imap_of(struct input *input, void (*free_value)(void *), size_t buffersize,
	bool ordered, sp_error *error) {
	sp_pool *pool;
	sp_imap *imap = NULL;
	sp_status status = make_pool(&pool, free_value, error), item = SP_OK;
	if (status == SP_OK) {
		status = with_errno(
			sp_pool_imap(pool, input->func, next, input, buffersize, ordered, &imap),
			error);
	}
	size_t n = 0, index = 0;
	for (; imap && index != SIZE_MAX; n++) {
		sp_error its = SP_ERROR_INIT;
		item = sp_imap_next(imap, SP_FOREVER, &index, NULL, &its);
		if (status == SP_OK && item != SP_E_RANGE && index != SIZE_MAX) {
			status = item;
			error->os_errno = its.os_errno;
		}
		sp_error_clear(&its);
	}
	assert_true(!imap || (item == SP_E_EOF && n == input->n + 1));
	sp_pool_free(pool);
	sp_imap_free(imap);
	return status;
}

static sp_status imap(sp_error *error) {
	struct input input = {.func = copy, .args = words, .n = ITEMS};
	return imap_of(&input, free, 3, true, error);
}

static sp_status imap_unordered(sp_error *error) {
	struct input input = {.func = copy, .args = words, .n = ITEMS};
	return imap_of(&input, free, 0, false, error);
}

static sp_status imap_of_commands(sp_error *error) {
	COMMAND(opts, "echo", "word");
	opts.out = SP_PIPE;
	sp_command command = {&opts, NULL};
	void *const commands[] = {&command, &command, &command};
	struct input input = {.func = sp_run_task, .args = commands, .n = 3};
	return imap_of(&input, sp_result_free, 0, true, error);
}

// ---- queues

static sp_status queue(sp_error *error) {
	(void)error;
	sp_queue *queue;
	void *item = NULL;
	sp_status status = sp_queue_new(&queue, 0);
	if (status != SP_OK) {
		return status;
	}
	size_t n = 0;
	for (; n < PUT && status == SP_OK; n += status == SP_OK) {
		status = sp_queue_put(queue, queue, true, SP_FOREVER);
	}
	assert_int_equal(sp_queue_qsize(queue), n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(sp_queue_get_nowait(queue, &item), SP_OK);
		assert_ptr_equal(item, queue);
		assert_int_equal(sp_queue_task_done(queue), SP_OK);
	}
	// What was refused does not count.
	assert_int_equal(sp_queue_join(queue, 0), SP_OK);
	sp_queue_free(queue);
	return status;
}

static sp_status squeue(sp_error *error) {
	(void)error;
	sp_squeue *queue;
	void *item = NULL;
	sp_status status = sp_squeue_new(&queue, 0);
	if (status != SP_OK) {
		return status;
	}
	size_t n = 0;
	for (; n < PUT && status == SP_OK; n += status == SP_OK) {
		status = sp_squeue_put(queue, queue);
	}
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(sp_squeue_get(queue, &item), SP_OK);
		assert_ptr_equal(item, queue);
	}
	assert_int_equal(sp_squeue_try_get(queue, &item), SP_E_EMPTY);
	sp_squeue_free(queue);
	return status;
}

// The C library keeps some memory of threads that ended, with their stacks, for those to come:
// more of these than any attempt has at a time.
static void *meet(void *barrier) {
	pthread_barrier_wait(barrier);
	return NULL;
}

static int keep_stacks(void **state) {
	(void)state;
	enum { STACKS = 16 };
	pthread_t threads[STACKS];
	pthread_attr_t attr;
	pthread_barrier_t barrier;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 * 1024);
	pthread_barrier_init(&barrier, NULL, STACKS);
	for (int i = 0; i < STACKS; i++) {
		if (pthread_create(&threads[i], &attr, meet, &barrier)) {
			return -1;
		}
	}
	for (int i = 0; i < STACKS; i++) {
		pthread_join(threads[i], NULL);
	}
	pthread_barrier_destroy(&barrier);
	pthread_attr_destroy(&attr);
	return 0;
}

STARVES(apply)
STARVES(apply_async)
STARVES(map)
STARVES(map_async)
STARVES(imap)
STARVES(imap_unordered)
STARVES(imap_of_commands)
STARVES(queue)
STARVES(squeue)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(R10_memory_apply),
		TEST(R10_memory_apply_async),
		TEST(R10_memory_map),
		TEST(R10_memory_map_async),
		TEST(R10_memory_imap),
		TEST(R10_memory_imap_unordered),
		TEST(R10_memory_imap_of_commands),
		TEST(R10_memory_queue),
		TEST(R10_memory_squeue),
	};
	return cmocka_run_group_tests_name("pool memory", tests, keep_stacks, NULL);
}
