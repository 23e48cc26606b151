// SPDX-License-Identifier: MIT
// What only `spool check` asks. A program is looked for as execvp does, with the PATH and from the
// directory of the job; of a job that waits for others only what no other can make.
#include "plan/check.h"
#include "base/buf.h"
#include "plan/nameset.h"
#include "plan/place.h"
#include "plan/unused.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct checking {
	const struct spec *spec;
	const struct plan_options *options;
	struct problems *problems;
	struct arena *scratch;
	struct nameset good; // what was looked for and is there
	struct buf key;      // of what is looked for
	bool sound;
};

// One job, and what it was made of.
struct subject {
	const struct job *job;
	const struct spec_settings *own, *defaults;
	const char *cwd; // NULL: where spool is
};

static const char *shown(struct checking *checking, const char *text) {
	return problems_quote(checking->problems, text);
}

__attribute__((format(printf, 4, 5))) static void refuse(
	struct checking *checking, struct mark at, const char *hint, const char *format, ...) {
	checking->sound = false;
	va_list args;
	va_start(args, format);
	place_add(checking->problems, at, hint,
		arena_vprintf(checking->problems->arena, format, args));
	va_end(args);
}

enum { KNOWN_MAX = 4096 };

// Whether this was looked for before and found; most jobs have their program in common.
__attribute__((format(printf, 2, 3))) static bool is_known(
	struct checking *checking, const char *format, ...) {
	va_list args;
	va_start(args, format);
	checking->key.len = 0;
	bool whole = buf_vprintf(&checking->key, format, args) == 0 &&
		     buf_putc(&checking->key, '\0') == 0;
	va_end(args);
	return whole && nameset_find(&checking->good, checking->key.data);
}

// That what is_known was asked last is there.
static void know(struct checking *checking) {
	if (checking->key.data && checking->good.n < KNOWN_MAX) {
		const char *key = arena_strdup(checking->scratch, checking->key.data);
		nameset_add(&checking->good, key, (struct mark){0});
	}
}

// ---- the working directory

static struct mark place_of_cwd(const struct subject *subject) {
	return subject->own->cwd.text ? subject->own->cwd.at : subject->defaults->cwd.at;
}

// False: the job has none to start in.
static bool check_cwd(struct checking *checking, const struct subject *subject) {
	const char *cwd = subject->cwd;
	struct stat status;
	if (!cwd) {
		return true;
	}
	if (is_known(checking, "cwd %s", cwd)) {
		return true;
	}
	int error = stat(cwd, &status) < 0                           ? errno
		    : !S_ISDIR(status.st_mode)                       ? ENOTDIR
		    : faccessat(AT_FDCWD, cwd, X_OK, AT_EACCESS) < 0 ? errno
								     : 0;
	struct mark at = place_of_cwd(subject);
	if (error == 0) {
		know(checking);
	} else if (needs_any(subject->job->needs)) {
		return true; // what it needs may make it
	} else if (error == ENOENT) {
		refuse(checking, at,
			"spool makes no directories: make it first, or correct the path",
			"there is no directory %s%s", shown(checking, cwd),
			at.line ? " for 'cwd'" : "");
	} else {
		refuse(checking, at, NULL, "cannot enter the directory %s: %s",
			shown(checking, cwd), strerror(error));
	}
	return error == 0;
}

// ---- the program

// PATH of the job's environment; *known: it does not wait for the start.
static const char *path_of(const struct checking *checking, const struct job *job, bool *known) {
	static const char otherwise[] = "/bin:/usr/bin"; // what execvp takes without PATH
	*known = true;
	for (size_t i = 0; i < job->n_env; i++) {
		if (strcmp(job->env[i].name, "PATH") == 0) {
			const char *path = job->env[i].unset ? otherwise
							     : text_fixed(&job->env[i].value);
			*known = path;
			return path;
		}
	}
	const char *const *e = job->inherit_env ? checking->options->environment : NULL;
	for (; e && *e; e++) {
		if (strncmp(*e, "PATH=", 5) == 0) {
			return *e + 5;
		}
	}
	return otherwise;
}

// 0, or why this cannot be executed. What another user may is only guessed.
static int try(const char *place, const struct job *job) {
	struct stat status;
	if (stat(place, &status) < 0) {
		return errno;
	}
	if (S_ISDIR(status.st_mode)) {
		return EISDIR;
	}
	bool is_other = job->rights && job->rights->uid >= 0;
	bool may = is_other ? (status.st_mode & 0111) != 0
			    : faccessat(AT_FDCWD, place, X_OK, AT_EACCESS) == 0;
	return may ? 0 : EACCES;
}

// A relative place from the directory of the job.
static const char *from_cwd(
	struct checking *checking, const struct subject *subject, const char *place) {
	return place[0] == '/' || !subject->cwd
		       ? place
		       : arena_printf(checking->scratch, "%s/%s", subject->cwd, place);
}

// 0 if the program is in one of the directories of path, else ENOENT, or why it is none.
static int search(struct checking *checking, const struct subject *subject, const char *program,
	const char *path) {
	int found = ENOENT;
	for (const char *element = path;; element++) {
		size_t n = strcspn(element, ":");
		const char *place = arena_printf(
			checking->scratch, "%.*s%s%s", (int)n, element, n > 0 ? "/" : "", program);
		int error = try(from_cwd(checking, subject, place), subject->job);
		if (error == 0) {
			return 0;
		}
		found = error == EACCES ? error : found;
		element += n;
		if (!*element) {
			return found;
		}
	}
}

static struct mark place_of_program(const struct subject *subject) {
	const struct spec_settings *own = subject->own, *defaults = subject->defaults;
	const struct spec_settings *command = own->args.n > 0 || own->run.text ? own : defaults;
	const struct spec_text *word = command->run.text ? &own->shell : &own->executable;
	const struct spec_text *other = command->run.text ? &defaults->shell
							  : &defaults->executable;
	return word->text          ? word->at
	       : other->text       ? other->at
	       : command->run.text ? command->run.at
				   : command->args.items[0].at;
}

static void refuse_program(struct checking *checking, const struct subject *subject,
	const char *program, const char *path, int error) {
	struct mark at = place_of_program(subject);
	const char *word = shown(checking, program), *hint = NULL;
	if (error == EACCES) {
		refuse(checking, at, "chmod +x makes a file a program", "%s is not executable",
			word);
		return;
	}
	if (error != ENOENT) {
		refuse(checking, at, NULL, "cannot execute %s: %s", word, strerror(error));
		return;
	}
	if (path && strpbrk(program, " \t\n")) {
		hint = "each word is an entry of its own: [ls, -l]; a line of shell goes into "
		       "'run'";
	} else if (path && try(from_cwd(checking, subject, program), subject->job) == 0) {
		hint = arena_printf(checking->problems->arena,
			"there is one in the job's directory: write ./%s", program);
	} else if (path) {
		hint = arena_printf(
			checking->problems->arena, "its PATH is %s", shown(checking, path));
	} else if (program[0] != '/' && subject->cwd) {
		hint = arena_printf(checking->problems->arena,
			"it is looked for from the job's directory, %s",
			shown(checking, subject->cwd));
	}
	refuse(checking, at, hint, "there is no program %s%s", word,
		path ? " in the PATH of this job" : "");
}

static void check_program(struct checking *checking, const struct subject *subject) {
	const struct job *job = subject->job;
	const char *program = text_fixed(job->executable.n > 0 ? &job->executable : &job->argv[0]);
	bool known = true, is_path = program && strchr(program, '/');
	const char *path = is_path ? NULL : path_of(checking, job, &known);
	if (!program || !known || (is_path && needs_any(job->needs))) {
		return;
	}
	if (is_known(checking, "%lld %s %s:%s", job->rights ? (long long)job->rights->uid : -1,
		    program, path ? path : "", subject->cwd ? subject->cwd : "")) {
		return;
	}
	int error = is_path ? try(from_cwd(checking, subject, program), job)
			    : search(checking, subject, program, path);
	if (error) {
		refuse_program(checking, subject, program, path, error);
	} else {
		know(checking);
	}
}

// ---- all of it

static void check_job(
	struct checking *checking, const struct job *job, const struct spec_job *source) {
	struct subject subject = {
		.job = job,
		.own = &source->settings,
		.defaults = &checking->spec->defaults,
		.cwd = text_fixed(&job->cwd),
	};
	if (job->cwd.n > 0 && !subject.cwd) {
		return; // known only when it starts
	}
	if (check_cwd(checking, &subject)) {
		check_program(checking, &subject);
	}
}

static bool stands_at(const struct spec_job *source, const struct job *job) {
	return source->at.line == job->at.line && source->at.col == job->at.col;
}

bool plan_check(const struct spec *spec, const struct plan *plan,
	const struct plan_options *options, struct problems *problems) {
	struct checking checking = {
		.spec = spec,
		.options = options,
		.problems = problems,
		.scratch = arena_new(),
		.sound = true,
	};
	checking.good = nameset_for(KNOWN_MAX, checking.scratch);
	const struct spec_job *source = spec->jobs;
	for (size_t i = 0; i < plan->n_jobs; i++) {
		const struct spec_job *before = source;
		while (!stands_at(source, &plan->jobs[i])) {
			source++;
		}
		if (i == 0 || source != before) {
			unused_variables(spec, source, problems);
		}
		check_job(&checking, &plan->jobs[i], source);
	}
	buf_clear(&checking.key);
	arena_free(checking.scratch);
	return checking.sound;
}
