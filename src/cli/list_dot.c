// SPDX-License-Identifier: MIT
// The graph in the language of Graphviz: arrows go from a job to those that wait for it.
#include "cli/list.h"

#include <stdlib.h>

// Within quotes of dot a backslash begins an escape only before a quote or in a label.
static int put_quoted(struct buf *buf, const char *text) {
	int r = buf_putc(buf, '"');
	for (; *text; text++) {
		r |= *text == '"' || *text == '\\' ? buf_putc(buf, '\\') : 0;
		r |= buf_putc(buf, *text);
	}
	return r | buf_putc(buf, '"');
}

static int put_job(struct buf *buf, const struct job *job) {
	static const char *const styles[] = {
		[WHEN_NEEDED] = "",
		[WHEN_ALWAYS] = " style=dashed tooltip=\"when: always\"",
		[WHEN_ON_FAILURE] = " style=dotted tooltip=\"when: on_failure\"",
	};
	int r = buf_printf(buf, "\tjob%u [label=", job->seq) | put_quoted(buf, job->name);
	r |= buf_puts(buf, styles[job->when]);
	r |= buf_puts(buf, job->allow_failure ? " color=orange" : "");
	return r | buf_puts(buf, "]\n");
}

static const char *look_of(enum need_condition condition) {
	static const char *const looks[] = {
		[NEED_PASSED] = "",
		[NEED_DONE] = " [style=dashed label=done]",
		[NEED_FAILED] = " [color=red label=failed]",
	};
	return looks[condition];
}

// What was seen of a list of needs.
struct list {
	size_t heirs; // jobs that have it
	bool drawn;
};

// A list that several jobs share is a point of its own: n + m arrows instead of n * m.
static bool has_point(const struct needs *needs, const struct list *list) {
	return needs->n > 1 && list->heirs > 1;
}

static int put_arrows(struct buf *buf, const struct plan *plan, const struct needs *needs,
	const char *to, unsigned number) {
	int r = 0;
	for (size_t i = 0; i < needs->n; i++) {
		const struct need *need = &needs->items[i];
		r |= buf_printf(buf, "\tjob%u -> %s%u%s\n", plan->jobs[need->job].seq, to, number,
			look_of(need->condition));
	}
	return r;
}

static int put_needs(
	struct buf *buf, const struct plan *plan, const struct job *job, struct list *list) {
	const struct needs *needs = job->needs;
	unsigned id = (unsigned)needs->id;
	int r = 0;
	if (!has_point(needs, list)) {
		return put_arrows(buf, plan, needs, "job", job->seq);
	}
	if (!list->drawn) {
		r |= buf_printf(buf, "\tneeds%u [shape=point]\n", id);
		r |= put_arrows(buf, plan, needs, "needs", id);
		list->drawn = true;
	}
	return r | buf_printf(buf, "\tneeds%u -> job%u\n", id, job->seq);
}

static int begin(const struct plan *plan, struct buf *buf, void **state) {
	struct list *lists = *state = calloc(plan->n_needs + 1, sizeof *lists);
	for (size_t i = 0; lists && i < plan->n_jobs; i++) {
		if (plan->jobs[i].needs) {
			lists[plan->jobs[i].needs->id].heirs++;
		}
	}
	int r = buf_puts(buf, "digraph ") | put_quoted(buf, plan->name);
	return lists ? r | buf_puts(buf, " {\n\trankdir=LR\n\tnode [shape=box]\n") : -1;
}

static int job(const struct plan *plan, size_t i, struct buf *buf, void *state) {
	const struct job *job = plan_nth(plan, i);
	struct list *lists = state;
	int r = put_job(buf, job);
	return job->needs ? r | put_needs(buf, plan, job, &lists[job->needs->id]) : r;
}

static int end(const struct plan *plan, struct buf *buf, void *state) {
	(void)plan;
	free(state);
	return buf_puts(buf, "}\n");
}

const struct listed listed_dot = {begin, job, end};
