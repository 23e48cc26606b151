// SPDX-License-Identifier: MIT
// Verdicts, results, events: naming, counting and clearing them.
#include "result/result.h"

#include <stdlib.h>
#include <string.h>

const char *verdict_word(enum verdict verdict) {
	static const char *const words[N_VERDICTS] = {
		[VERDICT_PASS] = "pass",
		[VERDICT_FAIL] = "fail",
		[VERDICT_SIGNAL] = "signal",
		[VERDICT_TIMEOUT] = "timeout",
		[VERDICT_EXEC] = "exec",
		[VERDICT_CANCELLED] = "cancelled",
	};
	return words[verdict];
}

void result_clear(struct result *result) {
	free(result->error);
	result->error = NULL;
	output_clear(&result->out);
	output_clear(&result->err);
	if (result->holding) {
		result->holding->release(result->job);
		result->holding = NULL;
	}
}

struct result *result_hold(struct result *result) {
	atomic_fetch_add(&result->shared, 1);
	return result;
}

void result_release(struct result *result) {
	if (atomic_fetch_sub(&result->shared, 1) == 0) {
		result_clear(result);
		free(result);
	}
}

bool result_is_shared(const struct result *result) {
	return atomic_load(&result->shared) > 0;
}

struct result *result_without_output(const struct result *result) {
	struct result *copy = malloc(sizeof *copy);
	char *error = result->error ? strdup(result->error) : NULL;
	if (!copy || (result->error && !error)) {
		free(copy);
		free(error);
		return NULL;
	}
	*copy = (struct result){
		.job = result->holding ? result->holding->hold(result->job) : result->job,
		.holding = result->holding,
		.index = result->index,
		.attempt = result->attempt,
		.slot = result->slot,
		.verdict = result->verdict,
		.returncode = result->returncode,
		.status_lost = result->status_lost,
		.ladder = result->ladder,
		.os_errno = result->os_errno,
		.not_found = result->not_found,
		.not_executable = result->not_executable,
		.unkillable = result->unkillable,
		.leaked = result->leaked,
		.live = result->live,
		.allowed = result->allowed,
		.error = error,
		.timeout_ns = result->timeout_ns,
		.start_ns = result->start_ns,
		.end_ns = result->end_ns,
		.usage = result->usage,
		.out = OUTPUT_EMPTY,
		.err = OUTPUT_EMPTY,
	};
	return copy;
}

size_t tally_failed(const struct tally *tally) {
	return tally->done - tally->verdicts[VERDICT_PASS] - tally->verdicts[VERDICT_CANCELLED] -
	       tally->allowed;
}

void event_clear(struct event *event) {
	if (event->result) {
		result_release(event->result);
	}
	free(event->text);
	*event = (struct event){.kind = EVENT_NONE};
}

struct result *event_take_result(struct event *event) {
	struct result *result = event->result;
	event->result = NULL;
	return result;
}
