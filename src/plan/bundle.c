// SPDX-License-Identifier: MIT
// Collecting rows. What was given out is dropped at the next call; what stays behind it is a row
// that did not fit, or what waits for its share at the end.
#include "plan/bundle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int grow(void **items, size_t n, size_t *cap, size_t size) {
	if (n <= *cap) {
		return 0;
	}
	size_t wanted = n > *cap + *cap / 2 ? n : *cap + *cap / 2, bytes;
	if (__builtin_mul_overflow(wanted, size, &bytes)) {
		errno = ENOMEM;
		return -1;
	}
	void *grown = realloc(*items, bytes);
	if (!grown) {
		return -1;
	}
	*items = grown;
	*cap = wanted;
	return 0;
}

static void load_add(struct load *load, const struct value *value) {
	load->n++;
	load->bytes += value->len;
	load->longest = value->len > load->longest ? value->len : load->longest;
	load->broken |= memchr(value->text, '\0', value->len) != NULL;
}

// The first row is taken whether it fits or not: alone, it does no harm to others.
static void weigh(struct bundle *bundle, const struct row *row) {
	const struct bundle_rule *rule = &bundle->rule;
	struct load load = bundle->load;
	for (size_t i = 0; i < row->n; i++) {
		load_add(&load, &row->values[i]);
	}
	bool fits = (rule->max_rows == 0 || bundle->n_rows < rule->max_rows) &&
		    measure_fits(&rule->measure, &load, rule->room);
	if (rule->fill && bundle->n_rows > 0 && !fits) {
		bundle->full = true;
	} else {
		bundle->load = load;
	}
}

static void drop_taken(struct bundle *bundle) {
	size_t rows = bundle->taken_rows, values = rows > 0 ? bundle->ends[rows - 1] : 0, bytes = 0;
	if (rows == 0) {
		return;
	}
	for (size_t i = 0; i < values; i++) {
		bytes += bundle->values[i].len + 1;
	}
	bundle->bytes.len -= bytes;
	bundle->n_values -= values;
	bundle->n_rows -= rows;
	memmove(bundle->bytes.data, bundle->bytes.data + bytes, bundle->bytes.len);
	memmove(bundle->values, bundle->values + values, bundle->n_values * sizeof *bundle->values);
	for (size_t i = 0; i < bundle->n_rows; i++) {
		bundle->ends[i] = bundle->ends[i + rows] - values;
	}
	bundle->taken_rows = 0;
}

// Says where the first n values stand, of which only the lengths are kept.
static void find_values(struct bundle *bundle, size_t n) {
	const char *at = bundle->bytes.data;
	for (size_t i = 0; i < n; i++) {
		bundle->values[i].text = at;
		at += bundle->values[i].len + 1;
	}
}

// The row that did not fit begins the next job.
static void begin_again(struct bundle *bundle) {
	bundle->load = (struct load){0};
	bundle->full = false;
	if (!bundle->ended) {
		find_values(bundle, bundle->n_values);
		for (size_t i = 0; i < bundle->n_values; i++) {
			load_add(&bundle->load, &bundle->values[i]);
		}
	}
}

int bundle_add(struct bundle *bundle, const struct row *row) {
	size_t bytes = 0;
	for (size_t i = 0; i < row->n; i++) {
		bytes += row->values[i].len + 1;
	}
	if (bundle->taken_rows > 0) {
		drop_taken(bundle);
		begin_again(bundle);
	}
	if (grow((void **)&bundle->values, bundle->n_values + row->n, &bundle->cap_values,
		    sizeof *bundle->values) < 0 ||
		grow((void **)&bundle->ends, bundle->n_rows + 1, &bundle->cap_rows,
			sizeof *bundle->ends) < 0 ||
		buf_reserve(&bundle->bytes, bytes) < 0) {
		return -1;
	}
	weigh(bundle, row);
	for (size_t i = 0; i < row->n; i++) {
		const struct value *value = &row->values[i];
		char *to = bundle->bytes.data + bundle->bytes.len;
		memcpy(to, value->text, value->len);
		to[value->len] = '\0';
		bundle->bytes.len += value->len + 1;
		bundle->values[bundle->n_values++].len = value->len;
	}
	bundle->ends[bundle->n_rows++] = bundle->n_values;
	return 0;
}

void bundle_end(struct bundle *bundle) {
	bundle->ended = true;
}

static size_t rows_for_a_job(struct bundle *bundle) {
	const struct bundle_rule *rule = &bundle->rule;
	if (bundle->full) {
		return bundle->n_rows - 1;
	}
	if (!rule->fill) {
		return bundle->ended && bundle->n_rows < rule->max_rows ? bundle->n_rows
		       : bundle->n_rows >= rule->max_rows               ? rule->max_rows
									: 0;
	}
	if (!bundle->ended) {
		return 0;
	}
	if (bundle->share == 0) {
		size_t workers = rule->workers > 0 ? rule->workers : 1;
		bundle->share = (bundle->n_rows + workers - 1) / workers;
	}
	return bundle->n_rows < bundle->share ? bundle->n_rows : bundle->share;
}

bool bundle_take(struct bundle *bundle, struct row *row) {
	if (bundle->taken_rows > 0) {
		drop_taken(bundle);
		begin_again(bundle);
	}
	size_t rows = rows_for_a_job(bundle);
	if (rows == 0) {
		return false;
	}
	*row = (struct row){bundle->values, bundle->ends[rows - 1]};
	find_values(bundle, row->n);
	bundle->taken_rows = rows;
	return true;
}

void bundle_clear(struct bundle *bundle) {
	buf_clear(&bundle->bytes);
	free(bundle->values);
	free(bundle->ends);
	*bundle = (struct bundle){.rule = bundle->rule};
}
