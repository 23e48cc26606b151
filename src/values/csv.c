// SPDX-License-Identifier: MIT
// Records of CSV, unquoted where they lie.
#include "values/csv.h"

#include <string.h>

// Takes the next n bytes as part of the value.
static void take(struct csv *csv, char *text, size_t n) {
	if (csv->written != csv->read) {
		memmove(text + csv->written, text + csv->read, n);
	}
	csv->written += n;
	csv->read += n;
}

// The texts are set at the end of the record: till then the bytes may be moved.
static int end_value(struct csv *csv, char *text, struct fields *fields) {
	size_t len = csv->written - csv->value;
	text[csv->written++] = '\0';
	csv->value = csv->written;
	csv->state = CSV_START;
	return fields_add(fields, NULL, len);
}

static void open_quote(struct csv *csv) {
	csv->quote = (struct csv_quote){csv->line, {csv->read, csv->written}, csv->newlines};
	csv->state = CSV_QUOTED;
	csv->read++;
}

// Up to the closing quote, or as far as there is something.
static void take_quoted(struct csv *csv, char *text, size_t n) {
	const char *from = text + csv->read, *quote = memchr(from, '"', n);
	size_t len = quote ? (size_t)(quote - from) : n;
	for (const char *p = from; (p = memchr(p, '\n', len - (size_t)(p - from)));) {
		p++;
		csv->newlines++;
		csv->line.read = (size_t)(p - text);
		csv->line.written = csv->written + (size_t)(p - from);
	}
	take(csv, text, len);
	if (quote) {
		csv->read++;
		csv->state = CSV_QUOTE;
	}
}

static void take_plain(struct csv *csv, char *text, size_t n) {
	const char *from = text + csv->read;
	size_t len = 0;
	while (len < n && from[len] != csv->separator && (unsigned char)from[len] != csv->end) {
		len++;
	}
	take(csv, text, len);
}

// In \r\n the \r is not part of the value; one that was quoted is.
static void drop_carriage_return(struct csv *csv, const char *text) {
	if (csv->state == CSV_PLAIN && csv->end == '\n' && csv->written > csv->value &&
		text[csv->written - 1] == '\r') {
		csv->written--;
	}
}

// Reads on in the n bytes of text. 1: to the end of a record; 0: all of them; -1: no memory.
static int go_on(struct csv *csv, char *text, size_t n, struct fields *fields) {
	while (csv->read < n) {
		char c = text[csv->read];
		if (csv->state == CSV_QUOTED) {
			take_quoted(csv, text, n - csv->read);
		} else if (c == '"' && csv->state == CSV_START) {
			open_quote(csv);
		} else if (c == '"' && csv->state == CSV_QUOTE) {
			take(csv, text, 1);
			csv->state = CSV_QUOTED;
		} else if (c == csv->separator || (unsigned char)c == csv->end) {
			bool ends = c != csv->separator;
			if (ends) {
				drop_carriage_return(csv, text);
			}
			csv->read++;
			if (end_value(csv, text, fields) < 0) {
				return -1;
			}
			if (ends) {
				return 1;
			}
		} else {
			csv->state = CSV_PLAIN;
			take_plain(csv, text, n - csv->read);
		}
	}
	return 0;
}

// Columns are characters: the bytes of UTF-8 that begin none are not counted. From the beginning of
// the line to the quote nothing was left out in writing but quotes.
static enum values_state complain_of_quote(const struct csv *csv, struct input *input) {
	const struct csv_quote *quote = &csv->quote;
	const char *text = input->data + input->start, *what = "a quote that is never closed";
	if (!input->file) {
		return input_complain(input, input->line, 0, what);
	}
	size_t column = quote->at.read - quote->line.read + 1;
	for (size_t i = quote->line.written; i < quote->at.written; i++) {
		column -= (text[i] & 0xc0) == 0x80;
	}
	return input_complain(input, input->line + quote->newlines, column, what);
}

// The record is whole: the values get their texts.
static enum values_state conclude(struct csv *csv, struct input *input, struct fields *fields) {
	const char *text = input->data + input->start;
	for (size_t i = 0; i < fields->n; i++) {
		fields->items[i].text = text;
		text += fields->items[i].len + 1;
	}
	input->start += csv->read;
	input->line += csv->newlines + 1;
	*csv = (struct csv){.separator = csv->separator, .end = csv->end};
	return VALUES_ROW;
}

enum values_state csv_next(struct csv *csv, struct input *input, struct fields *fields) {
	if (csv->read == 0) {
		fields->n = 0;
	}
	for (;;) {
		char *text = input->data + input->start;
		int ended = go_on(csv, text, input->end - input->start, fields);
		if (ended < 0) {
			return input_lacks_memory(input);
		}
		if (ended && input_measure(input, csv->read - 1) != VALUES_ROW) {
			return VALUES_FAILED;
		}
		if (ended) {
			return conclude(csv, input, fields);
		}
		enum values_state state = input_read(input);
		if (state == VALUES_END && csv->state == CSV_QUOTED) {
			return complain_of_quote(csv, input);
		}
		if (state == VALUES_END && csv->read > 0) {
			text = input->data + input->start;
			return end_value(csv, text, fields) < 0 ? input_lacks_memory(input)
								: conclude(csv, input, fields);
		}
		if (state != VALUES_ROW) {
			return state;
		}
	}
}
