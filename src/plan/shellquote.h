/* SPDX-License-Identifier: MIT
 *
 * Placeholders in a POSIX shell script. A value is never pasted into a script: the placeholder
 * becomes a reference to a positional parameter, quoted for where it stands. Whatever the value and
 * the place, the command then sees the bytes of the value, or the script is refused.
 *
 * Scripts are read as dash and bash read them; where these two would differ, nothing behind it is
 * sure. Refused is a placeholder
 *   - in a comment, in a here-document and anywhere behind <<
 *   - in backquotes, in ${ }, in $(( )) and (( )), in $' ' and $" ", directly behind a $ or a \
 *   - in an unquoted [ ], as in file[{}]
 *   - in a function, whose parameters are its own
 *   - anywhere, if the script has eval, shift, or set with more than options
 *   - behind alias, declare -i and -n, 'function', $[ ], bash's ( ) in patterns, and behind what
 * two shells read in two ways: ((, $' with a \' in it, quotes in "${ }", a second word behind &>,
 *     a line that is broken inside an operator
 *   - where the value would be program text: the text of sh -c (bash, dash, ksh, zsh, csh, fish,
 *     "$SHELL", su, script, flock), of perl, ruby, lua, julia, Rscript -e, python and expect -c,
 *     node -e and -p, php -r, of awk, env -S; behind the host of ssh; in any word of trap, alias,
 * '.', source, watch, parallel, tmux, screen, sg, let, compgen, complete, bind, fc, enable
 *   - where it would be the name of a variable, which bash computes: export and local {}=x, unset,
 *     read, getopts, mapfile, printf -v, test -v, and in [[ ]] beside -eq, -lt, …, -v
 *   - assigned to RANDOM, SRANDOM, OPTIND, HISTCMD (bash computes them) and PS4
 *   - in a script that nests deeper than it is worth, or ends inside quotes or brackets
 * Not looked at: what the script keeps in a variable and runs itself, what a file does that it
 * reads with '.', what trap runs, commands that a value names ({} as the command), and the little
 * languages of sed, jq, find and the like, which see the bytes and read them in their own way.
 */
#ifndef PLAN_SHELLQUOTE_H
#define PLAN_SHELLQUOTE_H

#include <stdbool.h>
#include <stddef.h>

enum quoting { QUOTING_BARE, QUOTING_DOUBLE, QUOTING_SINGLE };

/* In: at and len of each placeholder, ascending; out: quoting. For parameter K a bare one is
   replaced by "${K}", one in double quotes by ${K}, one in single quotes by '"${K}"'. */
struct shell_mark {
	size_t at, len;
	enum quoting quoting;
};

/* NULL, or why placeholder *which cannot stand there: "WHERE; WHAT TO DO", where WHERE completes
   "the placeholder cannot stand". A script without placeholders is accepted. */
const char *shellquote_scan(const char *script, struct shell_mark *marks, size_t n, size_t *which);

/* Whether the script uses positional parameters itself; all: in a way that sees all of them ($@,
   $*,
   $#, shift, set, getopts, a for without in). Those of its functions are not the script's. */
struct shell_use {
	bool positional, all;
};
struct shell_use shellquote_use(const char *script, const struct shell_mark *marks, size_t n);
#endif
