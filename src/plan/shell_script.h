/* SPDX-License-Identifier: MIT
 *
 * The script of spool map --shell. The values are its positional parameters $1 $2 ..., and behind
 * them stands what else its placeholders ask for ({.}, {#}, ...). In the script each placeholder
 * becomes a reference to its parameter, quoted for where it stands: no value is ever pasted in.
 */
#ifndef PLAN_SHELL_SCRIPT_H
#define PLAN_SHELL_SCRIPT_H

#include "plan/pattern.h"
#include "spec/spec.h"

struct shell_reference; /* opaque */
struct shell_script {
	struct text fixed; /* when it is the same for all jobs */
	const struct shell_reference *references;
	size_t n;
	const char *rest;              /* behind the last one */
	const struct pattern *derived; /* the words behind the values */
	size_t n_derived;
};

/* False: a placeholder stands where it cannot be safe, which is reported. A script that asks for no
   value in any way gets all of them at its end. Memory is the arena's, the text too. */
bool shell_script_compile(struct shell_script *script, const char *text,
	const struct placeholder_words *words, struct arena *arena, struct problems *problems);

/* The script as a word of the job. */
void shell_script_word(
	const struct shell_script *script, const struct given *given, struct layout *layout);

/* Adds what the script may take of an argument list; its derived words are counted apart. */
void shell_script_measure(const struct shell_script *script, struct measure *measure);
#endif
