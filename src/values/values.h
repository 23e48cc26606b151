/* SPDX-License-Identifier: MIT
 *
 * The values of spool map: rows of them, one at a time, out of words, files and standard input.
 * What a file says is taken as it is; what is done with it is not known here.
 *
 * A source gives records: a word is one; a file has one behind each delimiter, and the last one
 * needs none. A record is one value, literally: blanks and carriage returns stay, an empty line is
 * an empty value, a NUL is part of it. Or it is cut into columns, each a value:
 *
 *	colsep  by an extended regular expression of POSIX, in which \t, \n and \r are what they
 *	        are in C. A single character stands for itself, also behind a backslash. Empty
 *	        columns count, the last ones too; blanks stay (GNU parallel trims them).
 *	csv     by RFC 4180: a value in double quotes may hold separators, delimiters and doubled
 *	        quotes. The separator is a comma, or colsep, which must be one character. \r\n ends
 *	        a record as \n does. A quote inside of a value without quotes is literal, as is what
 *	        follows a closing quote. An empty line is a row with one empty value.
 *
 * With header the first record of each source names its columns, and colsep is a tab unless it is
 * given. A byte-order mark at the start of CSV and of a header is skipped.
 *
 * Of several sources all combinations are given, the first source varies slowest. A linked source
 * goes in step with the one before, and the shorter of them ends both. A source without a record
 * leaves no combination, and no row.
 *
 * The first source and those linked to it are read as they are asked for, and cost the same memory
 * however many records they have; the others are kept whole.
 */
#ifndef VALUES_VALUES_H
#define VALUES_VALUES_H

#include <stdbool.h>
#include <stddef.h>

enum values_kind { VALUES_WORDS, VALUES_FILE };

struct values_source {
	enum values_kind kind;
	const char *const *words;
	size_t n_words;
	const char *file; /* "-": standard input */
	bool linked;      /* with the source before */
};

/* All of it is the caller's, and stays until values_close. */
struct values_options {
	const struct values_source *sources;
	size_t n_sources; /* 0: standard input */
	char delimiter;   /* behind each record of a file: '\n', '\0', ... */
	const char *colsep;
	bool csv, header;
	size_t longest; /* bytes of a record; 0: VALUES_LONGEST */
};

enum { VALUES_LONGEST = 1024 * 1024 * 1024 };

/* There is a NUL behind the text; one inside: len > strlen(text). */
struct value {
	const char *text;
	size_t len;
};

/* Good until the next call. */
struct row {
	const struct value *values;
	size_t n;
};

enum values_state {
	VALUES_ROW,
	VALUES_WAIT,  /* there is nothing now: poll values_fd */
	VALUES_END,   /* there is no more, and will not be */
	VALUES_FAILED /* nor is there behind this; values_problem says why */
};

struct values; /* opaque */

/* Opens all files, so that what is missing is said before anything starts; a FIFO need not have a
   writer yet. Only with a header it reads, and waits for it: signals shall act by default. -1:
   *problem is what to say, the caller's to free; NULL without memory. */
int values_open(struct values **values, const struct values_options *options, char **problem);

/* The next row. Never waits, and never changes how standard input is open. Needs memory for what
   is kept, for columns and for a record that is longer than the ones before: VALUES_FAILED without
   it. */
enum values_state values_next(struct values *values, struct row *row);

/* After VALUES_WAIT: readable when values_next may go on. Else -1. */
int values_fd(const struct values *values);

/* After VALUES_FAILED: "cannot read 'list': Input/output error". */
const char *values_problem(const struct values *values);

/* The names of the columns of all sources, in the order of a row's values; none without a header
   and of a source without a record. */
size_t values_names(const struct values *values, const char *const **names);

void values_close(struct values *values); /* NULL is allowed */
#endif
