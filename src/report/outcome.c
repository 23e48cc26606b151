// SPDX-License-Identifier: MIT
// Verdict, status and signals in words.
#include "report/outcome.h"
#include "base/clock.h"
#include "report/plain.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>

const char *outcome_word(enum verdict verdict) {
	static const char *const words[N_VERDICTS] = {
		[VERDICT_PASS] = "PASS",
		[VERDICT_FAIL] = "FAIL",
		[VERDICT_SIGNAL] = "SIGNAL",
		[VERDICT_TIMEOUT] = "TIMEOUT",
		[VERDICT_EXEC] = "EXEC",
		[VERDICT_CANCELLED] = "CANCELLED",
	};
	return words[verdict];
}

const char outcome_yellow[] = "\033[33m";

const char *outcome_colour(const struct result *result) {
	if (result->allowed) {
		return outcome_yellow;
	}
	switch (result->verdict) {
	case VERDICT_PASS:
		return "\033[32m";
	case VERDICT_CANCELLED:
		return outcome_yellow;
	case VERDICT_FAIL:
	case VERDICT_SIGNAL:
	case VERDICT_TIMEOUT:
	case VERDICT_EXEC:
		break;
	}
	return "\033[31m";
}

const char *outcome_label(const struct plan *plan, const struct result *result) {
	bool by_status = result->verdict == VERDICT_PASS || result->verdict == VERDICT_FAIL;
	if (!by_status || result->returncode < 0 || result->returncode > 255) {
		return NULL;
	}
	return plan->report.labels[result->returncode];
}

int outcome_signal(struct buf *buf, int signal) {
	const char *name = sigabbrev_np(signal);
	if (name) {
		return buf_printf(buf, "SIG%s", name);
	}
	if (signal >= SIGRTMIN && signal <= SIGRTMAX) {
		return signal == SIGRTMIN ? buf_puts(buf, "SIGRTMIN")
					  : buf_printf(buf, "SIGRTMIN+%d", signal - SIGRTMIN);
	}
	return buf_printf(buf, "signal %d", signal);
}

static int put_status(struct buf *buf, const struct result *result) {
	if (result->returncode < 0) {
		return outcome_signal(buf, -result->returncode);
	}
	return buf_printf(buf, "exit %d", result->returncode);
}

// How a job ended that was asked to with a signal: nothing more to say when it died of that.
static int put_ending(struct buf *buf, const struct result *result, int asked) {
	if (result->unkillable) {
		return buf_puts(buf, ", cannot be killed");
	}
	if (result->status_lost || result->returncode == -asked) {
		return 0;
	}
	if (result->returncode == -SIGKILL && result->ladder == SIGKILL) {
		return buf_puts(buf, ", killed");
	}
	return buf_puts(buf, ", ") || put_status(buf, result) ? -1 : 0;
}

static int put_timeout(struct buf *buf, const struct result *result) {
	char duration[64];
	duration_format(result->timeout_ns, duration, sizeof duration);
	return buf_printf(buf, "after %s", duration) || put_ending(buf, result, SIGTERM) ? -1 : 0;
}

static int put_cancelled(struct buf *buf, const struct result *result) {
	if (result->ladder == 0) {
		return buf_puts(buf, "before it ran");
	}
	bool failed = outcome_signal(buf, result->ladder) ||
		      put_ending(buf, result, result->ladder);
	return failed ? -1 : 0;
}

static int put_exec(struct buf *buf, const struct result *result) {
	const char *why = result->error ? result->error : strerrordesc_np(result->os_errno);
	return plain_word(buf, why ? why : "unknown error", false);
}

// A job that passed with a status that nobody expected: check is off.
static bool passed_oddly(const struct plan *plan, const struct result *result) {
	const struct job *job = result->job;
	return result->returncode != 0 && !job->check && !outcome_label(plan, result);
}

static int put_reason(struct buf *buf, const struct plan *plan, const struct result *result) {
	switch (result->verdict) {
	case VERDICT_PASS:
		if (result->status_lost) {
			break;
		}
		return passed_oddly(plan, result) ? put_status(buf, result) : 0;
	case VERDICT_FAIL:
	case VERDICT_SIGNAL:
		if (result->status_lost) {
			break;
		}
		return put_status(buf, result);
	case VERDICT_TIMEOUT:
		return put_timeout(buf, result);
	case VERDICT_EXEC:
		return put_exec(buf, result);
	case VERDICT_CANCELLED:
		return put_cancelled(buf, result);
	}
	return buf_puts(buf, "its exit status was lost");
}

int outcome_detail(struct buf *buf, const struct plan *plan, const struct result *result) {
	int r = put_reason(buf, plan, result);
	return r == 0 && result->allowed ? buf_puts(buf, ", allowed") : r;
}

static bool needs_failure(const struct job *job, size_t of) {
	const struct needs *needs = job->needs;
	for (size_t i = 0; needs && i < needs->n; i++) {
		if (needs->items[i].job == of && needs->items[i].condition == NEED_FAILED) {
			return true;
		}
	}
	return false;
}

bool outcome_is_missed(const struct plan *plan, size_t job, const struct skip *skip,
	const unsigned char *outcomes) {
	if (skip->reason != SKIP_NEED) {
		return false;
	}
	unsigned char outcome = outcomes[skip->because];
	return outcome != outcome_of(VERDICT_PASS) &&
	       (outcome != OUTCOME_SKIPPED || !needs_failure(&plan->jobs[job], skip->because));
}

static const char *what_became(unsigned char outcome) {
	static const char *const words[] = {
		[OUTCOME_UNKNOWN] = "which did not end as needed",
		[VERDICT_PASS + 1] = "which passed",
		[VERDICT_FAIL + 1] = "which failed",
		[VERDICT_SIGNAL + 1] = "which died by a signal",
		[VERDICT_TIMEOUT + 1] = "which timed out",
		[VERDICT_EXEC + 1] = "which could not be started",
		[VERDICT_CANCELLED + 1] = "which was cancelled",
		[OUTCOME_SKIPPED] = "which was skipped",
	};
	return words[outcome];
}

// One that needs another to pass and to fail is skipped by what is not so.
static int put_need(struct buf *buf, const struct plan *plan, size_t job, size_t because,
	unsigned char outcome) {
	bool failed = outcome > outcome_of(VERDICT_PASS) && outcome < OUTCOME_SKIPPED;
	bool to_fail = !failed && needs_failure(&plan->jobs[job], because);
	bool lost = buf_puts(buf, "needs ") || plain_word(buf, plan->jobs[because].name, false) ||
		    buf_printf(buf, "%s, %s", to_fail ? " to fail" : "", what_became(outcome));
	return lost ? -1 : 0;
}

int outcome_skip(struct buf *buf, const struct plan *plan, size_t job, const struct skip *skip,
	const unsigned char *outcomes) {
	const struct needs *needs = plan->jobs[job].needs;
	switch (skip->reason) {
	case SKIP_NEED:
		return put_need(buf, plan, job, skip->because, outcomes[skip->because]);
	case SKIP_LEFT_OUT:
		return buf_puts(buf, "needs ") ||
				       plain_word(buf, needs ? needs->left_out : "a job", false) ||
				       buf_puts(buf, " to fail, which was not selected")
			       ? -1
			       : 0;
	case SKIP_WHEN:
		return buf_puts(buf, "on_failure: all that it needs passed");
	case SKIP_HALT:
	case SKIP_DRAIN:
	case SKIP_CANCEL:
		break;
	}
	return 0;
}

static int put_peak(struct buf *buf, long kib) {
	if (kib < 1024) {
		return buf_printf(buf, "%ldK", kib);
	}
	if (kib < 1024 * 1024) {
		return buf_printf(buf, "%ldM", kib / 1024);
	}
	return buf_printf(buf, "%.1fG", (double)kib / (1024 * 1024));
}

int outcome_usage(struct buf *buf, const struct result *result) {
	const struct rusage *usage = &result->usage;
	struct timeval cpu;
	timeradd(&usage->ru_utime, &usage->ru_stime, &cpu);
	if (usage->ru_maxrss == 0) {
		return 0;
	}
	bool failed = buf_printf(buf, "cpu %lld.%02ds, ", (long long)cpu.tv_sec,
			      (int)(cpu.tv_usec / 10000)) ||
		      put_peak(buf, usage->ru_maxrss);
	return failed ? -1 : 0;
}
