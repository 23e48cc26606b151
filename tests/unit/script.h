/* SPDX-License-Identifier: MIT
 * Shell scripts with {} in them: with references to $1 in its place, or with text, run by a shell. */
#ifndef TESTS_SCRIPT_H
#define TESTS_SCRIPT_H

#include "folder.h"

#include "base/buf.h"
#include "plan/shellquote.h"

enum { SCRIPT_MOST_MARKS = 32 };

struct script {
	const char *text;
	struct shell_mark marks[SCRIPT_MOST_MARKS];
	size_t n, which;
	const char *refused;
};

static inline struct script script_of(const char *text) {
	struct script script = {.text = text};
	for (const char *at = text; (at = strstr(at, "{}")) && script.n < SCRIPT_MOST_MARKS; at += 2) {
		script.marks[script.n++] = (struct shell_mark){(size_t)(at - text), 2, QUOTING_BARE};
	}
	script.refused = shellquote_scan(text, script.marks, script.n, &script.which);
	return script;
}

/* Behind what is in buf: the script with references, or with text pasted where placeholders are. */
static inline void script_fill(const struct script *script, const char *pasted, struct buf *buf) {
	static const char *const references[] = {"\"${1}\"", "${1}", "'\"${1}\"'"};
	size_t at = 0;
	for (size_t i = 0; i < script->n; i++) {
		const struct shell_mark *mark = &script->marks[i];
		assert_int_equal(buf_append(buf, script->text + at, mark->at - at), 0);
		assert_int_equal(buf_puts(buf, pasted ? pasted : references[mark->quoting]), 0);
		at = mark->at + mark->len;
	}
	assert_int_equal(buf_puts(buf, script->text + at), 0);
	assert_int_equal(buf_append(buf, "", 1), 0);
}

/* The standard output of a shell in a folder, to be freed; NULL: it took too long. */
static inline char *script_run(
	const char *shell, const char *cwd, const char *text, const char *value) {
	COMMAND(opts, shell, "-c", text, "sh", value);
	opts.in = SP_DEVNULL;
	opts.out = SP_PIPE;
	opts.err = SP_DEVNULL;
	opts.cwd = cwd;
	sp_run_opts run;
	sp_run_opts_init(&run);
	run.timeout_ns = 10 * 1000 * MS;
	sp_result result;
	sp_status status = sp_run(&opts, &run, &result);
	char *out = status == SP_OK ? result.out.data : NULL;
	if (out) {
		result.out = (sp_buf){0};
	}
	sp_result_clear(&result);
	return out;
}
#endif
