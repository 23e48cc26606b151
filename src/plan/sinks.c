// SPDX-License-Identifier: MIT
// Where a job's output goes: the paths become whole, and are looked at unless a part of them is
// known only when the job starts.
#include "plan/sinks.h"
#include "plan/place.h"
#include "plan/recipe.h"

static bool is_file(const struct spec_sink *sink) {
	return sink && sink->kind == SINK_PATH;
}

struct sinks_recipe sinks_compile(const struct settings *settings, const struct scope *scope) {
	struct sinks_recipe recipe = {0};
	if (is_file(settings->out)) {
		recipe.out = template_compile(&settings->out->path, scope);
	}
	if (is_file(settings->err)) {
		recipe.err = template_compile(&settings->err->path, scope);
	}
	return recipe;
}

enum stream sinks_stream(const struct spec_sink *sink) {
	switch (sink ? sink->kind : SINK_NONE) {
	case SINK_NONE:
	case SINK_CAPTURE:
		break;
	case SINK_INHERIT:
		return STREAM_INHERIT;
	case SINK_DEVNULL:
		return STREAM_NULL;
	case SINK_STDOUT:
		return STREAM_STDOUT;
	case SINK_PATH:
		return STREAM_FILE;
	}
	return STREAM_CAPTURE;
}

static struct sink bind(const struct template *template, const struct spec_sink *source,
	const struct binding *binding, struct kitchen *kitchen) {
	if (!is_file(source)) {
		return (struct sink){0};
	}
	struct text path = template_bind(template, binding, kitchen->spec->arena);
	const char *fixed = text_fixed(&path);
	if (fixed && !*fixed) {
		if (!template->broken) {
			place_add(kitchen->problems, source->path.at, NULL, "the path is empty");
		}
		return (struct sink){0};
	}
	return (struct sink){kitchen_anchor(kitchen, path), source->append};
}

static void look_at(const struct sink *sink, const struct spec_sink *source, const char *key,
	struct kitchen *kitchen) {
	const char *path = text_fixed(&sink->path);
	if (path) {
		paths_write(&kitchen->paths, path, source->path.at, key, sink->append);
	}
}

const struct sinks *sinks_bind(struct sinks_recipe *recipe, const struct settings *settings,
	const struct binding *binding, struct kitchen *kitchen) {
	const struct sinks *same = recipe->same;
	if (!is_file(settings->out) && !is_file(settings->err)) {
		return NULL;
	}
	if (!same) {
		struct sinks *sinks = ARENA_NEW(kitchen->spec->arena, struct sinks);
		sinks->out = bind(&recipe->out, settings->out, binding, kitchen);
		sinks->err = bind(&recipe->err, settings->err, binding, kitchen);
		same = sinks;
		recipe->same = recipe->out.n == 0 && recipe->err.n == 0 ? same : NULL;
	}
	look_at(&same->out, settings->out, "'stdout'", kitchen);
	look_at(&same->err, settings->err, "'stderr'", kitchen);
	return same;
}
