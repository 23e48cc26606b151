// SPDX-License-Identifier: MIT
// sp_pump, one loop around poll: input goes out, output comes in, the child's end is noticed, and
// after each round it is asked whether that is enough.
//
// - No stream is blocked on: O_NONBLOCK is set on our end before the first call that could block.
//   It is left out where nothing can: a pipe that reports POLLHUP has no writer any more.
// - The pidfd comes first in the poll set. If it is ready, what the pipes reported after it is all
//   that the child wrote: a pipe without POLLIN is then drained.
// - A full pipe whose reader is gone reports POLLERR and no POLLOUT, an empty one whose writer is
//   gone POLLHUP and no POLLIN: any event at all leads to the read or write that sorts it out.
#include "base/clock.h"
#include "base/error.h"
#include "base/fd.h"
#include "subprocess/options.h"
#include "subprocess/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 }; // of each stream in each round

enum { SLOT_EXIT, SLOT_STREAM, SLOT_CANCEL = SLOT_STREAM + 3, SLOTS };

struct pump {
	sp_proc *proc;
	const sp_pump_opts *opts;
	struct pollfd fds[SLOTS];
	int64_t drain_until; // once the child's end was noticed
	bool drained[3];     // everything that the child itself wrote was read
	size_t since[3];     // bytes read since its end
	int nap;             // ms until the next look at a child without a pidfd
};

static bool is_open(const sp_proc *proc) {
	return proc->pipe[0] >= 0 || proc->pipe[1] >= 0 || proc->pipe[2] >= 0;
}

static bool watches_exit(const struct pump *pump) {
	return pump->opts->drain_ns >= 0 && pump->proc->exit_seen == 0;
}

static void set_nonblock(sp_proc *proc, int which) {
	if (!proc->nonblock[which]) {
		// These are flags of our end only; the child's is another open file.
		proc->nonblock[which] = fcntl(proc->pipe[which], F_SETFL, O_NONBLOCK) == 0;
	}
}

static void restore_blocking(sp_proc *proc) {
	for (int i = 0; i < 3; i++) {
		if (proc->nonblock[i] && proc->pipe[i] >= 0) {
			fcntl(proc->pipe[i], F_SETFL, 0);
		}
		proc->nonblock[i] = false;
	}
}

// The first call brings the input; later ones bring the same or nothing.
static sp_status take_input(sp_proc *proc, const sp_pump_opts *opts, sp_error *error) {
	if (opts->n > 0 && !opts->in) {
		return error_set(error, SP_E_VALUE, "in is NULL");
	}
	if (!proc->pumped) {
		proc->pumped = true;
		proc->input = opts->in;
		proc->input_len = opts->n;
	} else if (opts->n > 0 && (opts->in != proc->input || opts->n != proc->input_len)) {
		return error_set(error, SP_E_VALUE, "in: not the input that it began with");
	}
	if (proc->input_sent == proc->input_len) {
		fd_close(&proc->pipe[0]);
	}
	return SP_OK;
}

static sp_status send_input(struct pump *pump, sp_error *error) {
	sp_proc *proc = pump->proc;
	size_t rest = proc->input_len - proc->input_sent;
	set_nonblock(proc, 0);
	ssize_t n = fd_write_quietly(
		proc->pipe[0], proc->input + proc->input_sent, rest < CHUNK ? rest : CHUNK);
	if (n >= 0) {
		proc->input_sent += (size_t)n;
	} else if (errno == EPIPE) {
		// It does not want the rest.
		proc->input_sent = proc->input_len;
	} else if (errno != EAGAIN && errno != EINTR) {
		return error_os(error, errno, SP_AT_IO, NULL);
	}
	if (proc->input_sent == proc->input_len) {
		fd_close(&proc->pipe[0]);
	}
	return SP_OK;
}

static sp_status receive(struct pump *pump, int which, short events, sp_error *error) {
	sp_proc *proc = pump->proc;
	char data[CHUNK];
	if (!(events & POLLHUP)) {
		set_nonblock(proc, which);
	}
	ssize_t n = read(proc->pipe[which], data, sizeof data);
	if (n == 0) {
		fd_close(&proc->pipe[which]);
	} else if (n > 0) {
		if (proc->exit_seen) {
			pump->since[which] += (size_t)n;
		}
		if (pump->opts->sink && pump->opts->sink(pump->opts->ud, which, data, (size_t)n)) {
			return error_set(
				error, SP_E_CANCELLED, "stopped by the receiver of its output");
		}
	} else if (errno == EAGAIN) {
		pump->drained[which] = proc->exit_seen != 0;
	} else if (errno != EINTR) {
		return error_os(error, errno, SP_AT_IO, NULL);
	}
	return SP_OK;
}

static void note_exit(struct pump *pump) {
	sp_proc *proc = pump->proc;
	if (proc->exit_seen == 0) {
		proc->exit_seen = clock_now();
	}
	if (__builtin_add_overflow(proc->exit_seen, pump->opts->drain_ns, &pump->drain_until)) {
		pump->drain_until = SP_FOREVER;
	}
}

static void look_without_pidfd(struct pump *pump) {
	if (watches_exit(pump) && pump->proc->pidfd < 0 && proc_ended(pump->proc)) {
		note_exit(pump);
	}
}

static int poll_ms(struct pump *pump) {
	int64_t until = pump->opts->deadline_ns;
	if (pump->opts->drain_ns >= 0 && pump->proc->exit_seen) {
		until = pump->drain_until;
	}
	int ms = clock_poll_ms(until);
	if (watches_exit(pump) && pump->proc->pidfd < 0) {
		ms = ms < 0 || ms > pump->nap ? pump->nap : ms;
		pump->nap *= 2;
		pump->nap = pump->nap < PROC_LONGEST_NAP_MS ? pump->nap : PROC_LONGEST_NAP_MS;
	}
	return ms;
}

// Waits for something to do. 0 with the events in fds, or -1 and errno.
static int wait_events(struct pump *pump) {
	sp_proc *proc = pump->proc;
	look_without_pidfd(pump);
	const sp_cancel *cancel = pump->opts->cancel;
	struct pollfd *fds = pump->fds;
	fds[SLOT_EXIT] = (struct pollfd){watches_exit(pump) ? proc->pidfd : -1, POLLIN, 0};
	for (int i = 0; i < 3; i++) {
		fds[SLOT_STREAM + i] = (struct pollfd){proc->pipe[i], i == 0 ? POLLOUT : POLLIN, 0};
	}
	fds[SLOT_CANCEL] = (struct pollfd){cancel ? sp_cancel_fd(cancel) : -1, POLLIN, 0};
	int n = poll(fds, SLOTS, poll_ms(pump));
	if (n < 0) {
		for (int i = 0; i < SLOTS; i++) {
			fds[i].revents = 0;
		}
		return errno == EINTR ? 0 : -1;
	}
	if (fds[SLOT_EXIT].revents) {
		note_exit(pump);
	}
	for (int i = 1; i < 3; i++) {
		pump->drained[i] |= proc->exit_seen && !fds[SLOT_STREAM + i].revents;
	}
	return 0;
}

static sp_status move_data(struct pump *pump, sp_error *error) {
	sp_proc *proc = pump->proc;
	sp_status status = SP_OK;
	for (int i = 0; i < 3 && status == SP_OK; i++) {
		short events = pump->fds[SLOT_STREAM + i].revents;
		if (events & POLLNVAL) {
			// The caller closed it. The number may be someone else's by now.
			proc->pipe[i] = -1;
		} else if (events) {
			status = i == 0 ? send_input(pump, error) : receive(pump, i, events, error);
		}
	}
	return status;
}

// Nothing that the child wrote is still in the pipe: it was empty after the child's end, or as much
// as fits into it came out since.
static bool is_drained(struct pump *pump, int which) {
	if (pump->proc->pipe[which] < 0 || pump->drained[which]) {
		return true;
	}
	int capacity = fcntl(pump->proc->pipe[which], F_GETPIPE_SZ);
	return pump->since[which] >= (size_t)(capacity > 0 ? capacity : 0);
}

static bool draining_is_over(struct pump *pump) {
	return pump->opts->drain_ns >= 0 && pump->proc->exit_seen &&
	       (pump->drain_until != SP_FOREVER && clock_now() >= pump->drain_until) &&
	       is_drained(pump, 1) && is_drained(pump, 2);
}

static bool is_late(struct pump *pump) {
	const sp_pump_opts *opts = pump->opts;
	if (opts->deadline_ns == SP_FOREVER || clock_now() < opts->deadline_ns) {
		return false;
	}
	look_without_pidfd(pump);
	return opts->drain_ns < 0 || !pump->proc->exit_seen;
}

static sp_status run_pump(struct pump *pump, sp_error *error) {
	while (is_open(pump->proc)) {
		if (wait_events(pump) < 0) {
			return error_os(error, errno, SP_AT_IO, NULL);
		}
		sp_status status = move_data(pump, error);
		if (status != SP_OK) {
			return status;
		}
		if (!is_open(pump->proc) || draining_is_over(pump)) {
			break;
		}
		if (sp_cancelled(pump->opts->cancel)) {
			return proc_interrupted(error);
		}
		if (is_late(pump)) {
			return error_set(error, SP_E_TIMEOUT, "the child has not ended in time");
		}
	}
	return SP_OK;
}

sp_status sp_pump(sp_proc *proc, const sp_pump_opts *given, sp_error *error) {
	sp_error_clear(error);
	sp_pump_opts opts;
	sp_status status = pump_opts_load(&opts, given, error);
	if (status == SP_OK) {
		status = take_input(proc, &opts, error);
	}
	if (status != SP_OK) {
		return status;
	}
	struct pump pump = {.proc = proc, .opts = &opts, .nap = 1};
	if (opts.drain_ns >= 0 && proc->exit_seen) {
		note_exit(&pump);
	}
	status = run_pump(&pump, error);
	restore_blocking(proc);
	if (status == SP_OK && opts.held) {
		*opts.held = is_open(proc);
	}
	return status;
}

int64_t sp_exit_seen(const sp_proc *proc) {
	return proc->exit_seen;
}
