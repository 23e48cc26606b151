// SPDX-License-Identifier: MIT
// One source. A word that is cut is put into the input as if it were a file with one record.
#include "values/reader.h"

#include <string.h>

static const char BYTE_ORDER_MARK[] = "\xef\xbb\xbf";

int reader_open(
	struct reader *reader, const struct values_source *source, const struct cutting *cutting) {
	bool words = source->kind == VALUES_WORDS;
	*reader = (struct reader){.cutting = cutting,
		.source = source,
		.lines.delimiter = cutting->delimiter,
		.csv = {.separator = cutting->separator,
			.end = words ? -1 : (unsigned char)cutting->delimiter},
		.input = {.fd = -1, .longest = cutting->longest}};
	return words ? 0 : input_open(&reader->input, source->file);
}

// Reads until it is clear whether there is one, which the first byte may tell.
static enum values_state skip_byte_order_mark(struct input *input) {
	size_t whole = sizeof BYTE_ORDER_MARK - 1, n;
	while ((n = input->end - input->start) < whole &&
		memcmp(input->data + input->start, BYTE_ORDER_MARK, n) == 0) {
		enum values_state state = input_read(input);
		if (state == VALUES_END) {
			return VALUES_ROW; // it is a value that looks like one
		}
		if (state != VALUES_ROW) {
			return state;
		}
	}
	if (n >= whole && memcmp(input->data + input->start, BYTE_ORDER_MARK, whole) == 0) {
		input->start += whole;
	}
	return VALUES_ROW;
}

static enum values_state cut(struct reader *reader, char *text, size_t len) {
	const struct colsep *colsep = reader->cutting->colsep;
	reader->fields.n = 0;
	int result = colsep ? colsep_split(colsep, text, len, &reader->fields)
			    : fields_add(&reader->fields, text, len);
	return result < 0 ? input_lacks_memory(&reader->input) : VALUES_ROW;
}

static enum values_state next_of_file(struct reader *reader) {
	const struct cutting *cutting = reader->cutting;
	char *text;
	size_t len;
	if (!reader->begun && (cutting->csv || cutting->header)) {
		enum values_state state = skip_byte_order_mark(&reader->input);
		if (state != VALUES_ROW) {
			return state;
		}
	}
	reader->begun = true;
	if (cutting->csv) {
		return csv_next(&reader->csv, &reader->input, &reader->fields);
	}
	enum values_state state = lines_next(&reader->lines, &reader->input, &text, &len);
	return state == VALUES_ROW ? cut(reader, text, len) : state;
}

static enum values_state next_word(struct reader *reader) {
	const struct cutting *cutting = reader->cutting;
	struct input *input = &reader->input;
	reader->fields.n = 0;
	if (reader->next_word == reader->source->n_words) {
		return VALUES_END;
	}
	const char *word = reader->source->words[reader->next_word++];
	size_t len = strlen(word);
	input->line = reader->next_word;
	// An empty one would be no record of CSV.
	if (len == 0 || (!cutting->csv && !cutting->colsep)) {
		return fields_add(&reader->fields, word, len) < 0 ? input_lacks_memory(input)
								  : VALUES_ROW;
	}
	if (input_put(input, word) < 0) {
		return input_lacks_memory(input);
	}
	if (cutting->csv) {
		return csv_next(&reader->csv, input, &reader->fields);
	}
	return cut(reader, input->data, len);
}

enum values_state reader_next(struct reader *reader) {
	return reader->source->kind == VALUES_WORDS ? next_word(reader) : next_of_file(reader);
}

enum values_state reader_await(struct reader *reader) {
	enum values_state state;
	while ((state = reader_next(reader)) == VALUES_WAIT) {
		input_wait(&reader->input);
	}
	return state;
}

void reader_close(struct reader *reader) {
	input_close(&reader->input);
	fields_free(&reader->fields);
}
