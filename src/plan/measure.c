// SPDX-License-Identifier: MIT
// What the kernel takes: execve(2), "Limits on size of arguments and environment".
#include "plan/measure.h"

#include <string.h>
#include <unistd.h>

enum {
	ONE_STRING = 128 * 1024, // MAX_ARG_STRLEN: 32 pages
	ALL = 6 * 1024 * 1024,   // whatever the limit of the stack
	// The program's path, which counts too, and what xargs leaves free.
	HEADROOM = 4096 + 2048,
	SLOT_LENGTH = 10,
};

bool measure_fits(const struct measure *measure, const struct load *load, size_t room) {
	size_t all = measure->fixed + load->n * measure->each + measure->copies * load->bytes +
		     (load->n * measure->crossed + measure->singles) * load->longest;
	size_t word = measure->word_fixed + measure->word_copies * load->longest;
	size_t script = measure->script_fixed + load->n * measure->script_each;
	return !load->broken && all <= room && word < ONE_STRING && script < ONE_STRING;
}

size_t measure_room(const char *const *environment, const struct plan_env *env, size_t n_env) {
	long said = sysconf(_SC_ARG_MAX);
	size_t room = said > 0 && said < ALL ? (size_t)said : ALL;
	size_t taken = HEADROOM;
	for (; environment && *environment; environment++) {
		taken += strlen(*environment) + 1 + sizeof(char *);
	}
	for (size_t i = 0; i < n_env; i++) {
		taken += strlen(env[i].name) + 2 + sizeof(char *);
		for (size_t k = 0; k < env[i].value.n; k++) {
			const char *text = env[i].value.pieces[k].text;
			taken += text ? strlen(text) : SLOT_LENGTH;
		}
	}
	return taken < room ? room - taken : 0;
}
