// SPDX-License-Identifier: MIT
// This side of the exec step: whether it is needed, and what it reports.
#include "subprocess/step.h"

#include "base/error.h"
#include "base/fd.h"
#include "step/step.h"
#include "subprocess/order.h"
#include "subprocess/pidfd.h"
#include "subprocess/proc.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SPOOL_EXEC_STEP
#define SPOOL_EXEC_STEP "/usr/local/libexec/spool/" STEP_NAME
#endif

enum { LAST_MS = 1000 }; // how long a child that says no more may take to end

static bool is_needed(const sp_opts *opts, const struct inherit *inherit) {
	return opts->umask >= 0 || opts->uid >= 0 || opts->gid >= 0 || opts->n_groups >= 0 ||
	       opts->n_rlimits > 0 || opts->nice != 0 || opts->set_oom || opts->pdeathsig != 0 ||
	       inherit->gaps > INHERIT_GAPS;
}

static sp_status check_id(const char *name, int64_t id, sp_error *error) {
	if (id < -1) {
		return error_set(error, SP_E_VALUE, "%s: %lld is negative", name, (long long)id);
	}
	// The last one means "no change" to the kernel.
	if (id >= UINT32_MAX) {
		return error_set(error, SP_E_RANGE, "%s: %lld is too large", name, (long long)id);
	}
	return SP_OK;
}

static sp_status check(const sp_opts *opts, sp_error *error) {
	sp_status status = check_id("uid", opts->uid, error);
	if (status == SP_OK) {
		status = check_id("gid", opts->gid, error);
	}
	if (status != SP_OK) {
		return status;
	}
	if (opts->n_groups < -1 || opts->n_groups > STEP_MAX_GROUPS) {
		return error_set(error, SP_E_VALUE,
			opts->n_groups < 0 ? "n_groups: %zd is negative" : "too many groups: %zd",
			opts->n_groups);
	}
	const char *null = opts->n_groups > 0 && !opts->groups     ? "groups"
			   : opts->n_rlimits > 0 && !opts->rlimits ? "rlimits"
								   : NULL;
	if (null) {
		return error_set(error, SP_E_VALUE, "%s is NULL", null);
	}
	if (opts->pdeathsig < 0 || opts->pdeathsig >= NSIG) {
		return error_set(error, SP_E_VALUE, "pdeathsig: %d is no signal", opts->pdeathsig);
	}
	if (opts->set_oom && (opts->oom_score_adj < -1000 || opts->oom_score_adj > 1000)) {
		return error_set(error, SP_E_VALUE, "oom_score_adj: %d is not in -1000..1000",
			opts->oom_score_adj);
	}
	if (opts->exec_step && opts->exec_step[0] != '/') {
		return error_set(error, SP_E_VALUE, "exec_step is not an absolute path");
	}
	return SP_OK;
}

static void name_fds(struct step *step) {
	snprintf(step->name, sizeof step->name, "%s", STEP_NAME);
	snprintf(step->fds[0], sizeof step->fds[0], "%d", step->order_fd);
	snprintf(step->fds[1], sizeof step->fds[1], "%d", step->reports[1]);
	step->argv[0] = step->name;
	step->argv[1] = step->fds[0];
	step->argv[2] = step->fds[1];
	step->argv[3] = NULL;
}

sp_status step_init(struct step *step, const sp_opts *opts, const struct command *command,
	const struct inherit *inherit, sp_error *error) {
	*step = (struct step){.order_fd = -1, .reports = {-1, -1}};
	sp_status status = check(opts, error);
	if (status != SP_OK || !is_needed(opts, inherit)) {
		return status;
	}
	step->needed = true;
	step->path = opts->exec_step ? opts->exec_step : SPOOL_EXEC_STEP;
	if (fd_pipe(step->reports) < 0) {
		return error_os(error, errno, SP_AT_PIPE, NULL);
	}
	const struct order_of of = {
		.opts = opts,
		.command = command,
		.inherit = inherit,
		.report_fd = step->reports[1],
	};
	status = order_make(&step->order_fd, &of, error);
	if (status == SP_OK) {
		name_fds(step);
	} else {
		step_clear(step);
	}
	return status;
}

void step_clear(struct step *step) {
	if (step->needed) {
		fd_close(&step->order_fd);
		fd_close(&step->reports[0]);
		fd_close(&step->reports[1]);
	}
}

// ---- how it went

sp_status step_not_executed(const struct step *step, int os_errno, sp_error *error) {
	error_set(
		error, SP_E_HELPER, "cannot execute the exec step, which sets what was asked for");
	if (error) {
		error->os_errno = os_errno;
		error->stage = SP_AT_SETUP;
		error->filename = strdup(step->path);
	}
	return SP_E_HELPER;
}

static const char *matter_text(enum step_matter matter) {
	switch (matter) {
	case STEP_OOM:
		return "cannot set oom_score_adj";
	case STEP_NICE:
		return "cannot set the niceness";
	case STEP_UMASK:
		return "cannot set the umask";
	case STEP_LIMIT:
		return "cannot set a limit";
	case STEP_DEATHSIG:
		return "cannot set the signal of the parent's death";
	case STEP_GROUPS:
		return "cannot set the supplementary groups";
	case STEP_GID:
		return "cannot set the group";
	case STEP_UID:
		return "cannot set the user";
	case STEP_CLOSE:
		return "cannot close descriptors";
	case STEP_BEGUN:
	case STEP_ORDER:
	case STEP_EXEC:
		break;
	}
	return NULL;
}

static const char *limit_name(int resource) {
	static const char *const names[] = {
		[RLIMIT_CPU] = "cpu",
		[RLIMIT_FSIZE] = "fsize",
		[RLIMIT_DATA] = "data",
		[RLIMIT_STACK] = "stack",
		[RLIMIT_CORE] = "core",
		[RLIMIT_RSS] = "rss",
		[RLIMIT_NPROC] = "nproc",
		[RLIMIT_NOFILE] = "nofile",
		[RLIMIT_MEMLOCK] = "memlock",
		[RLIMIT_AS] = "as",
		[RLIMIT_LOCKS] = "locks",
		[RLIMIT_SIGPENDING] = "sigpending",
		[RLIMIT_MSGQUEUE] = "msgqueue",
		[RLIMIT_NICE] = "nice",
		[RLIMIT_RTPRIO] = "rtprio",
		[RLIMIT_RTTIME] = "rttime",
	};
	size_t n = sizeof names / sizeof *names;
	return resource >= 0 && (size_t)resource < n ? names[resource] : "of an unknown number";
}

static sp_status bad_data(sp_error *error, const char *what) {
	return error_set(error, SP_E_HELPER, "%s", what);
}

// What the last report says.
static sp_status failed(const struct step_report *report, const char *file, sp_error *error) {
	const char *text = matter_text((enum step_matter)report->matter);
	if (report->matter == STEP_ORDER) {
		return bad_data(error, "the exec step is of another version");
	}
	if ((!text && report->matter != STEP_EXEC) || report->error <= 0) {
		return bad_data(error, "bad data from the exec step");
	}
	if (report->matter == STEP_EXEC) {
		return error_os(error, report->error, SP_AT_EXEC, file);
	}
	if (report->matter == STEP_LIMIT) {
		return error_os_says(error, report->error, SP_AT_SETUP, "%s: %s", text,
			limit_name(report->detail));
	}
	return error_os_says(error, report->error, SP_AT_SETUP, "%s", text);
}

// All that comes until the program is executed or the child has ended, at most size bytes.
static ssize_t read_reports(int fd, void *data, size_t size) {
	size_t len = 0;
	while (len < size) {
		ssize_t n = read(fd, (char *)data + len, size - len);
		if (n == 0) {
			break;
		}
		if (n < 0 && errno != EINTR) {
			return -1;
		}
		len += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)len;
}

static int look(const sp_proc *proc, int options, siginfo_t *info) {
	int r;
	while ((r = pidfd_wait(proc->pid, proc->pidfd, WEXITED | options, info, NULL)) < 0 &&
		errno == EINTR) {
	}
	return r;
}

// Unless someone else, or the system, has collected it: its number may be a stranger's then.
static void kill_and_collect(const sp_proc *proc) {
	siginfo_t info;
	if (look(proc, WNOWAIT | WNOHANG, &info) < 0) {
		return;
	}
	if (proc->pidfd >= 0) {
		pidfd_signal(proc->pidfd, SIGKILL);
	} else {
		kill(proc->pid, SIGKILL);
	}
	look(proc, 0, &info);
}

// A child that closed its descriptors is about to end, unless it runs something strange. true: a
// signal killed it, and it is left to be collected; else it is collected.
static bool was_killed(const sp_proc *proc) {
	siginfo_t info = {0};
	for (int ms = 0; ms < LAST_MS; ms++) {
		if (look(proc, WNOWAIT | WNOHANG, &info) < 0 || info.si_pid != 0) {
			break;
		}
		poll(NULL, 0, 1);
	}
	if (info.si_pid != 0 && info.si_code != CLD_EXITED) {
		return true;
	}
	kill_and_collect(proc);
	return false;
}

// One that is of another version, or of another kind of machine, still begins as ours does.
static sp_status foreign(const struct step_report *report, ssize_t n, sp_error *error) {
	bool other = n >= (ssize_t)sizeof *report && report->magic != STEP_MAGIC &&
		     report->magic >> STEP_NAME_SHIFT == STEP_MAGIC >> STEP_NAME_SHIFT;
	return bad_data(error,
		other ? "the exec step is of another version" : "bad data from the exec step");
}

sp_status step_await(struct step *step, const sp_proc *proc, const char *file, sp_error *error) {
	struct step_report reports[3]; // one more than there should be
	// Else there would be no end of file.
	fd_close(&step->reports[1]);
	ssize_t n = read_reports(step->reports[0], reports, sizeof reports);
	if (n == 0) {
		return was_killed(proc) ? SP_OK
					: bad_data(error, "the exec step ended without a word");
	}
	const ssize_t one = sizeof *reports;
	bool begun = n >= one && reports[0].magic == STEP_MAGIC && reports[0].matter == STEP_BEGUN;
	if (begun && n == one) {
		return SP_OK;
	}
	sp_status status = begun && n == 2 * one && reports[1].magic == STEP_MAGIC
				   ? failed(&reports[1], file, error)
				   : foreign(reports, n, error);
	kill_and_collect(proc);
	return status;
}
