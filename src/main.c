// SPDX-License-Identifier: MIT
/*
 * spool: a parallel job runner. The map of the house, from the ground up:
 *
 *	base/        bytes, descriptors, clock and durations, quoting, columns, nearest word, arena
 *	step/        the exec step: what posix_spawn cannot set, set between it and the program
 *	subprocess/  libspool: Popen, pump, communicate, run: Python's subprocess on posix_spawn
 *	pool/        libspool: queues and Pool, Python's multiprocessing with threads
 *	result/      the words spoken behind the run: verdict, result, event, tally, output
 *	spec/        what the user wrote in a job file, with the place of every piece
 *	values/      what a command is run for: words, lines and columns, one row at a time
 *	plan/        what will be done: defaults, matrices, selection, templates, names; immutable
 *	run/         carrying it out: queue, slots, attempt, captured output; run_next() is the loop
 *	report/      events to bytes: text, the digest, JSON, the writer threads
 *	cli/         options, commands, signals, problems on the screen
 *
 * A folder may include the header that bears the name of a folder above it in this list, never one
 * below; tests/house/rooms is the table, and the tests check it. exec_step.c is the main of the
 * exec step as a program of its own.
 */
#include "cli/cli.h"
#include "step/step.h"

int main(int argc, char **argv) {
	struct signals signals;
	struct jobserver_spec make;
	if (step_is_called(argc, argv)) {
		return step_main(argc, argv);
	}
	cli_look_at_make(&make);
	if (!cli_open_streams()) {
		return CLI_INFRASTRUCTURE;
	}
	signals_init(&signals);
	return cli_main(argc, argv, &signals, &make);
}
