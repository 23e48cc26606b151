// SPDX-License-Identifier: MIT
// A list for people: each job stays on one line, and each part can be pasted.
#include "base/columns.h"
#include "base/quote.h"
#include "base/utf8.h"
#include "cli/dry_run.h"
#include "cli/list.h"

#include <stdlib.h>

enum { MOST_COLUMNS = 40 }; // a longer name moves what stands behind it

static int put_escaped(struct buf *buf, unsigned char c) {
	return c == '\n'   ? buf_puts(buf, "\\n")
	       : c == '\t' ? buf_puts(buf, "\\t")
			   : buf_printf(buf, "\\%03o", c);
}

// Control characters stand only within single quotes there; they are written as $'\n'.
static int put_on_one_line(struct buf *buf, const char *text, size_t n) {
	bool escaping = false;
	int r = 0;
	for (size_t i = 0; i < n; i++) {
		size_t control = utf8_control(text + i, n - i);
		if (escaping != (control > 0)) {
			escaping = !escaping;
			r |= buf_puts(buf, escaping ? "'$'" : "''");
		}
		r |= control ? put_escaped(buf, (unsigned char)text[i]) : buf_putc(buf, text[i]);
		if (control == 2) {
			r |= put_escaped(buf, (unsigned char)text[++i]);
		}
	}
	return r;
}

static int put_tags(struct buf *buf, const char *const *tags) {
	int r = tags ? buf_puts(buf, "  #") : 0;
	for (; tags && *tags; tags++) {
		r |= buf_puts(buf, " tag:") | buf_puts(buf, *tags);
	}
	return r;
}

// The name padded to a width; its quotes count.
static int put_name(struct buf *buf, const char *name, size_t width) {
	size_t before = buf->len;
	int r = quote_shell(buf, name);
	size_t used = r == 0 ? columns(buf->data + before, buf->len - before) : width;
	return r | buf_printf(buf, "%*s", (int)(used < width ? width - used : 0) + 2, "");
}

static int put_job(struct buf *buf, const struct job *job, size_t width) {
	struct buf words = {0};
	int r = put_name(buf, job->name, width);
	r |= dry_run_words(&words, job);
	r |= r == 0 ? put_on_one_line(buf, words.data, words.len) : 0;
	r |= put_tags(buf, job->tags) | buf_putc(buf, '\n');
	buf_clear(&words);
	return r;
}

// Of the longest name, but no more than MOST_COLUMNS. 0 in *width without jobs.
static int find_width(const struct plan *plan, size_t *width) {
	struct buf name = {0};
	int r = 0;
	*width = 0;
	for (size_t i = 0; i < plan->n_jobs && r == 0; i++) {
		name.len = 0;
		r = quote_shell(&name, plan->jobs[i].name);
		size_t used = r == 0 ? columns(name.data, name.len) : 0;
		*width = used > *width ? used : *width;
	}
	*width = *width < MOST_COLUMNS ? *width : MOST_COLUMNS;
	buf_clear(&name);
	return r;
}

static int begin(const struct plan *plan, struct buf *buf, void **state) {
	(void)buf;
	*state = malloc(sizeof(size_t));
	return *state ? find_width(plan, *state) : -1;
}

static int job(const struct plan *plan, size_t i, struct buf *buf, void *state) {
	const size_t *width = state;
	return put_job(buf, plan_nth(plan, i), *width);
}

static int end(const struct plan *plan, struct buf *buf, void *state) {
	(void)plan, (void)buf;
	free(state);
	return 0;
}

const struct listed listed_text = {begin, job, end};
