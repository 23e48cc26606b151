// SPDX-License-Identifier: MIT
/*
 * Two layers. Bytes become characters: ASCII, a whole UTF-8 sequence, or a stray byte. Characters
 * go through a small machine that knows escape sequences (ECMA-48) by their shape:
 *
 *	ESC x        two characters        ESC [ … final        CSI; SGR if it is digits;…m
 *	ESC ] … end  OSC                   ESC P X ^ _ … end    DCS SOS PM APC
 *
 * The strings end at ST (ESC \, which is an ESC x to us), OSC at BEL too. A newline ends any of
 * them: one that is never closed hides the rest of its line, not the rest of the output. Nothing
 * that goes out can form a new sequence: ESC and C1 only ever come out as part of SGR or not at
 * all.
 */
#include "report/plain.h"
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

enum state { GROUND, ESCAPE, ESCAPE_MORE, CSI, CSI_OTHER, OSC, STRING, N_STATES };

enum kind {
	LETTER, // printable, without a meaning of its own
	LETTER_M,
	DIGIT,   // 0 to 9 : ;
	PRIVATE, // < = > ?
	BETWEEN, // blank to /
	BRACKET, // [
	CLOSING, // ]
	OPENER,  // P X ^ _
	NEWLINE,
	TAB,
	BELL,
	ABORT, // CAN SUB
	ESC,
	CONTROL, // all others, DEL too
	N_KINDS
};

enum action { DROP, EMIT, BEGIN, COLLECT, COLOUR };

struct step {
	unsigned char action, next;
};

#define PARAMETERS(...) [DIGIT] = __VA_ARGS__, [PRIVATE] = __VA_ARGS__, [BETWEEN] = __VA_ARGS__
#define PRINTABLE(...)                                                             \
	[LETTER] = __VA_ARGS__, [LETTER_M] = __VA_ARGS__, [BRACKET] = __VA_ARGS__, \
	[CLOSING] = __VA_ARGS__, [OPENER] = __VA_ARGS__, PARAMETERS(__VA_ARGS__)
#define INVISIBLE(...) [BELL] = __VA_ARGS__, [CONTROL] = __VA_ARGS__
#define LAYOUT [NEWLINE] = {EMIT, GROUND}, [TAB] = {EMIT, GROUND}
#define ANEW [ESC] = {DROP, ESCAPE}

// What is not named is {DROP, GROUND}.
static const struct step steps[N_STATES][N_KINDS] = {
	[GROUND] = {PRINTABLE({EMIT, GROUND}), LAYOUT, ANEW},
	[ESCAPE] = {[BETWEEN] = {DROP, ESCAPE_MORE},
		[BRACKET] = {BEGIN, CSI},
		[CLOSING] = {DROP, OSC},
		[OPENER] = {DROP, STRING},
		INVISIBLE({DROP, ESCAPE}),
		LAYOUT,
		ANEW},
	[ESCAPE_MORE] = {[BETWEEN] = {DROP, ESCAPE_MORE},
		INVISIBLE({DROP, ESCAPE_MORE}),
		LAYOUT,
		ANEW},
	[CSI] = {[DIGIT] = {COLLECT, CSI},
		[PRIVATE] = {DROP, CSI_OTHER},
		[BETWEEN] = {DROP, CSI_OTHER},
		[LETTER_M] = {COLOUR, GROUND},
		INVISIBLE({DROP, CSI}),
		LAYOUT,
		ANEW},
	[CSI_OTHER] = {PARAMETERS({DROP, CSI_OTHER}), INVISIBLE({DROP, CSI_OTHER}), LAYOUT, ANEW},
	[OSC] = {PRINTABLE({DROP, OSC}), [NEWLINE] = {EMIT, GROUND}, [TAB] = {DROP, OSC},
		[CONTROL] = {DROP, OSC}, ANEW},
	[STRING] = {PRINTABLE({DROP, STRING}), [NEWLINE] = {EMIT, GROUND}, [TAB] = {DROP, STRING},
		INVISIBLE({DROP, STRING}), ANEW},
};

static enum kind control_kind(unsigned char c) {
	switch (c) {
	case '\n':
		return NEWLINE;
	case '\t':
		return TAB;
	case 0x07:
		return BELL;
	case 0x18:
	case 0x1a:
		return ABORT;
	case 0x1b:
		return ESC;
	default:
		return CONTROL;
	}
}

static enum kind kind_of(unsigned char c) {
	if (c < ' ' || c == 0x7f) {
		return control_kind(c);
	}
	if (c < '@') {
		return c < '0' ? BETWEEN : c < '<' ? DIGIT : PRIVATE;
	}
	switch (c) {
	case '[':
		return BRACKET;
	case ']':
		return CLOSING;
	case 'P':
	case 'X':
	case '^':
	case '_':
		return OPENER;
	case 'm':
		return LETTER_M;
	default:
		return LETTER;
	}
}

enum { SLACK = 128 }; // held bytes, an SGR sequence, its reset, a newline

void plain_init(struct plain *plain, bool colour, unsigned indent) {
	*plain = (struct plain){.colour = colour, .indent = indent};
}

size_t plain_room(const struct plain *plain, size_t n) {
	// A stray byte becomes three, a newline the indent and itself.
	size_t most = plain->indent + 1 > 3 ? plain->indent + 1 : 3;
	return n * most + plain->indent + SLACK;
}

// From here on `out` has room.
static void put(struct buf *out, const void *data, size_t n) {
	memcpy(out->data + out->len, data, n);
	out->len += n;
}

static void put_text(struct plain *plain, struct buf *out, const void *text, size_t n) {
	if (!plain->inside) {
		memset(out->data + out->len, ' ', plain->indent);
		out->len += plain->indent;
		plain->inside = true;
	}
	put(out, text, n);
}

static void put_ascii(struct plain *plain, struct buf *out, char c) {
	if (plain->one_line && (c == '\n' || c == '\t')) {
		c = ' ';
	}
	put_text(plain, out, &c, 1);
	plain->inside = c != '\n';
}

static void put_sgr(struct plain *plain, struct buf *out) {
	if (!plain->colour) {
		return;
	}
	put(out, "\033[", 2);
	put(out, plain->sgr, plain->sgr_len);
	put(out, "m", 1);
	plain->tinted = plain->sgr_len > 1 || (plain->sgr_len == 1 && plain->sgr[0] != '0');
}

static void take_ascii(struct plain *plain, struct buf *out, unsigned char c) {
	struct step step = steps[plain->state][kind_of(c)];
	plain->state = step.next;
	switch ((enum action)step.action) {
	case DROP:
		break;
	case EMIT:
		put_ascii(plain, out, (char)c);
		break;
	case BEGIN:
		plain->sgr_len = 0;
		break;
	case COLLECT:
		if (plain->sgr_len == sizeof plain->sgr) {
			plain->state = CSI_OTHER; // no colour is that long
		} else {
			plain->sgr[plain->sgr_len++] = (char)c;
		}
		break;
	case COLOUR:
		put_sgr(plain, out);
		break;
	}
}

// Outside of strings a character that no sequence may hold ends the sequence.
static bool swallowed(struct plain *plain) {
	if (plain->state == OSC || plain->state == STRING) {
		return true;
	}
	plain->state = GROUND;
	return false;
}

// U+0080 to U+009F: each is ESC and the character 0x40 below.
static void take_c1(struct plain *plain, unsigned char c) {
	plain->state = steps[ESCAPE][kind_of((unsigned char)(c - 0x40))].next;
	if (plain->state == CSI) {
		plain->state = CSI_OTHER; // it would come out as two bytes that are no SGR
	}
}

// Both look at a whole character.
static bool is_c1(const unsigned char *p) {
	return p[0] == 0xc2 && p[1] < 0xa0;
}

static bool is_bidi(const unsigned char *p) {
	return p[0] == 0xe2 && ((p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae) ||
				       (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
}

static void take_character(struct plain *plain, struct buf *out) {
	const unsigned char *p = plain->held;
	if (is_c1(p)) {
		take_c1(plain, p[1]);
	} else if (!swallowed(plain) && !is_bidi(p)) {
		put_text(plain, out, p, plain->held_len);
	}
	plain->held_len = 0;
}

// A byte that belongs to no character.
static void take_stray(struct plain *plain, struct buf *out, unsigned char c) {
	if (c == 0x9c) {
		plain->state = GROUND; // ST of a program that speaks Latin-1
	} else if (c >= 0x80 && c < 0xa0) {
		return;
	} else if (swallowed(plain)) {
		return;
	} else if (plain->colour) {
		put_text(plain, out, "\xef\xbf\xbd", 3);
	} else {
		put_text(plain, out, &c, 1);
	}
}

static void take_strays(struct plain *plain, struct buf *out) {
	for (unsigned i = 0; i < plain->held_len; i++) {
		take_stray(plain, out, plain->held[i]);
	}
	plain->held_len = 0;
}

static void take_byte(struct plain *plain, struct buf *out, unsigned char c) {
	if (plain->held_len > 0) {
		if (utf8_continues(plain->held[0], plain->held_len, c)) {
			plain->held[plain->held_len++] = c;
			if (plain->held_len == plain->held_need) {
				take_character(plain, out);
			}
			return;
		}
		take_strays(plain, out);
	}
	if (c < 0x80) {
		take_ascii(plain, out, c);
	} else if ((plain->held_need = utf8_length(c)) > 0) {
		plain->held[0] = c;
		plain->held_len = 1;
	} else {
		take_stray(plain, out, c);
	}
}

// Printable ASCII, eight bytes at a time.
static size_t skip_words(const unsigned char *p, size_t n) {
	const uint64_t ones = UINT64_C(0x0101010101010101);
	size_t i = 0;
	for (; n - i >= 8; i += 8) {
		uint64_t word;
		memcpy(&word, p + i, 8);
		// The high bit of a byte: not ASCII, or borrowed as it is below a blank, or DEL.
		if ((word | (word - ones * ' ') | (word + ones)) & (ones * 0x80)) {
			break;
		}
	}
	return i;
}

// The length of the harmless character of several bytes at p; 0: it needs a closer look.
static size_t harmless(const unsigned char *p, size_t n) {
	size_t length = utf8_length(p[0]);
	if (length == 0 || length > n || !utf8_second(p[0], p[1])) {
		return 0;
	}
	for (size_t i = 2; i < length; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			return 0;
		}
	}
	return is_c1(p) || is_bidi(p) ? 0 : length;
}

// How many bytes from p on go out as they are.
static size_t ordinary(const unsigned char *p, size_t n) {
	size_t i = 0;
	for (;;) {
		i += skip_words(p + i, n - i);
		while (i < n && p[i] >= ' ' && p[i] < 0x7f) {
			i++;
		}
		size_t length = i < n && p[i] >= 0x80 ? harmless(p + i, n - i) : 0;
		if (length == 0) {
			return i;
		}
		i += length;
	}
}

int plain_feed(struct plain *plain, const char *data, size_t n, struct buf *out) {
	const unsigned char *p = (const unsigned char *)data, *end = p + n;
	if (buf_reserve(out, plain_room(plain, n)) < 0) {
		return -1;
	}
	while (p < end) {
		if (plain->state == GROUND && plain->held_len == 0) {
			size_t run = ordinary(p, (size_t)(end - p));
			if (run > 0) {
				put_text(plain, out, p, run);
				p += run;
				continue;
			}
		}
		take_byte(plain, out, *p++);
	}
	return 0;
}

int plain_end(struct plain *plain, struct buf *out) {
	if (buf_reserve(out, plain_room(plain, 0)) < 0) {
		return -1;
	}
	take_strays(plain, out);
	if (plain->tinted) {
		put(out, "\033[0m", 4);
	}
	if (plain->inside && !plain->one_line) {
		put(out, "\n", 1);
	}
	bool one_line = plain->one_line;
	plain_init(plain, plain->colour, plain->indent);
	plain->one_line = one_line;
	return 0;
}

int plain_word(struct buf *out, const char *text, bool colour) {
	struct plain plain;
	size_t before = out->len;
	plain_init(&plain, colour, 0);
	plain.one_line = true;
	if (plain_feed(&plain, text, strlen(text), out) < 0 || plain_end(&plain, out) < 0) {
		out->len = before;
		return -1;
	}
	return 0;
}

int plain_name(struct buf *out, const char *name, bool colour) {
	return plain_word(out, name[0] ? name : "''", colour);
}
