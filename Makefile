# spool. `make demo` runs the main job, `make check` all tests; README.md lists the targets.
# Objects go to build/$(BUILD)/, one folder for each kind of build: release, asan, tsan, valgrind,
# fuzz; any other name (BUILD=clang CC=clang) is a release build in a folder of its own.

BUILD ?= release
O := build/$(BUILD)
AR ?= ar
PKG_CONFIG ?= pkg-config

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
CMOCKA_CFLAGS = $(shell $(PKG_CONFIG) --cflags cmocka)
CMOCKA_LIBS = $(shell $(PKG_CONFIG) --libs cmocka)
DEPENDS = -MMD -MP -MF $@.d

SOURCES := $(wildcard src/*.c src/*/*.c)
OBJECTS := $(SOURCES:src/%.c=$(O)/%.o)
# libspool is what its two rooms need of base, and they themselves.
LIB_BASE := error cancel clock fd buf quote sized
LIB_OBJECTS := $(LIB_BASE:%=$(O)/base/%.o) $(filter $(O)/subprocess/%.o $(O)/pool/%.o,$(OBJECTS))
UNIT := $(patsubst tests/unit/%.c,$(O)/tests/unit/%,$(wildcard tests/unit/*.c))
# Each is one source file; the first four know nothing of spool.
TOOLS := $(patsubst %,$(O)/tests/%,child witness tracer pty)
BENCH := $(patsubst tests/bench/%.c,$(O)/tests/bench/%,$(wildcard tests/bench/*.c))
FUZZ := $(patsubst tests/fuzz/%.c,$(O)/tests/fuzz/%,$(wildcard tests/fuzz/*.c))
FUZZ_SECONDS ?= 60
JOBS := jobs/is_prime
LIBRARY := $(O)/libspool.a $(O)/libspool.so

# What is missing is installed by .ci/deps, which is told what a target needs.
DEPS_RUN := pkg-config yaml-0.1
DEPS_CHECK := $(DEPS_RUN) cmocka mandoc
DEPS_CI := $(DEPS_CHECK) gcc clang clang-format clang-tidy shellcheck valgrind setarch
DEPS_BENCH := $(DEPS_RUN) python3 xargs

# With as many jobs as there are CPUs unless make was told how many. In a make of its own, so that
# what pkg-config says is asked after it was installed.
PARALLEL = +$(MAKE) --no-print-directory $(if $(V),,-s) \
	$(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))
TOTAL = +@MAKE='$(MAKE)' tests/total
# `make V=1` shows the commands.
say = $(if $(V),,@printf '%-4s %s\n' $(1) $@;)

all:
	@$(PARALLEL) spool

# Only the release build is put at the top.
spool: $(O)/spool
ifeq ($(BUILD),release)
	@cp $< $@~ && mv $@~ $@
endif

library: $(LIBRARY)

# What the tests run.
tested: spool units fuzz-programs tools $(O)/tests/prime_checker $(JOBS)

# All that a compiler can say something about.
everything: tested library bench-programs

units: $(UNIT)

tools: $(TOOLS)

bench-programs: $(BENCH)

fuzz-programs: $(FUZZ)

# ---- Running

demo:
	@PKG_CONFIG='$(PKG_CONFIG)' .ci/deps $(DEPS_RUN)
	@$(PARALLEL) spool $(JOBS)
	./spool run jobs/primes.yaml

check: deps
	@$(PARALLEL) tested library
	$(TOTAL) check-house check-man check-unit check-cli

check-unit: $(UNIT) $(FUZZ) $(TOOLS)
	@SPOOL_TEST_TOOL=$(BUILD) SPOOL_TEST_TOOLS=$(CURDIR)/$(O)/tests tests/unit/run $(UNIT) $(FUZZ)

check-cli: spool $(TOOLS) $(O)/tests/prime_checker $(JOBS)
	@SPOOL_TEST_TOOL=$(BUILD) SPOOL_TEST_TOOLS=$(CURDIR)/$(O)/tests \
		SPOOL=$(CURDIR)/$(O)/spool tests/cli/run $(CASES)

check-house: $(OBJECTS) library
	@CC='$(CC)' OBJECTS=$(CURDIR)/$(O) tests/house/run

check-man: spool
	@SPOOL=$(CURDIR)/$(O)/spool tests/house/man

# The unit and the end-to-end tests again, in a build that watches; asan is both AddressSanitizer
# and UndefinedBehaviorSanitizer, so ubsan is the same.
asan tsan valgrind: deps-ci
	@$(PARALLEL) BUILD=$@ tested
	@BUILD=$@ MAKE='$(MAKE)' tests/total check-unit check-cli

ubsan: asan

# What make check has not the time for: all of it ten times, and each fuzzer FUZZ_SECONDS long.
check-long: deps-ci
	@$(PARALLEL) tested
	@SPOOL_TEST_ROUNDS=10 MAKE='$(MAKE)' tests/total check-unit check-cli fuzz

fuzz:
	@PKG_CONFIG='$(PKG_CONFIG)' .ci/deps $(DEPS_RUN) clang libfuzzer
	@$(PARALLEL) BUILD=fuzz CC=clang fuzz-programs
	@set -e; for name in $(notdir $(FUZZ)); do \
		mkdir -p build/fuzz/found/$$name; \
		build/fuzz/tests/fuzz/$$name -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 \
			-artifact_prefix=build/fuzz/ build/fuzz/found/$$name tests/fuzz/$${name#fuzz_}; \
	done

bench:
	@PKG_CONFIG='$(PKG_CONFIG)' .ci/deps $(DEPS_BENCH)
	@$(PARALLEL) spool bench-programs $(O)/tests/prime_checker $(JOBS)
	@SPOOL=$(CURDIR)/$(O)/spool SPOOL_TEST_TOOLS=$(CURDIR)/$(O)/tests tests/bench/run

# ---- Looking at the source

C_FILES = $(wildcard src/*.[ch] src/*/*.[ch] tests/*.[ch] tests/*/*.[ch] jobs/*.c)
SHELL_FILES = .ci/run .ci/deps tests/total tests/*.bash tests/*/run tests/house/check \
	tests/house/man tests/cli/*.bash

lint: lint-format lint-c lint-man lint-shell

lint-format:
	@clang-format --dry-run -Werror $(C_FILES)

lint-c: $(patsubst %,lint-c/%,$(filter %.c,$(C_FILES)))

# What clang-tidy says on standard error is how many warnings it did not show.
lint-c/%:
	@clang-tidy --quiet $* -- -std=gnu17 -D_GNU_SOURCE -Isrc $(YAML_CFLAGS) $(CMOCKA_CFLAGS) \
		2>/dev/null

lint-man:
	@mandoc -Tlint -W warning man/*.[15]

lint-shell:
	@shellcheck -x $(SHELL_FILES)
	@shellcheck -e SC1003,SC1010,SC2016,SC2153 tests/cli/*.sh

# The same and a build by each compiler, as spool's own jobs.
lint-and-compile: spool
	./spool run jobs/check.yaml

format:
	clang-format -i $(C_FILES)

# ---- What has to be installed

deps:
	@PKG_CONFIG='$(PKG_CONFIG)' .ci/deps $(DEPS_CHECK)

deps-ci:
	@PKG_CONFIG='$(PKG_CONFIG)' .ci/deps $(DEPS_CI)

# ---- Building

# Rewritten when it would say something else, so that everything follows a changed flag.
$(O)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(COMPILE) $(LDFLAGS)' | cmp -s - $@ || echo '$(COMPILE) $(LDFLAGS)' > $@

$(O)/spool: $(O)/main.o $(O)/house.a
	$(call say,ld) $(COMPILE) $(LDFLAGS) -o $@ $^ $(YAML_LIBS)

# Everything but main, so that tests link the product.
$(O)/house.a: $(filter-out $(O)/main.o,$(OBJECTS))
	@rm -f $@
	$(call say,ar) $(AR) qcs $@ $^

$(O)/libspool.a: $(LIB_OBJECTS)
	@rm -f $@
	$(call say,ar) $(AR) qcs $@ $^

$(O)/libspool.so: $(LIB_OBJECTS:.o=.pic.o)
	$(call say,ld) $(COMPILE) $(LDFLAGS) -shared -Wl,-soname,libspool.so.0 -Wl,--no-undefined -o $@ $^

$(O)/spec/%.o: YAML = $(YAML_CFLAGS)

$(O)/%.o: src/%.c $(O)/flags
	@mkdir -p $(@D)
	$(call say,cc) $(COMPILE) $(YAML) $(DEPENDS) -c -o $@ $<

$(O)/%.pic.o: src/%.c $(O)/flags
	@mkdir -p $(@D)
	$(call say,cc) $(COMPILE) -fPIC $(DEPENDS) -c -o $@ $<

$(O)/tests/unit/%: tests/unit/%.c $(O)/house.a $(O)/flags
	@mkdir -p $(@D)
	$(call say,cc) $(COMPILE) $(CMOCKA_CFLAGS) $(DEPENDS) -o $@ $< $(O)/house.a $(LDFLAGS) \
		$(CMOCKA_LIBS) $(YAML_LIBS)

# The inputs that are kept are replayed by the unit tests; BUILD=fuzz looks for more.
$(O)/tests/fuzz/%: tests/fuzz/%.c $(O)/house.a $(O)/flags
	@mkdir -p $(@D)
	$(call say,cc) $(COMPILE) $(if $(filter fuzz,$(BUILD)),-fsanitize=fuzzer,-DFUZZ_STANDALONE) \
		$(DEPENDS) -o $@ $< $(O)/house.a $(LDFLAGS) $(YAML_LIBS)

# Programs for users of the library, so they get nothing but that.
$(O)/tests/prime_checker $(O)/tests/bench/tasks: $(O)/tests/%: tests/%.c $(O)/libspool.a $(O)/flags
	@mkdir -p $(@D)
	$(call say,cc) $(COMPILE) $(DEPENDS) -o $@ $< $(O)/libspool.a $(LDFLAGS)

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
	check-cli check-house check-man check-long asan ubsan tsan valgrind fuzz bench lint lint-format \
	lint-c lint-man lint-shell lint-and-compile format deps deps-ci clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:
-include $(wildcard $(O)/*.d $(O)/*/*.d $(O)/*/*/*.d)
