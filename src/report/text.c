// SPDX-License-Identifier: MIT
// The human report: a line to open, a line for each job as its result arrives with the output
// behind it, a line to close, the digest.
#include "base/clock.h"
#include "base/columns.h"
#include "report/digest.h"
#include "report/order.h"
#include "report/outcome.h"
#include "report/plain.h"
#include "report/printout.h"
#include "report/relay.h"
#include "report/reporter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	NAME_LEAST = 16,
	NAME_MOST = 40,
	ELAPSED = 11, // columns of " 0.001000s"
};

struct screen {
	const struct plan *plan;
	const struct report_options *options;
	bool colour;
	struct digest *digest;
	struct order *order;     // NULL: as they come
	struct relay relay;      // of output that comes while jobs run
	size_t reported;         // results and skipped jobs so far
	unsigned char *outcomes; // of each job, as soon as it has come
	size_t name_width;
	size_t label_width; // of labels of the file's own, or of all
	struct tally tally; // of the last event
	int64_t elapsed_ns;
	struct buf name; // room for one
};

// Columns of a name as it will be shown; colour takes none. -1 without memory.
static int measure(struct buf *room, const char *text, size_t *width) {
	room->len = 0;
	if (plain_word(room, text, false) < 0) {
		return -1;
	}
	*width = columns(room->data, room->len);
	return 0;
}

static int measure_names(struct screen *screen) {
	screen->name_width = NAME_LEAST;
	for (size_t i = 0; i < screen->plan->n_jobs; i++) {
		size_t width;
		if (measure(&screen->name, screen->plan->jobs[i].name, &width) < 0) {
			return -1;
		}
		if (width > screen->name_width) {
			screen->name_width = width;
		}
	}
	if (screen->name_width > NAME_MOST) {
		screen->name_width = NAME_MOST;
	}
	return 0;
}

static int measure_labels(struct screen *screen) {
	screen->label_width = screen->plan->report.given ? 0 : OUTCOME_WORD;
	for (size_t i = 0; i < 256; i++) {
		const char *label = screen->plan->report.labels[i];
		size_t width;
		if (!label) {
			continue;
		}
		if (measure(&screen->name, label, &width) < 0) {
			return -1;
		}
		if (width > screen->label_width) {
			screen->label_width = width;
		}
	}
	return 0;
}

static void screen_close(void *state) {
	struct screen *screen = state;
	if (screen) {
		digest_free(screen->digest);
		order_free(screen->order);
		relay_close(&screen->relay);
		buf_clear(&screen->name);
		free(screen->outcomes);
		free(screen);
	}
}

static void *screen_open(
	const struct plan *plan, const struct report_options *options, bool colour) {
	struct screen *screen = calloc(1, sizeof *screen);
	struct digest_options digest = {
		.colour = colour,
		.output = options->show != SHOW_NEVER,
		.spill_dir = options->spill_dir,
	};
	if (!screen) {
		return NULL;
	}
	screen->plan = plan;
	screen->options = options;
	screen->colour = colour;
	screen->tally.jobs = plan->n_jobs;
	screen->digest = digest_new(plan, &digest);
	screen->outcomes = calloc(plan->n_jobs ? plan->n_jobs : 1, 1);
	if (options->keep_order) {
		screen->order = order_new(plan->n_jobs, options->spill_dir);
	}
	if (!screen->digest || !screen->outcomes || (options->keep_order && !screen->order) ||
		(options->live && relay_open(&screen->relay, options, colour) < 0) ||
		measure_names(screen) < 0 || measure_labels(screen) < 0) {
		screen_close(screen);
		errno = ENOMEM;
		return NULL;
	}
	return screen;
}

// Title or footer; one that is empty is not there.
static int put_headline(const struct screen *screen, const char *format, struct buf *buf) {
	struct plan_figures figures = {
		.jobs = screen->plan->n_jobs,
		.workers = screen->plan->workers,
		.done = screen->tally.done,
		.elapsed_ns = screen->elapsed_ns,
	};
	struct plain plain;
	size_t before = buf->len;
	if (screen->options->quiet || !format || !format[0]) {
		return 0;
	}
	char *line = plan_headline(format, &figures);
	plain_init(&plain, screen->colour, 0);
	if (!line || plain_feed(&plain, line, strlen(line), buf) < 0 ||
		plain_end(&plain, buf) < 0) {
		free(line);
		buf->len = before;
		return -1;
	}
	free(line);
	return 0;
}

static int screen_begin(void *state, struct batch *batch) {
	struct screen *screen = state;
	struct buf *buf = batch_text(batch);
	return buf ? put_headline(screen, screen->plan->report.title, buf) : -1;
}

static int put_blanks(struct buf *buf, size_t n) {
	if (n == 0) {
		return 0; // there may be no memory to point to yet
	}
	if (buf_reserve(buf, n) < 0) {
		return -1;
	}
	memset(buf->data + buf->len, ' ', n);
	buf->len += n;
	return 0;
}

static size_t missing(size_t width, size_t wanted) {
	return width < wanted ? wanted - width : 0;
}

static int put_name(struct screen *screen, const char *name, struct buf *buf) {
	size_t width;
	if (measure(&screen->name, name, &width) < 0 ||
		put_blanks(buf, missing(width, screen->name_width)) < 0) {
		return -1;
	}
	return screen->colour ? plain_word(buf, name, true)
			      : buf_append(buf, screen->name.data, screen->name.len);
}

static int put_word(
	struct screen *screen, const char *label, const char *sgr, size_t wanted, struct buf *buf) {
	bool colour = screen->colour;
	size_t width;
	if (measure(&screen->name, label, &width) < 0) {
		return -1;
	}
	bool failed = buf_puts(buf, colour ? sgr : "") || plain_word(buf, label, colour) ||
		      buf_puts(buf, colour ? "\033[0m" : "") ||
		      put_blanks(buf, missing(width, wanted));
	return failed ? -1 : 0;
}

static int put_label(struct screen *screen, const struct result *result, struct buf *buf) {
	const char *own = outcome_label(screen->plan, result);
	size_t wanted = own || !screen->plan->report.given ? screen->label_width : 0;
	return put_word(screen, own ? own : outcome_word(result->verdict), outcome_colour(result),
		wanted, buf);
}

// As Python prints {elapsed:9.6f}.
static int put_elapsed(const struct result *result, struct buf *buf) {
	int64_t ns = result->end_ns > result->start_ns ? result->end_ns - result->start_ns : 0;
	long long us = (ns + 500) / 1000;
	return buf_printf(buf, " %2lld.%06llds", us / 1000000, us % 1000000);
}

// How many of all have been reported with this one; where the file words the report, it does.
static int put_counter(const struct screen *screen, struct buf *buf) {
	size_t jobs = screen->plan->n_jobs;
	int width = snprintf(NULL, 0, "%zu", jobs);
	return screen->plan->report.given
		       ? 0
		       : buf_printf(buf, " (%*zu/%zu)", width, screen->reported, jobs);
}

static int put_detail(struct screen *screen, const struct result *result, struct buf *buf) {
	if (buf_puts(buf, "  ") < 0) {
		return -1;
	}
	size_t before = buf->len;
	int r = outcome_detail(buf, screen->plan, result);
	if (buf->len == before) {
		buf->len -= 2;
	}
	return r;
}

static int put_usage(const struct screen *screen, const struct result *result, struct buf *buf) {
	if (!screen->options->usage || buf_puts(buf, "  ") < 0) {
		return screen->options->usage ? -1 : 0;
	}
	size_t before = buf->len;
	int r = outcome_usage(buf, result);
	if (buf->len == before) {
		buf->len -= 2;
	}
	return r;
}

static int put_line(struct screen *screen, const struct result *result, struct buf *buf) {
	size_t before = buf->len;
	const char *name = result->job->name;
	bool failed = put_name(screen, name, buf) || buf_putc(buf, ' ') ||
		      put_label(screen, result, buf) || put_elapsed(result, buf) ||
		      put_counter(screen, buf) || put_detail(screen, result, buf) ||
		      put_usage(screen, result, buf) || buf_putc(buf, '\n');
	if (failed) {
		buf->len = before;
		errno = ENOMEM;
	}
	return failed ? -1 : 0;
}

// In the columns of the others; where the time would stand there is nothing.
static int put_skipped(struct screen *screen, const struct event *event, struct buf *buf) {
	size_t before = buf->len, wanted = screen->plan->report.given ? 0 : screen->label_width;
	bool failed = put_name(screen, event->job->name, buf) || buf_putc(buf, ' ') ||
		      put_word(screen, "SKIPPED", outcome_yellow, wanted, buf) ||
		      put_blanks(buf, ELAPSED) || put_counter(screen, buf) || buf_puts(buf, "  ") ||
		      outcome_skip(
			      buf, screen->plan, event->index, &event->skip, screen->outcomes) ||
		      buf_putc(buf, '\n');
	if (failed) {
		buf->len = before;
		errno = ENOMEM;
	}
	return failed ? -1 : 0;
}

static bool is_shown(const struct screen *screen, const struct result *result) {
	bool passed = result->verdict == VERDICT_PASS;
	enum report_show show = screen->options->show;
	return show == SHOW_ALL ? !passed || !screen->options->quiet
				: show == SHOW_FAILED && !passed;
}

// Whether its output was there to be read before it ended.
static bool was_told(const struct screen *screen, const struct result *result) {
	return screen->options->live && screen->options->show == SHOW_ALL && result->live;
}

static int put_output(struct screen *screen, struct event *event, struct batch *batch) {
	const struct result *result = event->result;
	bool told = was_told(screen, result);
	if (told && (result->out.held || result->err.held)) {
		struct buf *buf = batch_text(batch);
		return buf ? buf_puts(buf, PRINTOUT_HELD) : -1;
	}
	if (told || !is_shown(screen, result) || !printout_any(result)) {
		return 0;
	}
	return batch_result(batch, event_take_result(event)); // behind its line: cannot fail
}

static int take_result(struct screen *screen, struct event *event, struct batch *batch) {
	const struct result *result = event->result;
	bool passed = result->verdict == VERDICT_PASS;
	screen->reported++;
	if (!passed) {
		digest_result(screen->digest, result);
	}
	if (passed && screen->options->quiet) {
		return 0;
	}
	struct buf *buf = batch_text(batch);
	if (!buf || put_line(screen, result, buf) < 0) {
		return -1;
	}
	return put_output(screen, event, batch);
}

static int take_skipped(struct screen *screen, const struct event *event, struct batch *batch) {
	switch (event->skip.reason) {
	case SKIP_HALT:
	case SKIP_DRAIN:
	case SKIP_CANCEL:
		digest_not_started(screen->digest, event->job, event->index);
		return 0;
	case SKIP_NEED:
	case SKIP_LEFT_OUT:
	case SKIP_WHEN:
		break;
	}
	if (outcome_is_missed(screen->plan, event->index, &event->skip, screen->outcomes)) {
		digest_skipped(screen->digest, event->job, event->index);
	}
	screen->reported++;
	if (screen->options->quiet) {
		return 0;
	}
	struct buf *buf = batch_text(batch);
	return buf ? put_skipped(screen, event, buf) : -1;
}

static int print_event(struct screen *screen, struct event *event, struct batch *batch) {
	if (event->kind == EVENT_RESULT) {
		return take_result(screen, event, batch);
	}
	return take_skipped(screen, event, batch);
}

static int print_in_order(struct screen *screen, struct batch *batch) {
	struct event event;
	int r = 0;
	while (order_next(screen->order, &event)) {
		event.job = &screen->plan->jobs[event.index];
		r |= relay_turn(&screen->relay, event.index, batch);
		r |= print_event(screen, &event, batch);
		r |= relay_turn(&screen->relay, event.index + 1, batch);
		event_clear(&event);
	}
	return r;
}

// Of a job that passed.
static bool is_wanted(const struct screen *screen, const struct result *result) {
	bool held = result->out.held || result->err.held;
	return is_shown(screen, result) && (held || !was_told(screen, result));
}

// Of a job that passed nobody wants what is not shown, but perhaps another reporter.
static void forget_output(struct event *event) {
	struct result *own;
	if (!result_is_shared(event->result)) {
		output_clear(&event->result->out);
		output_clear(&event->result->err);
	} else if ((own = result_without_output(event->result))) {
		result_release(event->result);
		event->result = own;
	}
}

static int put_in_order(struct screen *screen, struct event *event, struct batch *batch) {
	struct result *result = event->result;
	if (result && result->verdict == VERDICT_PASS && !is_wanted(screen, result)) {
		forget_output(event);
	}
	order_put(screen->order, event);
	return print_in_order(screen, batch);
}

// Before its turn: those that come now may have been skipped because of it.
static void note_outcome(struct screen *screen, const struct event *event) {
	if (event->kind == EVENT_RESULT) {
		screen->outcomes[event->index] = outcome_of(event->result->verdict);
	} else if (event->kind == EVENT_SKIPPED) {
		screen->outcomes[event->index] = OUTCOME_SKIPPED;
	}
}

static int screen_event(void *state, struct event *event, struct batch *batch) {
	struct screen *screen = state;
	screen->tally = event->tally;
	screen->elapsed_ns = event->elapsed_ns;
	note_outcome(screen, event);
	switch (event->kind) {
	case EVENT_RESULT:
	case EVENT_SKIPPED:
		return screen->order ? put_in_order(screen, event, batch)
				     : print_event(screen, event, batch);
	case EVENT_OUTPUT:
		return screen->options->live && screen->options->show == SHOW_ALL
			       ? relay_piece(&screen->relay, event, batch)
			       : 0;
	case EVENT_NONE:
	case EVENT_STARTING:
	case EVENT_RETRY:
	case EVENT_HALTED:
	case EVENT_WARNING:
	case EVENT_TROUBLE:
	case EVENT_END:
		break;
	}
	return 0;
}

// Of a run that could not go on some results never came: those behind them are not lost.
static int print_rest(struct screen *screen, struct batch *batch) {
	if (!screen->order) {
		return 0;
	}
	order_close(screen->order);
	int r = print_in_order(screen, batch);
	return r | relay_turn(&screen->relay, screen->plan->n_jobs, batch);
}

static int screen_finish(void *state, int status, struct batch *batch) {
	struct screen *screen = state;
	(void)status; // whoever reads it sees it
	int r = print_rest(screen, batch);
	struct buf *buf = batch_text(batch);
	r |= buf ? put_headline(screen, screen->plan->report.footer, buf) : -1;
	r |= digest_finish(screen->digest, &screen->tally, batch);
	return r;
}

static uint64_t screen_lost(const void *state) {
	const struct screen *screen = state;
	return screen->relay.lost;
}

const struct reporter report_text = {
	.name = "text",
	.open = screen_open,
	.begin = screen_begin,
	.event = screen_event,
	.finish = screen_finish,
	.lost = screen_lost,
	.close = screen_close,
	.layout = printout,
};
