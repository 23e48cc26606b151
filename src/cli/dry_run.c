// SPDX-License-Identifier: MIT
// One line for each job: directory, environment, words and input, quoted to be pasted.
#include "cli/dry_run.h"
#include "base/buf.h"
#include "base/quote.h"
#include "cli/cli.h"
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

// What is known only at the start is shown as it would be for the first job to start.
static int put_text(struct buf *buf, const struct text *text) {
	char *word = text_render(text, 1, 1);
	int r = word ? quote_shell(buf, word) : -1;
	free(word);
	return r;
}

// A relative directory is neither an option of cd nor looked up in CDPATH.
static int put_directory(struct buf *buf, const struct text *text) {
	char *directory = text_render(text, 1, 1);
	int r = directory ? 0 : -1;
	if (directory) {
		r |= directory[0] != '/' && directory[0] != '.' ? buf_puts(buf, "./") : 0;
		r |= quote_shell(buf, directory);
	}
	free(directory);
	return r;
}

// The first word of a command: in quotes the shell sees neither a keyword nor an assignment in it.
static int put_program(struct buf *buf, const struct text *text) {
	static const char *const keywords[] = {"case", "coproc", "do", "done", "elif", "else",
		"esac", "fi", "for", "function", "if", "in", "select", "then", "time", "until",
		"while"};
	char *word = text_render(text, 1, 1);
	bool special = word && strchr(word, '=') && !strchr(word, '\'');
	for (size_t i = 0; word && i < sizeof keywords / sizeof *keywords; i++) {
		special |= strcmp(word, keywords[i]) == 0;
	}
	int r = !word ? -1 : special ? buf_printf(buf, "'%s'", word) : quote_shell(buf, word);
	free(word);
	return r;
}

static int put_environment(struct buf *buf, const struct job *job) {
	int r = 0;
	if (job->inherit_env && job->n_env == 0) {
		return 0;
	}
	r |= buf_puts(buf, job->inherit_env ? "env" : "env -i");
	for (size_t i = 0; i < job->n_env; i++) {
		const struct plan_env *env = &job->env[i];
		if (env->unset) {
			r |= job->inherit_env ? buf_printf(buf, " -u %s", env->name) : 0;
		}
	}
	for (size_t i = 0; i < job->n_env; i++) {
		const struct plan_env *env = &job->env[i];
		if (!env->unset) {
			r |= buf_printf(buf, " %s=", env->name) | put_text(buf, &env->value);
		}
	}
	return r | buf_putc(buf, ' ');
}

// What the exec step sets, in the words of util-linux and coreutils.
static int put_rights(struct buf *buf, const struct rights *rights) {
	int r = 0;
	r |= rights->nice ? buf_printf(buf, "nice -n %d ", rights->nice) : 0;
	r |= rights->n_limits ? buf_puts(buf, "prlimit ") : 0;
	for (size_t i = 0; i < rights->n_limits; i++) {
		const struct plan_limit *limit = &rights->limits[i];
		r |= buf_printf(buf, "--%s=", limit->name);
		r |= limit->value == UINT64_MAX
			     ? buf_puts(buf, "unlimited ")
			     : buf_printf(buf, "%llu ", (unsigned long long)limit->value);
	}
	if (rights->uid < 0 && rights->gid < 0 && rights->n_groups < 0) {
		return r;
	}
	r |= buf_puts(buf, "setpriv ");
	r |= rights->uid >= 0 ? buf_printf(buf, "--reuid=%lld ", (long long)rights->uid) : 0;
	r |= rights->gid >= 0 ? buf_printf(buf, "--regid=%lld ", (long long)rights->gid) : 0;
	r |= rights->n_groups < 0    ? buf_puts(buf, "--keep-groups ")
	     : rights->n_groups == 0 ? buf_puts(buf, "--clear-groups ")
				     : 0;
	for (long i = 0; i < rights->n_groups; i++) {
		r |= buf_printf(buf, "%s%u", i ? "," : "--groups=", (unsigned)rights->groups[i]);
	}
	return r | (rights->n_groups > 0 ? buf_putc(buf, ' ') : 0);
}

int dry_run_words(struct buf *buf, const struct job *job) {
	int r = 0;
	size_t i = 0;
	if (job->executable.n) {
		// argv[0] is not the program: only a shell can say that.
		r |= buf_puts(buf, "bash -c 'exec -a \"$0\" \"$@\"' ");
		r |= put_text(buf, &job->argv[i++]) | buf_putc(buf, ' ');
		r |= put_text(buf, &job->executable);
		r |= i < job->argc ? buf_putc(buf, ' ') : 0;
	}
	for (; i < job->argc; i++) {
		r |= i ? put_text(buf, &job->argv[i]) : put_program(buf, &job->argv[i]);
		r |= i + 1 < job->argc ? buf_putc(buf, ' ') : 0;
	}
	return r;
}

static int put_umask(struct buf *buf, const struct job *job) {
	bool given = job->rights && job->rights->umask >= 0;
	return given ? buf_printf(buf, "umask %03o && ", (unsigned)job->rights->umask) : 0;
}

static int put_sink(
	struct buf *buf, const char *sign, enum stream stream, const struct sink *sink) {
	switch (stream) {
	case STREAM_NULL:
		return buf_printf(buf, " %s/dev/null", sign);
	case STREAM_STDOUT:
		return buf_printf(buf, " %s&1", sign);
	case STREAM_FILE:
		return buf_printf(buf, " %s%s", sign, sink->append ? ">" : "") |
		       put_text(buf, &sink->path);
	case STREAM_TEXT:
	case STREAM_INHERIT:
	case STREAM_CAPTURE:
		break;
	}
	return 0;
}

// Behind the closing bracket: paths start where spool is, not where the job is.
static int put_redirections(struct buf *buf, const struct job *job) {
	static const struct sinks none;
	const struct sinks *sinks = job->sinks ? job->sinks : &none;
	int r = 0;
	if (job->in == STREAM_FILE) {
		r |= buf_puts(buf, " <") | put_text(buf, &job->input);
	}
	r |= put_sink(buf, ">", job->out, &sinks->out);
	return r | put_sink(buf, "2>", job->err, &sinks->err);
}

static int put_command(struct buf *buf, const struct job *job) {
	int r = buf_putc(buf, '(');
	if (job->cwd.n) {
		r |= buf_puts(buf, "cd ") | put_directory(buf, &job->cwd) | buf_puts(buf, " && ");
	}
	r |= job->sinks ? 0 : put_umask(buf, job);
	r |= job->rights ? put_rights(buf, job->rights) : 0;
	r |= put_environment(buf, job) | dry_run_words(buf, job);
	r |= job->in == STREAM_NULL ? buf_puts(buf, " </dev/null") : 0;
	return r | buf_putc(buf, ')') | put_redirections(buf, job);
}

static int put_job(struct buf *buf, const struct job *job) {
	int r = 0;
	if (job->in == STREAM_TEXT) {
		r |= buf_puts(buf, "printf %s ") | put_text(buf, &job->input) |
		     buf_puts(buf, " | ");
	}
	if (job->sinks && job->rights && job->rights->umask >= 0) { // it is for the files too
		r |= buf_putc(buf, '(') | put_umask(buf, job) | put_command(buf, job);
		r |= buf_putc(buf, ')');
	} else {
		r |= put_command(buf, job);
	}
	return r | buf_putc(buf, '\n');
}

int dry_run(const struct plan *plan) {
	struct buf buf = {0};
	int r = 0;
	for (size_t i = 0; i < plan->n_jobs && r == 0; i++) {
		r = put_job(&buf, plan_nth(plan, i));
	}
	return cli_print(&buf, r);
}
