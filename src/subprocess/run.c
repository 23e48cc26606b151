// SPDX-License-Identifier: MIT
// The conveniences: a program from start to end in one call.
#include "base/clock.h"
#include "base/error.h"
#include "subprocess/options.h"
#include "subprocess/proc.h"

#include <stdlib.h>

void sp_buf_clear(sp_buf *buf) {
	if (buf) {
		free(buf->data);
		*buf = (sp_buf){0};
	}
}

void sp_result_clear(sp_result *result) {
	if (result) {
		sp_buf_clear(&result->out);
		sp_buf_clear(&result->err);
		sp_error_clear(&result->error);
		*result = (sp_result){.error = SP_ERROR_INIT};
	}
}

static sp_status set_streams(sp_opts *opts, const sp_run_opts *run, sp_error *error) {
	if (run->input_len > 0 && !run->input) {
		return error_set(error, SP_E_VALUE, "input is NULL");
	}
	if (run->has_input || run->input_len > 0) {
		if (opts->in != SP_INHERIT) {
			return error_set(error, SP_E_VALUE, "in and input may not both be used");
		}
		opts->in = SP_PIPE;
	}
	if (run->capture_output) {
		if (opts->out != SP_INHERIT || opts->err != SP_INHERIT) {
			return error_set(error, SP_E_VALUE,
				"out and err may not be used with capture_output");
		}
		opts->out = SP_PIPE;
		opts->err = SP_PIPE;
	}
	return SP_OK;
}

// After a call that did not see the child end. An interrupted one does not block again.
static bool kill_child(sp_proc *proc, sp_status why) {
	if (sp_poll(proc, NULL)) {
		return false;
	}
	sp_kill(proc, NULL);
	if (why == SP_E_INTERRUPTED) {
		sp_poll(proc, NULL);
	} else {
		sp_wait(proc, SP_FOREVER, NULL, NULL);
	}
	return true;
}

static sp_status fill_result(sp_proc *proc, sp_status status, sp_result *result) {
	if (!sp_returncode(proc, &result->returncode, &result->status_lost)) {
		result->returncode = -SIGKILL;
		result->status_lost = true;
	}
	sp_rusage(proc, &result->ru);
	result->t_end = clock_now();
	result->timed_out = status == SP_E_TIMEOUT;
	result->out_omitted = sp_omitted(proc, 1);
	result->err_omitted = sp_omitted(proc, 2);
	bool none_if_empty = status != SP_OK;
	if (proc_take_output(proc, 1, none_if_empty, &result->out) < 0 ||
		proc_take_output(proc, 2, none_if_empty, &result->err) < 0) {
		return error_set(&result->error, SP_E_NOMEM, "out of memory for the output");
	}
	return status;
}

static sp_status check(int returncode, sp_error *error) {
	if (returncode == 0) {
		return SP_OK;
	}
	return returncode < 0 ? error_set(error, SP_E_STATUS, "died with signal %d", -returncode)
			      : error_set(error, SP_E_STATUS, "returned non-zero exit status %d",
					returncode);
}

static sp_status run_child(sp_opts *opts, const sp_run_opts *run, sp_result *result) {
	sp_error *error = &result->error;
	sp_proc *proc;
	int64_t start = clock_now();
	sp_status status = sp_popen(&proc, opts, error);
	if (status != SP_OK) {
		return status;
	}
	result->t_start = start;
	unsigned warnings = error->warnings;
	status = sp_communicate(
		proc, run->input, run->input_len, run->timeout_ns, NULL, NULL, error);
	if (status != SP_OK) {
		result->killed = kill_child(proc, status);
	}
	status = fill_result(proc, status, result);
	sp_free(proc);
	if (status == SP_OK && run->check) {
		status = check(result->returncode, error);
	}
	error->warnings |= warnings;
	return status;
}

sp_status sp_run(const sp_opts *given, const sp_run_opts *given_run, sp_result *result) {
	sp_result unwanted;
	sp_result *to = result ? result : &unwanted;
	*to = (sp_result){.timeout_ns = SP_FOREVER, .error = SP_ERROR_INIT};
	sp_opts opts;
	sp_run_opts run;
	sp_status status = opts_load(&opts, given, &to->error);
	if (status == SP_OK) {
		status = run_opts_load(&run, given_run, &to->error);
	}
	if (status == SP_OK) {
		to->timeout_ns = run.timeout_ns;
		status = set_streams(&opts, &run, &to->error);
	}
	if (status == SP_OK) {
		status = run_child(&opts, &run, to);
	}
	if (!result) {
		sp_result_clear(&unwanted);
	}
	return status;
}

sp_status sp_call(const sp_opts *opts, int64_t timeout_ns, int *rc, sp_error *error) {
	sp_proc *proc;
	sp_status status = sp_popen(&proc, opts, error);
	if (status != SP_OK) {
		return status;
	}
	unsigned warnings = error ? error->warnings : 0;
	status = sp_wait(proc, timeout_ns, rc, error);
	if (status != SP_OK) {
		kill_child(proc, status);
	}
	sp_free(proc);
	if (error) {
		error->warnings |= warnings;
	}
	return status;
}

sp_status sp_check_call(const sp_opts *opts, int64_t timeout_ns, sp_error *error) {
	int rc = 0;
	sp_status status = sp_call(opts, timeout_ns, &rc, error);
	if (status != SP_OK || rc == 0) {
		return status;
	}
	unsigned warnings = error ? error->warnings : 0;
	status = check(rc, error);
	if (error) {
		error->warnings = warnings;
	}
	return status;
}

// What check_output sets itself may not be set.
static sp_status load_check_output(sp_opts *opts, const sp_opts *given, sp_run_opts *run,
	const sp_run_opts *given_run, sp_error *error) {
	sp_status status = opts_load(opts, given, error);
	if (status == SP_OK) {
		status = run_opts_load(run, given_run, error);
	}
	if (status != SP_OK) {
		return status;
	}
	if (opts->out != SP_INHERIT || run->check || run->capture_output) {
		return error_set(error, SP_E_VALUE, "%s not allowed, it will be overridden",
			opts->out != SP_INHERIT ? "out"
			: run->check            ? "check"
						: "capture_output");
	}
	opts->out = SP_PIPE;
	run->check = true;
	return SP_OK;
}

sp_status sp_check_output(
	const sp_opts *given, const sp_run_opts *given_run, sp_buf *out, sp_result *result) {
	*out = (sp_buf){0};
	sp_result own = {.timeout_ns = SP_FOREVER, .error = SP_ERROR_INIT};
	sp_opts opts;
	sp_run_opts run;
	sp_status status = load_check_output(&opts, given, &run, given_run, &own.error);
	if (status == SP_OK) {
		status = sp_run(&opts, &run, &own);
	}
	if (status == SP_OK) {
		*out = own.out;
		own.out = (sp_buf){0};
	}
	if (result) {
		*result = own;
	} else {
		sp_result_clear(&own);
	}
	return status;
}

sp_status sp_getstatusoutput(const char *script, int *rc, sp_buf *out, sp_error *error) {
	sp_error_clear(error);
	*out = (sp_buf){0};
	sp_opts opts;
	sp_opts_init(&opts);
	opts.argv = &script;
	opts.argc = 1;
	opts.shell = true;
	opts.out = SP_PIPE;
	opts.err = SP_STDOUT;
	sp_result result;
	sp_status status = sp_run(&opts, NULL, &result);
	if (status == SP_OK) {
		if (rc) {
			*rc = result.returncode;
		}
		*out = result.out;
		result.out = (sp_buf){0};
		out->len = sp_newlines_to_lf(out->data, out->len);
		if (out->len > 0 && out->data[out->len - 1] == '\n') {
			out->data[--out->len] = '\0';
		}
	} else if (error) {
		*error = result.error;
		result.error = (sp_error)SP_ERROR_INIT;
	}
	sp_result_clear(&result);
	return status;
}
