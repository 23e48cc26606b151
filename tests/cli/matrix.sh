# shellcheck shell=bash disable=SC2016 # expressions in single quotes are for others to expand
# SPDX-License-Identifier: MIT
# Where the values of a matrix come from: lines of files, patterns, ranges; include and exclude.

case_ "each line of a file is one value, literally" && {
	printf '%s\n' 'a b' '' '$(touch x) "'"'" '${{ n }}' $' tab\t' $'crlf\r' $'inner\rcr' 'é' >list
	printf 'no newline\r' >>list
	cat >jobs.yaml <<-END
		jobs: [{name: '\${{ spool.seq }}', matrix: {n: {lines: list}}, args: [$CHILD, args, '\${{ n }}']}]
	END
	run "$SPOOL" run -j1 --output all jobs.yaml
	status 0
	that test "$(grep -c '^    \[' "$CASE/out")" = 9
	stdout_has '    [a b]' '    []' '    [$(touch x) "'"'"']' '    [${{ n }}]' '    [crlf]' '    [é]'
	run "$SPOOL" run --dry-run jobs.yaml 1 6 7 9
	status 0
	stdout_has 'a b' 'args crlf <' $'inner\rcr' $'no newline\r'
	# A script has it as a variable, whatever is in it.
	echo "jobs: [{name: '\${{ spool.seq }}', matrix: {n: {lines: list}}, run: 'test -n \"\$n\" || echo empty'}]" >jobs.yaml
	run "$SPOOL" run -j1 --output all jobs.yaml
	status 0
	that test "$(grep -c '^    empty' "$CASE/out")" = 1
	that test ! -e x
}

case_ "a byte order mark is no value's, and an empty line alone is one" && {
	printf '\xef\xbb\xbfone\n' >bom
	echo >empty
	echo "jobs: [{name: a, matrix: {n: {lines: bom}, m: {lines: empty}}, args: [echo]}]" >jobs.yaml
	run "$SPOOL" list jobs.yaml
	status 0
	stdout_is "'a (one, )'  echo"
}

case_ "files and patterns start at the job file, or at -C" && {
	mkdir sub other
	echo sub >sub/list
	touch sub/in-sub other/in-other
	echo other >other/list
	echo "jobs: [{name: a, matrix: {n: {lines: list}, f: {glob: 'in-*'}}, args: [ls, '\${{ f }}']}]" >sub/jobs.yaml
	run "$SPOOL" run --output all sub/jobs.yaml
	status 0
	stdout_has 'a (sub, in-sub) PASS' '    in-sub'
	run "$SPOOL" run --output all -C other sub/jobs.yaml
	status 0
	stdout_has 'a (other, in-other) PASS' '    in-other'
	cd sub || exit 1
	run "$SPOOL" list - <jobs.yaml
	status 0
	stdout_is "'a (sub, in-sub)'  ls in-sub"
	sed -i "s|list|$PWD/../other/list|; s|in-\\*|$PWD/in*|" jobs.yaml
	run "$SPOOL" list jobs.yaml
	status 0
	stdout_has "(other, $PWD/in-sub)"
}

case_ "a pipe of values is read once, for all that name it" && {
	mkfifo fifo
	cat >jobs.yaml <<-'END'
		jobs:
		  - {name: a, matrix: {n: {lines: fifo}}, args: [echo, "${{ n }}"]}
		  - {name: b, matrix: {n: {lines: fifo}}, args: [echo, "${{ n }}"]}
	END
	printf '1\n2\n' >fifo &
	run "$SPOOL" list jobs.yaml
	status 0
	stdout_is "'a (1)'  echo 1" "'a (2)'  echo 2" "'b (1)'  echo 1" "'b (2)'  echo 2"
	wait
}

case_ "what is wrong with a file of values is said at its place" && {
	printf 'a\nb\0c\n' >nul
	printf 'a\n\nb\xff\n' >latin
	: >empty
	seq 1000001 >many
	mkdir dir
	cat >jobs.yaml <<-'END'
		defaults: {args: [echo]}
		jobs:
		  - matrix: {n: {lines: nul}}
		  - matrix: {n: {lines: latin}}
		  - matrix: {n: {lines: empty}}
		  - matrix: {n: {lines: many}}
		  - matrix: {n: {lines: dir}}
		  - matrix: {n: {lines: missing/list}}
		  - matrix: {n: {lines: /dev/zero}}
		  - matrix: {n: {lines: "${{ env.NONE:-}}"}}
		  - matrix: {n: {lines: "${{ env.NONEX }}"}}
		  - matrix: {n: {lines: "list-${{ spool.slot }}"}}
	END
	run "$SPOOL" check jobs.yaml
	status 2
	stderr_has "jobs.yaml:3:25: nul:2: there is a NUL byte in the line" \
		"jobs.yaml:4:25: latin:3: the line is not UTF-8" \
		"jobs.yaml:5:25: 'empty' has no lines: the matrix variable has no value" \
		"jobs.yaml:6:25: 'many' has more than 1000000 lines: a file has no more jobs" \
		"jobs.yaml:7:25: cannot read 'dir': Is a directory" \
		"jobs.yaml:8:25: cannot read 'missing/list': No such file or directory" \
		"jobs.yaml:9:25: '/dev/zero' is larger than 64 MiB" \
		"jobs.yaml:10:25: 'lines' is empty" \
		"jobs.yaml:11:26: '\${{ env.NONEX }}' is not set in the environment" \
		"jobs.yaml:12:31: the source of matrix values cannot hold '\${{ spool.slot }}'" \
		'hint: only env.NAME and env.NAME:-default can: the jobs are made of these values'
	that test "$(grep -c '^spool: ' "$CASE/err")" = 10
	took 0 10
}

case_ "a pattern gives files and folders as a shell does, in the order of their bytes" && {
	mkdir -p b B/c
	touch a 'c d' é .hidden B/x.c B/y.h b/z.c -- -n
	cat >jobs.yaml <<-'END'
		defaults: {args: [x, "${{ f }}"]}
		jobs:
		  - {name: "1 ${{ f }}", matrix: {f: {glob: '*'}}}
		  - {name: "2 ${{ f }}", matrix: {f: {glob: './?'}}}
		  - {name: "3 ${{ f }}", matrix: {f: {glob: '*/*.[ch]'}}}
		  - {name: "4 ${{ f }}", matrix: {f: {glob: '.h*'}}}
		  - {name: "5 ${{ f }}", matrix: {f: {glob: '*/'}}}
		  - {name: "6 ${{ f }}", matrix: {f: {glob: 'c\ d'}}}
	END
	run "$SPOOL" list jobs.yaml
	status 0
	sed "s/^'*\([0-9]\).*  x /\1 /" "$CASE/out" >got
	file_is got '1 -n' '1 B' '1 a' '1 b' "1 'c d'" '1 jobs.yaml' "1 'é'" '2 ./B' '2 ./a' '2 ./b' "2 './é'" \
		'3 B/x.c' '3 B/y.h' '3 b/z.c' '4 .hidden' '5 B/' '5 b/' "6 'c d'"
}

case_ "what the environment gives is no pattern" && {
	odd='a*[b]?\-!^'
	mkdir "$odd" aXbY
	touch "$odd/1" aXbY/2 "$odd/[x]" "$odd/x"
	echo "jobs: [{name: a, matrix: {f: {glob: '\${{ env.D }}/[\${{ env.C }}]'}}, args: [x]}]" >jobs.yaml
	D=$odd C=1 run "$SPOOL" list jobs.yaml
	status 0
	stdout_has "($odd/1)"
	# A range of characters is one only where the file writes it.
	D=$odd C='0-9' run "$SPOOL" list jobs.yaml
	status 2
	stderr_has "jobs.yaml:1:37: no file matches '$odd/[0-9]'"
	# Nor does a bracket that comes from there close one: x and ] are in this one.
	D=$odd C='x]' run "$SPOOL" list jobs.yaml
	status 0
	stdout_has "'a ($odd/x)'"
	D='a**' C=1 run "$SPOOL" check jobs.yaml
	status 2
	stderr_has "cannot look into 'a**': No such file or directory"
}

case_ "a folder of odd characters is only where a pattern starts" && {
	mkdir 'a[b]*\'
	touch 'a[b]*\/one'
	echo "jobs: [{name: a, matrix: {f: {glob: '*e'}}, args: [ls, '\${{ f }}']}]" >'a[b]*\/jobs.yaml'
	run "$SPOOL" run 'a[b]*\/jobs.yaml'
	status 0
	stdout_has 'a (one) PASS'
}

case_ "a pattern that means nothing is an error" && {
	mkdir sub closed
	cat >sub/jobs.yaml <<-'END'
		jobs:
		  - {name: a, matrix: {f: {glob: '*.none'}}, args: [x]}
		  - {name: b, matrix: {f: {glob: 'no/*'}}, args: [x]}
		  - {name: c, matrix: {f: {glob: 'src/**/*.c'}}, args: [x]}
		  - {name: d, matrix: {f: {glob: ''}}, args: [x]}
	END
	run "$SPOOL" check sub/jobs.yaml
	status 2
	stderr_has "sub/jobs.yaml:2:34: no file matches '*.none'" "hint: a relative pattern starts in 'sub'" \
		"sub/jobs.yaml:3:34: no file matches 'no/*'" "hint: cannot look into 'sub/no': No such file or directory" \
		"sub/jobs.yaml:4:34: a pattern cannot hold '**'" "hint: '*' stands for a part of one name;" \
		"sub/jobs.yaml:5:34: 'glob' is empty"
	that test "$(grep -c '^spool: ' "$CASE/err")" = 4
}

case_ "a file whose name cannot be a job's is one with another name" && {
	touch $'a\nb'
	echo "jobs: [{name: a, matrix: {f: {glob: 'a*'}}, args: [ls, '\${{ f }}']}]" >jobs.yaml
	run "$SPOOL" run jobs.yaml
	status 2
	stderr_has 'the name has a control character in it' 'hint: a name without the value has none: name: "${{ spool.seq }}"'
	sed -i 's/name: a/name: "${{ spool.seq }}"/' jobs.yaml
	run "$SPOOL" run jobs.yaml
	status 0
	stdout_has '1 PASS'
}

case_ "include and exclude as in GitHub Actions" && {
	cat >jobs.yaml <<-'END'
		jobs:
		  - name: m
		    matrix:
		      fruit: [apple, pear]
		      animal: [cat, dog]
		      exclude: [{fruit: pear, animal: dog}]
		      include:
		        - {color: green}
		        - {color: pink, animal: cat}
		        - {fruit: apple, shape: circle}
		        - {fruit: banana}
		        - {fruit: banana, animal: cat}
		    run: echo "$fruit/$animal/$color/${shape-no shape}"
	END
	color=inherited run "$SPOOL" run -j1 --output all jobs.yaml
	status 0
	stdout_matches '.*' \
		' *m \(apple, cat, pink, circle\) PASS .*' '    apple/cat/pink/circle' \
		' *m \(apple, dog, green, circle\) PASS .*' '    apple/dog/green/circle' \
		' *m \(pear, cat, pink\) PASS .*' '    pear/cat/pink/no shape' \
		' *m \(banana\) PASS .*' '    banana///no shape' \
		' *m \(banana, cat\) PASS .*' '    banana/cat//no shape' '.*'
	# Selected by name, also where nothing but include is there.
	run "$SPOOL" list jobs.yaml 'm (banana*'
	status 0
	that test "$(wc -l <"$CASE/out")" = 2
	echo 'jobs: [{name: a, matrix: {include: [{x: 1, y: 2}, {x: 3, y: 4}]}, args: [echo, "${{ x }}", "${{ y }}"]}]' >jobs.yaml
	run "$SPOOL" list jobs.yaml a
	status 0
	stdout_is "'a (1, 2)'  echo 1 2" "'a (3, 4)'  echo 3 4"
}

case_ "what is wrong with include and exclude is said at its place" && {
	cat >jobs.yaml <<-'END'
		defaults: {run: x}
		jobs:
		  - {name: a, matrix: {n: [1, 2], os: [x], exclude: [{n: 1, so: x}, {n: 3}, {late: 1}], include: [{late: 1}]}}
		  - {name: b, matrix: {n: [1, 2], exclude: [{n: 1}, {n: 2}]}}
		  - {name: c, matrix: {n: [1, 2], include: [{n: 1, x: y}]}, args: [x, "${{ x }}"]}
		  - {name: d, matrix: {include: [a, b]}}
		  - {name: e, matrix: {exclude: [{a: b}]}}
		  - {name: f, matrix: {n: {line: x}}}
	END
	run "$SPOOL" check jobs.yaml
	status 2
	stderr_has "jobs.yaml:3:61: the matrix has no variable 'so' to exclude" "hint: did you mean 'os'?" \
		"jobs.yaml:3:73: the matrix variable 'n' has no value '3' to exclude" "hint: it has '1', '2'" \
		"jobs.yaml:3:78: the matrix has no variable 'late' to exclude" \
		"jobs.yaml:4:35: 'exclude' leaves no combination of the matrix" \
		"jobs.yaml:5:72: '\${{ x }}' has no value in the combination '2'" \
		"jobs.yaml:6:34: an entry of 'include' must be a map, not a text" \
		"hint: 'include' is no variable of the matrix: write include: [{name: value}]" \
		"jobs.yaml:7:23: 'matrix' has no variable" \
		"jobs.yaml:8:28: matrix values do not come from 'line'" "hint: did you mean 'lines'?"
	that test "$(grep -c '^spool: ' "$CASE/err")" = 9
}
