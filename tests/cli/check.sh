# shellcheck shell=bash disable=SC2016 # what looks like an expression in the messages is not ours
# SPDX-License-Identifier: MIT
# What spool check says beyond what spool run would: what is missing now, and may be there later.

# says: standard input is a job file, a line of four hyphens, and what check says of that file, with
# status 2 unless it is given as the first argument
says() {
	local both
	both=$(cat)
	echo "${both%%$'\n----\n'*}" >jobs.yaml
	run "$SPOOL" check jobs.yaml
	status "${1:-2}"
	stdout_is ''
	stderr_is "${both#*$'\n----\n'}"
}

# program NAME MODE
program() {
	printf '#!/bin/sh\n' >"$1"
	chmod "$2" "$1"
}

case_ "check: programs that are not there" && {
	export PATH=/usr/bin:/bin
	program here 755
	says <<-'END'
		defaults: {env: {A: x}}
		jobs:
		  - args: [true]
		  - args: [nosuchprogram, true]
		  - args: [./nosuchprogram]
		  - args: [/nonesuch/true]
		  - {args: ["true"], executable: nosuchprogram}
		  - {run: "true", shell: nosuchshell}
		  - args: [here]
		  - args: ["echo hello"]
		----
		spool: jobs.yaml:4:12: there is no program 'nosuchprogram' in the PATH of this job
		    - args: [nosuchprogram, true]
		             ^
		hint: its PATH is '/usr/bin:/bin'
		spool: jobs.yaml:5:12: there is no program './nosuchprogram'
		    - args: [./nosuchprogram]
		             ^
		spool: jobs.yaml:6:12: there is no program '/nonesuch/true'
		    - args: [/nonesuch/true]
		             ^
		spool: jobs.yaml:7:34: there is no program 'nosuchprogram' in the PATH of this job
		    - {args: ["true"], executable: nosuchprogram}
		                                   ^
		hint: its PATH is '/usr/bin:/bin'
		spool: jobs.yaml:8:26: there is no program 'nosuchshell' in the PATH of this job
		    - {run: "true", shell: nosuchshell}
		                           ^
		hint: its PATH is '/usr/bin:/bin'
		spool: jobs.yaml:9:12: there is no program 'here' in the PATH of this job
		    - args: [here]
		             ^
		hint: there is one in the job's directory: write ./here
		spool: jobs.yaml:10:12: there is no program 'echo hello' in the PATH of this job
		    - args: ["echo hello"]
		             ^
		hint: each word is an entry of its own: [ls, -l]; a line of shell goes into 'run'
	END
}

case_ "check: what is there, but no program" && {
	mkdir folder
	program plain 644
	says <<-'END'
		jobs:
		  - args: [./plain]
		  - args: [./folder]
		  - args: [./plain/more]
		  - {args: [plain], env: {PATH: .}}
		----
		spool: jobs.yaml:2:12: './plain' is not executable
		    - args: [./plain]
		             ^
		hint: chmod +x makes a file a program
		spool: jobs.yaml:3:12: cannot execute './folder': Is a directory
		    - args: [./folder]
		             ^
		spool: jobs.yaml:4:12: cannot execute './plain/more': Not a directory
		    - args: [./plain/more]
		             ^
		spool: jobs.yaml:5:13: 'plain' is not executable
		    - {args: [plain], env: {PATH: .}}
		              ^
		hint: chmod +x makes a file a program
	END
}

case_ "check: the PATH and the directory are those of the job" && {
	tagged valgrind "it is looked for in the PATH itself"
	mkdir -p sub/bin other
	program sub/bin/mine 755
	program sub/local 755
	export PATH=/usr/bin:/bin
	cat >jobs.yaml <<-END
		defaults: {cwd: sub}
		jobs:
		  - {args: [mine], env: {PATH: "$PWD/sub/bin"}}
		  - {args: [mine], env: {PATH: "/nonesuch:bin"}}
		  - {args: [local], env: {PATH: ":/nonesuch"}}
		  - args: [./local]
		  - args: [bin/mine]
		  - {args: ["./\${{ p }}"], matrix: {p: [local, bin/mine]}}
		  - {args: [mine], env: {PATH: "\${{ spool.slot }}"}}
		  - {args: [./mine], cwd: "\${{ spool.slot }}"}
		  - {args: [ls], env: {PATH: null}}
		  - {args: [ls], inherit_env: false}
	END
	PATH=/nonesuch run "$SPOOL" check jobs.yaml
	status 0
	stderr_is ''
	says <<-'END'
		jobs:
		  - {args: [local], cwd: sub}
		  - {args: ["./${{ p }}"], matrix: {p: [local, "true"]}, cwd: sub, name: "${{ p }}"}
		----
		spool: jobs.yaml:2:13: there is no program 'local' in the PATH of this job
		    - {args: [local], cwd: sub}
		              ^
		hint: there is one in the job's directory: write ./local
		spool: jobs.yaml:3:13: there is no program './true'
		    - {args: ["./${{ p }}"], matrix: {p: [local, "true"]}, cwd: sub, name: "${{ p }}"}
		              ^
		hint: it is looked for from the job's directory, 'sub'
	END
}

case_ "check: working directories" && {
	echo text >file
	says <<-'END'
		defaults: {cwd: nonesuch}
		jobs:
		  - args: [./nosuchprogram]
		  - {run: x, cwd: file}
		  - {run: x, cwd: "${{ d }}", matrix: {d: [., /, gone]}}
		----
		spool: jobs.yaml:1:17: there is no directory 'nonesuch' for 'cwd'
		  defaults: {cwd: nonesuch}
		                  ^
		hint: spool makes no directories: make it first, or correct the path
		spool: jobs.yaml:4:19: cannot enter the directory 'file': Not a directory
		    - {run: x, cwd: file}
		                    ^
		spool: jobs.yaml:5:19: there is no directory 'gone' for 'cwd'
		    - {run: x, cwd: "${{ d }}", matrix: {d: [., /, gone]}}
		                    ^
		hint: spool makes no directories: make it first, or correct the path
	END
	run "$SPOOL" check -C nonesuch - <<<'jobs: [{run: x}]'
	status 2
	stderr_is "spool: there is no directory 'nonesuch'" \
		'hint: spool makes no directories: make it first, or correct the path'
}

case_ "check: run does not ask what check asks" && {
	cat >jobs.yaml <<-'END'
		workers: 1
		jobs:
		  - run: mkdir new && printf '#!/bin/sh\necho made\n' >new/program && chmod +x new/program
		  - {args: [./program], cwd: new}
	END
	run "$SPOOL" check jobs.yaml
	status 2
	stderr_has "there is no directory 'new' for 'cwd'"
	run "$SPOOL" run jobs.yaml
	status 0
	stdout_has PASS
	run "$SPOOL" check jobs.yaml
	status 0
	stderr_is ''
}

case_ "check: matrix variables that nothing uses" && says 0 <<'END'
defaults: {env: {E: "${{ e }}"}}
jobs:
  - args: [echo, "${{ a }}", "${{ matrix.b }}"]
    name: "${{ c }} ${{ d }}"
    matrix: {a: [1], b: [1], c: [1], d: [1], e: [1], f: [1]}
    stdout: ./${{ a }}
  - run: echo "$g"
    matrix: {e: [1], g: [1], h: [1], CC: [gcc, clang]}
----
spool: jobs.yaml:5:54: warning: nothing in this job uses the matrix variable 'f'
      matrix: {a: [1], b: [1], c: [1], d: [1], e: [1], f: [1]}
                                                       ^
hint: ${{ f }} stands for its value
spool: jobs.yaml:8:30: warning: nothing in this job uses the matrix variable 'h'
      matrix: {e: [1], g: [1], h: [1], CC: [gcc, clang]}
                               ^
hint: the script has its value as "$h"
END

case_ "check: a mistake in the file is said alone" && says <<'END'
jobs:
  - args: [nosuchprogram]
  - args: []
----
spool: jobs.yaml:3:11: 'args' is empty
    - args: []
            ^
hint: write args: [ls, -l], or for a line of shell run: ls -l
END

case_ "check: many jobs with a program that is missing" && {
	{
		echo 'jobs:'
		yes -- '  - args: [nosuchprogram]' | head -n 3000
	} >jobs.yaml
	run "$SPOOL" check jobs.yaml
	status 2
	stderr_has "jobs.yaml:1001:12: there is no program 'nosuchprogram'" '… and 2000 more problems'
	took 0 20
}
