// SPDX-License-Identifier: MIT
// Records that end with a delimiter.
#include "values/lines.h"

#include <string.h>

enum values_state lines_next(struct lines *lines, struct input *input, char **text, size_t *len) {
	char *stop = NULL;
	for (;;) {
		size_t n = input->end - input->start;
		if (n > lines->seen) {
			stop = memchr(input->data + input->start + lines->seen, lines->delimiter,
				n - lines->seen);
		}
		if (stop) {
			break;
		}
		lines->seen = n;
		enum values_state state = input_read(input);
		if (state == VALUES_END && n > 0) {
			stop = input->data + input->end;
			break;
		}
		if (state != VALUES_ROW) {
			return state;
		}
	}
	*text = input->data + input->start;
	*len = (size_t)(stop - *text);
	if (input_measure(input, *len) != VALUES_ROW) {
		return VALUES_FAILED;
	}
	*stop = '\0';
	bool last = stop == input->data + input->end;
	input->start += *len + !last;
	input->line++;
	lines->seen = 0;
	return VALUES_ROW;
}
