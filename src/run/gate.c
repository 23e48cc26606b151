// SPDX-License-Identifier: MIT
// The load average follows what is started only slowly. As make -l does, what was started in this
// second and the one before is added: a quarter for each, and a sixteenth.
#include "run/gate.h"
#include "base/clock.h"
#include "run/machine.h"

#include <errno.h>
#include <stddef.h>

static const int64_t FRESH = 100 * (int64_t)CLOCK_MS; // what was read a moment ago
static const int64_t AGAIN = CLOCK_SECOND;

void gate_init(struct gate *gate, const struct gate_options *options) {
	*gate = (struct gate){.options = *options};
	gate->options.root = options->root ? options->root : "";
}

// No descriptor for a moment, say, is no reason to be open for good: what was known then holds.
static bool is_shortage(void) {
	return errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == EINTR;
}

static void look_at_load(struct gate *gate) {
	uint64_t load;
	if (machine_load(gate->options.root, &load) == 0) {
		gate->load = load;
	} else if (!is_shortage()) {
		gate->options.load = 0;
		gate->warning = "the load is not known (/proc/loadavg): jobs start whatever it is";
	}
}

static void look_at_memory(struct gate *gate) {
	struct machine_memory memory;
	if (machine_memory(gate->options.root, &memory) == 0) {
		bool hopeless = memory.total < gate->options.memory;
		if (hopeless && !gate->looked) {
			gate->warning = "there is less memory in all than is to be free: no job "
					"will start";
		}
		gate->crowded = memory.available < gate->options.memory;
	} else if (!is_shortage()) {
		gate->options.memory = 0;
		gate->crowded = false;
		gate->warning = "free memory is not known (/proc/meminfo): jobs start however "
				"little there is";
	}
}

static void look(struct gate *gate, int64_t now) {
	if (gate->looked && now - gate->looked < FRESH) {
		return;
	}
	if (gate->options.load) {
		look_at_load(gate);
	}
	if (gate->options.memory) {
		look_at_memory(gate);
	}
	gate->looked = now;
}

// Makes started and formerly those of now.
static void turn(struct gate *gate, int64_t now) {
	int64_t second = now / CLOCK_SECOND;
	if (second != gate->second) {
		gate->formerly = second == gate->second + 1 ? gate->started : 0;
		gate->started = 0;
		gate->second = second;
	}
}

static bool is_loaded(struct gate *gate, int64_t now) {
	turn(gate, now);
	uint64_t load = gate->load + gate->started * 100 / 4 + gate->formerly * 100 / 16;
	return gate->options.load && load >= gate->options.load;
}

int64_t gate_opens(struct gate *gate, int64_t now) {
	if (now < gate->not_before) {
		return gate->not_before;
	}
	look(gate, now);
	return is_loaded(gate, now) || gate->crowded ? now + AGAIN : 0;
}

void gate_passed(struct gate *gate, int64_t now) {
	turn(gate, now);
	gate->started++;
	gate->not_before = now + gate->options.delay_ns;
}

const char *gate_warning(struct gate *gate) {
	const char *warning = gate->warning;
	gate->warning = NULL;
	return warning;
}
