// SPDX-License-Identifier: MIT
// Commands as tasks of a pool: sp_run_task (subprocess contract section 5, P19, P20, DEV-5b;
// pitfalls 29, 30).
#include "command.h"
#include "pool/pool.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>

static sp_pool *pool_of(int processes) {
	sp_pool_opts opts;
	sp_pool *pool;
	sp_pool_opts_init(&opts);
	opts.processes = processes;
	opts.free_value = sp_result_free;
	assert_int_equal(sp_pool_new(&pool, &opts, NULL), SP_OK);
	return pool;
}

static void end_pool(sp_pool *pool) {
	assert_int_equal(sp_pool_close(pool), SP_OK);
	assert_int_equal(sp_pool_join(pool), SP_OK);
	sp_pool_free(pool);
}

static sp_run_opts captured(void) {
	sp_run_opts run;
	sp_run_opts_init(&run);
	run.capture_output = true;
	return run;
}

static void section_5_a_command_gives_its_result(void **state) {
	(void)state;
	SCRIPT(opts, "echo out; echo err >&2; exit 3");
	sp_run_opts run = captured();
	sp_command command = {&opts, &run};
	sp_pool *pool = pool_of(2);
	sp_error error = SP_ERROR_INIT;
	void *value;
	assert_int_equal(sp_pool_apply(pool, sp_run_task, &command, &value, &error), SP_OK);
	const sp_result *result = value;
	assert_int_equal(result->returncode, 3);
	assert_buf(&result->out, "out\n");
	assert_buf(&result->err, "err\n");
	assert_true(result->t_start > 0 && result->t_end >= result->t_start);
	sp_result_free(value);
	run.check = true;
	assert_int_equal(sp_pool_apply(pool, sp_run_task, &command, &value, &error), SP_E_STATUS);
	assert_non_null(strstr(error.msg, "3"));
	result = value;
	assert_buf(&result->out, "out\n");
	sp_result_free(value);
	sp_result_free(NULL);
	sp_error_clear(&error);
	end_pool(pool);
}

static void section_5_how_a_command_fails(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	COMMAND(missing, "/nonexistent/program");
	COMMAND(slow, "sh", "-c", "echo early; exec sleep 60");
	sp_run_opts run = captured();
	run.timeout_ns = 200 * MS;
	sp_command commands[] = {{&missing, NULL}, {&slow, &run}, {NULL, NULL}};
	const sp_cancel *own = (const sp_cancel *)&run;
	COMMAND(cancelled, "true");
	cancelled.cancel = own;
	sp_command with_cancel = {&cancelled, NULL};
	sp_pool *pool = pool_of(2);
	sp_error error = SP_ERROR_INIT;
	void *value;
	assert_int_equal(sp_pool_apply(pool, sp_run_task, &commands[0], &value, &error), SP_E_OS);
	assert_int_equal(error.os_errno, ENOENT);
	assert_string_equal(error.filename, "/nonexistent/program");
	assert_string_equal(((sp_result *)value)->error.filename, "/nonexistent/program");
	sp_result_free(value);
	assert_int_equal(
		sp_pool_apply(pool, sp_run_task, &commands[1], &value, &error), SP_E_TIMEOUT);
	assert_true(((sp_result *)value)->timed_out);
	assert_int_equal(((sp_result *)value)->returncode, -SIGKILL);
	assert_buf(&((sp_result *)value)->out, "early\n");
	sp_result_free(value);
	assert_int_equal(
		sp_pool_apply(pool, sp_run_task, &commands[2], &value, &error), SP_E_VALUE);
	assert_non_null(value);
	sp_result_free(value);
	assert_int_equal(
		sp_pool_apply(pool, sp_run_task, &with_cancel, &value, &error), SP_E_VALUE);
	assert_non_null(strstr(error.msg, "cancel"));
	sp_result_free(value);
	sp_error_clear(&error);
	end_pool(pool);
}

// ---- many

enum { MANY = 100 };

struct many {
	sp_command commands[MANY];
	size_t next;
};

static sp_status next_command(void *ud, void **arg) {
	struct many *many = ud;
	if (many->next == MANY) {
		return SP_E_EOF;
	}
	*arg = &many->commands[many->next++];
	return SP_OK;
}

// Takes all results; counts those with this returncode.
static size_t take_all(sp_imap *results, int returncode) {
	size_t n = 0, index, seen = 0;
	bool had[MANY] = {false};
	void *value;
	sp_status status;
	do {
		status = sp_imap_next(results, SP_FOREVER, &index, &value, NULL);
		if (index < MANY) {
			assert_false(had[index]);
			had[index] = true;
			seen++;
			n += ((sp_result *)value)->returncode == returncode;
			sp_result_free(value);
		}
	} while (index < MANY);
	assert_int_equal(status, SP_E_EOF);
	assert_int_equal(seen, MANY);
	return n;
}

static void kill_children_of(const char *thread) {
	char path[512];
	int pid;
	snprintf(path, sizeof path, "/proc/self/task/%s/children", thread);
	FILE *file = fopen(path, "re");
	while (file && fscanf(file, "%d", &pid) == 1) {
		kill(pid, SIGKILL);
	}
	if (file) {
		fclose(file);
	}
}

static void *kill_children(void *arg) {
	atomic_bool *stop = arg;
	while (!*stop) {
		DIR *dir = opendir("/proc/self/task");
		for (const struct dirent *entry; dir && (entry = readdir(dir));) {
			if (entry->d_name[0] != '.') {
				kill_children_of(entry->d_name);
			}
		}
		if (dir) {
			closedir(dir);
		}
		probe_rest();
	}
	return NULL;
}

// Whoever kills a command, that is its result; in multiprocessing the task would be lost.
static void P19_pitfall_29_a_command_that_is_killed_is_a_result(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "is killed itself, as the child before its exec");
	COMMAND(opts, "sleep", "60");
	struct many many = {.next = 0};
	for (size_t i = 0; i < MANY; i++) {
		many.commands[i] = (sp_command){&opts, NULL};
	}
	atomic_bool stop = false;
	pthread_t killer;
	sp_pool *pool = pool_of(8);
	sp_imap *results;
	assert_int_equal(pthread_create(&killer, NULL, kill_children, &stop), 0);
	assert_int_equal(
		sp_pool_imap(pool, sp_run_task, next_command, &many, 0, false, &results), SP_OK);
	assert_int_equal(take_all(results, -SIGKILL), MANY);
	stop = true;
	assert_int_equal(pthread_join(killer, NULL), 0);
	sp_imap_free(results);
	end_pool(pool);
}

// One that is too large to be started fails alone; one that says too much is cut, and says so.
static void P20_pitfall_30_the_others_go_on(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	size_t n = 200 * 1024;
	char *word = malloc(n + 1);
	assert_non_null(word);
	memset(word, 'x', n);
	word[n] = '\0';
	COMMAND(good, "true");
	COMMAND(large, "true", word);
	COMMAND(loud, "sh", "-c", "head -c 1000000 /dev/zero");
	loud.max_output = 1000;
	sp_run_opts run = captured();
	struct many many = {.next = 0};
	for (size_t i = 0; i < MANY; i++) {
		many.commands[i] = (sp_command){i == 40 ? &large : i == 41 ? &loud : &good, &run};
	}
	sp_pool *pool = pool_of(4);
	sp_imap *results;
	assert_int_equal(
		sp_pool_imap(pool, sp_run_task, next_command, &many, 0, true, &results), SP_OK);
	for (size_t i = 0, index; i < MANY; i++) {
		void *value;
		sp_error error = SP_ERROR_INIT;
		sp_status status = sp_imap_next(results, SP_FOREVER, &index, &value, &error);
		const sp_result *result = value;
		assert_int_equal(index, i);
		assert_int_equal(status, i == 40 ? SP_E_OS : SP_OK);
		assert_int_equal(error.os_errno, i == 40 ? E2BIG : 0);
		assert_int_equal(result->returncode, 0);
		assert_int_equal(result->out.len, i == 41 ? 1000 : 0);
		assert_int_equal(result->out_omitted, i == 41 ? 999000 : 0);
		sp_result_free(value);
		sp_error_clear(&error);
	}
	sp_imap_free(results);
	end_pool(pool);
	free(word);
}

static void DEV5b_pitfall_29_terminate_ends_the_command_and_drops_the_queue(void **state) {
	(void)state;
	enum { QUEUED = 1000 };
	int ends[2];
	char c;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	COMMAND(opts, "sh", "-c", "echo; exec sleep 60");
	opts.out = ends[1];
	sp_command command = {&opts, NULL};
	sp_pool *pool = pool_of(1);
	sp_async *jobs[1 + QUEUED];
	for (int i = 0; i <= QUEUED; i++) {
		assert_int_equal(sp_pool_apply_async(
					 pool, sp_run_task, &command, NULL, NULL, NULL, &jobs[i]),
			SP_OK);
	}
	assert_int_equal(read(ends[0], &c, 1), 1);
	int64_t began = probe_now();
	assert_int_equal(sp_pool_terminate(pool), SP_OK);
	assert_int_equal(sp_pool_join(pool), SP_OK);
	assert_true(probe_now() - began < 5000 * MS); // 0.25 s for its last words
	for (int i = 0; i <= QUEUED; i++) {
		void *const *values;
		assert_int_equal(sp_async_get(jobs[i], SP_FOREVER, &values, NULL, NULL, NULL),
			SP_E_CANCELLED);
		assert_int_equal(values[0] != NULL, i == 0); // what it had said
		sp_async_free(jobs[i]);
	}
	close(ends[0]);
	close(ends[1]);
	sp_pool_free(pool);
	AWAIT((sp_reap_abandoned(), sp_abandoned(NULL, 0) == 0));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(section_5_a_command_gives_its_result),
		TEST(section_5_how_a_command_fails),
		TEST_ON_EACH_KERNEL(P19_pitfall_29_a_command_that_is_killed_is_a_result),
		TEST(P20_pitfall_30_the_others_go_on),
		TEST(DEV5b_pitfall_29_terminate_ends_the_command_and_drops_the_queue),
	};
	return cmocka_run_group_tests_name("task", tests, NULL, NULL);
}
