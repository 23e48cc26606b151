// SPDX-License-Identifier: MIT
// Starting an attempt: rendering, the spawn, what is worth trying again, and what went wrong.
#include "run/start.h"
#include "base/buf.h"
#include "base/clock.h"
#include "run/capture.h"
#include "run/files.h"
#include "run/rendering.h"
#include "run/room.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int64_t BUSY_FOR = 200 * (int64_t)CLOCK_MS;       // ETXTBSY
static const int64_t NO_ROOM_FOR = 30 * (int64_t)CLOCK_SECOND; // EAGAIN, EMFILE, …

static int stream_out(enum stream stream, int null_fd) {
	return stream == STREAM_CAPTURE  ? SP_PIPE
	       : stream == STREAM_STDOUT ? SP_STDOUT
	       : stream == STREAM_NULL   ? null_fd
					 : SP_INHERIT;
}

static void set_files(sp_opts *opts, const struct files *files) {
	opts->in = files->in >= 0 ? files->in : opts->in;
	opts->out = files->out >= 0 ? files->out : opts->out;
	opts->err = files->err >= 0 ? files->err : opts->err;
}

enum { LIMITS_MAX = 16 };

static void fill_rights(sp_opts *opts, const struct rights *rights, sp_rlim *limits) {
	opts->uid = rights->uid;
	opts->gid = rights->gid;
	opts->groups = rights->groups;
	opts->n_groups = rights->n_groups;
	opts->umask = rights->umask;
	opts->nice = rights->nice;
	opts->rlimits = limits;
	for (; opts->n_rlimits < rights->n_limits && opts->n_rlimits < LIMITS_MAX;
		opts->n_rlimits++) {
		const struct plan_limit *limit = &rights->limits[opts->n_rlimits];
		limits[opts->n_rlimits] = (sp_rlim){limit->resource, {limit->value, limit->value}};
	}
}

// limits is room for LIMITS_MAX.
static void fill_opts(sp_opts *opts, const struct attempt_common *common, const struct job *job,
	const struct rendering *rendering, sp_rlim *limits) {
	sp_opts_init(opts);
	opts->argv = rendering->argv;
	opts->argc = rendering->argc;
	opts->executable = rendering->executable;
	opts->cwd = rendering->cwd;
	opts->env = rendering->env;
	opts->sigmask = common->mask;
	opts->exec_step = "/proc/self/exe"; // main knows it by its name
	opts->start_new_session = !job->foreground;
	if (job->rights) {
		fill_rights(opts, job->rights, limits);
	}
	opts->in = job->in == STREAM_TEXT      ? SP_PIPE
		   : job->in == STREAM_INHERIT ? SP_INHERIT
					       : common->null_fd;
	opts->out = stream_out(job->out, common->null_fd);
	opts->err = stream_out(job->err, common->null_fd);
}

// The machine has no room now: another try is worth it, and it is not the job's fault.
static bool is_shortage(const sp_error *error) {
	switch (error->stage) {
	case SP_AT_CREATE:
		return error->os_errno == EAGAIN || error->os_errno == ENOMEM;
	case SP_AT_PIPE:
	case SP_AT_CWD:
	case SP_AT_FDS:
		return error->os_errno == EMFILE || error->os_errno == ENFILE;
	case SP_AT_ARGS:
	case SP_AT_SETUP:
	case SP_AT_EXEC:
	case SP_AT_IO:
	case SP_AT_WAIT:
		break;
	}
	return false;
}

static int64_t twice(int64_t pause) {
	return pause * 2 < CLOCK_SECOND ? pause * 2 : CLOCK_SECOND;
}

// Waits a little, or less if the run is stopped.
static bool pause_for(const sp_cancel *stop, int64_t pause) {
	struct pollfd fd = {.fd = sp_cancel_fd(stop), .events = POLLIN};
	poll(&fd, 1, (int)(pause / CLOCK_MS));
	return !sp_cancelled(stop);
}

// A wait for room, whose pauses double up to a second.
struct patience {
	int64_t since; // when there was none and no job that might make some; 0: not yet
	int64_t pause;
};

// Descriptors are with outputs that a report has still to print: its reader may take his time.
static bool is_with_report(const struct attempt_common *common, const sp_error *error) {
	return (error->os_errno == EMFILE || error->os_errno == ENFILE) &&
	       atomic_load(common->memory) < CAPTURE_MEMORY;
}

// Whether to try again; what is left to say if not is in *status.
static bool wait_for_room(struct patience *patience, const struct attempt_common *common,
	const sp_error *error, sp_status *status) {
	int64_t now = clock_now();
	if (room_taken(common->room) || is_with_report(common, error) || patience->since == 0) {
		patience->since = now;
	}
	if (now - patience->since >= NO_ROOM_FOR) {
		return false;
	}
	patience->pause = patience->pause ? twice(patience->pause) : 50 * (int64_t)CLOCK_MS;
	if (!room_await(common->room, common->stop, patience->pause)) {
		*status = SP_E_INTERRUPTED;
		return false;
	}
	return true;
}

static sp_status spawn(
	sp_proc **proc, const sp_opts *opts, const struct attempt_common *common, sp_error *error) {
	int64_t began = clock_now(), busy_pause = CLOCK_MS;
	struct patience patience = {0};
	for (;;) {
		sp_status status = sp_popen(proc, opts, error);
		if (status != SP_E_OS) {
			return status;
		}
		// A sibling that is just being spawned may hold the file open for writing.
		bool busy = error->stage == SP_AT_EXEC && error->os_errno == ETXTBSY;
		if (busy && clock_now() - began < BUSY_FOR) {
			if (!pause_for(common->stop, busy_pause)) {
				return SP_E_INTERRUPTED;
			}
			busy_pause = twice(busy_pause);
		} else if (!is_shortage(error) ||
			   !wait_for_room(&patience, common, error, &status)) {
			return status;
		}
	}
}

// What a strerror does not tell.
static const char *explanation(const sp_error *error, const sp_opts *opts) {
	const char *name = error->filename;
	if (error->stage != SP_AT_EXEC || !name) {
		return "";
	}
	if (error->os_errno == ENOEXEC) {
		return " (a script needs a first line such as #!/bin/sh)";
	}
	if (error->os_errno == ENOENT && strchr(name, '/') && (name[0] == '/' || !opts->cwd) &&
		access(name, F_OK) == 0) {
		return " (the file is there: the interpreter that its #! line names is not)";
	}
	return "";
}

static void set_exec_error(struct result *result, const sp_error *error, const sp_opts *opts) {
	struct buf text = {0};
	int r = buf_puts(&text, error->msg);
	if (error->filename) {
		r |= buf_printf(&text, " '%s'", error->filename);
	}
	if (error->os_errno) {
		r |= buf_printf(
			&text, ": %s%s", strerror(error->os_errno), explanation(error, opts));
	}
	result->verdict = VERDICT_EXEC;
	result->os_errno = error->os_errno;
	bool exec = error->stage == SP_AT_EXEC;
	result->not_found = exec && (error->os_errno == ENOENT || error->os_errno == ENOTDIR);
	result->not_executable = exec && !result->not_found;
	result->error = r == 0 ? buf_take(&text) : NULL;
	buf_clear(&text);
}

static void set_no_memory(struct result *result) {
	result->verdict = VERDICT_EXEC;
	result->os_errno = ENOMEM;
	result->error = strdup("out of memory");
}

// It cannot be started, which was known before.
static void set_broken(struct result *result, const char *why) {
	result->verdict = VERDICT_EXEC;
	result->os_errno = EINVAL;
	result->error = strdup(why);
}

// The files among the job's streams, and those of its results; as in spawn, another try is worth it
// when there is no room.
static sp_status open_files(struct files *files, struct results *results,
	const struct attempt_common *common, const struct result *result,
	const struct rendering *rendering, sp_error *error) {
	struct patience patience = {0};
	for (;;) {
		sp_status status = results_open(results, common, result, error);
		if (status == SP_OK) {
			status = files_open(files, common, result->job, rendering, error);
		}
		if (status != SP_E_OS || !is_shortage(error) ||
			!wait_for_room(&patience, common, error, &status)) {
			return status;
		}
		files_close(files);
		sp_error_clear(error);
	}
}

bool attempt_start(const struct attempt_common *common, struct result *result,
	struct results *results, sp_proc **proc, char **input, size_t *input_len) {
	const struct job *job = result->job;
	struct rendering rendering;
	sp_error error = SP_ERROR_INIT;
	sp_opts opts;
	sp_rlim limits[LIMITS_MAX];
	struct files files = {-1, -1, -1};
	bool started = false;
	if (job->broken) {
		set_broken(result, job->broken);
		return false;
	}
	if (rendering_make(&rendering, common, result) < 0) {
		set_no_memory(result);
		goto out;
	}
	fill_opts(&opts, common, job, &rendering, limits);
	*input = NULL;
	*input_len = job->in == STREAM_TEXT ? rendering.input_len : 0; // of a file it is the path
	if (job->in == STREAM_TEXT && !(*input = strdup(rendering.input))) {
		set_no_memory(result);
		goto out;
	}
	sp_status status = open_files(&files, results, common, result, &rendering, &error);
	if (status == SP_OK) {
		set_files(&opts, &files);
		status = spawn(proc, &opts, common, &error);
	}
	started = status == SP_OK;
	if (started) {
		room_enter(common->room);
	} else {
		free(*input);
		*input = NULL;
	}
	if (status == SP_E_INTERRUPTED) {
		result->verdict = VERDICT_CANCELLED;
	} else if (!started) {
		set_exec_error(result, &error, &opts);
	}
out:
	files_close(&files);
	sp_error_clear(&error);
	rendering_clear(&rendering);
	return started;
}
