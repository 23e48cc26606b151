// SPDX-License-Identifier: MIT
/*
 * Entries of failed jobs are text from the start. They are kept in memory; each time that is full
 * it goes to a file without a name. Of all others one byte for each job is enough: the names are
 * in the plan. Jobs that are in no plan are named as they come, as far as there is room.
 */
#include "report/digest.h"
#include "base/fd.h"
#include "base/quote.h"
#include "report/command.h"
#include "report/outcome.h"
#include "report/plain.h"
#include "report/roll.h"
#include "report/tail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum fate { NOTHING_ELSE, CANCELLED, SKIPPED, NOT_STARTED, WITHOUT_ENTRY };
enum { N_FATES = WITHOUT_ENTRY + 1 };

struct digest {
	const struct plan *plan;
	struct digest_options options;
	unsigned char *fates;       // of each job of the plan; NULL: it has no end
	struct roll rolls[N_FATES]; // of its jobs then
	struct buf entries;
	struct output file; // entries that were there before
	bool full;          // the file takes no more
	bool cut_off;
	int error; // why an entry was lost
};

struct digest *digest_new(const struct plan *plan, const struct digest_options *options) {
	struct digest *digest = calloc(1, sizeof *digest);
	if (!digest) {
		return NULL;
	}
	digest->plan = plan;
	digest->options = *options;
	digest->file = OUTPUT_EMPTY;
	for (int i = 0; i < N_FATES; i++) {
		digest->rolls[i].most_lines = DIGEST_NAMES;
	}
	digest->fates = plan->endless ? NULL : calloc(plan->n_jobs ? plan->n_jobs : 1, 1);
	if (!digest->fates && !plan->endless) {
		digest_free(digest);
		return NULL;
	}
	return digest;
}

void digest_free(struct digest *digest) {
	if (digest) {
		free(digest->fates);
		for (int i = 0; i < N_FATES; i++) {
			roll_clear(&digest->rolls[i]);
		}
		buf_clear(&digest->entries);
		output_clear(&digest->file);
		free(digest);
	}
}

static int put_job(struct buf *buf, const struct digest *digest, const struct result *result) {
	const char *name = result->job->name;
	const char *word = outcome_word(result->verdict);
	bool colour = digest->options.colour;
	int r = buf_puts(buf, "  ");
	r |= plain_name(buf, name, colour);
	r |= buf_printf(buf, " %s%s%s", colour ? outcome_colour(result) : "", word,
		colour ? "\033[0m" : "");
	size_t before = buf->len;
	r |= buf_puts(buf, "  ");
	size_t bare = buf->len;
	r |= outcome_detail(buf, digest->plan, result);
	if (buf->len == bare) {
		buf->len = before;
	}
	r |= buf_putc(buf, '\n');
	return r;
}

// The command that runs the job again; none where there is nothing to paste.
static int put_command(struct buf *buf, const struct plan *plan, const char *name) {
	struct buf command = {0}, shown = {0};
	struct plain plain;
	bool ends_options = name[0] == '-' || plan->file[0] == '-';
	int r = buf_puts(&command, "spool run ");
	if (plan->directory) {
		r |= buf_puts(&command, "-C ");
		r |= quote_shell(&command, plan->directory);
		r |= buf_putc(&command, ' ');
	}
	r |= buf_puts(&command, ends_options ? "-- " : "");
	r |= quote_shell(&command, plan->file);
	r |= buf_putc(&command, ' ');
	r |= quote_shell(&command, name);
	plain_init(&plain, false, 0);
	if (r == 0) {
		r = plain_feed(&plain, command.data, command.len, &shown);
	}
	// With control characters in it, what is shown would not be what to type.
	if (r == 0 && shown.len == command.len) {
		r = buf_puts(buf, "    again: ");
		r |= buf_append(buf, shown.data, shown.len);
		r |= buf_putc(buf, '\n');
	}
	buf_clear(&command);
	buf_clear(&shown);
	return r;
}

// The same for a job that is in no file. What nobody would paste is not what a digest is for.
static int put_own_command(struct buf *buf, const struct result *result) {
	size_t length = command_length(result->job);
	if (result->job->broken) {
		return 0; // there is none that would run it
	}
	if (length > DIGEST_COMMAND) {
		return buf_printf(buf,
			"    again: the command is too long to be shown (%zu bytes)\n", length);
	}
	bool failed = buf_puts(buf, "    again: ") ||
		      command_put(buf, result->job, result->slot, result->attempt) ||
		      buf_putc(buf, '\n');
	return failed ? -1 : 0;
}

// Where output is that went to a file.
static int put_place(struct buf *buf, const char *what, const struct text *path,
	const struct result *result, bool colour) {
	if (path->n == 0) {
		return 0;
	}
	char *file = text_render(path, result->slot, result->attempt);
	int r = file ? buf_printf(buf, "    %s in ", what) : -1;
	r = r == 0 ? plain_word(buf, file, colour) : r;
	free(file);
	return r == 0 ? buf_putc(buf, '\n') : r;
}

static int put_places(
	struct buf *buf, const struct job *job, const struct result *result, bool colour) {
	if (!job->sinks || result->verdict == VERDICT_EXEC) {
		return 0;
	}
	return put_place(buf, "output", &job->sinks->out.path, result, colour) ||
			       put_place(buf, "error output", &job->sinks->err.path, result, colour)
		       ? -1
		       : 0;
}

static int put_entry(struct digest *digest, const struct result *result) {
	struct buf *buf = &digest->entries;
	const struct plan *plan = digest->plan;
	int r = put_job(buf, digest, result) ||
				put_places(buf, result->job, result, digest->options.colour)
			? -1
			: 0;
	if (r == 0 && digest->options.output) {
		r = (digest->options.only_err ? tail_put_err : tail_put)(
			buf, result, DIGEST_LINES, DIGEST_BYTES, digest->options.colour);
	}
	if (r == 0 && digest->options.own_command) {
		r = put_own_command(buf, result);
	} else if (r == 0 && plan->file && strcmp(plan->file, "-") != 0) {
		r = put_command(buf, plan, result->job->name);
	}
	return r;
}

static int spill(struct digest *digest) {
	struct output *file = &digest->file;
	size_t done = 0;
	if (file->fd < 0) {
		file->fd = fd_unnamed_file(digest->options.spill_dir);
	}
	if (file->fd < 0) {
		return -1;
	}
	while (done < digest->entries.len) {
		ssize_t n = pwrite(file->fd, digest->entries.data + done,
			digest->entries.len - done, (off_t)(file->first_len + done));
		if (n == 0) {
			errno = ENOSPC;
		}
		if (n <= 0 && errno != EINTR) {
			return -1;
		}
		done += n > 0 ? (size_t)n : 0;
	}
	file->first_len += done;
	digest->entries.len = 0;
	return 0;
}

static void set_fate(struct digest *digest, const struct job *job, size_t index, enum fate fate) {
	if (digest->fates) {
		digest->fates[index] = (unsigned char)fate;
	} else {
		roll_add(&digest->rolls[fate], job->name);
	}
}

void digest_result(struct digest *digest, const struct result *result) {
	if (result->verdict == VERDICT_CANCELLED) {
		set_fate(digest, result->job, result->index, CANCELLED);
		return;
	}
	if (!digest->full && digest->entries.len >= DIGEST_MEMORY && spill(digest) < 0) {
		digest->full = true;
		digest->error = errno;
	}
	size_t before = digest->entries.len;
	if (!digest->full && put_entry(digest, result) == 0) {
		return;
	}
	if (!digest->full) {
		digest->entries.len = before;
		digest->error = ENOMEM;
	}
	set_fate(digest, result->job, result->index, WITHOUT_ENTRY);
}

void digest_skipped(struct digest *digest, const struct job *job, size_t index) {
	set_fate(digest, job, index, SKIPPED);
}

void digest_not_started(struct digest *digest, const struct job *job, size_t index) {
	set_fate(digest, job, index, NOT_STARTED);
}

void digest_cut_off(struct digest *digest) {
	digest->cut_off = true;
}

// Those of a plan are all named, in its order.
static void take_fates(struct digest *digest) {
	for (size_t i = 0; digest->fates && i < digest->plan->n_jobs; i++) {
		struct roll *roll = &digest->rolls[digest->fates[i]];
		roll->most_lines = 0;
		if (digest->fates[i] != NOTHING_ELSE) {
			roll_add(roll, digest->plan->jobs[i].name);
		}
	}
}

static int put_list(struct buf *buf, const struct digest *digest, enum fate fate) {
	static const char *const words[] = {
		[CANCELLED] = "cancelled", [SKIPPED] = "skipped", [NOT_STARTED] = "never started"};
	size_t n = digest->rolls[fate].n;
	int r = 0;
	if (n == 0) {
		return 0;
	}
	if (fate == WITHOUT_ENTRY) {
		const char *why = strerrordesc_np(digest->error);
		r = buf_printf(buf, "  … and %zu more, of which nothing could be kept here: %s …\n",
			n, why ? why : "unknown error");
	} else {
		r = buf_printf(buf, "%s: %zu\n", words[fate], n);
	}
	return r ? r : roll_put(buf, &digest->rolls[fate]);
}

static int put_rest(struct buf *buf, const struct digest *digest, const struct tally *tally) {
	bool lost = put_list(buf, digest, CANCELLED) || put_list(buf, digest, NOT_STARTED) ||
		    (tally->unread && buf_puts(buf, "the input was not read to its end\n"));
	return lost ? -1 : 0;
}

// Failures that are allowed have their entries too.
static int put_heading(struct buf *buf, const struct plan *plan, const struct tally *tally) {
	size_t failed = tally_failed(tally), allowed = tally->allowed;
	size_t seen = tally->done + tally->skipped + tally->not_started;
	if (failed + allowed == 0) {
		return 0;
	}
	int r = buf_printf(buf, "%zu of %zu jobs did not pass", failed + allowed,
		plan->endless ? seen : tally->jobs);
	if (r == 0 && allowed) {
		r = failed ? buf_printf(buf, ", %zu of them allowed", allowed)
			   : buf_puts(buf, ", as is allowed");
	}
	return r == 0 ? buf_puts(buf, ":\n") : r;
}

int digest_finish(struct digest *digest, const struct tally *tally, struct batch *batch) {
	struct buf *text = batch_text(batch);
	take_fates(digest);
	if (!text || put_heading(text, digest->plan, tally) < 0) {
		return -1;
	}
	if (digest->file.first_len > 0 && batch_file(batch, &digest->file) < 0) {
		return -1;
	}
	text = batch_text(batch);
	if (!text) {
		return -1;
	}
	bool lost = buf_append(text, digest->entries.data, digest->entries.len) ||
		    put_list(text, digest, WITHOUT_ENTRY) || put_list(text, digest, SKIPPED) ||
		    (!digest->cut_off && put_rest(text, digest, tally));
	return lost ? -1 : 0;
}
