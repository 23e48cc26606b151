// SPDX-License-Identifier: MIT
// What libspool costs a program that uses it.
//
//     commands run TIMES COMMAND…    captured, on two workers, by sp_run_task through
//     imap_unordered commands talk MIB              sp_communicate of so much through cat commands
//     idle N                prints the bytes that a Popen object with three pipes takes
#include "pool/pool.h"
#include "subprocess/subprocess.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void die(const char *what, sp_status status, const sp_error *error) {
	fprintf(stderr, "commands: %s: status %d: %s\n", what, status, error ? error->msg : "");
	exit(1);
}

static void must(const char *what, sp_status status, const sp_error *error) {
	if (status != SP_OK) {
		die(what, status, error);
	}
}

static void set_words(sp_opts *opts, const char *const *argv, size_t argc) {
	sp_opts_init(opts);
	opts->argv = argv;
	opts->argc = argc;
	opts->in = SP_DEVNULL;
}

struct batch {
	sp_command command;
	long left;
};

static sp_status next_command(void *ud, void **arg) {
	struct batch *batch = ud;
	if (batch->left == 0) {
		return SP_E_EOF;
	}
	batch->left--;
	*arg = &batch->command;
	return SP_OK;
}

static void run(long times, const char *const *argv, size_t argc) {
	sp_error error = SP_ERROR_INIT;
	sp_opts opts;
	sp_run_opts run_opts;
	sp_pool_opts pool_opts;
	sp_pool *pool;
	sp_imap *results;
	set_words(&opts, argv, argc);
	sp_run_opts_init(&run_opts);
	run_opts.capture_output = true;
	run_opts.check = true;
	sp_pool_opts_init(&pool_opts);
	pool_opts.processes = 2;
	pool_opts.free_value = sp_result_free;
	must("pool", sp_pool_new(&pool, &pool_opts, &error), &error);
	struct batch batch = {{&opts, &run_opts}, times};
	must("imap", sp_pool_imap(pool, sp_run_task, next_command, &batch, 0, false, &results),
		NULL);
	sp_status status;
	void *result;
	while ((status = sp_imap_next(results, SP_FOREVER, NULL, &result, &error)) == SP_OK) {
		sp_result_free(result);
	}
	if (status != SP_E_EOF) {
		die("a command", status, &error);
	}
	sp_imap_free(results);
	sp_pool_close(pool);
	sp_pool_join(pool);
	sp_pool_free(pool);
}

static void talk(size_t mib) {
	sp_error error = SP_ERROR_INIT;
	const char *const argv[] = {"cat"};
	sp_opts opts;
	sp_proc *proc;
	sp_buf out;
	size_t n = mib << 20;
	char *input = calloc(n, 1);
	if (!input) {
		die("input", SP_E_NOMEM, NULL);
	}
	set_words(&opts, argv, 1);
	opts.in = opts.out = SP_PIPE;
	must("cat", sp_popen(&proc, &opts, &error), &error);
	must("communicate", sp_communicate(proc, input, n, SP_FOREVER, &out, NULL, &error), &error);
	if (out.len != n) {
		die("communicate", SP_E_EOF, NULL);
	}
	sp_free(proc);
	free(input);
}

static long resident(void) {
	long size = 0, pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");
	if (!file || fscanf(file, "%ld %ld", &size, &pages) != 2) {
		die("statm", SP_E_OS, NULL);
	}
	fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

static void idle(size_t n) {
	sp_error error = SP_ERROR_INIT;
	const char *const argv[] = {"sleep", "600"};
	sp_opts opts;
	set_words(&opts, argv, 2);
	opts.in = opts.out = opts.err = SP_PIPE;
	sp_proc **procs = calloc(n, sizeof *procs);
	if (!procs) {
		die("procs", SP_E_NOMEM, NULL);
	}
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	long before = 0;
	for (size_t i = 0; i < n; i++) {
		must("sleep", sp_popen(&procs[i], &opts, &error), &error);
		before = i == 0 ? resident() : before; // what the first one brings in stays
	}
	printf("%ld\n", n > 1 ? (resident() - before) / (long)(n - 1) : 0);
	for (size_t i = 0; i < n; i++) {
		sp_kill(procs[i], NULL);
		sp_close(procs[i], NULL);
		sp_free(procs[i]);
	}
	free(procs);
}

int main(int argc, char **argv) {
	const char *mode = argc > 2 ? argv[1] : "";
	if (strcmp(mode, "run") == 0 && argc > 3) {
		run(atol(argv[2]), (const char *const *)argv + 3, (size_t)argc - 3);
	} else if (strcmp(mode, "talk") == 0) {
		talk((size_t)atol(argv[2]));
	} else if (strcmp(mode, "idle") == 0) {
		idle((size_t)atol(argv[2]));
	} else {
		fprintf(stderr, "usage: commands run TIMES COMMAND… | talk MIB | idle N\n");
		return 2;
	}
	return 0;
}
