// SPDX-License-Identifier: MIT
// Reading and planning a job file, and saying all that is wrong with it.
#include "cli/jobfile.h"
#include "cli/message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// As in Popen: another user alone takes none of spool's own groups away.
static void warn_of_groups(const char *file, const struct plan *plan) {
	const struct job *first = NULL;
	size_t n = 0;
	for (size_t i = 0; i < plan->n_jobs; i++) {
		const struct rights *rights = plan->jobs[i].rights;
		if (rights && rights->uid >= 0 && rights->uid != geteuid() &&
			rights->n_groups < 0) {
			first = first ? first : &plan->jobs[i];
			n++;
		}
	}
	static const char hint[] =
		"extra_groups: [] takes them away, and 'group' sets the first one";
	if (n == 1) {
		message_hint(hint,
			"%s:%u:%u: warning: job '%s' runs as another user with spool's own groups",
			file, first->at.line, first->at.col, first->name);
	} else if (first) {
		message_hint(hint,
			"%s:%u:%u: warning: %zu jobs, such as '%s', run as another user with "
			"spool's own groups",
			file, first->at.line, first->at.col, n, first->name);
	}
}

int jobfile_open(struct jobfile *jobfile, const char *file, const struct plan_options *options) {
	struct problems problems = {0};
	bool unreadable;
	*jobfile = (struct jobfile){0};
	jobfile->spec = spec_read(file, &problems, &unreadable);
	if (!unreadable) {
		jobfile->plan = plan_make(jobfile->spec, options, &problems);
	}
	if (problems.n == 0 && jobfile->plan) {
		warn_of_groups(file, jobfile->plan);
		return 0;
	}
	message_problems(jobfile->spec, &problems);
	return -1;
}

void jobfile_clear(struct jobfile *jobfile) {
	if (jobfile->spec) {
		spec_free(jobfile->spec);
	}
	*jobfile = (struct jobfile){0};
}

static const char *present(void) {
	static const char *const names[] = {"spool.yaml", "spool.yml", ".spool.yaml"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (access(names[i], F_OK) == 0) {
			return names[i];
		}
	}
	return NULL;
}

static const char *by_default(const char *command) {
	const char *file = present();
	char hint[80];
	if (!file) {
		snprintf(hint, sizeof hint, "name one: spool %s FILE", command);
		message_hint(hint,
			"there is no job file here: neither spool.yaml, spool.yml nor .spool.yaml");
	}
	return file;
}

// Whether a word that should be a job file is none, while one of those above is there.
static bool is_job(const char *word, const char *command) {
	const char *file = access(word, F_OK) < 0 && errno == ENOENT ? present() : NULL;
	char hint[200];
	bool is_path = strchr(word, '/') || strstr(word, ".yaml") || strstr(word, ".yml");
	if (!file || is_path || strcmp(word, "-") == 0) {
		return false;
	}
	snprintf(hint, sizeof hint, "jobs are named behind their file: spool %s %s %s", command,
		file, word);
	message_hint(hint, "there is no file '%s'", word);
	return true;
}

const char *jobfile_choose(struct invocation *invocation, const char *command) {
	if (invocation->n_operands == 0) {
		return by_default(command);
	}
	invocation->plan.jobs = (struct plan_words){
		invocation->operands + 1, invocation->n_operands - 1};
	return is_job(invocation->operands[0], command) ? NULL : invocation->operands[0];
}
