// SPDX-License-Identifier: MIT
// Text of others: what could act on a terminal is gone, everything else is still there, and it
// makes no difference where the pieces are cut. Columns too.
#include "base/columns.h"
#include "report/plain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct row {
	const char *in, *bare, *coloured; // coloured NULL: the same
};

#define FFFD "\xef\xbf\xbd"

static const struct row rows[] = {
	{"", "", NULL},
	{"hello\n", "hello\n", NULL},
	{"no newline", "no newline\n", NULL},
	{"\n\n", "\n\n", NULL},
	{"a\tb\n", "a\tb\n", NULL},
	{"a\r\nb\r\n", "a\nb\n", NULL},
	{"50%\r100%\r\n", "50%100%\n", NULL},
	{"a\bb\x7f\v\f\x01\n", "ab\n", NULL},
	// colour stays on a terminal, and is off at the end
	{"\033[31mred\033[0m\n", "red\n", "\033[31mred\033[0m\n"},
	{"\033[31mred\033[m\n", "red\n", "\033[31mred\033[m\n"},
	{"\033[31mred\n", "red\n", "\033[31mred\n\033[0m"},
	{"\033[1;38;2;255;100;0mx", "x\n", "\033[1;38;2;255;100;0mx\033[0m\n"},
	{"\033[4:3mx\033[0m\n", "x\n", "\033[4:3mx\033[0m\n"},
	// what looks like colour and is not
	{"\033[>4;2mx\n", "x\n", NULL},
	{"\033[?1mx\n", "x\n", NULL},
	{"\033[1 mx\n", "x\n", NULL},
	{"\033[111111111111111111111111111111111111111111111111111111111111111111111111mx\n", "x\n",
		NULL},
	// other sequences
	{"\033[2J\033[1;1Hx\033[K\n", "x\n", NULL},
	{"\033[?25l\033[6nx\033[?1049h\n", "x\n", NULL},
	{"\033c\033(B\0337x\0338\033#8\n", "x\n", NULL},
	{"\033]0;title\007x\n", "x\n", NULL},
	{"\033]0;title\033\\x\n", "x\n", NULL},
	{"\033]8;;http://a/\033\\link\033]8;;\033\\\n", "link\n", NULL},
	{"\033]52;c;ZXZpbA==\007x\n", "x\n", NULL},
	{"\033P1;2q\"pixels\033\\x\n", "x\n", NULL},
	{"\033Pa\007b\033\\x\n", "x\n", NULL},
	{"\033_Gpicture\033\\x\033^private\033\\y\033Xstart\033\\z\n", "xyz\n", NULL},
	{"\033]0;\xc3\xa9\xe2\x9c\x9c\xff\007x\n", "x\n", NULL},
	{"\033]0;a\tb\rc\007x\n", "x\n", NULL},
	// sequences that are broken off
	{"\033", "", NULL},
	{"x\033[3", "x\n", NULL},
	{"\033[3\nhello\n", "\nhello\n", NULL},
	{"\033[3\thello\n", "\thello\n", NULL},
	{"\033]0;never closed\nnext\n", "\nnext\n", NULL},
	{"\033Pnever closed", "", NULL},
	{"\033[31\033[32mx\033[0m\n", "x\n", "\033[32mx\033[0m\n"},
	{"\033\033\033[32mx\033[0m\n", "x\n", "\033[32mx\033[0m\n"},
	{"\033[31\x18mx\n", "mx\n", NULL},
	{"\033]0;ti\x1atle\n", "tle\n", NULL},
	{"\033[3\r1mx\033[0m\n", "x\n", "\033[31mx\033[0m\n"},
	{"\033[3\xc3\xa9mx\n", "\xc3\xa9mx\n", NULL},
	{"\033\xe6\x97\xa5\n", "\xe6\x97\xa5\n", NULL},
	// C1 as UTF-8
	{"\xc2\x9b"
	 "31mx\n",
		"x\n", NULL},
	{"\xc2\x9b"
	 "2Jx\n",
		"x\n", NULL},
	{"\xc2\x9d"
	 "0;title\xc2\x9cx\n",
		"x\n", NULL},
	{"\xc2\x90"
	 "q\033\\x\xc2\x9e"
	 "p\xc2\x9cy\n",
		"xy\n", NULL},
	{"a\xc2\x85"
	 "b\xc2\x80"
	 "c\xc2\xa0"
	 "d\n",
		"abc\xc2\xa0"
		"d\n",
		NULL},
	// C1 as bytes
	{"a\x9b"
	 "31mb\x80\x9f\n",
		"a31mb\n", NULL},
	{"\033]0;title\x9cx\n", "x\n", NULL},
	// other bytes that are no UTF-8
	{"caf\xe9\n", "caf\xe9\n", "caf" FFFD "\n"},
	{"\xff\xfe\xf5\xc0\xc1\n", "\xff\xfe\xf5\xc0\xc1\n", FFFD FFFD FFFD FFFD FFFD "\n"},
	{"\xe2\x82", "\xe2\n", FFFD "\n"},
	{"\xe2\xacx\n", "\xe2\xacx\n", FFFD FFFD "x\n"},
	{"\xc3\n", "\xc3\n", FFFD "\n"},
	{"\xed\xa0\xa0\n", "\xed\xa0\xa0\n", FFFD FFFD FFFD "\n"},
	{"\xe0\xa0\xa0\xe0\xaf\n", "\xe0\xa0\xa0\xe0\xaf\n", "\xe0\xa0\xa0" FFFD FFFD "\n"},
	{"\xf4\x8f\xbf\xbf\xf4\xa0\xa0\xa0\n", "\xf4\x8f\xbf\xbf\xf4\xa0\xa0\xa0\n",
		"\xf4\x8f\xbf\xbf" FFFD FFFD FFFD FFFD "\n"},
	// halves with a sequence between them do not become a whole
	{"\xc2\033[m\x9b"
	 "31m\n",
		"\xc2"
		"31m\n",
		FFFD "\033[m31m\n"},
	{"\xe2\033[m\x80\xae\n", "\xe2\xae\n", FFFD "\033[m" FFFD "\n"},
	// bidi
	{"a\xe2\x80\xae"
	 "b\xe2\x80\xaa\xe2\x81\xa6"
	 "c\xe2\x81\xa9"
	 "d\n",
		"abcd\n", NULL},
	{"\xe2\x80\xa6\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa\n",
		"\xe2\x80\xa6\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa\n", NULL},
	// what must come through whole
	{"\xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x8e\x89 \xc3\xa9\n",
		"\xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x8e\x89 \xc3\xa9\n", NULL},
	{"0123456 ~789012345678901234567890\n", "0123456 ~789012345678901234567890\n", NULL},
};
enum { N_ROWS = sizeof rows / sizeof *rows };

// Cut at `first` and `second`.
static void check(const struct row *row, bool colour, size_t first, size_t second) {
	const char *wanted = colour && row->coloured ? row->coloured : row->bare;
	struct plain plain;
	struct buf out = {0};
	size_t n = strlen(row->in);
	plain_init(&plain, colour, 0);
	assert_int_equal(plain_feed(&plain, row->in, first, &out), 0);
	assert_int_equal(plain_feed(&plain, row->in + first, second - first, &out), 0);
	assert_int_equal(plain_feed(&plain, row->in + second, n - second, &out), 0);
	assert_int_equal(plain_end(&plain, &out), 0);
	buf_putc(&out, '\0');
	if (strcmp(out.data, wanted) != 0) {
		fail_msg("row %zu, colour %d, cut at %zu and %zu", (size_t)(row - rows), colour,
			first, second);
	}
	buf_clear(&out);
}

static void nasty_text_wherever_it_is_cut(void **state) {
	(void)state;
	for (size_t i = 0; i < N_ROWS; i++) {
		size_t n = strlen(rows[i].in);
		for (size_t first = 0; first <= n; first++) {
			for (size_t second = first; second <= n; second++) {
				check(&rows[i], false, first, second);
				check(&rows[i], true, first, second);
			}
		}
	}
}

static uint32_t next_random(uint32_t *seed) {
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

// What comes out of random bytes is harmless to any terminal, and stays as it is the second time.
static void nothing_dangerous_comes_out(void **state) {
	static const char alphabet[] = "\033\033\033[]PX^_\\m;:0?> \n\ta\007\x18\r\xc2\xe2\x80\x81"
				       "\x9b\x9c\x9d\xae\xa6\xe6\x97\xa5\xff";
	uint32_t seed = 20240607;
	(void)state;
	for (int round = 0; round < 20000; round++) {
		char in[24];
		struct buf once = {0}, twice = {0};
		struct plain plain;
		bool colour = round % 2;
		for (size_t i = 0; i < sizeof in; i++) {
			in[i] = alphabet[next_random(&seed) % (sizeof alphabet - 1)];
		}
		plain_init(&plain, colour, 0);
		plain_feed(&plain, in, sizeof in, &once);
		plain_end(&plain, &once);
		assert_int_equal(buf_append(&once, "", 1), 0); // strspn wants a string
		once.len--;
		for (size_t i = 0; i < once.len; i++) {
			unsigned char c = (unsigned char)once.data[i];
			assert_false(c == 0x7f ||
				     (c < ' ' && c != '\n' && c != '\t' && !(colour && c == 033)));
			if (c == 033) {
				const char *p = once.data + i + 1;
				assert_int_equal(*p, '[');
				p += 1 + strspn(p + 1, "0123456789;:");
				assert_int_equal(*p, 'm');
			}
		}
		plain_feed(&plain, once.data, once.len, &twice);
		plain_end(&plain, &twice);
		assert_int_equal(once.len, twice.len);
		assert_memory_equal(
			once.data ? once.data : "", twice.data ? twice.data : "", once.len);
		buf_clear(&once);
		buf_clear(&twice);
	}
}

static void every_line_is_indented(void **state) {
	static const char in[] = "one\n\n\033[31mtwo\r\n\xc3\xa9\033[0m";
	struct plain plain;
	struct buf out = {0};
	(void)state;
	plain_init(&plain, true, 4);
	for (size_t i = 0; i < sizeof in - 1; i++) {
		plain_feed(&plain, in + i, 1, &out);
	}
	plain_end(&plain, &out);
	buf_putc(&out, '\0');
	assert_string_equal(out.data, "    one\n    \n\033[31m    two\n    \xc3\xa9\033[0m\n");
	buf_clear(&out);
}

static void the_room_asked_for_is_enough(void **state) {
	char in[2000];
	struct plain plain;
	(void)state;
	static const char *const fills[] = {"\n", "\xff", "\xff\n", "\xe2\x82", "\033[0m", "a"};
	for (size_t k = 0; k < sizeof fills / sizeof *fills; k++) {
		struct buf out = {0};
		size_t period = strlen(fills[k]);
		for (size_t i = 0; i < sizeof in; i++) {
			in[i] = fills[k][i % period];
		}
		plain_init(&plain, true, 4);
		assert_int_equal(buf_reserve(&out, plain_room(&plain, sizeof in)), 0);
		const char *before = out.data;
		plain_feed(&plain, in, sizeof in, &out);
		assert_ptr_equal(out.data, before);
		assert_true(out.len <= plain_room(&plain, sizeof in));
		buf_clear(&out);
	}
}

static void a_word_stays_on_its_line(void **state) {
	struct buf out = {0};
	(void)state;
	assert_int_equal(plain_word(&out, "a\nb\tc\r\033[31md\033]0;x\ne", false), 0);
	buf_putc(&out, '\0');
	assert_string_equal(out.data, "a b cd e");
	buf_clear(&out);
	assert_int_equal(plain_word(&out, "\033[31mred", true), 0);
	buf_putc(&out, '\0');
	assert_string_equal(out.data, "\033[31mred\033[0m");
	buf_clear(&out);
}

static void columns_of_text(void **state) {
	static const struct {
		const char *text;
		size_t width;
	} table[] = {
		{"", 0},
		{"abc", 3},
		{"caf\xc3\xa9", 4},
		{"cafe\xcc\x81", 4},
		{"\xe6\x97\xa5\xe6\x9c\xac", 4},
		{"\xed\x95\x9c\xea\xb8\x80", 4},
		{"\xf0\x9f\x8e\x89", 2},
		{"\xf0\x9f\x91\x8b\xe2\x80\x8d", 2},
		{"\xef\xbc\xa1", 2},
		{"\xe2\x80\xa6", 1},
		{"\xe0\xb8\x81\xe0\xb8\xb4", 1},
		{"\xff\xfe", 2},
		{"\xe6\x97", 2},
		{"a\xe6", 2},
	};
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_int_equal(columns(table[i].text, strlen(table[i].text)), table[i].width);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nasty_text_wherever_it_is_cut),
		cmocka_unit_test(nothing_dangerous_comes_out),
		cmocka_unit_test(every_line_is_indented),
		cmocka_unit_test(the_room_asked_for_is_enough),
		cmocka_unit_test(a_word_stays_on_its_line),
		cmocka_unit_test(columns_of_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
