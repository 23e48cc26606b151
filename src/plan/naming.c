// SPDX-License-Identifier: MIT
// What a job is called.
#include "plan/naming.h"
#include "base/utf8.h"
#include "plan/matrix.h"

#include <string.h>

// The base name of what is executed; "job" when that is known only at the start, or nothing.
static const char *program_of(
	const struct recipe *recipe, const struct binding *binding, struct arena *arena) {
	const struct template *program = template_given(&recipe->executable) ? &recipe->executable
					 : recipe->argc > 0                  ? &recipe->argv[0]
									     : NULL;
	if (!program || template_needs_name(program)) {
		return "job";
	}
	struct text text = template_bind(program, binding, arena);
	const char *path = text_fixed(&text);
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *base = slash ? slash + 1 : path;
	return base && *base ? base : "job";
}

const char *naming_name(
	const struct recipe *recipe, const struct binding *binding, struct arena *arena) {
	const char *name;
	if (template_given(&recipe->name)) {
		struct text text = template_bind(&recipe->name, binding, arena);
		name = text_fixed(&text);
	} else {
		name = arena_printf(
			arena, "%s-%u", program_of(recipe, binding, arena), binding->seq);
	}
	if (recipe->matrix->n == 0 || (template_given(&recipe->name) && !recipe->name.plain)) {
		return name;
	}
	return arena_printf(
		arena, "%s (%s)", name, matrix_words(recipe->matrix, binding->values, arena));
}

static bool has_control(const char *name) {
	size_t n = strlen(name);
	while (n > 0 && utf8_control(name, n) == 0) {
		name++;
		n--;
	}
	return n > 0;
}

const char *naming_fault(const char *name) {
	if (!*name) {
		return "the name is empty";
	}
	return has_control(name) ? "the name has a control character in it" : NULL;
}
