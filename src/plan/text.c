// SPDX-License-Identifier: MIT
// Text with holes for what is known only when an attempt starts.
#include "base/buf.h"
#include "plan/plan.h"

char *text_render(const struct text *text, unsigned slot, unsigned attempt) {
	struct buf buf = {0};
	int failed = 0;
	for (size_t i = 0; i < text->n && !failed; i++) {
		const struct piece *piece = &text->pieces[i];
		switch (piece->kind) {
		case PIECE_TEXT:
			failed = buf_puts(&buf, piece->text);
			break;
		case PIECE_SLOT:
			failed = buf_printf(&buf, "%u", slot);
			break;
		case PIECE_ATTEMPT:
			failed = buf_printf(&buf, "%u", attempt);
			break;
		}
	}
	char *rendered = failed ? NULL : buf_take(&buf);
	buf_clear(&buf);
	return rendered;
}

const char *text_fixed(const struct text *text) {
	return text->n == 1 && text->pieces[0].kind == PIECE_TEXT ? text->pieces[0].text : NULL;
}
