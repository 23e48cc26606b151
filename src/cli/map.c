// SPDX-License-Identifier: MIT
// spool map: one command over many values.
#include "base/arena.h"
#include "base/buf.h"
#include "cli/cli.h"
#include "cli/dry_run.h"
#include "cli/loop.h"
#include "cli/message.h"
#include "cli/signals.h"
#include "cli/sources.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORKERS_MOST = 4096 }; // of -j 0, when nobody knows how many jobs there will be

// All that the jobs come from; the parts borrow from those before.
struct mapped {
	struct sources sources;
	struct workers_file workers_file; // its path NULL: none
	struct values *values;
	struct job common;
	struct mapping *mapping;
	struct source *source;
	struct plan plan;
};

static void mapped_clear(struct mapped *mapped) {
	mapping_source_free(mapped->source);
	mapping_free(mapped->mapping);
	values_close(mapped->values);
	sources_clear(&mapped->sources);
}

static int say_wrong(const char *hint, const char *what) {
	message_hint(hint, "%s", what);
	return CLI_USAGE;
}

// How many jobs there will be; SIZE_MAX: nobody knows.
static size_t jobs_in_all(const struct invocation *inv, const struct sources *sources) {
	size_t n = inv->map.max_args ? inv->map.max_args : 1, total = sources->total;
	return inv->map.fill || total == SIZE_MAX ? SIZE_MAX : total / n + (total % n > 0);
}

// What cannot go together, or has nothing to go with.
static int check(const struct invocation *inv, const struct sources *sources) {
	const struct map_options *map = &inv->map;
	if (sources->n_words == 0 && !map->shell) {
		return say_wrong(
			"spool map COMMAND ::: VALUES…, or with --shell each line is a command",
			"no command is given");
	}
	if (inv->plan.halt.percent && jobs_in_all(inv, sources) == SIZE_MAX) {
		return say_wrong("give a number: --halt soon,fail=3",
			"--halt: a share of all jobs, and nobody knows how many there will be");
	}
	if (inv->grouping == GROUP_NOT && (inv->keep_order || inv->tag || inv->tagstring)) {
		return say_wrong(
			"--line-buffer prints each line when it is written, and can do that",
			"--ungroup: jobs write by themselves, so their lines get neither order nor "
			"tag");
	}
	if (inv->grouping == GROUP_NOT && inv->results) {
		return say_wrong(
			"--line-buffer prints each line when it is written, and can do that",
			"--ungroup: jobs write by themselves, so nothing can be kept in --results");
	}
	for (size_t i = 0; i < inv->n_reports; i++) {
		if (inv->reports[i].format == REPORT_TEXT) {
			return say_wrong("--report json, --joblog FILE and --results DIR say more",
				"--report text: spool map prints what the jobs write itself");
		}
	}
	return 0;
}

static int open_values(struct mapped *mapped, const struct invocation *inv) {
	struct values_options options = {
		.sources = mapped->sources.items,
		.n_sources = mapped->sources.n,
		.delimiter = inv->map.delimiter,
		.colsep = inv->map.colsep,
		.csv = inv->map.csv,
		.header = inv->map.header,
	};
	char *problem;
	if (mapped->sources.n == 0 && isatty(STDIN_FILENO)) {
		message("values are read from the terminal, one a line, until ^D");
	}
	if (values_open(&mapped->values, &options, &problem) == 0) {
		return 0;
	}
	message("%s", problem ? problem : "out of memory");
	free(problem);
	return CLI_USAGE;
}

// Of output that is printed as it comes nobody reads more than the end again, but for JSON.
static uint64_t kept_of_live(const struct invocation *inv) {
	enum { ENDS = 64 * 1024 };
	for (size_t i = 0; i < inv->n_reports; i++) {
		if (inv->reports[i].format == REPORT_JSON) {
			return UINT64_MAX;
		}
	}
	return ENDS;
}

static void fill_common(struct job *common, const struct invocation *inv) {
	// Whether a job passes is known at its end.
	bool live = inv->grouping == GROUP_LINES && inv->show == SHOW_ALL;
	enum stream stream = inv->grouping == GROUP_NOT ? STREAM_INHERIT : STREAM_CAPTURE;
	*common = (struct job){
		.out = stream,
		.err = stream,
		.live = live,
		.max_output = live ? kept_of_live(inv) : UINT64_MAX,
		.inherit_env = true,
		.check = true,
		.timeout_ns = inv->plan.timeout_ns,
		.grace_ns = inv->plan.grace_ns,
		.tries = inv->tries,
	};
}

// What is wrong with the command has no place in a file.
static void say_problems(const struct problems *problems) {
	for (size_t i = 0; i < problems->n; i++) {
		message_hint(problems->items[i].hint, "%s", problems->items[i].message);
	}
}

static int open_mapping(struct mapped *mapped, const struct invocation *inv) {
	struct problems problems = {.arena = arena_new()};
	struct mapping_options options = {
		.words = mapped->sources.words,
		.n_words = mapped->sources.n_words,
		.replace = inv->map.replace,
		.shell = inv->map.shell,
		.max_args = inv->map.max_args,
		.fill = inv->map.fill,
		.workers = mapped->plan.workers,
		.tag = inv->tag,
		.tagstring = inv->tagstring,
		.environment = inv->plan.environment,
		.common = &mapped->common,
	};
	options.n_names = values_names(mapped->values, &options.names);
	int r = mapping_new(&mapped->mapping, &options, &problems);
	say_problems(&problems);
	arena_free(problems.arena);
	return r < 0 ? CLI_USAGE : 0;
}

static void make_plan(struct mapped *mapped, const struct invocation *inv) {
	const struct halt *halt = &inv->plan.halt;
	size_t total = mapped->sources.total;
	mapped->plan = (struct plan){
		.endless = true,
		.name = "map",
		.elastic = inv->plan.workers.kind == WORKERS_EACH,
		.workers = workers_resolve(mapped->workers_file.path ? &mapped->workers_file.workers
								     : &inv->plan.workers,
			inv->plan.cpus, total < WORKERS_MOST ? total : WORKERS_MOST),
		.halt = {halt->on, halt->now, halt->n, halt->text},
		.timeout_percent = inv->map.timeout_percent,
	};
	if (halt->percent) {
		mapped->plan.halt.count = halt_share(halt, jobs_in_all(inv, &mapped->sources));
	}
}

static int open_workers_file(struct mapped *mapped, const struct invocation *inv) {
	const char *path = inv->map.jobs_file;
	const char *wrong = path ? workers_file_open(&mapped->workers_file, path) : NULL;
	if (wrong) {
		message("--jobs '%s': in this file: %s", path, wrong);
	}
	return wrong ? CLI_USAGE : CLI_OK;
}

static int open_all(struct mapped *mapped, const struct invocation *inv) {
	int status = sources_read(&mapped->sources, inv);
	status = status ? status : check(inv, &mapped->sources);
	status = status ? status : open_workers_file(mapped, inv);
	status = status ? status : open_values(mapped, inv);
	if (status) {
		return status;
	}
	fill_common(&mapped->common, inv);
	make_plan(mapped, inv);
	status = open_mapping(mapped, inv);
	if (status) {
		return status;
	}
	mapped->source = mapping_source(mapped->mapping, mapped->values);
	if (!mapped->source) {
		message("out of memory");
		return CLI_INFRASTRUCTURE;
	}
	return 0;
}

// The next job, waiting for it as a signal may end it. NULL: there is none.
static const struct job *await_job(struct source *source, int *status) {
	const struct job *job = NULL;
	for (;;) {
		switch (source->next(source, &job)) {
		case SOURCE_JOB:
			return job;
		case SOURCE_WAIT:
			poll(&(struct pollfd){.fd = source->fd(source), .events = POLLIN}, 1, -1);
			break;
		case SOURCE_FAILED:
			message("%s", source->problem(source));
			*status = CLI_INFRASTRUCTURE;
			return NULL;
		case SOURCE_END:
			return NULL;
		}
	}
}

static int print_commands(struct source *source) {
	int status = CLI_OK;
	const struct job *job;
	while (status == CLI_OK && (job = await_job(source, &status))) {
		struct buf line = {0};
		int r = dry_run_words(&line, job) | buf_putc(&line, '\n');
		job_release(job);
		status = cli_print(&line, r);
	}
	return status;
}

static int execute(struct invocation *invocation, struct signals *signals) {
	struct mapped mapped = {0};
	int status = open_all(&mapped, invocation);
	invocation->workers_file = mapped.workers_file.path ? &mapped.workers_file : NULL;
	if (status == 0) {
		status = invocation->dry_run
				 ? print_commands(mapped.source)
				 : loop_carry_out(&mapped.plan, mapped.source, invocation, signals);
	}
	mapped_clear(&mapped);
	int received = atomic_load(&signals->received);
	if (received) {
		options_clear(invocation);
		signals_die(received);
	}
	return status;
}

const struct command_entry command_map = {
	.bit = COMMAND_MAP,
	.name = "map",
	.summary = "Runs one command over many values.",
	.synopsis = "[OPTIONS] COMMAND… [::: VALUES…]",
	.operands = "COMMAND",
	.examples = "  spool map gzip ::: *.log            one gzip for each, on all CPUs\n"
		    "  find . -name '*.png' -print0 | spool map -0 -j8 optipng {}\n"
		    "  spool map convert {} {.}.jpg ::: *.png\n"
		    "                                      a.png becomes a.jpg\n"
		    "  spool map echo {1}-{2} ::: a b ::: 1 2\n"
		    "                                      all combinations\n"
		    "  spool map --shell 'sort {} | head -1' ::: *.txt\n"
		    "                                      a pipe for each; values stay whole\n"
		    "  seq 1000000 | spool map -X printf '%s\\n'\n"
		    "                                      as many to a command as fit\n"
		    "  tail -f queue | spool map ./handle  as lines come\n",
	.ends_at_operand = true,
	.wrong_use = CLI_USAGE,
	.execute = execute,
};
