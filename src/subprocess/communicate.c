// SPDX-License-Identifier: MIT
// sp_communicate: the pump with a memory, then the wait.
#include "base/clock.h"
#include "base/error.h"
#include "subprocess/proc.h"

static int keep(void *ud, int which, const char *data, size_t n) {
	sp_proc *proc = ud;
	return kept_add(&proc->output[which], data, n);
}

// Python's 0.25 s for a child that was interrupted too: it may end, and what it says is heard.
static void last_words(sp_proc *proc, sp_pump_opts *opts) {
	opts->deadline_ns = proc_grace(proc, opts->deadline_ns);
	opts->drain_ns = 0;
	opts->cancel = NULL;
	sp_status status = sp_pump(proc, opts, NULL);
	if (status == SP_OK && sp_wait_exit(proc, opts->deadline_ns, NULL, NULL) == SP_OK) {
		sp_poll(proc, NULL);
	}
}

static sp_status talk(
	sp_proc *proc, const void *in, size_t n, int64_t timeout_ns, sp_error *error) {
	if (n > 0 && proc->talked) {
		return error_set(
			error, SP_E_VALUE, "Cannot send input after starting communication");
	}
	proc->talked = true;
	int64_t deadline = clock_deadline(timeout_ns);
	sp_pump_opts opts;
	sp_pump_opts_init(&opts);
	opts.in = in;
	opts.n = n;
	opts.sink = keep;
	opts.ud = proc;
	opts.deadline_ns = deadline;
	opts.cancel = proc->cancel;
	sp_status status = sp_pump(proc, &opts, error);
	switch ((int)status) {
	case SP_OK:
		return proc_wait(proc, deadline, timeout_ns, error);
	case SP_E_TIMEOUT:
		return proc_timed_out(error, timeout_ns);
	case SP_E_CANCELLED:
		return error_set(error, SP_E_NOMEM, "out of memory for the output");
	case SP_E_INTERRUPTED:
		last_words(proc, &opts);
		return status;
	default:
		return status;
	}
}

static void view(sp_proc *proc, int which, bool done, sp_buf *buf) {
	if (!buf) {
		return;
	}
	*buf = (sp_buf){0};
	struct kept *kept = &proc->output[which];
	if (proc->piped[which] && (done || kept->buf.len > 0)) {
		buf->data = kept_view(kept, &buf->len);
		buf->captured = true;
	}
}

sp_status sp_communicate(sp_proc *proc, const void *in, size_t n, int64_t timeout_ns, sp_buf *out,
	sp_buf *err, sp_error *error) {
	sp_error_clear(error);
	sp_status status = talk(proc, in, n, timeout_ns, error);
	view(proc, 1, status == SP_OK, out);
	view(proc, 2, status == SP_OK, err);
	return status;
}

int proc_take_output(sp_proc *proc, int which, bool none_if_empty, sp_buf *buf) {
	*buf = (sp_buf){0};
	struct kept *kept = &proc->output[which];
	if (!proc->piped[which] || (none_if_empty && kept->buf.len == 0)) {
		return 0;
	}
	buf->data = kept_take(kept, &buf->len);
	buf->captured = buf->data != NULL;
	return buf->data ? 0 : -1;
}
