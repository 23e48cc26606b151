// SPDX-License-Identifier: MIT
// What libyaml says of a broken file, said for the author of a job file. Its texts are the keys of
// a table here; one that is not in it is passed on as it is.
#include "spec/node.h"
#include "spec/source.h"

#include <string.h>

enum { LONGEST_NAME = 60 };

static const char quote_it[] = "a text like this is written in quotes";

struct explained {
	struct mark at;
	const char *message, *hint;
};

struct place {
	const struct syntax_error *error;
	const struct spec *spec;
	struct arena *arena;
	const char *line, *p, *end; // the line at fault, the place in it, the end of the source
};

typedef void explain(const struct place *place, struct explained *out);

// The hint "write it in quotes: …" with the rest of the line from there.
static const char *quote_from(const struct place *place, const char *from) {
	const char *quoted = line_quoted(place->spec, from, place->arena);
	return quoted ? arena_printf(place->arena, "write all of it in quotes: %s", quoted)
		      : quote_it;
}

static void tab(const struct place *place, struct explained *out) {
	(void)place;
	out->message = "tabs cannot indent YAML";
	out->hint = "use spaces";
}

// Something at p behind a value that is already over.
static void behind_value(const struct place *place, const char *p, struct explained *out) {
	const char *value = place->line + strspn(place->line, " ");
	while (value[0] == '-' && value[1] == ' ') {
		value += 1 + strspn(value + 1, " ");
	}
	for (const char *colon = value; colon + 1 < p; colon++) {
		if (colon[0] == ':' && colon[1] == ' ') {
			value = colon + 1 + strspn(colon + 1, " ");
			break;
		}
	}
	out->message = "the value ends before this";
	out->hint = *value == '\'' ? "inside 'single quotes' write '' for one"
				   : quote_from(place, value);
}

// A character at p that begins no value, or is a mark of YAML's without what belongs to it.
static void cannot_begin(const struct place *place, const char *p, struct explained *out) {
	const char *before = p;
	while (before > place->line && before[-1] == ' ') {
		before--;
	}
	if (before > place->line && !strchr(":-?,[{", before[-1])) {
		behind_value(place, p, out);
		return;
	}
	out->message = arena_printf(
		place->arena, "a text without quotes cannot begin with '%c'", *p);
	out->hint = quote_it;
}

static void no_token(const struct place *place, struct explained *out) {
	if (*place->p == '\t') {
		tab(place, out);
	} else {
		cannot_begin(place, place->p, out);
	}
}

// A second ': ' in a line, or a key that is deeper than the value above it.
static void colon(const struct place *place, struct explained *out) {
	const char *value = NULL;
	for (const char *p = place->line; p + 1 < place->p && !value; p++) {
		if (*p == ':' && p[1] == ' ') {
			value = p + 2 + strspn(p + 2, " ");
		}
	}
	if (value) {
		out->message = "there is ': ' inside a text that is not in quotes";
		out->hint = quote_from(place, value);
	} else {
		out->message = "a key cannot stand here: the value above it goes on into this line";
		out->hint = "begin it in the same column as the other keys";
	}
}

static void no_dash(const struct place *place, struct explained *out) {
	(void)place;
	out->message = "a list cannot begin here";
	out->hint = "begin it on a line of its own below the key; a text that begins with '- ' is "
		    "written in quotes";
}

static void no_question(const struct place *place, struct explained *out) {
	(void)place;
	out->message = "a text without quotes cannot begin with '? '";
	out->hint = quote_it;
}

static void no_colon(const struct place *place, struct explained *out) {
	(void)place;
	out->at = place->error->context_at;
	out->message = "this is neither a key with its value nor part of the text above";
	out->hint = "behind a key stands ': ', before an entry of a list '- '; a text goes on in "
		    "lines that are indented deeper";
}

static void no_entry(const struct place *place, struct explained *out) {
	if (place->p > place->line + strspn(place->line, " ")) {
		behind_value(place, place->p, out);
		return;
	}
	out->message = arena_printf(place->arena,
		"this line is indented unlike those it could belong to (from line %u on)",
		place->error->context_at.line);
	out->hint = "begin it in the same column as its neighbours";
}

// Inside brackets, where a brace begins a map in the middle of a text too.
static void no_comma(const struct place *place, struct explained *out) {
	const char *p = place->p;
	if (place->end - p > 1 && p[0] == '{' && p[1] == '{') {
		size_t shown = strcspn(p, "}\r\n");
		bool whole = shown <= LONGEST_NAME && p[shown] == '}';
		out->message = "inside [ ] and { } a text with braces must be in quotes";
		out->hint = arena_printf(place->arena, "write \"$%.*s}}\"", whole ? (int)shown : 8,
			whole ? p : "{{ name ");
		return;
	}
	out->message = arena_printf(place->arena,
		"there is no ',' before this, and no end to what begins with '%s' on line %u",
		strstr(place->error->problem, "']'") ? "[" : "{", place->error->context_at.line);
	out->hint = "inside brackets a text that holds any of , [ ] { } or ': ' is written in "
		    "quotes";
}

static void no_end_quote(const struct place *place, struct explained *out) {
	out->at = place->error->context_at;
	out->message = "this quote is never closed";
	out->hint = "close it; inside 'single quotes' write '' for one, inside \"double quotes\" "
		    "\\\"";
}

static void document_in_quote(const struct place *place, struct explained *out) {
	(void)place;
	out->message = "a line of a text in quotes cannot begin with '---' or '...'";
	out->hint = "indent it";
}

static void bad_escape(const struct place *place, struct explained *out) {
	(void)place;
	out->message = "there is no such escape in \"double quotes\"";
	out->hint = "write \\\\ for a backslash, or use 'single quotes', where it means itself";
}

// '*' or '&' without a name.
static void no_name(const struct place *place, struct explained *out) {
	struct place start = *place;
	out->at = place->error->context_at;
	spec_line(place->spec, out->at.line, &start.line);
	cannot_begin(&start, lines_at(place->spec, out->at), out);
}

static void tight_colon(const struct place *place, struct explained *out) {
	(void)place;
	out->message = "there is no space behind this ':'";
	out->hint = "write one behind a key; a text that ends in ':' is written in quotes";
}

static void bad_tag(const struct place *place, struct explained *out) {
	out->at = place->error->context_at;
	out->message = "tags ('!...') have no meaning in a job file";
	out->hint = "take it out; a text that begins with '!' is written in quotes";
}

static void bad_directive(const struct place *place, struct explained *out) {
	if (place->error->context_at.line) {
		out->at = place->error->context_at;
	}
	out->message = "a line that begins with '%' can only be %YAML 1.1 or %YAML 1.2, once";
	out->hint = "take it out; a text that begins with '%' is written in quotes";
}

static void no_document(const struct place *place, struct explained *out) {
	(void)place;
	out->message = "there is no '---' between the lines that begin with '%' and the document";
	out->hint = "write '---' on a line of its own above this one";
}

static void no_content(const struct place *place, struct explained *out) {
	if (place->p < place->end && strchr(",]}", *place->p)) {
		out->message = arena_printf(
			place->arena, "there is no value before this '%c'", *place->p);
	} else {
		out->message = "there is no value before this";
	}
	out->hint = "'' is the empty text; a text that begins with ',', ']' or '}' is written in "
		    "quotes";
}

static void bad_block(const struct place *place, struct explained *out) {
	(void)place;
	out->message = "behind '|' or '>' the text begins on the next line";
	out->hint = "a text that begins with '|' or '>' is written in quotes";
}

static const struct {
	const char *problem, *context; // parts of libyaml's texts; NULL: any
	explain *explain;
} table[] = {
	{NULL, "%YAML", bad_directive},
	{NULL, "%TAG", bad_directive},
	{NULL, "directive", bad_directive},
	{"%YAML", NULL, bad_directive},
	{"incompatible YAML", NULL, bad_directive},
	{NULL, "a tag", bad_tag},
	{"tag handle", NULL, bad_tag},
	{"cannot start any token", NULL, no_token},
	{"tab character", NULL, tab},
	{"mapping values are not allowed", NULL, colon},
	{"block sequence entries are not allowed", NULL, no_dash},
	{"mapping keys are not allowed", NULL, no_question},
	{"could not find expected ':'", NULL, no_colon},
	{"did not find expected key", NULL, no_entry},
	{"did not find expected '-' indicator", NULL, no_entry},
	{"did not find expected ','", NULL, no_comma},
	{"unexpected end of stream", "quoted", no_end_quote},
	{"unexpected document indicator", NULL, document_in_quote},
	{"escape", NULL, bad_escape},
	{"hexdecimal number", NULL, bad_escape},
	{"alphabetic or numeric character", NULL, no_name},
	{"unexpected ':'", NULL, tight_colon},
	{"<document start>", NULL, no_document},
	{"node content", NULL, no_content},
	{NULL, "block scalar", bad_block},
};

void syntax_explain(
	const struct syntax_error *error, const struct spec *spec, struct problems *problems) {
	struct place place = {.error = error, .spec = spec, .arena = problems->arena};
	spec_line(spec, error->at.line, &place.line);
	place.p = lines_at(spec, error->at);
	place.end = spec->source + spec->source_len;
	struct explained out = {.at = error->at};
	for (size_t i = 0; i < sizeof table / sizeof *table && !out.message; i++) {
		if ((!table[i].problem || strstr(error->problem, table[i].problem)) &&
			(!table[i].context || strstr(error->context, table[i].context))) {
			table[i].explain(&place, &out);
		}
	}
	if (!out.message) {
		out.message = arena_printf(place.arena, "not valid YAML: %s%s%s", error->context,
			*error->context ? ": " : "", error->problem);
	}
	problems_add(problems, out.at, out.hint, "%s", out.message);
}
