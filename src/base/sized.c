// SPDX-License-Identifier: MIT
// Structs that begin with their size.
#include "base/sized.h"

#include "base/error.h"

#include <string.h>

void sized_init(void *opts, size_t size, const void *defaults, size_t known) {
	memset(opts, 0, size);
	memcpy(opts, defaults, size < known ? size : known);
	memcpy(opts, &size, sizeof size);
}

sp_status sized_load(
	void *mine, size_t known, const void *theirs, const char *name, sp_error *error) {
	size_t size = 0;
	if (theirs) {
		memcpy(&size, theirs, sizeof size);
	}
	if (size > known) {
		return error_set(error, SP_E_VALUE,
			"%s was not set up by %s_init, or is of a later version: %zu bytes for %zu",
			name, name, size, known);
	}
	if (size < sizeof size) {
		return error_set(error, SP_E_VALUE, "%s was not set up by %s_init", name, name);
	}
	memcpy(mine, theirs, size);
	// What is set in it from now on counts in full.
	memcpy(mine, &known, sizeof known);
	return SP_OK;
}
