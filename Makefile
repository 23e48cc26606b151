# spool. `make demo` runs the main job, `make check` all tests; README.md lists the targets.
# Objects go to build/$(BUILD)/, one folder for each kind of build.

BUILD ?= release
O := build/$(BUILD)
CC ?= cc
AR ?= ar
PKG_CONFIG ?= pkg-config

OPT_release = -O2 -g
OPT_asan = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_tsan = -O1 -g -fsanitize=thread -fno-omit-frame-pointer
OPT_valgrind = -O1 -g
OPT := $(or $(OPT_$(BUILD)),$(OPT_release))

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes -Wstrict-prototypes \
	-Wwrite-strings -Wformat=2 -Wvla -Wswitch-enum $(WERROR)
CPPFLAGS += -D_GNU_SOURCE -Isrc
CFLAGS ?= $(OPT)
ALL_CFLAGS = -std=gnu17 -pthread -fvisibility=hidden $(WARNINGS) $(CFLAGS)
# Asked for only when something is built, so that `make deps` runs without pkg-config.
YAML_LIBS = $(shell $(PKG_CONFIG) --libs yaml-0.1)
CMOCKA_LIBS = $(shell $(PKG_CONFIG) --libs cmocka)

SOURCES := $(wildcard src/*.c src/*/*.c)
OBJECTS := $(SOURCES:src/%.c=$(O)/%.o)
# libspool is what its two rooms need of base, and they themselves.
LIB_BASE := error cancel clock fd buf quote
LIB_OBJECTS := $(LIB_BASE:%=$(O)/base/%.o) $(filter $(O)/subprocess/%.o $(O)/pool/%.o,$(OBJECTS))
UNIT := $(patsubst tests/unit/%.c,$(O)/tests/unit/%,$(wildcard tests/unit/*.c))

all: spool

# The sanitizer builds leave their binary in their own folder.
spool: build/release/spool
	@cp $< $@

$(O)/spool: $(O)/main.o $(O)/house.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(YAML_LIBS)

# Everything but main, so that tests link the product.
$(O)/house.a: $(filter-out $(O)/main.o,$(OBJECTS))
	@rm -f $@
	$(AR) rcs $@ $^

$(O)/libspool.a: $(LIB_OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $^

$(O)/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/tests/unit/%: tests/unit/%.c $(O)/house.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -o $@ $< $(O)/house.a $(LDFLAGS) $(CMOCKA_LIBS) $(YAML_LIBS)

units: $(UNIT)

clean:
	rm -rf build spool jobs/is_prime

.PHONY: all units clean
.DELETE_ON_ERROR:
-include $(OBJECTS:.o=.d) $(UNIT:=.d)
