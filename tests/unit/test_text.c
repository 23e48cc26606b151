// SPDX-License-Identifier: MIT
// Text around a command: ends of lines (subprocess contract, 3.5), getstatusoutput (section 4), and
// words as a shell writes them. What is expected was said by Python 3.11.
#include "command.h"

#include <time.h>

// ---- Ends of lines

static void assert_lf(const char *text, size_t n, const char *expected, size_t len) {
	char *data = malloc(n); // no byte more, so that a tool sees a look beyond
	assert_true(data || n == 0);
	memcpy(data, text, n);
	assert_int_equal(sp_newlines_to_lf(data, n), len);
	assert_memory_equal(data, expected, len);
	assert_true(len == n || data[len] == '\0');
	free(data);
}

#define ASSERT_LF(text, expected) assert_lf(text, sizeof(text) - 1, expected, sizeof(expected) - 1)

static void section_3_5_newlines_become_lf(void **state) {
	(void)state;
	ASSERT_LF("", "");
	ASSERT_LF("a", "a");
	ASSERT_LF("a\nb\n", "a\nb\n");
	ASSERT_LF("a\r\n", "a\n");
	ASSERT_LF("a\r", "a\n");
	ASSERT_LF("\r", "\n");
	ASSERT_LF("\r\n", "\n");
	ASSERT_LF("\n\r", "\n\n");
	ASSERT_LF("\r\r\n", "\n\n");
	ASSERT_LF("\r\n\r\n", "\n\n");
	ASSERT_LF("\n\r\n\r", "\n\n\n");
	ASSERT_LF("a\rb\r\nc\nd\r\r", "a\nb\nc\nd\n\n");
	ASSERT_LF("a\0b\r\n\0\r", "a\0b\n\0\n");
	ASSERT_LF("\xff\r\n\x85\x0b\x0c", "\xff\n\x85\x0b\x0c");
	assert_int_equal(sp_newlines_to_lf(NULL, 0), 0);
}

static void section_3_5_newlines_touch_only_what_is_given(void **state) {
	(void)state;
	// A CR that is the last of what is given is a line's end, whatever follows; and where
	// nothing gets shorter nothing is written behind.
	char data[] = "a\r\nb\r\n";
	assert_int_equal(sp_newlines_to_lf(data, 2), 2);
	assert_string_equal(data, "a\n\nb\r\n");
	assert_int_equal(sp_newlines_to_lf(data + 3, 3), 2);
	assert_string_equal(data, "a\n\nb\n");
}

static void S16_section_3_5_newlines_of_a_whole_output(void **state) {
	(void)state;
	SCRIPT(opts, "printf 'a\\r'; printf '\\nb\\r\\n'");
	opts.out = SP_PIPE;
	sp_result result;
	assert_int_equal(sp_run(&opts, NULL, &result), SP_OK);
	result.out.len = sp_newlines_to_lf(result.out.data, result.out.len);
	assert_buf(&result.out, "a\nb\n");
	sp_result_clear(&result);
}

// ---- getstatusoutput

struct statusoutput {
	const char *script;
	int rc;
	const char *text;
	size_t len;
};

#define SAYS(script, rc, text) \
	{ script, rc, text, sizeof(text) - 1 }

static void section_4_getstatusoutput_as_python_has_it(void **state) {
	(void)state;
	static const struct statusoutput cases[] = {
		SAYS("printf 'a\\r\\n'", 0, "a"),
		SAYS("printf 'a\\r'", 0, "a"),
		SAYS("printf '\\n'", 0, ""),
		SAYS("printf '\\r'", 0, ""),
		SAYS("printf ''", 0, ""),
		SAYS("printf 'a\\n\\n'", 0, "a\n"),
		SAYS("printf 'a\\r\\n\\r\\n'", 0, "a\n"),
		SAYS("printf 'a\\r\\r'", 0, "a\n"),
		SAYS("printf '\\r\\r\\n'", 0, "\n"),
		SAYS("printf 'a\\n\\rb'", 0, "a\n\nb"),
		SAYS("printf 'x\\r'; printf '\\ny'", 0, "x\ny"),
		SAYS("printf 'a\\000b\\r\\n'", 0, "a\0b"),
		SAYS("printf a; printf b >&2; printf 'c\\n'", 0, "abc"),
		SAYS("printf 'a\\r\\n'; exit 3", 3, "a"),
		SAYS("exit 300", 44, ""),
		SAYS("false", 1, ""),
		SAYS("kill -TERM $$", -SIGTERM, ""),
		SAYS("printf 'a\\r\\n'; kill -KILL $$", -SIGKILL, "a"),
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct statusoutput *c = &cases[i];
		int rc = 1000;
		sp_buf out, again;
		assert_int_equal(sp_getstatusoutput(c->script, &rc, &out, NULL), SP_OK);
		assert_int_equal(sp_getstatusoutput(c->script, NULL, &again, NULL), SP_OK);
		if (rc != c->rc || out.len != c->len || again.len != c->len) {
			fail_msg("%s: %d, %zu bytes", c->script, rc, out.len);
		}
		assert_true(out.captured);
		assert_memory_equal(out.data, c->text, c->len + 1);
		assert_memory_equal(again.data, c->text, c->len + 1);
		sp_buf_clear(&out);
		sp_buf_clear(&again);
	}
}

static void section_4_getstatusoutput_that_cannot_start(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "does not survive an execve that fails");
	size_t n = 200000; // one argument may have 128 KiB
	char *script = malloc(n + 1);
	assert_non_null(script);
	memset(script, ' ', n);
	script[n] = '\0';
	sp_error error = SP_ERROR_INIT;
	sp_buf out;
	int rc = 1000;
	assert_int_equal(sp_getstatusoutput(script, &rc, &out, &error), SP_E_OS);
	assert_int_equal(error.os_errno, E2BIG);
	assert_int_equal(rc, 1000);
	assert_true(!out.captured && !out.data);
	sp_error_clear(&error);
	free(script);
}

// ---- Quoting

static void quote_as_shlex(void **state) {
	(void)state;
	static const char *const cases[][2] = {
		{"", "''"},
		{"a", "a"},
		{"~", "'~'"},
		{"a'b", "'a'\"'\"'b'"},
		{"'", "''\"'\"''"},
		{"''", "''\"'\"''\"'\"''"},
		{"a b", "'a b'"},
		{"\n", "'\n'"},
		{"\t", "'\t'"},
		{"\\", "'\\'"},
		{"\"", "'\"'"},
		{"$x", "'$x'"},
		{"*", "'*'"},
		{"-a", "-a"},
		{"a=b", "a=b"},
		{"a/b.c:d,e+f-g%h@i_j", "a/b.c:d,e+f-g%h@i_j"},
		{"\351", "'\351'"},
		{"a\377", "'a\377'"},
		{"!", "'!'"},
		{"#", "'#'"},
		{"{a}", "'{a}'"},
		{"[a]", "'[a]'"},
		{"a^b", "'a^b'"},
		{"a|b", "'a|b'"},
		{"a;b", "'a;b'"},
		{"a&b", "'a&b'"},
		{"(", "'('"},
		{"<", "'<'"},
		{">", "'>'"},
		{"`", "'`'"},
		{"?", "'?'"},
		{"it's 'so'", "'it'\"'\"'s '\"'\"'so'\"'\"''"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *quoted;
		assert_int_equal(sp_quote(cases[i][0], &quoted), SP_OK);
		assert_string_equal(quoted, cases[i][1]);
		free(quoted);
	}
}

// re.ASCII's \w and @%+=:,./- need no quotes, every other byte does.
static void quote_as_shlex_every_byte(void **state) {
	(void)state;
	static const char plain[] = "%+,-./0123456789:=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
				    "abcdefghijklmnopqrstuvwxyz";
	for (int byte = 1; byte < 256; byte++) {
		char word[] = {(char)byte, '\0'}, *quoted;
		assert_int_equal(sp_quote(word, &quoted), SP_OK);
		assert_int_equal(quoted[0] != '\'', strchr(plain, byte) != NULL);
		free(quoted);
	}
}

static void join_as_shlex(void **state) {
	(void)state;
	const char *const argv[] = {"echo", "-n", "", "Multiple words", "it's", "~", "*"};
	char *joined;
	assert_int_equal(sp_join(argv, sizeof argv / sizeof *argv, &joined), SP_OK);
	assert_string_equal(joined, "echo -n '' 'Multiple words' 'it'\"'\"'s' '~' '*'");
	free(joined);
	assert_int_equal(sp_join(NULL, 0, &joined), SP_OK);
	assert_string_equal(joined, "");
	free(joined);
}

// ---- Splitting

enum { MOST_WORDS = 4 };
struct line {
	const char *text;
	size_t n;
	const char *words[MOST_WORDS];
	const char *wrong;
};

static const struct line lines[] = {
	{"", 0, {NULL}, NULL},
	{"  ", 0, {NULL}, NULL},
	{"a", 1, {"a"}, NULL},
	{"a b", 2, {"a", "b"}, NULL},
	{" a\tb\rc\nd ", 4, {"a", "b", "c", "d"}, NULL},
	{"''", 1, {""}, NULL},
	{"\"\"", 1, {""}, NULL},
	{"'' \"\"", 2, {"", ""}, NULL},
	{"a''", 1, {"a"}, NULL},
	{"''a", 1, {"a"}, NULL},
	{"a'b c'd", 1, {"ab cd"}, NULL},
	{"a\"b c\"d", 1, {"ab cd"}, NULL},
	{"'a\"b'", 1, {"a\"b"}, NULL},
	{"\"a'b\"", 1, {"a'b"}, NULL},
	{"a\\ b", 1, {"a b"}, NULL},
	{"a\\\\b", 1, {"a\\b"}, NULL},
	{"\\a", 1, {"a"}, NULL},
	{"\\'", 1, {"'"}, NULL},
	{"'a\\'b", 1, {"a\\b"}, NULL},
	{"'a\\b'", 1, {"a\\b"}, NULL},
	{"\"a\\b\"", 1, {"a\\b"}, NULL},
	{"\"a\\\"b\"", 1, {"a\"b"}, NULL},
	{"\"a\\\\b\"", 1, {"a\\b"}, NULL},
	{"\"a\\$b\"", 1, {"a\\$b"}, NULL},
	{"\"a\\`b\"", 1, {"a\\`b"}, NULL},
	{"\"a\\\nb\"", 1, {"a\\\nb"}, NULL},
	{"\"a\\'b\"", 1, {"a\\'b"}, NULL},
	{"a\\\nb", 1, {"a\nb"}, NULL},
	{"\\\n", 1, {"\n"}, NULL},
	{"# not a comment", 4, {"#", "not", "a", "comment"}, NULL},
	{"a#b", 1, {"a#b"}, NULL},
	{"a # b", 3, {"a", "#", "b"}, NULL},
	{"a;b|c&d>e<f()", 1, {"a;b|c&d>e<f()"}, NULL},
	{"$HOME `x` $(y) *?~", 4, {"$HOME", "`x`", "$(y)", "*?~"}, NULL},
	{"a=b c='d e'", 2, {"a=b", "c=d e"}, NULL},
	{"'a\nb'", 1, {"a\nb"}, NULL},
	{"\"\t\"", 1, {"\t"}, NULL},
	{"\377\351 '\351 \303'", 2, {"\377\351", "\351 \303"}, NULL},
	{"\013\014", 1, {"\013\014"}, NULL},
	{"\001", 1, {"\001"}, NULL},
	{"it'\"'\"'s", 0, {NULL}, "No closing quotation"},
	{"''''", 1, {""}, NULL},
	{"'a''b'", 1, {"ab"}, NULL},
	{"\"a\"'b'c", 1, {"abc"}, NULL},
	{"x'", 0, {NULL}, "No closing quotation"},
	{"x\"", 0, {NULL}, "No closing quotation"},
	{"'", 0, {NULL}, "No closing quotation"},
	{"\"", 0, {NULL}, "No closing quotation"},
	{"\\", 0, {NULL}, "No escaped character"},
	{"a\\", 0, {NULL}, "No escaped character"},
	{"a \\", 0, {NULL}, "No escaped character"},
	{"\"a\\", 0, {NULL}, "No escaped character"},
	{"\"a\\\"", 0, {NULL}, "No closing quotation"},
	{"'a\\'b'", 0, {NULL}, "No closing quotation"},
	{"foo \"bar", 0, {NULL}, "No closing quotation"},
	{"'' '", 0, {NULL}, "No closing quotation"},
	{"a '\\' b", 3, {"a", "\\", "b"}, NULL},
	{"\"\\\\\"", 1, {"\\"}, NULL},
	{"\"\\", 0, {NULL}, "No escaped character"},
	{"\\\\", 1, {"\\"}, NULL},
	{"\\\"", 1, {"\""}, NULL},
	{"\"'\"", 1, {"'"}, NULL},
	{"'\"'", 1, {"\""}, NULL},
	{"a\\'b\\\"c", 1, {"a'b\"c"}, NULL},
	{"\\ ", 1, {" "}, NULL},
	{"\" \"\\ ' '", 1, {"   "}, NULL},
	{"\302\240", 1, {"\302\240"}, NULL},
};

static void split_as_shlex(void **state) {
	(void)state;
	sp_error error = SP_ERROR_INIT;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		const struct line *line = &lines[i];
		char **argv = (char **)&error;
		size_t argc = 1000;
		sp_status status = sp_split(line->text, &argv, &argc, &error);
		if (status != (line->wrong ? SP_E_VALUE : SP_OK) || argc != line->n) {
			fail_msg("<%s>: status %d, %zu words", line->text, status, argc);
		}
		assert_int_equal(error.code, status);
		assert_string_equal(error.msg, line->wrong ? line->wrong : "");
		if (line->wrong) {
			assert_null(argv);
			continue;
		}
		for (size_t k = 0; k < argc; k++) {
			assert_string_equal(argv[k], line->words[k]);
		}
		assert_null(argv[argc]);
		sp_argv_free(argv);
	}
	sp_error_clear(&error);
	sp_argv_free(NULL);
}

static void split_without_count_and_error(void **state) {
	(void)state;
	char **argv;
	assert_int_equal(sp_split("a 'b c'", &argv, NULL, NULL), SP_OK);
	assert_string_equal(argv[0], "a");
	assert_string_equal(argv[1], "b c");
	assert_null(argv[2]);
	COMMAND(opts, "printf", "[%s]", argv[0], argv[1]);
	assert_says(&opts, "[a][b c]");
	sp_argv_free(argv);
	assert_int_equal(sp_split("'", &argv, NULL, NULL), SP_E_VALUE);
	assert_null(argv);
}

// ---- There and back

static uint64_t random_next(uint64_t *seed) {
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

// $SPOOL_TEST_SEED repeats a run.
static uint64_t random_seed(void) {
	const char *given = getenv("SPOOL_TEST_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)probe_now() | 1;
	printf("# SPOOL_TEST_SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

enum { ARGS = 6, BYTES = 12 };
struct words {
	char bytes[ARGS][BYTES + 1];
	const char *argv[ARGS];
	size_t argc;
};

// Half of the bytes are those that mean something to a shell.
static void random_words(struct words *words, uint64_t *seed) {
	static const char special[] = "'\"\\ \t\n\r#$`~*?;&|<>()!{}[]=-a";
	words->argc = random_next(seed) % (ARGS + 1);
	for (size_t i = 0; i < words->argc; i++) {
		size_t len = random_next(seed) % (BYTES + 1);
		for (size_t k = 0; k < len; k++) {
			uint64_t number = random_next(seed);
			words->bytes[i][k] = number & 1
						     ? special[(number >> 8) % (sizeof special - 1)]
						     : (char)(1 + (number >> 8) % 255);
		}
		words->bytes[i][len] = '\0';
		words->argv[i] = words->bytes[i];
	}
}

static void split_undoes_join_of_random_bytes(void **state) {
	(void)state;
	uint64_t seed = random_seed();
	for (int round = 0; round < 20000; round++) {
		struct words words;
		char *joined, **argv;
		size_t argc;
		random_words(&words, &seed);
		assert_int_equal(sp_join(words.argv, words.argc, &joined), SP_OK);
		assert_int_equal(sp_split(joined, &argv, &argc, NULL), SP_OK);
		assert_int_equal(argc, words.argc);
		for (size_t i = 0; i < argc; i++) {
			assert_string_equal(argv[i], words.argv[i]);
		}
		assert_null(argv[argc]);
		sp_argv_free(argv);
		free(joined);
	}
}

// Whatever it is: words, or one of the two errors; a tool watches the bounds.
static void split_bears_random_bytes(void **state) {
	(void)state;
	uint64_t seed = random_seed();
	sp_error error = SP_ERROR_INIT;
	for (int round = 0; round < 20000; round++) {
		struct words words;
		char **argv;
		size_t argc;
		random_words(&words, &seed);
		char *text = strdup(words.argc ? words.argv[0] : "");
		assert_non_null(text);
		sp_status status = sp_split(text, &argv, &argc, &error);
		assert_true(status == SP_OK || status == SP_E_VALUE);
		assert_true((argv != NULL) == (status == SP_OK) && argc <= strlen(text));
		sp_argv_free(argv);
		free(text);
	}
	sp_error_clear(&error);
}

static void join_is_read_by_the_shell(void **state) {
	(void)state;
	uint64_t seed = random_seed();
	for (int round = 0; round < 20; round++) {
		struct words words;
		char *joined, script[ARGS * (5 * BYTES + 3) + 32];
		sp_buf out;
		random_words(&words, &seed);
		assert_int_equal(sp_join(words.argv, words.argc, &joined), SP_OK);
		snprintf(script, sizeof script, "printf '%%s\\000' x %s", joined);
		SCRIPT(opts, script);
		assert_int_equal(sp_check_output(&opts, NULL, &out, NULL), SP_OK);
		const char *at = out.data + 2;
		for (size_t i = 0; i < words.argc; i++) {
			assert_string_equal(at, words.argv[i]);
			at += strlen(at) + 1;
		}
		assert_ptr_equal(at, out.data + out.len);
		sp_buf_clear(&out);
		free(joined);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(section_3_5_newlines_become_lf),
		TEST(section_3_5_newlines_touch_only_what_is_given),
		TEST(S16_section_3_5_newlines_of_a_whole_output),
		TEST(section_4_getstatusoutput_as_python_has_it),
		TEST(section_4_getstatusoutput_that_cannot_start),
		TEST(quote_as_shlex),
		TEST(quote_as_shlex_every_byte),
		TEST(join_as_shlex),
		TEST(split_as_shlex),
		TEST(split_without_count_and_error),
		TEST(split_undoes_join_of_random_bytes),
		TEST(split_bears_random_bytes),
		TEST(join_is_read_by_the_shell),
	};
	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
