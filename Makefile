# SPDX-License-Identifier: Apache-2.0
#
#   make               programs and libraries, in build/
#   make test          unit tests, cases, command tests
#   make test-asan     the same under the address and undefined sanitizers
#   make test-memory   every allocation fails once, with tiny limits
#   make conformance   recorded data of the real service ($MAAPOL_DATA)
#   make fuzz          every parser, FUZZ_SECONDS each (clang)
#   make bench         figures beside a reference of the same run
#   make analyze       gcc -fanalyzer, clang-tidy, cppcheck
#   make check-layers  no include points the wrong way (tools/layers)
#   make format, install, uninstall, dist, clean
#
# CC=clang works; WERROR=1 makes warnings errors; BUILD=dir builds elsewhere.

ifeq ($(origin CC),default)
CC = gcc
endif
BUILD = build
PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
LIBDIR = $(PREFIX)/lib
LIBEXECDIR = $(PREFIX)/libexec
INCLUDEDIR = $(PREFIX)/include
MANDIR = $(PREFIX)/share/man
MAAPOL_DATA ?= ../shared/data
VERSION := $(shell cat VERSION)
SOVERSION = 0

# Folders that need no cryptography make the small program; its start must
# not pay for loading libcrypto. The others make its sibling.
LIGHT = base grammar compiler eval
CRYPTO = sign evidence token suite

all:

# --- flags ------------------------------------------------------------------

# A flag that this compiler takes without complaint, or nothing.
try = $(shell $(CC) -Werror $(1) -c -x c /dev/null -o /dev/null 2>/dev/null \
	&& echo $(1))

CFLAGS ?= -O2 -g
LDFLAGS ?=
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wvla $(if $(WERROR),-Werror)
# What generators write is theirs; their input is checked by their warnings.
GENERATED_WARNINGS = -Wno-conversion -Wno-sign-conversion -Wno-shadow \
	-Wno-overlength-strings $(call try,-Wno-unused-but-set-variable)
ifdef SANITIZE
HARDENING = -fsanitize=$(SANITIZE) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
LINK_HARDENING = -fsanitize=$(SANITIZE)
else
HARDENING := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
	$(call try,-fstack-clash-protection) $(call try,-fcf-protection)
LINK_HARDENING = -pie -Wl,-z,relro,-z,now,-z,noexecstack
endif
CPPFLAGS += -I. -I$(BUILD) -D_POSIX_C_SOURCE=200809L $(DEFINES)
# Objects are shared by programs and the shared library, hence PIC.
COMPILE = $(CC) -std=c17 $(WARNINGS) $(CPPFLAGS) -fPIC -fvisibility=hidden \
	$(HARDENING) $(CFLAGS) -MMD -MP
LINK = $(CC) $(CFLAGS) $(LINK_HARDENING) $(LDFLAGS)
CRYPTO_LIBS = -lcrypto -ljansson
CLI_DEFINES = -DMAAPOL_VERSION='"$(VERSION)"' \
	-DMAAPOL_LIBEXECDIR='"$(LIBEXECDIR)/maapol"'

# --- sources ----------------------------------------------------------------

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard $(1:%=%/*.c)))
PARSERS = $(patsubst %.y,$(BUILD)/%.tab,$(wildcard grammar/*.y))
LEXERS = $(patsubst %.re,$(BUILD)/%.lex,$(wildcard grammar/*.re))
GENERATED = $(patsubst $(BUILD)/%,$(BUILD)/obj/%.o,$(PARSERS) $(LEXERS))
PAGES = $(BUILD)/obj/generated/rule_pages.o

LIGHT_OBJECTS = $(call objects,$(LIGHT)) $(GENERATED)
LIBRARY_OBJECTS = $(LIGHT_OBJECTS) $(call objects,$(CRYPTO))
API_OBJECTS = $(call objects,api)
CLI_LIGHT = $(patsubst %.c,$(BUILD)/light/%.o,$(wildcard cli/*.c))
CLI_CRYPTO = $(call objects,cli cli/crypto)

# Written in the same order whatever the locale, and without dates.
PROGRAMS = $(if $(wildcard cli/main.c),$(BUILD)/maapol $(BUILD)/maapol-crypto)
LIBRARIES = $(if $(API_OBJECTS),$(BUILD)/libmaapol.a \
	$(BUILD)/libmaapol.so.$(SOVERSION) $(BUILD)/maapol.pc)

all: $(PROGRAMS) $(LIBRARIES) objects
objects: $(LIBRARY_OBJECTS)

# --- building ---------------------------------------------------------------

# Objects are made again when the command line changes.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(COMPILE) $(CLI_DEFINES)' | cmp -s - $@ || \
		echo '$(COMPILE) $(CLI_DEFINES)' >$@

$(BUILD)/obj/%.o: %.c $(BUILD)/flags | $(PARSERS:%=%.h)
	@mkdir -p $(@D)
	$(COMPILE) $(OBJECT_DEFINES) -c -o $@ $<

$(BUILD)/light/%.o: %.c $(BUILD)/flags | $(PARSERS:%=%.h)
	@mkdir -p $(@D)
	$(COMPILE) $(CLI_DEFINES) -DMAAPOL_LIGHT -c -o $@ $<

$(GENERATED) $(PAGES): $(BUILD)/obj/%.o: $(BUILD)/%.c $(BUILD)/flags \
	| $(PARSERS:%=%.h)
	@mkdir -p $(@D)
	$(COMPILE) $(GENERATED_WARNINGS) -c -o $@ $<

$(API_OBJECTS) $(CLI_CRYPTO): OBJECT_DEFINES = $(CLI_DEFINES)

# A source archive brings the generated files along (make dist).
ifneq ($(wildcard generated),)
$(BUILD)/grammar/%: generated/%
	@mkdir -p $(@D)
	cp $< $@
else
$(BUILD)/%.tab.c $(BUILD)/%.tab.h: %.y
	@mkdir -p $(@D)
	bison -Wall $(if $(WERROR),-Werror) --header=$(BUILD)/$*.tab.h \
		-o $(BUILD)/$*.tab.c $<

$(BUILD)/%.lex.c: %.re
	@mkdir -p $(@D)
	re2c -W $(if $(WERROR),-Werror) --no-generation-date --no-version \
		-o $@ $<
endif

RULE_PAGES = $(sort $(wildcard docs/rules/*.md))
$(BUILD)/generated/rule_pages.c: tools/rule-pages.awk $(RULE_PAGES) \
	$(wildcard docs/rules)
	@mkdir -p $(@D)
	LC_ALL=C awk -f $< $(RULE_PAGES) </dev/null >$@

$(BUILD)/maapol: $(CLI_LIGHT) $(PAGES) $(LIGHT_OBJECTS)
	$(LINK) -o $@ $^

$(BUILD)/maapol-crypto: $(CLI_CRYPTO) $(PAGES) $(LIBRARY_OBJECTS)
	$(LINK) -o $@ $^ $(CRYPTO_LIBS)

# One object whose only visible names are maapol_*, so that the archive cannot
# clash with a program's own names.
$(BUILD)/libmaapol.a: $(API_OBJECTS) $(LIBRARY_OBJECTS)
	$(LD) -r -o $(BUILD)/libmaapol.o $^
	objcopy --localize-hidden $(BUILD)/libmaapol.o
	rm -f $@
	$(AR) rcsD $@ $(BUILD)/libmaapol.o

$(BUILD)/libmaapol.so.$(SOVERSION): $(API_OBJECTS) $(LIBRARY_OBJECTS) \
	tools/maapol.map
	$(LINK:-pie=) -shared -Wl,-soname,$(@F) \
		-Wl,--version-script=tools/maapol.map -o $@ \
		$(filter %.o,$^) $(CRYPTO_LIBS)
	ln -sf $(@F) $(BUILD)/libmaapol.so

$(BUILD)/maapol.pc: tools/maapol.pc.in VERSION
	sed -e 's|@VERSION@|$(VERSION)|' -e 's|@PREFIX@|$(PREFIX)|' \
		-e 's|@LIBDIR@|$(LIBDIR)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' $< >$@

# --- tests ------------------------------------------------------------------

# Unit tests link an allocator that can be told to fail.
UNIT = $(wildcard tests/unit/*.c)
UNIT_OBJECTS = $(patsubst %.c,$(BUILD)/obj/%.o,$(UNIT))
FAILING = $(BUILD)/obj/tests/unit/failing/memory.o
$(UNIT_OBJECTS) $(FAILING): OBJECT_DEFINES = -DMAAPOL_FAILING_ALLOCATOR
$(FAILING): base/memory.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(COMPILE) $(OBJECT_DEFINES) -c -o $@ $<

$(BUILD)/tests/unit: $(UNIT_OBJECTS) $(FAILING) \
	$(filter-out $(BUILD)/obj/base/memory.o,$(LIBRARY_OBJECTS))
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ -lcriterion $(CRYPTO_LIBS)

# A program for each other folder of tests, of all its files.
CASES = $(call objects,tests/cases)
$(BUILD)/tests/cases: $(CASES) $(LIBRARY_OBJECTS)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(CRYPTO_LIBS)

# A runner prints "N passed, N failed"; all of them run, whatever fails.
RUNNERS = $(if $(UNIT),$(BUILD)/tests/unit) \
	$(if $(CASES),"$(BUILD)/tests/cases tests/cases") \
	$(wildcard tests/command/run tests/tools/*)
RUN_TESTS = MAAPOL=$(abspath $(BUILD))/maapol BUILD=$(abspath $(BUILD)) \
	MAAPOL_DATA=$(MAAPOL_DATA) VERSION=$(VERSION) \
	tools/run-tests $(if $(SANITIZE),--reports $(BUILD)/reports)

test: all $(if $(UNIT),$(BUILD)/tests/unit) \
	$(if $(CASES),$(BUILD)/tests/cases)
	$(RUN_TESTS) $(RUNNERS)

SANITIZERS = address,undefined
test-asan:
	$(MAKE) BUILD=$(BUILD)/asan SANITIZE=$(SANITIZERS) CFLAGS='-O1 -g' test

check-layers:
	tools/check-layers

clean:
	rm -rf $(BUILD)

FORCE:
.PHONY: all objects test test-asan check-layers clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:

-include $(shell test -d $(BUILD) && find $(BUILD)/obj $(BUILD)/light \
	-name '*.d' 2>/dev/null)
