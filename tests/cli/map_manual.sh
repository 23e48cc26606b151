# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The examples of spool-map(1), each run exactly as it is printed: of a literal block in the section
# EXAMPLES the lines behind "$ " are commands, for one bash, and what follows is what a terminal
# then shows. There is no empty line in an example.

page=$ROOT/man/spool-map.1

# blocks: the literal ones of EXAMPLES as they are printed, with an empty line behind each
blocks() {
	awk '
		/^\.Sh / { section = $2 }
		section != "EXAMPLES" { next }
		/^\.Bd -literal/ { inside = 1; next }
		/^\.Ed/ { inside = 0; print ""; next }
		inside' "$page" | sed -e 's/\\&//g' -e 's/\\-/-/g' -e 's/\\e/\\/g'
}

# block FIRST: the one whose first line that is
block() {
	blocks | awk -v RS= -v first="${1//\\/\\\\}" 'index($0, first "\n") == 1'
}

# script: of the block on standard input, for bash; it shows its commands as a terminal does
script() {
	local line
	echo 'exec 2>&1'
	echo 'last=0'
	while IFS= read -r line; do
		if [[ $line == '$ '* ]]; then
			printf 'printf "%%s\\n" %q\n(exit $last)\n%s\nlast=$?\n' "$line" "${line#\$ }"
		fi
	done
	echo 'exit 0'
}

as_printed() {
	mkdir "$CASE/bin"
	ln -s "$SPOOL" "$CASE/bin/spool"
	PATH=$CASE/bin:$PATH
	block "$1" >"$CASE/block"
	script <"$CASE/block" >"$CASE/script"
	run bash "$CASE/script"
	status 0
	stdout_is - <"$CASE/block"
}

while IFS= read -r first; do
	case_ "spool-map(1): $first" && as_printed "$first"
done < <(blocks | awk -v RS= -F '\n' '{ print $1 }')

case_ "spool-map(1): its examples begin with commands, no two with the same" && {
	blocks | awk -v RS= -F '\n' '{ print $1 }' >first_lines
	that test "$(grep -c '' first_lines)" -ge 10
	that test "$(grep -vc '^\$ ' first_lines)" = 0
	that test "$(sort first_lines | uniq -d | wc -l)" = 0
}
