// SPDX-License-Identifier: MIT
// Counting and writing the words of a job. In the block: texts, pieces, bytes.
#include "plan/layout.h"

#include <string.h>

size_t layout_size(const struct layout *layout) {
	return layout->n_texts * sizeof(struct text) + layout->n_pieces * sizeof(struct piece) +
	       layout->n_bytes;
}

struct layout layout_in(void *memory, const struct layout *counted) {
	struct layout layout = {.texts = memory};
	layout.pieces = (struct piece *)(layout.texts + counted->n_texts);
	layout.bytes = (char *)(layout.pieces + counted->n_pieces);
	return layout;
}

static void put_piece(struct layout *layout, enum piece_kind kind) {
	if (layout->texts) {
		layout->pieces[layout->n_pieces] = (struct piece){
			kind, kind == PIECE_TEXT ? layout->bytes + layout->n_bytes : NULL};
	}
	layout->n_pieces++;
}

static void put_text(struct layout *layout, struct text text) {
	if (layout->texts) {
		layout->texts[layout->n_texts] = text;
	}
	layout->n_texts++;
}

static void end_string(struct layout *layout) {
	if (layout->texts) {
		layout->bytes[layout->n_bytes] = '\0';
	}
	layout->n_bytes++;
	layout->open = false;
}

void layout_word(struct layout *layout) {
	layout->first = layout->n_pieces;
}

void layout_bytes(struct layout *layout, const char *bytes, size_t n) {
	if (!layout->open) {
		put_piece(layout, PIECE_TEXT);
		layout->open = true;
	}
	if (layout->texts && n > 0) {
		memcpy(layout->bytes + layout->n_bytes, bytes, n);
	}
	layout->n_bytes += n;
}

// A third of printf's time, which is most of what a short script takes.
void layout_number(struct layout *layout, size_t number) {
	char digits[24];
	size_t at = sizeof digits;
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	layout_bytes(layout, digits + at, sizeof digits - at);
}

void layout_slot(struct layout *layout) {
	if (layout->open) {
		end_string(layout);
	}
	put_piece(layout, PIECE_SLOT);
}

void layout_word_end(struct layout *layout) {
	if (layout->n_pieces == layout->first) {
		layout_bytes(layout, "", 0); // an empty word is one that is given
	}
	if (layout->open) {
		end_string(layout);
	}
	put_text(layout, (struct text){layout->texts ? layout->pieces + layout->first : NULL,
				 layout->n_pieces - layout->first});
}

void layout_borrow(struct layout *layout, const struct text *text) {
	put_text(layout, *text);
}

const char *layout_string(struct layout *layout) {
	layout->open = true;
	return layout->texts ? layout->bytes + layout->n_bytes : NULL;
}

void layout_string_end(struct layout *layout) {
	end_string(layout);
}
