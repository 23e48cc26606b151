# shellcheck shell=bash disable=SC2016 # expressions in single quotes are for others to expand
# SPDX-License-Identifier: MIT
# spool completion: the scripts, in the shells that they are for. zsh and fish where they are
# installed; their scripts come from the same tables as that of bash.

# in_bash WORD… : what bash offers for the last of the words behind spool
in_bash() {
	run bash --norc -c 'source <("$0" completion bash)
		COMP_WORDS=(spool "$@") COMP_CWORD=$#
		_spool
		((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"' "$SPOOL" "$@"
	status 0
	stderr_is ''
}

# in_fish LINE: what fish offers for its end
in_fish() {
	needs fish
	HOME=$PWD run fish --no-config -c '$argv[1] completion fish | source
		complete -C $argv[2]' "$SPOOL" "$1"
	status 0
	stderr_is ''
	sed 's/\t.*//' "$CASE/out" >offered
}

# in_zsh KEYS: types "spool KEYS" on a terminal, where \t completes, and Enter; the line that zsh
# runs then stands behind "got: "
in_zsh() {
	needs zsh
	cat >.zshrc <<-'END'
		autoload -U compinit && compinit -u -D
		source <("$SPOOL" completion zsh)
		spool() { print -r -- "got: $*" }
		PS1='ready>'
	END
	ZDOTDIR=$PWD HOME=$PWD TERM=dumb run "$PTY" -e 'ready>' -s "spool $1"$'\n' -e 'got: ' -e 'ready>' -s 'exit\n' -- \
		zsh -d -i
	status 0
}

# options_of COMMAND: its long options, as its help has them
options_of() {
	"$SPOOL" "$1" --help | grep -oE '^  (-., |    )--[a-z-]+' | grep -oE '[-]-[a-z-]+' | sort
}

case_ "bash: every command, and every option of each" && {
	in_bash ''
	sort "$CASE/out" >offered
	{
		"$SPOOL" --help | sed -n 's/^  spool \([a-z]*\) .*/\1/p'
		printf '%s\n' help --help --version
	} | sort >wanted
	that cmp offered wanted
	for name in $("$SPOOL" --help | sed -n 's/^  spool \([a-z]*\) .*/\1/p'); do
		in_bash "$name" --
		that diff <(sort "$CASE/out") <(options_of "$name")
	done
}

case_ "bash: words, files, directories and programs where they are wanted" && {
	mkdir folder
	touch 'fine file.yaml' folder/jobs.yaml other
	in_bash r
	stdout_is run
	in_bash run --output ''
	stdout_is never failed all
	in_bash run --color = a
	stdout_is auto always
	in_bash run --color =
	stdout_is auto always never
	in_bash run f
	that diff <(sort "$CASE/out") <(printf '%s\n' 'fine file.yaml' folder)
	in_bash run -j 4 -q folder/
	stdout_is folder/jobs.yaml
	in_bash run -C ''
	stdout_is folder
	in_bash run -j ''
	stdout_is ''
	in_bash run jobs.yaml ''
	stdout_is ''
	in_bash check other o
	stdout_is other
	in_bash exec --cwd f
	stdout_is folder
	in_bash exec --timeout 5s -- bas
	that grep -qx bash "$CASE/out"
	in_bash exec sort --
	stdout_is ''
	in_bash exec sort o
	stdout_is other
	in_bash map -j 4 -k bas
	that grep -qx bash "$CASE/out"
	in_bash map sort --
	stdout_is ''
	in_bash map sort ::: o
	stdout_is other
	in_bash map -a o
	stdout_is other
	in_bash map --results f
	that diff <(sort "$CASE/out") <(printf '%s\n' folder)
	in_bash map --exit-status ''
	stdout_is any count first max
	in_bash map --shell = ba
	stdout_is bash
	in_bash map --shell =
	stdout_is sh bash dash ksh zsh
	in_bash map --shell = bash bas
	that grep -qx bash "$CASE/out"
	in_bash map --shell bas
	that grep -qx bash "$CASE/out"
	in_bash map --shell --jobl
	stdout_is --joblog
	in_bash completion ''
	stdout_is bash zsh fish
	in_bash help ch
	stdout_is check
}

case_ "fish: commands, options, words, files" && {
	mkdir folder
	touch jobs.yaml
	in_fish 'spool r'
	file_is offered run
	for name in $("$SPOOL" --help | sed -n 's/^  spool \([a-z]*\) .*/\1/p'); do
		in_fish "spool $name --"
		that diff <(sed 's/=$//' offered | sort -u) <(options_of "$name")
	done
	in_fish 'spool run --output '
	that diff <(sort offered) <(printf '%s\n' all failed never)
	in_fish 'spool run -C '
	file_is offered folder/
	in_fish 'spool run jo'
	file_is offered jobs.yaml
	in_fish 'spool check jobs.yaml jo'
	file_is offered jobs.yaml
	in_fish 'spool exec bas'
	that grep -qx bash offered
	in_fish 'spool map bas'
	that grep -qx bash offered
	in_fish 'spool map --exit-status '
	that diff <(sort offered) <(printf '%s\n' any count first max)
	in_fish 'spool map --shell='
	that test "$(grep -cxE -e '--shell=(sh|bash|dash|ksh|zsh)' offered)" = 5
	in_fish 'spool map --shell bas'
	that grep -qx bash offered
	in_fish 'spool map -a jo'
	file_is offered jobs.yaml
	in_fish 'spool map --results fo'
	file_is offered folder/
	in_fish 'spool map sort ::: jo'
	that grep -qx jobs.yaml offered
	in_fish 'spool completion '
	that diff <(sort offered) <(printf '%s\n' bash fish zsh)
}

case_ "zsh: commands, options, words, files" && {
	mkdir folder
	touch jobs.yaml
	for pair in 'comp\tba\t|completion bash' 'ru\t--outp\tfa\t jo\t|run --output=failed jobs.yaml' \
		'run --keep\t-Cfol\t|run --keep-order -Cfolder' 'check jo\t|check jobs.yaml' \
		'exec --cap\tsetp\t|exec --capture setpriv' \
		'map --exit-s\tco\t-a jo\tsort jo\t|map --exit-status=count -a jobs.yaml sort jobs.yaml' \
		'map --shell=da\tsetp\t|map --shell=dash setpriv' 'map --res\tfo\t sort|map --results=folder sort'; do
		in_zsh "$(printf '%b' "${pair%|*}")"
		tr -d '\r' <"$CASE/out" | sed -n 's/.*got: //p' | sed 's/ *$//' >got
		file_is got "${pair#*|}"
	done
}

case_ "one shell, and one that is known" && {
	for words in '' 'bash zsh'; do
		# shellcheck disable=SC2086 # its words
		run "$SPOOL" completion $words
		status 2
		stderr_is 'spool: one shell is to be named' 'hint: spool completion bash, zsh or fish'
	done
	run "$SPOOL" completion tcsh
	status 2
	stderr_is "spool: unknown shell 'tcsh'" 'hint: there is completion for bash, zsh and fish'
	out_to=/dev/full run "$SPOOL" completion bash
	status 3
	stderr_is 'spool: cannot write to standard output: No space left on device'
}
