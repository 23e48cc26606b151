// SPDX-License-Identifier: MIT
// Names side by side.
#include "report/roll.h"
#include "base/columns.h"
#include "report/plain.h"

static int add(struct roll *roll, const struct buf *name) {
	size_t width = columns(name->data, name->len);
	bool fits = roll->at > 0 && roll->at + 2 + width <= ROLL_COLUMNS;
	if (!fits && roll->most_lines && roll->lines == roll->most_lines) {
		return -1;
	}
	int r = buf_puts(&roll->text, fits ? "  " : roll->at > 0 ? "\n    " : "    ");
	r = r == 0 ? buf_append(&roll->text, name->data, name->len) : r;
	if (r == 0) {
		roll->lines += !fits;
		roll->at = (fits ? roll->at + 2 : 4) + width;
	}
	return r;
}

void roll_add(struct roll *roll, const char *name) {
	struct buf shown = {0};
	size_t before = roll->text.len;
	roll->n++;
	if (roll->named + 1 < roll->n) {
		return; // no shorter one either: those that are named are the first
	}
	if (plain_name(&shown, name, false) == 0 && add(roll, &shown) == 0) {
		roll->named++;
	} else {
		roll->text.len = before;
	}
	buf_clear(&shown);
}

int roll_put(struct buf *buf, const struct roll *roll) {
	size_t more = roll->n - roll->named;
	int r = buf_append(buf, roll->text.data, roll->text.len);
	r |= roll->named ? buf_putc(buf, '\n') : 0;
	return more ? r | buf_printf(buf, "    and %zu more\n", more) : r;
}

void roll_clear(struct roll *roll) {
	buf_clear(&roll->text);
}
