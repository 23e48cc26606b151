// SPDX-License-Identifier: MIT
// Words of a job for those who look at it before it runs.
#include "report/unbound.h"

#include <stdlib.h>

char *unbound_text(const struct text *text) {
	struct buf buf = {0};
	int r = 0;
	for (size_t i = 0; i < text->n; i++) {
		const struct piece *piece = &text->pieces[i];
		r |= buf_puts(&buf, piece->kind == PIECE_TEXT   ? piece->text
				    : piece->kind == PIECE_SLOT ? "${{ spool.slot }}"
								: "${{ spool.attempt }}");
	}
	if (r < 0) {
		buf_clear(&buf);
		return NULL;
	}
	return buf_take(&buf);
}

void unbound_args(struct object *object, const struct job *job) {
	char **args = calloc(job->argc + 1, sizeof *args);
	for (size_t i = 0; args && i < job->argc; i++) {
		args[i] = unbound_text(&job->argv[i]);
	}
	object->failed |= !args;
	object_texts(object, "args", (const char *const *)args, args ? job->argc : 0);
	for (size_t i = 0; args && i < job->argc; i++) {
		free(args[i]);
	}
	free(args);
}

void unbound_tags(struct object *object, const struct job *job) {
	size_t n = 0;
	while (job->tags && job->tags[n]) {
		n++;
	}
	object_texts(object, "tags", job->tags, n);
}
