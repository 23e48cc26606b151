// SPDX-License-Identifier: MIT
// Values are read, jobs are counted, and only then, when they are not too many, is memory taken for
// what include and exclude do.
#include "plan/matrices.h"
#include "plan/changes.h"
#include "plan/values.h"

// What is needed only while matrices are made.
struct counting {
	struct values_maker values;
	struct arena *arena;
	struct changes_budget budget;
	size_t n_product, n_jobs; // so far, before and after include and exclude
};

// The variables with their values; false: some are refused.
static bool get_values(struct counting *counting, struct matrix *matrix) {
	const struct spec_job *job = counting->values.job;
	struct spec_variable *variables = ARENA_ARRAY(
		counting->arena, job->n_matrix, struct spec_variable);
	bool good = !job->matrix_refused;
	for (size_t i = 0; i < job->n_matrix; i++) {
		variables[i] = job->matrix[i];
		good &= values_make(&counting->values, &variables[i]);
	}
	matrix->variables = variables;
	matrix->n = matrix->n_own = job->n_matrix;
	return good;
}

static size_t product_of(const struct matrix *matrix) {
	size_t product = matrix->n_own > 0;
	for (size_t i = 0; i < matrix->n_own; i++) {
		product *= matrix->variables[i].values.n; // no overflow: both are small
		product = product > JOBS_MAX ? JOBS_MAX + 1 : product;
	}
	return product;
}

static const struct matrix *make(struct counting *counting) {
	const struct spec_job *job = counting->values.job;
	struct matrix *matrix = ARENA_NEW(counting->arena, struct matrix);
	struct changes_maker changes = {.job = job,
		.matrix = matrix,
		.arena = counting->arena,
		.problems = counting->values.problems,
		.budget = &counting->budget};
	bool good = get_values(counting, matrix);
	if (job->changes && !job->matrix_refused) {
		changes_name(&changes);
	}
	if (good) {
		matrix->size = matrix->product = product_of(matrix);
		counting->n_product += matrix->product;
	}
	if (good && job->changes && counting->n_product <= JOBS_MAX) {
		good = changes_apply(&changes);
	}
	matrix->broken = !good;
	return matrix;
}

struct matrices matrices_make(const struct spec *spec, const char *directory,
	const char *const *environment, struct arena *arena, struct problems *problems) {
	static const char *const nothing[] = {NULL};
	struct counting counting = {
		.values = {.spec = spec,
			.directory = directory,
			.environment = environment ? environment : nothing,
			.problems = problems},
		.arena = arena,
		.budget = {BUDGET_VALUES, BUDGET_STEPS},
	};
	struct matrices matrices = {ARENA_ARRAY(arena, spec->n_jobs, const struct matrix *), 0};
	for (size_t i = 0; i < spec->n_jobs; i++) {
		const struct spec_job *job = counting.values.job = &spec->jobs[i];
		bool has = job->n_matrix > 0 || job->changes;
		matrices.of[i] = has ? make(&counting) : &matrix_none;
		matrices.n_jobs += matrices.of[i]->broken ? 1 : matrices.of[i]->size;
		counting.n_product += has ? 0 : 1;
		if (matrices.n_jobs > JOBS_MAX || counting.n_product > JOBS_MAX) {
			problems_add(problems, has ? job->matrix_at : job->at, NULL,
				"more than %d jobs with this %s: that is the limit of a file",
				JOBS_MAX, has ? "matrix" : "job");
			matrices.n_jobs = 0;
			return matrices;
		}
	}
	return matrices;
}
