// SPDX-License-Identifier: MIT
// Telling a script from the name of a program.
#include "plan/program.h"
#include "base/buf.h"

#include <string.h>
#include <unistd.h>

bool program_looks_like_script(const char *text, size_t n) {
	return strcspn(text, " \t\n|&;<>()$`\\\"'*?[#~=%") < n;
}

static const char *path_of(const char *const *environment) {
	for (; environment && *environment; environment++) {
		if (strncmp(*environment, "PATH=", 5) == 0) {
			return *environment + 5;
		}
	}
	return "/bin:/usr/bin"; // what execvp takes
}

bool program_is_there(const char *word, const char *const *environment) {
	if (strchr(word, '/')) {
		return access(word, F_OK) == 0;
	}
	struct buf file = {0};
	bool found = false, more = true;
	for (const char *at = path_of(environment); more && !found;) {
		size_t len = strcspn(at, ":");
		file.len = 0;
		found = buf_printf(&file, "%.*s/%s", len > 0 ? (int)len : 1, len > 0 ? at : ".",
				word) == 0 &&
			buf_putc(&file, '\0') == 0 && access(file.data, F_OK) == 0;
		more = at[len] == ':';
		at += len + more;
	}
	buf_clear(&file);
	return found;
}

bool program_is_shell(const char *word) {
	static const char *const shells[] = {
		"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "fish"};
	const char *slash = strrchr(word, '/');
	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
		if (strcmp(slash ? slash + 1 : word, shells[i]) == 0) {
			return true;
		}
	}
	return false;
}
