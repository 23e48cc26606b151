// SPDX-License-Identifier: MIT
// Run scripts: a value pasted into shell text could be code, so ${{ }} is refused there and the
// environment variable that holds the value is named.
#include "plan/script.h"
#include "plan/place.h"
#include "plan/reference.h"

#include <string.h>

// A default that means the same behind ":-" in a script, whatever the quotes around it.
static bool is_harmless(const struct reference *r) {
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_-+./:,@% ";
	for (size_t i = 0; i < r->fallback_len; i++) {
		if (!strchr(safe, r->fallback[i])) {
			return false;
		}
	}
	return true;
}

static const char *env_hint(const struct reference *r, struct arena *arena) {
	if (!r->fallback) {
		return arena_printf(arena, "write \"$%.*s\"", (int)r->name_len, r->name);
	}
	bool harmless = is_harmless(r);
	return arena_printf(arena, "write \"${%.*s:-%.*s}\"", (int)r->name_len, r->name,
		harmless ? (int)r->fallback_len : 3, harmless ? r->fallback : "...");
}

static const char *hint_of(const struct reference *r, struct arena *arena) {
	switch (r->kind) {
	case REFERENCE_MATRIX:
		return arena_printf(arena,
			"write \"$%.*s\": matrix values are environment variables of the script",
			(int)r->name_len, r->name);
	case REFERENCE_ENV:
		return env_hint(r, arena);
	case REFERENCE_NAME:
		return "write \"$SPOOL_JOB\"";
	case REFERENCE_WORKERS:
		return "write \"$SPOOL_WORKERS\"";
	case REFERENCE_SEQ:
		return "write \"$SPOOL_SEQ\"";
	case REFERENCE_SLOT:
		return "write \"$SPOOL_SLOT\"";
	case REFERENCE_ATTEMPT:
		return "write \"$SPOOL_ATTEMPT\"";
	case REFERENCE_OPEN:
	case REFERENCE_EMPTY:
	case REFERENCE_JUNK:
	case REFERENCE_NOWORD:
		break;
	}
	return "a script takes values from its environment: matrix variables, 'env', $SPOOL_JOB, "
	       "$SPOOL_SEQ, $SPOOL_SLOT, $SPOOL_ATTEMPT, $SPOOL_WORKERS";
}

void script_check(const struct spec_text *script, const struct scope *scope) {
	struct arena *arena = scope->spec->arena;
	struct reference r;
	for (size_t at = 0; reference_next(script->text, at, &r); at = r.end) {
		struct mark place = place_for(scope->problems, scope->spec, script, r.start);
		if (place_full(scope->problems, place)) {
			continue;
		}
		const char *message = arena_printf(arena, "%s cannot stand in a run script",
			reference_shown(scope->problems, &r));
		place_add(scope->problems, place, hint_of(&r, arena), message);
	}
}
