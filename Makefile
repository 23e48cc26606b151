# spool. `make demo` runs the main job, `make check` all tests; README.md lists the targets.
# Objects go to build/$(BUILD)/, one folder for each kind of build: release, asan, tsan, valgrind,
# fuzz; any other name (BUILD=clang CC=clang) is a release build in a folder of its own.

BUILD ?= release
O := build/$(BUILD)
AR ?= ar
OBJCOPY ?= objcopy
INSTALL ?= install
PKG_CONFIG ?= pkg-config

# Where install puts things; all of it below DESTDIR, if that is set.
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
LIBEXECDIR ?= $(PREFIX)/libexec
DATAROOTDIR ?= $(PREFIX)/share
MANDIR ?= $(DATAROOTDIR)/man
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
BASH_COMPLETIONS ?= $(DATAROOTDIR)/bash-completion/completions
ZSH_COMPLETIONS ?= $(DATAROOTDIR)/zsh/site-functions
FISH_COMPLETIONS ?= $(DATAROOTDIR)/fish/vendor_completions.d

# Said in one place, which users of the library can read too. The number before the first dot is
# that of the binary interface: tests/house/abi says when it changes.
VERSION := $(shell sed -n 's/^.define SP_VERSION "\(.*\)"$$/\1/p' src/base/base.h)
SONAME := libspool.so.$(firstword $(subst ., ,$(VERSION)))

OPT_release = -O2 -g
OPT_asan = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_tsan = -O1 -g -fsanitize=thread -fno-omit-frame-pointer
OPT_valgrind = -O1 -g
OPT_fuzz = -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
OPT := $(or $(OPT_$(BUILD)),$(OPT_release))

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes -Wstrict-prototypes \
	-Wwrite-strings -Wformat=2 -Wvla -Wswitch-enum $(WERROR)
COMPILE = $(CC) -std=gnu17 -D_GNU_SOURCE -Isrc $(CPPFLAGS) -pthread -fvisibility=hidden \
	$(WARNINGS) $(OPT) $(CFLAGS)
# The puppet and the tools of the tests are never instrumented.
COMPILE_TOOL = $(CC) -std=gnu17 -D_GNU_SOURCE $(CPPFLAGS) $(WARNINGS) $(OPT_release)
# Asked for only when something is built, so that `make deps` runs without pkg-config.
YAML_CFLAGS = $(shell $(PKG_CONFIG) --cflags yaml-0.1)
YAML_LIBS = $(shell $(PKG_CONFIG) --libs yaml-0.1)
JANSSON_CFLAGS = $(shell $(PKG_CONFIG) --cflags jansson)
JANSSON_LIBS = $(shell $(PKG_CONFIG) --libs jansson)
CMOCKA_CFLAGS = $(shell $(PKG_CONFIG) --cflags cmocka)
CMOCKA_LIBS = $(shell $(PKG_CONFIG) --libs cmocka)
DEPENDS = -MMD -MP -MF $@.d

SOURCES := $(wildcard src/*.c src/*/*.c)
OBJECTS := $(SOURCES:src/%.c=$(O)/%.o)
# libspool is what its two rooms need of base, and they themselves.
LIB_BASE := error cancel clock fd buf quote sized identity
LIB_OBJECTS := $(LIB_BASE:%=$(O)/base/%.o) $(O)/step/order.o \
	$(filter $(O)/subprocess/%.o $(O)/pool/%.o,$(OBJECTS))
UNIT := $(patsubst tests/unit/%.c,$(O)/tests/unit/%,$(wildcard tests/unit/*.c))
# Each is one source file; the first four know nothing of spool.
TOOLS := $(patsubst %,$(O)/tests/%,child witness tracer pty)
BENCH := $(patsubst tests/bench/%.c,$(O)/tests/bench/%,$(wildcard tests/bench/*.c))
FUZZ := $(patsubst tests/fuzz/%.c,$(O)/tests/fuzz/%,$(wildcard tests/fuzz/*.c))
FUZZ_SECONDS ?= 60
# What is left out under a build that watches: where there are no threads TSan has nothing to see;
# valgrind, the slowest, is given what it can do in some minutes; and what the examples of another
# program's manual go through, other cases go through under ASan. make check-long leaves nothing out.
LEFT_OUT_tsan := $(patsubst %,unit/test_%,base cpus digest env_file environment events gate graph \
	joblog mapping% matrix order placeholder plain plan% queue result select shellquote% skipped \
	spec% text typical values% workers%) fuzz/fuzz_%
LEFT_OUT_valgrind := $(patsubst %,unit/test_%,capture communicate environment events exec_errors \
	exhaustion graph_run inherit jobserver lifetime live many_threads matrix memory mpqueue pool% \
	popen% pump redirect relay reports results room run shellquote_run signals source sp_run \
	squeue starts step% task wait workers_file writer) fuzz/fuzz_%
CASES_asan := $(patsubst %,tests/cli/%.sh,check environment exec exec_terminal graph heartbeat \
	jobfile_errors jobserver keep_order limits line_buffer map map_manual output redirections \
	report results rights run selection signals timeouts)
CASES_tsan := $(patsubst %,tests/cli/%.sh,exec exec_terminal graph heartbeat jobserver keep_order \
	limits line_buffer map output redirections report results run signals timeouts)
CASES_valgrind := $(patsubst %,tests/cli/%.sh,exec map run)
ifndef EVERYTHING
CASES ?= $(CASES_$(BUILD))
LEFT_OUT := $(addprefix $(O)/tests/,$(LEFT_OUT_$(BUILD)))
endif
WATCHED_UNIT := $(filter-out $(LEFT_OUT),$(UNIT))
WATCHED_FUZZ := $(filter-out $(LEFT_OUT),$(FUZZ))

JOBS := jobs/is_prime
# src/NAME/NAME.h is installed as <spool/NAME.h>.
HEADERS := base subprocess pool
LIBRARY := $(O)/libspool.a $(O)/libspool.so $(HEADERS:%=$(O)/include/spool/%.h) $(O)/spool.pc
# What sets what posix_spawn cannot; libspool has to know where it will be.
EXEC_STEP := $(O)/spool-exec-step
EXEC_STEP_PATH := $(LIBEXECDIR)/spool/spool-exec-step

# What spool prints for each shell.
COMPLETIONS := $(foreach shell,bash zsh fish,$(O)/completion/$(shell))

# What is missing is installed by .ci/deps, which is told what a target needs.
DEPS_RUN := pkg-config yaml-0.1 jansson
DEPS_CHECK := $(DEPS_RUN) cmocka mandoc jq python3-jsonschema python3-yaml
DEPS_CI := $(DEPS_CHECK) gcc clang clang-format clang-tidy shellcheck valgrind setarch

# With as many jobs as there are CPUs unless make was told how many. In a make of its own, so that
# what pkg-config says is asked after it was installed.
PARALLEL = +$(MAKE) --no-print-directory $(if $(V),,-s) \
	$(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))
TOTAL = +@MAKE='$(MAKE)' tests/total
# `make V=1` shows the commands.
say = $(if $(V),,@printf '%-4s %s\n' $(1) $@;)

all:
	@$(PARALLEL) spool library

# Only the release build is put at the top.
spool: $(O)/spool
ifeq ($(BUILD),release)
	@cp $< $@~ && mv $@~ $@
endif

library: $(LIBRARY) $(EXEC_STEP)

installable: $(O)/spool $(COMPLETIONS) library

# What the tests run.
tested: spool units fuzz-programs tools $(EXEC_STEP) $(O)/tests/prime_checker $(JOBS)

# All that a compiler can say something about.
everything: tested library bench-programs

units: $(WATCHED_UNIT)

tools: $(TOOLS)

bench-programs: $(BENCH)

fuzz-programs: $(WATCHED_FUZZ)

# ---- Running

demo:
	@PKG_CONFIG='$(PKG_CONFIG)' .ci/deps $(DEPS_RUN)
	@$(PARALLEL) spool $(JOBS)
	+./spool run jobs/primes.yaml

check: deps
	@$(PARALLEL) tested library
	$(TOTAL) check-house check-man check-schema check-unit check-cli check-install

check-unit: $(WATCHED_UNIT) $(WATCHED_FUZZ) $(TOOLS) $(EXEC_STEP) $(O)/spool
	@SPOOL_TEST_TOOL=$(BUILD) SPOOL_TEST_TOOLS=$(CURDIR)/$(O)/tests tests/unit/run $(WATCHED_UNIT) \
		$(WATCHED_FUZZ)

check-cli: spool $(TOOLS) $(O)/tests/prime_checker $(JOBS)
	@SPOOL_TEST_TOOL=$(BUILD) SPOOL_TEST_TOOLS=$(CURDIR)/$(O)/tests \
		SPOOL=$(CURDIR)/$(O)/spool tests/cli/run $(CASES)

check-house: $(OBJECTS) library
	@CC='$(CC)' OBJECTS=$(CURDIR)/$(O) tests/house/run

check-man: spool library $(O)/tests/witness
	@SPOOL=$(CURDIR)/$(O)/spool LIBRARY=$(CURDIR)/$(O) SPOOL_TEST_TOOLS=$(CURDIR)/$(O)/tests \
		tests/house/man

# What editors know of a job file, against what spool does.
check-schema: spool
	@SPOOL=$(CURDIR)/$(O)/spool tests/house/schema

check-install:
	@tests/house/install

# The unit and the end-to-end tests again, in a build that watches; asan is both AddressSanitizer
# and UndefinedBehaviorSanitizer, so ubsan is the same.
asan tsan valgrind: deps-ci
	@$(PARALLEL) BUILD=$@ tested
	@BUILD=$@ MAKE='$(MAKE)' tests/total check-unit check-cli

ubsan: asan

# What make check has not the time for: all of it ten times, and each fuzzer FUZZ_SECONDS long.
check-long: deps-ci
	@$(PARALLEL) tested
	@SPOOL_TEST_ROUNDS=10 SPOOL_TEST_LONG=1 MAKE='$(MAKE)' tests/total check-unit check-cli fuzz
	@$(MAKE) asan tsan valgrind EVERYTHING=1

fuzz:
	@PKG_CONFIG='$(PKG_CONFIG)' .ci/deps $(DEPS_RUN) clang libfuzzer
	@$(PARALLEL) BUILD=fuzz CC=clang fuzz-programs
	@set -e; for name in $(notdir $(FUZZ)); do \
		mkdir -p build/fuzz/found/$$name; \
		build/fuzz/tests/fuzz/$$name -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 \
			-artifact_prefix=build/fuzz/ build/fuzz/found/$$name tests/fuzz/$${name#fuzz_} \
			$$([ $$name != fuzz_spec ] || echo tests/malformed); \
	done

# The peers that are installed are measured beside it; none is installed for that.
bench:
	@PKG_CONFIG='$(PKG_CONFIG)' .ci/deps $(DEPS_RUN)
	@$(PARALLEL) spool bench-programs $(O)/tests/prime_checker $(JOBS)
	@SPOOL=$(CURDIR)/$(O)/spool SPOOL_TEST_TOOLS=$(CURDIR)/$(O)/tests tests/bench/run

# ---- Installing

# What is installed, MODE:SOURCE:TARGET of each file and TEXT:TARGET of each link: what install
# makes and uninstall removes are the same lists.
FILES_LIBRARY = 644:$(O)/libspool.a:$(LIBDIR)/libspool.a \
	755:$(O)/libspool.so:$(LIBDIR)/libspool.so.$(VERSION) \
	$(foreach name,$(HEADERS),644:$(O)/include/spool/$(name).h:$(INCLUDEDIR)/spool/$(name).h) \
	644:$(O)/spool.pc:$(PKGCONFIGDIR)/spool.pc \
	$(EXEC_STEP:%=755:%:$(EXEC_STEP_PATH)) $(call pages,$(LIBRARY_PAGES))
LINKS_LIBRARY = libspool.so.$(VERSION):$(LIBDIR)/$(SONAME) $(SONAME):$(LIBDIR)/libspool.so \
	$(call page_links,$(LIBRARY_PAGES))
FILES_PROGRAM = 755:$(O)/spool:$(BINDIR)/spool $(call pages,$(PROGRAM_PAGES)) \
	644:src/spec/jobfile.schema.json:$(DATAROOTDIR)/spool/jobfile.schema.json \
	644:$(O)/completion/bash:$(BASH_COMPLETIONS)/spool \
	644:$(O)/completion/zsh:$(ZSH_COMPLETIONS)/_spool \
	644:$(O)/completion/fish:$(FISH_COMPLETIONS)/spool.fish \
	644:src/report/events.schema.json:$(DATAROOTDIR)/spool/events.schema.json
LINKS_PROGRAM = $(call page_links,$(PROGRAM_PAGES))

PAGES := $(wildcard man/*.[1-9])
LIBRARY_PAGES := $(filter %.3 man/libspool%,$(PAGES))
PROGRAM_PAGES := $(filter-out $(LIBRARY_PAGES),$(PAGES))
pages = $(foreach page,$1,644:$(page):$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(notdir $(page)))
# A page is found by each name in its NAME section: by links, where no page has the name.
page_links = $(if $1,$(shell awk ' \
	BEGIN { for (i = 1; i < ARGC; i++) { page = ARGV[i]; sub(".*/", "", page); seen[page] = 1 } } \
	FNR == 1 { page = FILENAME; sub(".*/", "", page); section = page; sub(".*[.]", "", section) } \
	$$1 == ".Sh" { in_name = $$2 == "NAME" } \
	in_name && $$1 == ".Nm" { for (i = 2; i <= NF; i++) if ($$i != "," && !seen[$$i "." section]++) \
		print page ":$(MANDIR)/man" section "/" $$i "." section }' $1))

# Whatever the umask: all shall be able to read it.
put = $(if $(V),,@)set -e; umask 022; for entry in $1; do \
		mode=$${entry%%:*}; entry=$${entry\#*:}; source=$${entry%%:*}; target='$(DESTDIR)'$${entry\#*:}; \
		printf '%-4s %s\n' put "$$target"; \
		$(INSTALL) -d "$${target%/*}"; $(INSTALL) -m $$mode "$$source" "$$target"; \
	done; for entry in $2; do \
		target='$(DESTDIR)'$${entry\#*:}; \
		printf '%-4s %s\n' link "$$target"; ln -sf "$${entry%%:*}" "$$target"; \
	done

# Everything is built before anything is put in its place.
install:
	@$(PARALLEL) installable
	$(call put,$(FILES_LIBRARY) $(FILES_PROGRAM),$(LINKS_LIBRARY) $(LINKS_PROGRAM))

# Needs neither libyaml, nor jansson, nor pkg-config.
install-library:
	@$(PARALLEL) library
	$(call put,$(FILES_LIBRARY),$(LINKS_LIBRARY))

# The folders that are ours go too, unless somebody else has put something there.
uninstall:
	@for entry in $(FILES_LIBRARY) $(FILES_PROGRAM) $(LINKS_LIBRARY) $(LINKS_PROGRAM); do \
		rm -f '$(DESTDIR)'"$${entry##*:}" || exit; \
	done; for folder in $(INCLUDEDIR) $(LIBEXECDIR) $(DATAROOTDIR); do \
		folder='$(DESTDIR)'$$folder/spool; \
		[ ! -d "$$folder" ] || rmdir --ignore-fail-on-non-empty "$$folder" || exit; \
	done

# ---- Looking at the source

C_FILES = $(wildcard src/*.[ch] src/*/*.[ch] tests/*.[ch] tests/*/*.[ch] jobs/*.c)
SHELL_FILES = .ci/run .ci/deps tests/total tests/*.bash tests/*/run tests/bench/peers tests/bench/scale tests/bench/tables tests/bench/values tests/house/check \
	tests/house/man tests/house/install tests/house/read_abi tests/house/print_rows tests/cli/*.bash

lint: lint-format lint-c lint-man lint-shell

lint-format:
	@clang-format --dry-run -Werror $(C_FILES)

lint-c: $(patsubst %,lint-c/%,$(filter %.c,$(C_FILES)))

# What clang-tidy says on standard error is how many warnings it did not show.
lint-c/%:
	@clang-tidy --quiet $* -- -std=gnu17 -D_GNU_SOURCE -Isrc $(YAML_CFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS) \
		2>/dev/null

lint-man:
	@mandoc -Tlint -W warning man/*.[1-9]

lint-shell:
	@shellcheck -x $(SHELL_FILES)
	@shellcheck -e SC1003,SC1010,SC2016,SC2153 tests/cli/*.sh

# The same and a build by each compiler, as spool's own jobs.
lint-and-compile: spool
	+./spool run jobs/check.yaml

format:
	clang-format -i $(C_FILES)

# Which test proves which row of the contract.
rows:
	@tests/house/print_rows

# After a change of the installed headers that is meant: check-house compares with this file.
abi:
	@mkdir -p $(O)
	@CC='$(CC)' tests/house/read_abi $(foreach name,$(HEADERS),$(name)/$(name).h) >$(O)/abi
	@cp $(O)/abi tests/house/abi

# ---- What has to be installed

deps:
	@PKG_CONFIG='$(PKG_CONFIG)' .ci/deps $(DEPS_CHECK)

deps-ci:
	@PKG_CONFIG='$(PKG_CONFIG)' .ci/deps $(DEPS_CI)

# ---- Building

# Rewritten when they would say something else, so that everything follows a changed flag.
$(O)/flags: SAYS = $(COMPILE) $(LDFLAGS)
$(O)/step.flags: SAYS = $(EXEC_STEP_PATH)
$(O)/pc.flags: SAYS = $(VERSION) $(PREFIX) $(LIBDIR) $(INCLUDEDIR)
$(O)/flags $(O)/step.flags $(O)/pc.flags: FORCE
	@mkdir -p $(@D)
	@echo '$(SAYS)' | cmp -s - $@ || echo '$(SAYS)' > $@

$(O)/spool: $(O)/main.o $(O)/house.a
	$(call say,ld) $(COMPILE) $(LDFLAGS) -o $@ $^ $(YAML_LIBS) $(JANSSON_LIBS)

$(COMPLETIONS): $(O)/completion/%: $(O)/spool
	@mkdir -p $(@D)
	$(call say,say) $< completion $* > $@

# Everything but main, so that tests link the product.
$(O)/house.a: $(filter-out $(O)/main.o $(O)/exec_step.o,$(OBJECTS))
	@rm -f $@
	$(call say,ar) $(AR) qcs $@ $^

# One object that shows what the shared library shows: our names without sp_ are nobody's affair,
# and a program may have a spawn() of its own. What -flto compiles cannot be joined before the end.
# Beside it stands what a static program should get only if it asks.
LIB_APART := $(O)/base/identity.o
$(O)/libspool.o: $(filter-out $(LIB_APART),$(LIB_OBJECTS))
	$(call say,ld) $(LD) -r -o $@ $^
	@$(OBJCOPY) --localize-hidden $@

$(O)/libspool.a: $(if $(findstring -flto,$(CFLAGS)),$(LIB_OBJECTS),$(O)/libspool.o $(LIB_APART))
	@rm -f $@
	$(call say,ar) $(AR) qcs $@ $^

# A thread of its own may sleep in it (subprocess/parent.c), so dlclose leaves it where it is.
$(O)/libspool.so: $(LIB_OBJECTS:.o=.pic.o)
	$(call say,ld) $(COMPILE) $(LDFLAGS) -shared -Wl,-soname,$(SONAME) -Wl,--no-undefined \
		-Wl,-z,nodelete -o $@ $^

# It runs between two programs with whatever limits it sets: static, where there is a libc.a, and
# never instrumented.
$(EXEC_STEP): src/exec_step.c $(wildcard src/step/*.[ch]) $(O)/flags
	$(call say,ld) $(COMPILE_TOOL) -Isrc -static $(LDFLAGS) -o $@ $(filter %.c,$^) 2>$@.said || \
		$(COMPILE_TOOL) -Isrc $(LDFLAGS) -o $@ $(filter %.c,$^) || { cat $@.said >&2; false; }
	@rm -f $@.said

# In the source they include each other by folder.
$(HEADERS:%=$(O)/include/spool/%.h): $(O)/include/spool/%.h: \
		$(foreach name,$(HEADERS),src/$(name)/$(name).h)
	@mkdir -p $(@D)
	$(call say,sed) sed 's|^#include "\([a-z]*\)/\1\.h"|#include <spool/\1.h>|' src/$*/$*.h > $@

# Below the prefix, so that pkg-config --define-prefix finds what was moved.
below_prefix = $(patsubst $(PREFIX)/%,$${prefix}/%,$1)
$(O)/spool.pc: $(O)/pc.flags
	$(call say,pc) printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(call below_prefix,$(LIBDIR))' \
		'includedir=$(call below_prefix,$(INCLUDEDIR))' '' 'Name: spool' \
		"Description: Python's subprocess module and process pool for C" 'Version: $(VERSION)' \
		'Libs: -L$${libdir} -lspool' 'Libs.private: -pthread' 'Cflags: -I$${includedir}' > $@

$(O)/spec/%.o: OWN = $(YAML_CFLAGS)
$(O)/report/%.o: OWN = $(JANSSON_CFLAGS)

$(O)/subprocess/step.o $(O)/subprocess/step.pic.o: OWN = -DSPOOL_EXEC_STEP='"$(EXEC_STEP_PATH)"'
$(O)/subprocess/step.o $(O)/subprocess/step.pic.o: $(O)/step.flags

$(O)/%.o: src/%.c $(O)/flags
	@mkdir -p $(@D)
	$(call say,cc) $(COMPILE) $(OWN) $(DEPENDS) -c -o $@ $<

$(O)/%.pic.o: src/%.c $(O)/flags
	@mkdir -p $(@D)
	$(call say,cc) $(COMPILE) $(OWN) -fPIC $(DEPENDS) -c -o $@ $<

$(O)/tests/unit/%: tests/unit/%.c $(O)/house.a $(O)/flags
	@mkdir -p $(@D)
	$(call say,cc) $(COMPILE) $(CMOCKA_CFLAGS) $(DEPENDS) -o $@ $< $(O)/house.a $(LDFLAGS) \
		$(CMOCKA_LIBS) $(YAML_LIBS) $(JANSSON_LIBS)

# The inputs that are kept are replayed by the unit tests; BUILD=fuzz looks for more.
$(O)/tests/fuzz/%: tests/fuzz/%.c $(O)/house.a $(O)/flags
	@mkdir -p $(@D)
	$(call say,cc) $(COMPILE) $(if $(filter fuzz,$(BUILD)),-fsanitize=fuzzer,-DFUZZ_STANDALONE) \
		$(DEPENDS) -o $@ $< $(O)/house.a $(LDFLAGS) $(YAML_LIBS) $(JANSSON_LIBS)

# Programs for users of the library, so they get nothing but that.
$(addprefix $(O)/tests/,prime_checker bench/tasks bench/commands): $(O)/tests/%: tests/%.c $(O)/libspool.a $(O)/flags
	@mkdir -p $(@D)
	$(call say,cc) $(COMPILE) $(DEPENDS) -o $@ $< $(O)/libspool.a $(LDFLAGS)

# Without anything of libc's start, and static where there is a libc.a.
$(O)/tests/bench/tiny: tests/bench/tiny.c $(O)/flags
	@mkdir -p $(@D)
	$(call say,cc) $(COMPILE_TOOL) -nostartfiles -static $(DEPENDS) -o $@ $< 2>$@.said || \
		$(COMPILE_TOOL) -nostartfiles $(DEPENDS) -o $@ $< || { cat $@.said >&2; false; }
	@rm -f $@.said

$(O)/tests/bench/%: tests/bench/%.c $(O)/flags
	@mkdir -p $(@D)
	$(call say,cc) $(COMPILE_TOOL) -pthread $(DEPENDS) -o $@ $< $(LDFLAGS)

$(TOOLS): $(O)/tests/%: tests/%.c $(O)/flags
	@mkdir -p $(@D)
	$(call say,cc) $(COMPILE_TOOL) $(DEPENDS) -o $@ $< $(LDFLAGS)

jobs/is_prime: jobs/is_prime.c
	$(call say,cc) $(COMPILE_TOOL) -o $@ $< $(LDFLAGS)

clean:
	rm -rf build spool jobs/is_prime

FORCE:

.PHONY: all library tested everything units tools bench-programs fuzz-programs demo check check-unit \
	check-cli check-house check-man check-schema check-install check-long asan ubsan tsan valgrind fuzz bench install \
	install-library installable uninstall lint lint-format lint-c lint-man lint-shell lint-and-compile format abi rows \
	deps deps-ci clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:
-include $(wildcard $(O)/*.d $(O)/*/*.d $(O)/*/*/*.d)
