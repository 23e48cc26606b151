// SPDX-License-Identifier: MIT
// The gate is asked first: whoever waits for it must hold no token that others could use.
#include "run/starts.h"
#include "base/clock.h"

void starts_init(struct starts *starts, const struct run_options *options) {
	const struct gate_options *gate = &options->gate;
	*starts = (struct starts){
		.limited = gate->delay_ns || gate->load || gate->memory || options->jobserver ||
			   options->workers_file,
		.jobserver = options->jobserver,
		.workers_file = options->workers_file,
	};
	gate_init(&starts->gate, gate);
	starts_unasked(starts);
}

void starts_unasked(struct starts *starts) {
	starts->again = INT64_MAX;
	starts->lacks_token = false;
}

bool starts_ask(struct starts *starts) {
	int64_t again = starts->limited ? gate_opens(&starts->gate, clock_now()) : 0;
	if (again) {
		starts->again = again;
		return false;
	}
	starts->lacks_token = starts->jobserver && !jobserver_take(starts->jobserver);
	return !starts->lacks_token;
}

void starts_note(struct starts *starts) {
	if (starts->limited) {
		gate_passed(&starts->gate, clock_now());
	}
}

void starts_return(struct starts *starts) {
	if (starts->jobserver) {
		jobserver_give(starts->jobserver);
	}
}

int starts_fd(const struct starts *starts) {
	return starts->lacks_token ? jobserver_fd(starts->jobserver) : -1;
}

int64_t starts_deadline(const struct starts *starts, int64_t deadline) {
	int64_t again = starts->again;
	if (starts->workers_file && workers_file_again(starts->workers_file) < again) {
		again = workers_file_again(starts->workers_file);
	}
	return again < deadline ? again : deadline;
}
