/* SPDX-License-Identifier: MIT
 * Shell scripts with {} in them: with references to $1 in its place, or with text, run by a shell.
 */
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
	unsigned long number; /* which random one it is */
};

static inline struct script script_of(const char *text) {
	struct script script = {.text = text};
	for (const char *at = text; (at = strstr(at, "{}")) && script.n < SCRIPT_MOST_MARKS;
		at += 2) {
		script.marks[script.n++] = (struct shell_mark){
			(size_t)(at - text), 2, QUOTING_BARE};
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

/* Nothing that a shell reads in a way of its own. */
#define SCRIPT_HARMLESS "%tok%"

/* The text with each harmless word replaced by the value. */
static inline char *script_with_value(const char *text, const char *value) {
	struct buf buf = {0};
	for (const char *next; (next = strstr(text, SCRIPT_HARMLESS));
		text = next + strlen(SCRIPT_HARMLESS)) {
		assert_int_equal(buf_append(&buf, text, (size_t)(next - text)), 0);
		assert_int_equal(buf_puts(&buf, value), 0);
	}
	assert_int_equal(buf_puts(&buf, text), 0);
	char *taken = buf_take(&buf);
	assert_non_null(taken);
	return taken;
}

/* What comes of an expansion is neither split nor looked up: that is the script's affair. */
static inline char *script_prepared(const struct script *script, const char *pasted) {
	struct buf buf = {0};
	assert_int_equal(buf_puts(&buf, "IFS=; set -f; p() { printf '<%s>' \"$@\"; }\n"), 0);
	script_fill(script, pasted, &buf);
	return buf.data;
}

static inline void script_prints(unsigned long number, const struct folder *folder,
	const char *shell, const char *text, const char *value, const char *expected) {
	char *out = script_run(shell, folder->path, text, value);
	char *wanted = script_with_value(expected, value);
	if (out && strcmp(out, wanted) != 0) {
		fail_msg("SPOOL_TEST_SEED=%lu: %s with <%s>:\n%s\nprinted:  %s\nexpected: %s\n",
			number, shell, value, text, out, wanted);
	}
	if (access(in_folder(folder, "pwned"), F_OK) == 0) {
		fail_msg("SPOOL_TEST_SEED=%lu: %s ran <%s>:\n%s", number, shell, value, text);
	}
	free(out);
	free(wanted);
}

/* It prints with references what it prints with a harmless text in their place, and with the value
   the same but for that; nothing of the value is run. */
static inline void script_check(const struct script *script, const struct folder *folder,
	const char *shell, const char *value) {
	char *referring = script_prepared(script, NULL);
	char *pasted = script_prepared(script, SCRIPT_HARMLESS);
	char *expected = script_run(shell, folder->path, pasted, "unseen");
	if (expected && !strstr(expected, "unseen")) {
		script_prints(script->number, folder, shell, referring, value, expected);
	}
	free(expected);
	free(referring);
	free(pasted);
}
#endif
