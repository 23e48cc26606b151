// SPDX-License-Identifier: MIT
// All combinations of several sources.
#include "values/combine.h"

#include <stdint.h>
#include <stdlib.h>

int combine_init(struct combine *combine, size_t n) {
	*combine = (struct combine){.n_readers = 0};
	combine->readers = calloc(n, sizeof *combine->readers);
	combine->stored = calloc(n, sizeof *combine->stored);
	combine->groups = calloc(n, sizeof *combine->groups);
	return combine->readers && combine->stored && combine->groups ? 0 : -1;
}

void combine_group(struct combine *combine, const struct values_source *sources, size_t n) {
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || !sources[i].linked) {
			combine->groups[combine->n_groups++] = (struct group){
				.first = i, .rows = SIZE_MAX};
		}
		combine->groups[combine->n_groups - 1].n++;
	}
	combine->loading = 1;
}

static enum values_state ask(struct combine *combine, size_t reader) {
	combine->last = &combine->readers[reader];
	return reader_next(combine->last);
}

// Stores the rows of one reader, no more than those before it in its group have.
static enum values_state store(struct combine *combine, size_t reader, struct group *group) {
	struct stored *stored = &combine->stored[reader];
	enum values_state state = VALUES_ROW;
	while (stored->n < group->rows && (state = ask(combine, reader)) == VALUES_ROW) {
		if (stored_add(stored, &combine->last->fields) < 0) {
			return input_lacks_memory(&combine->last->input);
		}
	}
	if (state == VALUES_WAIT || state == VALUES_FAILED) {
		return state;
	}
	stored_finish(stored);
	group->rows = stored->n;
	return VALUES_ROW;
}

static enum values_state load(struct combine *combine) {
	for (; combine->loading < combine->n_groups; combine->loading++) {
		struct group *group = &combine->groups[combine->loading];
		for (; combine->asked < group->n; combine->asked++) {
			enum values_state state = store(
				combine, group->first + combine->asked, group);
			if (state != VALUES_ROW) {
				return state;
			}
		}
		combine->asked = 0;
		if (group->rows == 0) {
			return VALUES_END;
		}
	}
	return VALUES_ROW;
}

// Goes to the next combination of what is stored. False: that was the last one.
static bool count_on(struct combine *combine) {
	for (size_t i = combine->n_groups; i-- > 1;) {
		struct group *group = &combine->groups[i];
		if (++group->at < group->rows) {
			return true;
		}
		group->at = 0;
	}
	return false;
}

// A row of each reader of group 0. Those that have theirs keep it while another one waits.
static enum values_state read_on(struct combine *combine) {
	for (; combine->asked < combine->groups[0].n; combine->asked++) {
		enum values_state state = ask(combine, combine->asked);
		if (state != VALUES_ROW) {
			return state;
		}
	}
	combine->asked = 0;
	return VALUES_ROW;
}

static int add_row(struct fields *fields, struct row row) {
	for (size_t i = 0; i < row.n; i++) {
		if (fields_add(fields, row.values[i].text, row.values[i].len) < 0) {
			return -1;
		}
	}
	return 0;
}

static enum values_state gather(struct combine *combine) {
	struct fields *all = &combine->gathered;
	all->n = 0;
	for (size_t i = 0; i < combine->n_groups; i++) {
		const struct group *group = &combine->groups[i];
		for (size_t k = group->first; k < group->first + group->n; k++) {
			const struct fields *read = &combine->readers[k].fields;
			struct row row = i == 0 ? (struct row){read->items, read->n}
						: stored_row(&combine->stored[k], group->at);
			if (add_row(all, row) < 0) {
				return input_lacks_memory(&combine->last->input);
			}
		}
	}
	return VALUES_ROW;
}

enum values_state combine_next(struct combine *combine, struct row *row) {
	const struct fields *fields = &combine->gathered;
	enum values_state state;
	if (combine->n_readers == 1) {
		// Nothing is to be combined, as is usual.
		fields = &combine->readers[0].fields;
		state = ask(combine, 0);
	} else {
		state = load(combine);
		if (state == VALUES_ROW && !(combine->begun && count_on(combine))) {
			state = read_on(combine);
			combine->begun = state == VALUES_ROW;
		}
		state = state == VALUES_ROW ? gather(combine) : state;
	}
	if (state == VALUES_ROW) {
		*row = (struct row){fields->items, fields->n};
	}
	return state;
}

void combine_free(struct combine *combine) {
	for (size_t i = 0; i < combine->n_readers; i++) {
		reader_close(&combine->readers[i]);
		stored_free(&combine->stored[i]);
	}
	fields_free(&combine->gathered);
	free(combine->readers);
	free(combine->stored);
	free(combine->groups);
}
