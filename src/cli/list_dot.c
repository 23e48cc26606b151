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

// A list that several jobs share is a point of its own: n + m arrows instead of n * m.
static bool has_point(const struct needs *needs, const size_t *heirs) {
	return needs->n > 1 && heirs[needs->id] > 1;
}

static int put_needs(struct buf *buf, const struct plan *plan, const struct job *job,
	const size_t *heirs, bool *drawn) {
	const struct needs *needs = job->needs;
	bool point = has_point(needs, heirs);
	int r = 0;
	if (point && !drawn[needs->id]) {
		r |= buf_printf(buf, "\tneeds%u [shape=point]\n", (unsigned)needs->id);
	}
	for (size_t i = 0; i < needs->n && !(point && drawn[needs->id]); i++) {
		const struct need *need = &needs->items[i];
		r |= buf_printf(buf, "\tjob%u -> %s%u%s\n", plan->jobs[need->job].seq,
			point ? "needs" : "job", point ? (unsigned)needs->id : job->seq,
			look_of(need->condition));
	}
	drawn[needs->id] = true;
	r |= point ? buf_printf(buf, "\tneeds%u -> job%u\n", (unsigned)needs->id, job->seq) : 0;
	return r;
}

static int put_all(struct buf *buf, const struct plan *plan, size_t *heirs, bool *drawn) {
	int r = buf_puts(buf, "digraph ") | put_quoted(buf, plan->name);
	r |= buf_puts(buf, " {\n\trankdir=LR\n\tnode [shape=box]\n");
	for (size_t i = 0; i < plan->n_jobs; i++) {
		const struct job *job = plan_nth(plan, i);
		r |= put_job(buf, job);
		if (job->needs) {
			heirs[job->needs->id]++;
		}
	}
	for (size_t i = 0; i < plan->n_jobs; i++) {
		const struct job *job = plan_nth(plan, i);
		r |= job->needs ? put_needs(buf, plan, job, heirs, drawn) : 0;
	}
	return r | buf_puts(buf, "}\n");
}

int list_dot(const struct plan *plan, struct buf *buf) {
	size_t *heirs = calloc(plan->n_needs + 1, sizeof *heirs);
	bool *drawn = calloc(plan->n_needs + 1, sizeof *drawn);
	int r = heirs && drawn ? put_all(buf, plan, heirs, drawn) : -1;
	free(heirs);
	free(drawn);
	return r;
}
