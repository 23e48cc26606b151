// SPDX-License-Identifier: MIT
/*
 * Entries of failed jobs are text from the start. They are kept in memory; each time that is full
 * it goes to a file without a name. Of all others one byte for each job is enough: the names are
 * in the plan.
 */
#include "report/digest.h"
#include "base/columns.h"
#include "base/fd.h"
#include "base/quote.h"
#include "report/outcome.h"
#include "report/plain.h"
#include "report/tail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 78 }; // columns of a line of names

enum fate { NOTHING_ELSE, CANCELLED, SKIPPED, NOT_STARTED, WITHOUT_ENTRY };

struct digest {
	const struct plan *plan;
	struct digest_options options;
	unsigned char *fates; // of each job
	struct buf entries;
	struct output file; // entries that were there before
	bool full;          // the file takes no more
	int error;          // why an entry was lost
};

struct digest *digest_new(const struct plan *plan, const struct digest_options *options) {
	struct digest *digest = calloc(1, sizeof *digest);
	if (!digest) {
		return NULL;
	}
	digest->plan = plan;
	digest->options = *options;
	digest->file = OUTPUT_EMPTY;
	digest->fates = calloc(plan->n_jobs ? plan->n_jobs : 1, 1);
	if (!digest->fates) {
		digest_free(digest);
		return NULL;
	}
	return digest;
}

void digest_free(struct digest *digest) {
	if (digest) {
		free(digest->fates);
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
	r |= plain_word(buf, name, colour);
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
		r = tail_put(buf, result, DIGEST_LINES, DIGEST_BYTES, digest->options.colour);
	}
	if (r == 0 && plan->file && strcmp(plan->file, "-") != 0) {
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

void digest_result(struct digest *digest, const struct result *result) {
	if (result->verdict == VERDICT_CANCELLED) {
		digest->fates[result->index] = CANCELLED;
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
	digest->fates[result->index] = WITHOUT_ENTRY;
}

void digest_skipped(struct digest *digest, size_t job) {
	digest->fates[job] = SKIPPED;
}

void digest_not_started(struct digest *digest, size_t job) {
	digest->fates[job] = NOT_STARTED;
}

// The names of all jobs with this fate, as many on a line as fit.
static int put_names(struct buf *buf, const struct digest *digest, enum fate fate) {
	struct buf name = {0};
	size_t at = 0;
	int r = 0;
	for (size_t i = 0; i < digest->plan->n_jobs && r == 0; i++) {
		if (digest->fates[i] != fate) {
			continue;
		}
		name.len = 0;
		r = plain_word(&name, digest->plan->jobs[i].name, false);
		size_t width = columns(name.data, name.len);
		bool fits = at > 0 && at + 2 + width <= LINE;
		r |= buf_puts(buf, fits ? "  " : at > 0 ? "\n    " : "    ");
		r |= buf_append(buf, name.data, name.len);
		at = (fits ? at + 2 : 4) + width;
	}
	buf_clear(&name);
	r |= at > 0 ? buf_putc(buf, '\n') : 0;
	return r;
}

static size_t count(const struct digest *digest, enum fate fate) {
	size_t n = 0;
	for (size_t i = 0; i < digest->plan->n_jobs; i++) {
		n += digest->fates[i] == fate;
	}
	return n;
}

static int put_list(struct buf *buf, const struct digest *digest, enum fate fate) {
	static const char *const words[] = {
		[CANCELLED] = "cancelled", [SKIPPED] = "skipped", [NOT_STARTED] = "never started"};
	size_t n = count(digest, fate);
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
	return r ? r : put_names(buf, digest, fate);
}

// Failures that are allowed have their entries too.
static int put_heading(struct buf *buf, const struct tally *tally) {
	size_t failed = tally_failed(tally), allowed = tally->allowed;
	if (failed + allowed == 0) {
		return 0;
	}
	int r = buf_printf(buf, "%zu of %zu jobs did not pass", failed + allowed, tally->jobs);
	if (r == 0 && allowed) {
		r = failed ? buf_printf(buf, ", %zu of them allowed", allowed)
			   : buf_puts(buf, ", as is allowed");
	}
	return r == 0 ? buf_puts(buf, ":\n") : r;
}

int digest_finish(struct digest *digest, const struct tally *tally, struct batch *batch) {
	struct buf *text = batch_text(batch);
	if (!text || put_heading(text, tally) < 0) {
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
		    put_list(text, digest, WITHOUT_ENTRY) || put_list(text, digest, CANCELLED) ||
		    put_list(text, digest, SKIPPED) || put_list(text, digest, NOT_STARTED);
	return lost ? -1 : 0;
}
