// SPDX-License-Identifier: MIT
// Verdicts, results, events: naming, counting and clearing them.
#include "result/result.h"

#include <stdlib.h>

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
}

size_t tally_failed(const struct tally *tally) {
	return tally->done - tally->verdicts[VERDICT_PASS] - tally->verdicts[VERDICT_CANCELLED] -
	       tally->allowed;
}

void event_clear(struct event *event) {
	if (event->result) {
		result_clear(event->result);
		free(event->result);
	}
	free(event->text);
	*event = (struct event){.kind = EVENT_NONE};
}

struct result *event_take_result(struct event *event) {
	struct result *result = event->result;
	event->result = NULL;
	return result;
}
