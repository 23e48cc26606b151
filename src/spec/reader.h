/* SPDX-License-Identifier: MIT
 * Reading nodes into the spec: each reader takes the key and the value of one pair, and leaves out
 * what it refuses. Internal to spec. */
#ifndef SPEC_READER_H
#define SPEC_READER_H

#include "spec/node.h"

struct reader {
	struct spec *spec;
	struct problems *problems;
};

/* `into` is the field of the spec that the key is for. */
typedef void read_value(struct reader *r, struct node *key, struct node *value, void *into);

/* The struct around a field that a reader was given. */
#define AROUND(field, type, member) ((type *)(void *)((char *)(field)-offsetof(type, member)))

/* What a message is about: part = "an entry of ", key = "args"; part "" for the value itself. */
struct subject {
	const char *part, *key;
};

/* Adds a problem about a node, unless there is one: a node that many aliases name is wrong once. */
void refuse(struct reader *r, struct node *node, const char *hint, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* That it is of another kind: "'args' must be a list, not a text". */
void refuse_kind(struct reader *r, struct node *node, struct subject subject, const char *wanted,
	const char *hint);

/* The text of a node, in the spec's arena; NULL: refused. Quotes or none, null is not a text. */
const char *scalar(struct reader *r, struct node *node, struct subject subject, const char *hint);
/* The text of a node as it stands, whatever it says; "" when it was refused before. */
const char *keep(struct reader *r, struct node *node);
/* A text each of whose characters stands for itself, `null` and `~` too; false: refused. */
bool verbatim(struct reader *r, struct node *node, struct subject subject, struct spec_text *text);
/* A map, the value of key; false: refused. */
bool is_map(struct reader *r, const struct node *key, struct node *value, const char *hint);
/* A list of at least one; false: refused. */
bool filled_list(struct reader *r, struct node *node, struct subject subject, const char *hint);

read_value read_spool;   /* nothing */
read_value read_workers; /* struct workers */
read_value read_text;    /* struct spec_text */
read_value read_args;    /* struct spec_texts */
read_value read_run;     /* the run of a struct spec_settings */
read_value read_flag;    /* struct spec_flag */
read_value read_timeout; /* struct spec_duration */
read_value read_grace;   /* struct spec_duration */
read_value read_codes;   /* struct spec_codes *, made here */
read_value read_user;    /* this and the next five: the rights of a struct spec_settings */
read_value read_group;
read_value read_groups;
read_value read_umask;
read_value read_nice;
read_value read_limits;
read_value read_stdin; /* this and the next four: the files of a struct spec_settings */
read_value read_stdout;
read_value read_stderr;
read_value read_max_output;
read_value read_env_file;
read_value read_needs; /* struct spec_needs *, made here */
read_value read_when;  /* this and the next: the schedule of a struct spec_settings */
read_value read_allow_failure;
read_value read_halt;     /* struct halt */
read_value read_tags;     /* struct spec_texts *, made here */
read_value read_env;      /* struct spec_env */
read_value read_matrix;   /* the matrix of a struct spec_job */
read_value read_labels;   /* the labels of a struct spec_report */
read_value read_defaults; /* struct spec_settings */
read_value read_report;   /* struct spec_report */
read_value read_jobs;     /* the jobs of r->spec */

/* The whole file. */
void read_top(struct reader *r, struct node *root);
#endif
