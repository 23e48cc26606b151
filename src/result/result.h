/* SPDX-License-Identifier: MIT
 *
 * result: the words that are spoken behind the run. Values: the last holder clears them.
 */
#ifndef RESULT_RESULT_H
#define RESULT_RESULT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

struct job; /* what the plan says of one */

/* How a job is kept that lives only as long as somebody speaks of it. */
struct job_holding {
	const struct job *(*hold)(const struct job *job);
	void (*release)(const struct job *job);
};

/* One word for every attempt, the same in every report. */
enum verdict {
	VERDICT_PASS,
	VERDICT_FAIL,      /* a status outside success_codes */
	VERDICT_SIGNAL,    /* died by a signal that was not ours */
	VERDICT_TIMEOUT,   /* our timer fired before its exit was seen */
	VERDICT_EXEC,      /* could not be started */
	VERDICT_CANCELLED, /* ended because the run was */
};
enum { N_VERDICTS = VERDICT_CANCELLED + 1 };

const char *verdict_word(enum verdict verdict); /* "pass", "fail", … */

/*
 * What is kept of a captured stream, in reading order: the head in memory, the part of the file
 * before the gap, the ring of the file, the tail ring in memory. The writer is run's; everyone
 * else reads through output_read. {0} with fd -1 is an empty output (OUTPUT_EMPTY).
 */
struct output {
	char *head; /* owned */
	size_t head_len;
	int fd;                      /* unlinked file, owned; -1: none */
	uint64_t first_len;          /* bytes at offset 0 of the file */
	uint64_t ring_at, ring_size; /* the ring lies at offset ring_at */
	uint64_t ring_start, ring_len;
	char *tail; /* owned ring */
	size_t tail_size, tail_start, tail_len;
	uint64_t omitted; /* left out behind head and first_len */
	uint64_t total;   /* the job wrote */
	bool incomplete;  /* the file could not be written: `omitted` counts what is missing too */
	atomic_size_t *budget; /* memory taken from here goes back when it is cleared; NULL */
	size_t charged;
	bool held;      /* somebody else still held the pipe when draining ended */
	bool continues; /* of a job that runs: it begins inside a line, whose start came before */
	bool borrowed;  /* the file is shared with other outputs: its owner closes it */
	uint64_t at;    /* in a shared file all offsets count from here */
};
#define OUTPUT_EMPTY      \
	(struct output) { \
		.fd = -1  \
	}

uint64_t output_kept(const struct output *output); /* bytes that output_read gives in all */
uint64_t output_gap(const struct output *output);  /* where in them `omitted` bytes are missing */
/* Up to n kept bytes from position pos; stops at the gap. Bytes read, 0 at the end, -1 and errno.
 */
ssize_t output_read(const struct output *output, uint64_t pos, char *data, size_t n);
void output_clear(struct output *output);

/* Why a job is never started. */
enum skip_reason {
	SKIP_NEED,     /* because: a job that it needs did not end as needed */
	SKIP_LEFT_OUT, /* it needs the failure of a job that was not selected */
	SKIP_WHEN,     /* on_failure, and all that it needs passed */
	SKIP_HALT,     /* the run was halted */
	SKIP_DRAIN,    /* the run was drained: what ran was the last */
	SKIP_CANCEL,   /* the run was cancelled */
};
/* The run ended before its turn; the others are skipped for what they are. */
static inline bool skip_is_not_started(enum skip_reason reason) {
	return reason >= SKIP_HALT;
}
struct skip {
	enum skip_reason reason;
	size_t because; /* of SKIP_NEED: index into the plan's jobs */
};

/* How one attempt of a job ended. */
struct result {
	const struct job *job;
	size_t index; /* into the plan's jobs; of a source's: how many came before it */
	unsigned attempt, slot;
	enum verdict verdict;
	int returncode;                 /* as Python has it: -15 for SIGTERM; 0 with VERDICT_EXEC */
	bool status_lost;               /* somebody else reaped it */
	int ladder;                     /* the strongest signal that we sent to end it; 0: none */
	int os_errno;                   /* of VERDICT_EXEC */
	bool not_found, not_executable; /* of VERDICT_EXEC: what a shell calls 127 and 126 */
	bool unkillable;                /* still alive five seconds after SIGKILL; left behind */
	bool leaked;                    /* something was left in its group and was killed */
	bool live;                /* EVENT_OUTPUT told all its output: out and err are copies */
	bool allowed;             /* did not pass, and its job may: not counted as a failure */
	int results_errno;        /* the files that keep its output are not whole; 0: they are */
	char *error;              /* of VERDICT_EXEC: why, one line; owned */
	int64_t timeout_ns;       /* how long it might run */
	int64_t start_ns, end_ns; /* monotonic: spawn, and exit seen */
	struct rusage usage;
	struct output out, err;
	atomic_uint shared;                /* by how many holders beside the first */
	const struct job_holding *holding; /* of job; NULL: that outlives all results */
};
void result_clear(struct result *result);

/* One more holder; each of them releases it, and the last one frees it. Nobody changes a result
   that is shared. Thread-safe. */
struct result *result_hold(struct result *result);
void result_release(struct result *result);
/* Whether others hold it too; once it is not, it stays so for its only holder. */
bool result_is_shared(const struct result *result);
/* A copy without the output; NULL without memory. */
struct result *result_without_output(const struct result *result);

/* What runs at a moment: the job that has run longest, for how long, and how many with it. */
struct running {
	const struct job *job; /* good as long as it runs */
	size_t index;
	int64_t ns;
	size_t n;
};

/* What ended a run early by its own rules. */
enum halted { NOT_HALTED, HALTED_FAIL, HALTED_SUCCESS, HALTED_DONE };

struct tally {
	size_t jobs; /* in the plan */
	size_t done; /* ended, whatever the verdict */
	size_t verdicts[N_VERDICTS];
	size_t allowed;     /* of those, failures that are not counted */
	size_t skipped;     /* by what they need or by their when */
	size_t not_started; /* of a run that was halted or cancelled */
	enum halted halted;
	bool unread; /* the source had more jobs, or may have had, when the run ended early */
};
size_t tally_failed(const struct tally *tally); /* all but pass, cancelled and allowed */

enum event_kind {
	EVENT_NONE,     /* the time given to run_next is over */
	EVENT_STARTING, /* job is about to be handed to the workers */
	EVENT_RESULT,   /* result: of this attempt */
	EVENT_SKIPPED,  /* job will never be started: skip */
	EVENT_OUTPUT,  /* result: what a job that runs has written meanwhile, in out and err only */
	EVENT_RETRY,   /* result: of an attempt that did not pass; the job is tried again */
	EVENT_HALTED,  /* text: by which rule; what runs may still end, or is ended */
	EVENT_WARNING, /* text: about the run itself */
	EVENT_TROUBLE, /* text: what the run could not do; it goes on without that */
	EVENT_END,     /* the last one; tally is final */
};
struct event {
	enum event_kind kind;
	const struct job *job; /* good until the next run_next; with a result as long as that */
	size_t index;          /* as the result has it */
	unsigned attempt;      /* of EVENT_STARTING, and of the result; 0: EVENT_RETRY told of it */
	struct result *result; /* owned */
	struct skip skip;      /* of EVENT_SKIPPED */
	char *text;            /* owned */
	struct tally tally;    /* as it is after this event */
	int64_t elapsed_ns;    /* of the run so far */
};
void event_clear(struct event *event);
/* Hands the result over: the event no longer owns it. */
struct result *event_take_result(struct event *event);

#endif
