// SPDX-License-Identifier: MIT
// Words and operators of a shell script, one after the other.
#include "plan/shellgrammar.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct shell_frame *shell_scan_owner(struct shell_scan *scan) {
	return &scan->frames[scan->frames[scan->depth].owner];
}

struct shell_word *shell_scan_word(struct shell_scan *scan) {
	return &shell_scan_owner(scan)->word;
}

void shell_scan_refuse(struct shell_scan *scan, size_t mark, const char *why) {
	if (scan->found && scan->n > 0 && !scan->refused) {
		scan->refused = why;
		scan->which = mark;
	}
}

// A loop comes back to what stands before, so that what would renumber the parameters still counts.
void shell_scan_doubt(struct shell_scan *scan, const char *why) {
	const char *rest = scan->text + scan->at;
	scan->doubted = true;
	if (scan->next < scan->n) {
		shell_scan_refuse(scan, scan->next, why);
	} else if (scan->n > 0 && !scan->refused &&
		   (strstr(rest, "shift") || strstr(rest, "set ") || strstr(rest, "eval"))) {
		shell_scan_refuse(scan, scan->n - 1, why);
	}
}

void shell_scan_push(struct shell_scan *scan, enum shell_frame_kind kind, bool quoted) {
	if (scan->depth + 1 == SHELL_MOST_OPEN) {
		scan->stopped = true;
		shell_scan_refuse(scan, scan->next < scan->n ? scan->next : scan->n - 1,
			"in a script that nests so deep; put it in a file");
		return;
	}
	size_t owner = scan->depth + 1;
	if (kind >= FRAME_DOUBLE) {
		owner = scan->frames[scan->depth].owner;
		scan->frames[owner].word.begun = true;
	}
	struct shell_frame *frame = &scan->frames[++scan->depth];
	*frame = (struct shell_frame){.kind = kind, .owner = owner, .quoted = quoted};
	if (kind == FRAME_ARRAY) {
		frame->position = AT_LIST;
	} else if (kind == FRAME_CASE) {
		frame->position = AT_CASE_SUBJECT;
	}
}

static void restart(struct shell_frame *frame) {
	frame->position = AT_START;
	frame->command = (struct shell_command){0};
	frame->redirect = false;
	frame->computes = frame->tested = frame->alternates = false;
}

void shell_scan_pop(struct shell_scan *scan) {
	if (scan->depth == 0) {
		return;
	}
	struct shell_frame *frame = &scan->frames[scan->depth--];
	scan->functions -= frame->function;
	if (frame->kind == FRAME_GROUP || frame->kind == FRAME_BRACE || frame->kind == FRAME_CASE) {
		restart(&scan->frames[scan->depth]);
	}
}

// The body of a function if one is due.
static void push_body(struct shell_scan *scan, enum shell_frame_kind kind) {
	struct shell_frame *below = shell_scan_owner(scan);
	bool function = below->function_next;
	below->function_next = false;
	size_t depth = scan->depth;
	shell_scan_push(scan, kind, false);
	if (scan->depth > depth) {
		scan->frames[scan->depth].function = function;
		scan->functions += function;
	}
}

// ---- Words

static void uses_all(struct shell_scan *scan) {
	if (scan->functions == 0) {
		scan->use.positional = scan->use.all = true;
	}
}

static void command_word(
	struct shell_scan *scan, struct shell_frame *frame, const struct shell_word *word) {
	enum shell_danger danger;
	if (frame->command.n == 0 && shell_word_is(word, "getopts")) {
		uses_all(scan);
	}
	const char *why = shell_command_word(&frame->command, word, &danger);
	if (why && word->marked) {
		shell_scan_refuse(scan, word->mark, why);
	}
	switch (danger) {
	case SHELL_HARMLESS:
		break;
	case SHELL_EVALUATES:
		shell_scan_refuse(scan, 0, "in a script with eval; write \"$1\"");
		break;
	case SHELL_RENUMBERS:
		uses_all(scan);
		if (scan->functions == 0) {
			shell_scan_refuse(scan, 0, "in a script with shift or set; write \"$1\"");
		}
		break;
	case SHELL_REWRITES:
		shell_scan_doubt(scan, "behind alias, declare -i or declare -n; write \"$1\"");
		break;
	}
}

static void test_word(
	struct shell_scan *scan, struct shell_frame *frame, const struct shell_word *word) {
	static const char *const computing[] = {
		"-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-v", "-R", "-t"};
	if (shell_word_reserved(word, "]]")) {
		frame->position = AT_ARGUMENTS;
		return;
	}
	for (size_t i = 0; i < COUNT(computing); i++) {
		frame->computes = frame->computes || shell_word_is(word, computing[i]);
	}
	if (word->marked) {
		frame->tested = true;
		frame->mark = word->mark;
	}
	if (frame->tested && frame->computes) {
		shell_scan_refuse(scan, frame->mark,
			"in [[ ]] beside -eq and the like, where bash computes it; write [ {} -eq "
			"… ]");
	}
	if (frame->alternates) { // dash runs what stands there
		command_word(scan, frame, word);
	}
}

// A word behind which a command begins.
static bool begins_command(const struct shell_word *word) {
	static const char *const reserved[] = {
		"if", "then", "else", "elif", "fi", "while", "until", "do", "done", "!"};
	for (size_t i = 0; i < COUNT(reserved); i++) {
		if (shell_word_reserved(word, reserved[i])) {
			return true;
		}
	}
	return false;
}

static void close_word(struct shell_scan *scan, enum shell_frame_kind kind) {
	if (scan->frames[scan->depth].kind == kind) {
		shell_scan_pop(scan);
	} else {
		shell_scan_doubt(scan, "behind a } or esac that ends nothing; take it away");
	}
}

// Whether the word was a reserved one.
static bool reserved_word(
	struct shell_scan *scan, struct shell_frame *frame, const struct shell_word *word) {
	if (begins_command(word)) {
		frame->position = AT_START;
	} else if (shell_word_reserved(word, "{")) {
		push_body(scan, FRAME_BRACE);
	} else if (shell_word_reserved(word, "}")) {
		close_word(scan, FRAME_BRACE);
	} else if (shell_word_reserved(word, "case")) {
		shell_scan_push(scan, FRAME_CASE, false);
	} else if (shell_word_reserved(word, "esac")) {
		close_word(scan, FRAME_CASE);
	} else if (shell_word_reserved(word, "for") || shell_word_reserved(word, "select")) {
		frame->position = AT_FOR_NAME;
	} else if (shell_word_reserved(word, "time")) {
		frame->position = AT_TIME;
	} else if (shell_word_reserved(word, "[[")) {
		frame->position = AT_TEST;
	} else if (shell_word_reserved(word, "function")) {
		shell_scan_doubt(
			scan, "behind 'function', which not every shell has; write NAME() {");
		frame->position = AT_FUNCTION_NAME;
	} else if (shell_word_reserved(word, "coproc")) {
		shell_scan_doubt(scan, "behind 'coproc', which not every shell has; write \"$1\"");
	} else {
		return false;
	}
	return true;
}

static void start_word(
	struct shell_scan *scan, struct shell_frame *frame, const struct shell_word *word) {
	bool body = frame->function_next && !shell_word_reserved(word, "{");
	if (body) {
		shell_scan_doubt(scan, "behind a function whose body is not { }; write { }");
		frame->function_next = false;
	}
	if (frame->position != AT_COMMAND && reserved_word(scan, frame, word)) {
		return;
	}
	if (shell_word_assigns(word)) {
		frame->position = AT_COMMAND;
		const char *why = word->marked ? shell_word_assigned(word) : NULL;
		if (why) {
			shell_scan_refuse(scan, word->mark, why);
		}
		return;
	}
	frame->position = AT_ARGUMENTS;
	command_word(scan, frame, word);
	if (frame->command.program && frame->command.n == 0) {
		frame->position = AT_ARGUMENTS; // behind "command", where no word is reserved
	}
}

static void for_word(
	struct shell_scan *scan, struct shell_frame *frame, const struct shell_word *word) {
	if (frame->position == AT_FOR_NAME) {
		struct shell_word assigned = *word;
		shell_word_put(&assigned, '=', false);
		if (shell_word_assigned(&assigned)) {
			shell_scan_doubt(scan, shell_word_assigned(&assigned));
		}
		frame->position = AT_FOR_IN;
	} else if (shell_word_reserved(word, "in")) {
		frame->position = AT_LIST;
	} else { // do
		uses_all(scan);
		frame->position = AT_START;
	}
}

static void place_word(
	struct shell_scan *scan, struct shell_frame *frame, const struct shell_word *word) {
	switch (frame->position) {
	case AT_TIME:
		if (word->head == '-') {
			break;
		}
		frame->position = AT_START;
		start_word(scan, frame, word);
		break;
	case AT_START:
	case AT_COMMAND:
		start_word(scan, frame, word);
		break;
	case AT_ARGUMENTS:
		command_word(scan, frame, word);
		break;
	case AT_TEST:
		test_word(scan, frame, word);
		break;
	case AT_FOR_NAME:
	case AT_FOR_IN:
		for_word(scan, frame, word);
		break;
	case AT_FUNCTION_NAME:
		frame->position = AT_START;
		frame->function_next = true;
		break;
	case AT_CASE_SUBJECT:
		frame->position = AT_CASE_IN;
		break;
	case AT_CASE_IN:
		frame->position = AT_FIRST_PATTERN;
		break;
	case AT_FIRST_PATTERN:
		frame->position = AT_PATTERN;
		if (shell_word_reserved(word, "esac")) {
			close_word(scan, FRAME_CASE);
		}
		break;
	case AT_END:
		shell_scan_doubt(scan,
			"behind a word behind &>, which shells read in two ways; write "
			">FILE 2>&1");
		break;
	case AT_LIST:
	case AT_PATTERN:
		break;
	}
}

void shell_scan_end_word(struct shell_scan *scan) {
	struct shell_frame *frame = &scan->frames[scan->depth];
	struct shell_word word = frame->word;
	if (!word.begun) {
		return;
	}
	frame->word = (struct shell_word){0};
	if (word.bracketed) {
		shell_scan_refuse(scan, word.mark, "behind a [ that is not quoted; quote it");
	}
	if (frame->redirect) {
		frame->redirect = false;
		return;
	}
	place_word(scan, frame, &word);
}

// ---- Operators

// A number that stands directly before it belongs to it.
void shell_scan_redirect(struct shell_scan *scan) {
	struct shell_frame *frame = &scan->frames[scan->depth];
	struct shell_word *word = &frame->word;
	bool number = word->begun && !word->quoted && !word->dynamic && !word->marked &&
		      !word->path;
	for (size_t i = 0; number && i < word->len; i++) {
		number = i < sizeof word->text && word->text[i] >= '0' && word->text[i] <= '9';
	}
	if (number) {
		*word = (struct shell_word){0};
	}
	shell_scan_end_word(scan);
	scan->frames[scan->depth].redirect = true;
}

// How long the () of a function is; 0: it is something else.
static size_t empty_brackets(const char *open) {
	size_t blanks = strspn(open + 1, " \t");
	return open[1 + blanks] == ')' ? blanks + 2 : 0;
}

static bool is_array(const struct shell_word *word) {
	return word->begun && word->len > 0 && word->len <= sizeof word->text && !word->quoted &&
	       word->text[word->len - 1] == '=';
}

size_t shell_scan_open(struct shell_scan *scan) {
	struct shell_frame *frame = &scan->frames[scan->depth];
	const char *open = scan->text + scan->at;
	bool named = frame->word.begun;
	if (open[1] == '(') {
		shell_scan_doubt(scan, "behind ((, which shells read in two ways; write ( (");
	}
	if (is_array(&frame->word)) {
		frame->word.dynamic = true;
		shell_scan_push(scan, FRAME_ARRAY, false);
		return 1;
	}
	bool begins = frame->position == AT_START || frame->position == AT_TIME;
	if (frame->position == AT_FIRST_PATTERN && !named) {
		frame->position = AT_PATTERN;
		return 1;
	}
	bool name = named ? begins : frame->position == AT_ARGUMENTS && frame->command.n == 1;
	size_t empty = empty_brackets(open);
	if (name && empty > 0) {
		frame->word = (struct shell_word){0};
		restart(frame);
		frame->function_next = true;
		return empty;
	}
	if (named || !begins) {
		shell_scan_doubt(scan,
			"behind a ( in the midst of a command, which is no pattern in every "
			"shell; quote it");
	}
	shell_scan_end_word(scan);
	push_body(scan, FRAME_GROUP);
	return 1;
}

void shell_scan_close(struct shell_scan *scan) {
	shell_scan_end_word(scan);
	struct shell_frame *frame = &scan->frames[scan->depth];
	if (frame->kind == FRAME_COMMAND || frame->kind == FRAME_GROUP ||
		frame->kind == FRAME_ARRAY) {
		shell_scan_pop(scan);
	} else if (frame->position == AT_PATTERN || frame->position == AT_FIRST_PATTERN) {
		restart(frame);
	} else {
		shell_scan_doubt(scan, "behind a ) that ends nothing; quote it");
	}
}

// What begins behind ; & | and the end of a line.
static void next_command(struct shell_scan *scan, struct shell_frame *frame, char symbol) {
	switch (frame->position) {
	case AT_FOR_IN:
		if (symbol == '\n') {
			return;
		}
		uses_all(scan);
		break;
	case AT_TEST:
		frame->alternates = true;
		frame->command = (struct shell_command){0};
		return;
	case AT_CASE_SUBJECT:
	case AT_CASE_IN:
	case AT_FIRST_PATTERN:
	case AT_PATTERN:
		return;
	case AT_LIST:
		if (frame->kind == FRAME_ARRAY) {
			return;
		}
		break;
	case AT_START:
	case AT_COMMAND:
	case AT_ARGUMENTS:
	case AT_TIME:
	case AT_FOR_NAME:
	case AT_FUNCTION_NAME:
	case AT_END:
		break;
	}
	restart(frame);
}

size_t shell_scan_separate(struct shell_scan *scan, const char *symbol) {
	shell_scan_end_word(scan);
	struct shell_frame *frame = &scan->frames[scan->depth];
	bool ends = symbol[0] == ';' && (symbol[1] == ';' || symbol[1] == '&');
	if (ends && frame->kind == FRAME_CASE) {
		restart(frame);
		frame->position = AT_FIRST_PATTERN;
		return symbol[1] == ';' && symbol[2] == '&' ? 3 : 2;
	}
	if (symbol[0] == '&' && symbol[1] == '>') {
		frame->position = AT_END;
		frame->redirect = true;
		return symbol[2] == '>' ? 3 : 2;
	}
	next_command(scan, frame, symbol[0]);
	return 1;
}
