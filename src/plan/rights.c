// SPDX-License-Identifier: MIT
// What a job may, from what the file says to what the kernel takes. Whether this spool can give it
// is asked of the system here and now, so that no batch fails half way.
#include "plan/rights.h"

#include "plan/place.h"

#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { DIGITS_MAX = 10 }; // of a 32-bit number

struct rights_recipe rights_compile(const struct settings *settings, const struct scope *scope) {
	struct rights_recipe recipe = {.fixed = true};
	if (settings->user) {
		recipe.user = template_compile(settings->user, scope);
		recipe.fixed &= recipe.user.n == 0;
	}
	if (settings->group) {
		recipe.group = template_compile(settings->group, scope);
		recipe.fixed &= recipe.group.n == 0;
	}
	const struct spec_texts *groups = settings->extra_groups;
	if (groups && groups->n > 0) {
		recipe.groups = ARENA_ARRAY(scope->spec->arena, groups->n, struct template);
		for (size_t i = 0; i < groups->n; i++) {
			recipe.groups[i] = template_compile(&groups->items[i], scope);
			recipe.fixed &= recipe.groups[i].n == 0;
		}
	}
	return recipe;
}

// What binding takes along.
struct office {
	const struct binding *binding;
	const struct spec *spec;
	struct problems *problems;
};

static const char *shown(const struct office *office, const char *word) {
	return problems_quote(office->problems, word);
}

static bool is_number(const char *name, int64_t *id) {
	size_t n = strlen(name);
	if (n == 0 || n > DIGITS_MAX || strspn(name, "0123456789") != n) {
		return false;
	}
	*id = 0;
	for (size_t i = 0; i < n; i++) {
		*id = 10 * *id + (name[i] - '0');
	}
	// The last one means "no change" to the kernel.
	return *id < UINT32_MAX;
}

// The number of a user or group; -1 where there is none, or something was wrong.
static int64_t find_id(const struct office *office, const struct template *template,
	const struct spec_text *source, bool group) {
	if (!source || template->broken) {
		return -1;
	}
	struct text text = template_bind(template, office->binding, office->spec->arena);
	const char *name = text_fixed(&text);
	int64_t id = -1;
	if (!name) {
		place_addf(office->problems, source->at, NULL,
			"%s is known only when the job starts", shown(office, source->text));
		return -1;
	}
	if (is_number(name, &id)) {
		return id;
	}
	sp_error error = SP_ERROR_INIT;
	sp_status status = group ? sp_lookup_group(name, &id, &error)
				 : sp_lookup_user(name, &id, NULL, &error);
	if (status == SP_E_NOENTRY) {
		place_addf(office->problems, source->at,
			"give a name that this machine knows, or a number", "there is no %s %s",
			group ? "group" : "user", shown(office, name));
	} else if (status != SP_OK) {
		place_addf(office->problems, source->at, NULL, "%s cannot be looked up",
			shown(office, name));
	}
	sp_error_clear(&error);
	return status == SP_OK ? id : -1;
}

// Of what a user other than root may have, a program that is executed keeps the ambient ones.
static bool may(unsigned long capability) {
	return geteuid() == 0 ||
	       prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0UL, 0UL) == 1;
}

static void check_ids(
	const struct office *office, const struct settings *settings, const struct rights *rights) {
	static const char hint[] = "run spool as root, or leave the key out";
	bool other_user = rights->uid >= 0 && rights->uid != geteuid();
	bool other_group = rights->gid >= 0 && rights->gid != getegid();
	if (other_user && !may(CAP_SETUID)) {
		place_addf(office->problems, settings->user->at, hint,
			"only root can run a job as another user: %s",
			shown(office, settings->user->text));
	}
	if (other_group && !may(CAP_SETGID)) {
		place_addf(office->problems, settings->group->at, hint,
			"only root can run a job with another group: %s",
			shown(office, settings->group->text));
	}
	if (rights->n_groups >= 0 && !may(CAP_SETGID)) {
		place_add(office->problems, settings->extra_groups->at, hint,
			"only root can set 'extra_groups'");
	}
}

// The lowest niceness that may be had is 20 less the limit.
static void check_nice(const struct office *office, const struct spec_int *nice) {
	struct rlimit limit;
	if (nice->value >= 0 || may(CAP_SYS_NICE) || getrlimit(RLIMIT_NICE, &limit) < 0) {
		return;
	}
	int lowest = limit.rlim_cur > 40 ? -20 : 20 - (int)limit.rlim_cur;
	if (getpriority(PRIO_PROCESS, 0) + nice->value < lowest) {
		place_add(office->problems, nice->at, "run spool as root, or leave the key out",
			"only root can lower the niceness");
	}
}

static const int resources[SPEC_LIMITS] = {
	[LIMIT_NOFILE] = RLIMIT_NOFILE,
	[LIMIT_AS] = RLIMIT_AS,
	[LIMIT_CPU] = RLIMIT_CPU,
	[LIMIT_FSIZE] = RLIMIT_FSIZE,
	[LIMIT_CORE] = RLIMIT_CORE,
};

static void check_limit(const struct office *office, struct mark at, int which, uint64_t value) {
	struct rlimit limit;
	if (getrlimit((__rlimit_resource_t)resources[which], &limit) < 0 ||
		value <= limit.rlim_max || may(CAP_SYS_RESOURCE)) {
		return;
	}
	place_addf(office->problems, at, "run spool as root, or give at most spool's own limit",
		"only root can raise '%s' above spool's own hard limit, %llu",
		spec_limit_names[which], (unsigned long long)limit.rlim_max);
}

static void set_limits(
	const struct office *office, const struct spec_limit *limits, struct rights *rights) {
	struct plan_limit *set = NULL;
	for (int i = 0; i < SPEC_LIMITS; i++) {
		if (!limits[i].given) {
			continue;
		}
		if (!set) {
			set = ARENA_ARRAY(office->spec->arena, SPEC_LIMITS, struct plan_limit);
		}
		check_limit(office, limits[i].at, i, limits[i].value);
		set[rights->n_limits++] = (struct plan_limit){
			resources[i], spec_limit_names[i], limits[i].value};
	}
	rights->limits = set;
}

static void set_groups(const struct office *office, const struct rights_recipe *recipe,
	const struct spec_texts *source, struct rights *rights) {
	uint32_t *groups = ARENA_ARRAY(office->spec->arena, source->n, uint32_t);
	for (size_t i = 0; i < source->n; i++) {
		int64_t id = find_id(office, &recipe->groups[i], &source->items[i], true);
		groups[i] = id < 0 ? 0 : (uint32_t)id;
	}
	rights->groups = groups;
	rights->n_groups = (long)source->n;
}

static bool asks_for_any(const struct settings *settings) {
	bool any = settings->user || settings->group || settings->extra_groups || settings->umask ||
		   settings->nice;
	for (int i = 0; i < SPEC_LIMITS && !any; i++) {
		any = settings->limits[i].given;
	}
	return any;
}

static const struct rights *make(const struct rights_recipe *recipe,
	const struct settings *settings, const struct office *office) {
	if (!asks_for_any(settings)) {
		return NULL;
	}
	struct rights *rights = ARENA_ARRAY(office->spec->arena, 1, struct rights);
	*rights = (struct rights){
		.uid = find_id(office, &recipe->user, settings->user, false),
		.gid = find_id(office, &recipe->group, settings->group, true),
		.n_groups = -1,
		.umask = settings->umask ? settings->umask->value : -1,
		.nice = settings->nice ? settings->nice->value : 0,
	};
	if (settings->extra_groups) {
		set_groups(office, recipe, settings->extra_groups, rights);
	}
	check_ids(office, settings, rights);
	if (settings->nice) {
		check_nice(office, settings->nice);
	}
	set_limits(office, settings->limits, rights);
	return rights;
}

const struct rights *rights_bind(struct rights_recipe *recipe, const struct settings *settings,
	const struct binding *binding, const struct spec *spec, struct problems *problems) {
	const struct office office = {binding, spec, problems};
	if (recipe->fixed && recipe->made) {
		return recipe->same;
	}
	const struct rights *rights = make(recipe, settings, &office);
	recipe->made = recipe->fixed;
	recipe->same = rights;
	return rights;
}
