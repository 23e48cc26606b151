// SPDX-License-Identifier: MIT
// Going through the entries, each of which finds the combinations that it means without going
// through all of them.
#include "plan/changes.h"
#include "base/nearest.h"
#include "plan/lexicon.h"
#include "plan/place.h"
#include "plan/values.h"

#include <string.h>

// What is needed only meanwhile.
struct changing {
	struct changes_maker *maker;
	struct matrix *matrix;
	struct arena *scratch;
	struct lexicon names;   // of all variables
	struct lexicon *values; // of each variable of the file that an entry names
	// The combinations that an entry means: of each variable of the file the values, NULL: all;
	// how many these are; and which one it is about.
	const struct word **wanted;
	size_t *n_wanted, *at;
	bool *left_out;
	const char **more;
};

static size_t n_items(const struct spec_combinations *entries) {
	size_t n = 0;
	for (size_t i = 0; i < entries->n; i++) {
		n += entries->items[i].n;
	}
	return n;
}

static struct lexicon names_of(const struct matrix *matrix, struct arena *arena) {
	struct lexicon names = lexicon_for(matrix->n, arena);
	for (size_t i = 0; i < matrix->n; i++) {
		lexicon_add(&names, matrix->variables[i].name.text, i);
	}
	lexicon_sort(&names);
	return names;
}

void changes_name(struct changes_maker *maker) {
	struct matrix *matrix = maker->matrix;
	const struct spec_combinations *include = &maker->job->changes->include;
	struct arena *scratch = arena_new();
	struct lexicon own = names_of(matrix, scratch);
	size_t n = 0, most = n_items(include), same;
	struct lexicon more = lexicon_for(most, scratch);
	const struct spec_text **names = ARENA_ARRAY(scratch, most, const struct spec_text *);
	for (size_t i = 0; i < include->n; i++) {
		for (size_t k = 0; k < include->items[i].n; k++) {
			const struct spec_text *name = &include->items[i].items[k].name;
			lexicon_find(&own, name->text, &same);
			if (same == 0) {
				lexicon_add(&more, name->text, n);
				names[n++] = name;
			}
		}
	}
	lexicon_sort(&more);
	struct spec_variable *all = ARENA_ARRAY(maker->arena, matrix->n + n, struct spec_variable);
	for (size_t i = 0; i < matrix->n; i++) {
		all[i] = matrix->variables[i];
	}
	for (size_t i = 0; i < n; i++) {
		if (lexicon_find(&more, names[i]->text, &same)->index == i) { // its first place
			all[matrix->n++].name = *names[i];
		}
	}
	matrix->variables = all;
	arena_free(scratch);
}

static void report_name(struct changing *c, const struct spec_text *name, bool added) {
	const struct matrix *matrix = c->matrix;
	struct problems *problems = c->maker->problems;
	if (place_full(problems, name->at)) {
		return;
	}
	const char **words = ARENA_ARRAY(c->scratch, matrix->n_own, const char *);
	for (size_t i = 0; i < matrix->n_own; i++) {
		words[i] = matrix->variables[i].name.text;
	}
	const char *near = nearest_word(name->text, words, matrix->n_own);
	const char *hint = added  ? "exclude comes first: it cannot name what include adds"
			   : near ? arena_printf(problems->arena, "did you mean '%s'?", near)
				  : NULL;
	place_addf(problems, name->at, hint, "the matrix has no variable %s to exclude",
		problems_quote(problems, name->text));
}

// What the values are, as far as that is short.
static const char *row_of_values(const struct spec_texts *values, struct problems *problems) {
	enum { MOST = 12 };
	const char *row = "it has ";
	for (size_t i = 0; i < values->n && i < MOST; i++) {
		row = arena_printf(problems->arena, "%s%s%s", row, i ? ", " : "",
			problems_quote(problems, values->items[i].text));
	}
	return values->n > MOST ? arena_printf(problems->arena, "%s, …", row) : row;
}

static void report_value(struct changing *c, const struct spec_pair *pair, size_t variable) {
	struct problems *problems = c->maker->problems;
	if (place_full(problems, pair->value.at)) {
		return;
	}
	const char *hint = row_of_values(&c->matrix->variables[variable].values, problems);
	place_addf(problems, pair->value.at, hint,
		"the matrix variable %s has no value %s to exclude",
		problems_quote(problems, pair->name.text),
		problems_quote(problems, pair->value.text));
}

// Which values of a variable of the file have this text; *n of them.
static const struct word *find_value(
	struct changing *c, size_t variable, const char *text, size_t *n) {
	struct lexicon *values = &c->values[variable];
	if (!values->words) {
		const struct spec_texts *texts = &c->matrix->variables[variable].values;
		*values = lexicon_for(texts->n, c->scratch);
		for (size_t i = 0; i < texts->n; i++) {
			lexicon_add(values, texts->items[i].text, i);
		}
		lexicon_sort(values);
	}
	return lexicon_find(values, text, n);
}

// The variable that an item is for; n of the matrix: there is none.
static size_t find_name(const struct changing *c, const struct spec_text *name) {
	size_t n;
	const struct word *word = lexicon_find(&c->names, name->text, &n);
	return n ? word->index : c->matrix->n;
}

// Begins with what an entry means. False: it means nothing.
static bool begin(struct changing *c, const struct spec_combination *entry) {
	const struct matrix *matrix = c->matrix;
	bool some = matrix->product > 0;
	for (size_t i = 0; i < matrix->n_own; i++) {
		c->wanted[i] = NULL;
		c->n_wanted[i] = matrix->variables[i].values.n;
		c->at[i] = 0;
	}
	for (size_t i = 0; i < entry->n && some; i++) {
		size_t variable = find_name(c, &entry->items[i].name);
		if (variable < matrix->n_own) {
			c->wanted[variable] = find_value(
				c, variable, entry->items[i].value.text, &c->n_wanted[variable]);
			some = c->n_wanted[variable] > 0;
		}
	}
	return some;
}

// The row of the product that it is about.
static size_t row_of(const struct changing *c) {
	size_t row = 0;
	for (size_t i = 0; i < c->matrix->n_own; i++) {
		size_t value = c->wanted[i] ? c->wanted[i][c->at[i]].index : c->at[i];
		row = row * c->matrix->variables[i].values.n + value;
	}
	return row;
}

static bool next(struct changing *c) {
	for (size_t i = c->matrix->n_own; i-- > 0;) {
		if (++c->at[i] < c->n_wanted[i]) {
			return true;
		}
		c->at[i] = 0;
	}
	return false;
}

// Takes so much of what is allowed. False: there is no more, which is reported.
static bool spend(struct changing *c, size_t *allowed, size_t n) {
	if (n > *allowed) {
		place_add(c->maker->problems, c->maker->job->matrix_at,
			"make several jobs of it, or write its combinations into a file of lines",
			"'include' and 'exclude' have too many entries for so many combinations");
		*allowed = 0;
		return false;
	}
	*allowed -= n;
	return true;
}

// Steps that going through the entries takes, as far as that many are allowed.
static size_t steps_for(struct changing *c, const struct spec_combinations *entries) {
	size_t steps = 0, allowed = c->maker->budget->steps;
	for (size_t i = 0; i < entries->n && steps <= allowed; i++) {
		size_t rows = begin(c, &entries->items[i]);
		for (size_t k = 0; k < c->matrix->n_own; k++) {
			rows *= c->n_wanted[k]; // no overflow: it stays below the product
		}
		steps += (rows + 1) * (c->matrix->n_own + 1);
	}
	return steps;
}

// All that will be needed, before any of it is done.
static bool spend_all(struct changing *c) {
	const struct matrix *matrix = c->matrix;
	const struct spec_changes *changes = c->maker->job->changes;
	size_t n_more = matrix->n - matrix->n_own; // few enough to be in a file
	return spend(c, &c->maker->budget->values, matrix->product * n_more) &&
	       spend(c, &c->maker->budget->steps, steps_for(c, &changes->exclude)) &&
	       spend(c, &c->maker->budget->steps, steps_for(c, &changes->include)) &&
	       spend(c, &c->maker->budget->steps,
		       (matrix->product + changes->include.n) * matrix->n);
}

// Whether the names of an exclude entry, and those values that never change, are there.
static bool check_exclude(struct changing *c, const struct spec_combination *entry) {
	bool good = true;
	for (size_t i = 0; i < entry->n; i++) {
		const struct spec_pair *pair = &entry->items[i];
		size_t n, variable = find_name(c, &pair->name);
		if (variable >= c->matrix->n_own) {
			report_name(c, &pair->name, variable < c->matrix->n);
			good = false;
			continue;
		}
		find_value(c, variable, pair->value.text, &n);
		if (n == 0 && !values_vary(&c->maker->job->matrix[variable])) {
			report_value(c, pair, variable);
			good = false;
		}
	}
	return good;
}

static bool apply_exclude(struct changing *c, const struct spec_combinations *exclude) {
	bool good = true;
	for (size_t i = 0; i < exclude->n; i++) {
		const struct spec_combination *entry = &exclude->items[i];
		if (!check_exclude(c, entry)) {
			good = false;
		} else if (begin(c, entry)) {
			do {
				c->left_out[row_of(c)] = true;
			} while (next(c));
		}
	}
	return good;
}

// Gives a row the values of the variables that only include has.
static void add(struct changing *c, const struct spec_combination *entry, size_t row) {
	size_t n_own = c->matrix->n_own, n_more = c->matrix->n - n_own;
	for (size_t i = 0; i < entry->n; i++) {
		size_t variable = find_name(c, &entry->items[i].name);
		if (variable >= n_own) {
			c->more[row * n_more + variable - n_own] = entry->items[i].value.text;
		}
	}
}

static struct matrix_entry alone(struct changing *c, const struct spec_combination *entry) {
	size_t *variables = ARENA_ARRAY(c->maker->arena, entry->n, size_t);
	for (size_t i = 0; i < entry->n; i++) {
		variables[i] = find_name(c, &entry->items[i].name);
	}
	return (struct matrix_entry){entry, variables};
}

static void apply_include(struct changing *c, const struct spec_combinations *include) {
	struct matrix *matrix = c->matrix;
	struct matrix_entry *entries = ARENA_ARRAY(
		c->maker->arena, include->n, struct matrix_entry);
	for (size_t i = 0; i < include->n; i++) {
		const struct spec_combination *entry = &include->items[i];
		bool found = false;
		for (bool some = begin(c, entry); some; some = next(c)) {
			size_t row = row_of(c);
			if (!c->left_out[row]) {
				add(c, entry, row);
				found = true;
			}
		}
		if (!found) {
			entries[matrix->n_alone++] = alone(c, entry);
		}
	}
	matrix->alone = entries;
}

// Counts the jobs, and sees which variables some of them lack.
static bool count(struct changing *c) {
	struct matrix *matrix = c->matrix;
	size_t *lacking = ARENA_ARRAY(c->maker->arena, matrix->n, size_t);
	struct combination combination = combination_start(matrix, c->scratch);
	for (matrix->size = 0; combination_next(&combination);) {
		matrix->size++;
		for (size_t i = 0; i < matrix->n; i++) {
			if (!combination.values[i] && lacking[i] == 0) {
				lacking[i] = matrix->size;
			}
		}
	}
	matrix->lacking = lacking;
	if (matrix->size == 0) {
		place_add(c->maker->problems, c->maker->job->changes->exclude.at, NULL,
			"'exclude' leaves no combination of the matrix");
	}
	return matrix->size > 0;
}

static bool apply(struct changing *c) {
	struct changes_maker *maker = c->maker;
	const struct spec_changes *changes = maker->job->changes;
	struct matrix *matrix = c->matrix;
	size_t n_more = matrix->n - matrix->n_own;
	if (!spend_all(c)) {
		return false;
	}
	c->left_out = ARENA_ARRAY(maker->arena, matrix->product, bool);
	c->more = ARENA_ARRAY(maker->arena, matrix->product * n_more, const char *);
	if (!apply_exclude(c, &changes->exclude)) {
		return false;
	}
	apply_include(c, &changes->include);
	matrix->left_out = c->left_out;
	matrix->more = c->more;
	return count(c);
}

bool changes_apply(struct changes_maker *maker) {
	struct arena *scratch = arena_new();
	size_t n_own = maker->matrix->n_own;
	struct changing c = {
		.maker = maker,
		.matrix = maker->matrix,
		.scratch = scratch,
		.names = names_of(maker->matrix, scratch),
		.values = ARENA_ARRAY(scratch, n_own, struct lexicon),
		.wanted = ARENA_ARRAY(scratch, n_own, const struct word *),
		.n_wanted = ARENA_ARRAY(scratch, n_own, size_t),
		.at = ARENA_ARRAY(scratch, n_own, size_t),
	};
	bool good = apply(&c);
	arena_free(scratch);
	return good;
}
