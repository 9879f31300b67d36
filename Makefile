# SPDX-License-Identifier: Apache-2.0
#
#   make               programs and libraries, in build/
#   make test          unit tests, cases, command tests
#   make test-asan     the same under the address and undefined sanitizers
#   make test-memory   every allocation fails once, with tiny limits
#   make conformance   recorded data of the real service ($MAAPOL_DATA)
#   make test-sdk      the official JavaScript SDK against the emulator (npm)
#   make test-editors  the language server with libraries of VS Code (npm)
#   make vsix          the extension of VS Code (npm), in build/
#   make test-vscode   that extension in VS Code itself (npm, chromium)
#   make fuzz          every parser, FUZZ_SECONDS each (clang)
#   make bench         figures beside a reference of the same run
#   make bench-serve   the emulator under load (wrk), two minutes
#   make analyze       gcc -fanalyzer, clang-tidy, cppcheck
#   make check-layers  no include points the wrong way (tools/layers)
#   make man           manual pages, in build/man
#   make deb           Debian packages, in build/deb
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
BISON = bison
RE2C = re2c
VERSION := $(shell cat VERSION)
SOVERSION = 0

# Folders that need no cryptography make the small program; its start must
# not pay for loading libcrypto. The others make its sibling.
LIGHT = base grammar compiler eval lsp
CRYPTO = sign evidence token suite
# Only the siblings that speak to others have these.
REMOTE = remote
SERVE = serve

# Only what is written here makes a file.
MAKEFLAGS += --no-builtin-rules

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
REMOTE_LIBS = -lcurl
SERVE_LIBS = -lmicrohttpd -lsqlite3
CLI_DEFINES = -DMAAPOL_VERSION=\"$(VERSION)\" \
	-DMAAPOL_LIBEXECDIR=\"$(LIBEXECDIR)/maapol\"

# --- sources ----------------------------------------------------------------

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard $(1:%=%/*.c)))
PARSERS = $(patsubst %.y,$(BUILD)/%.tab,$(wildcard grammar/*.y))
LEXERS = $(patsubst %.re,$(BUILD)/%.lex,$(wildcard grammar/*.re))
GENERATED = $(patsubst $(BUILD)/%,$(BUILD)/obj/%.o,$(PARSERS) $(LEXERS))
PAGES = $(BUILD)/obj/generated/rule_pages.o \
	$(BUILD)/obj/generated/completion_scripts.o
ROOTS = $(BUILD)/obj/generated/roots.o

# The language server reads suites, and needs of their folders no more.
SUITE_READER = $(patsubst %,$(BUILD)/obj/%.o,suite/suite suite/reader \
	suite/changes suite/root token/data_kind)
SCHEMAS = $(BUILD)/obj/generated/schemas.o
LIGHT_OBJECTS = $(call objects,$(LIGHT)) $(SUITE_READER) $(SCHEMAS) \
	$(GENERATED)
LIBRARY_OBJECTS = $(sort $(LIGHT_OBJECTS) $(call objects,$(CRYPTO)) $(ROOTS))
API_OBJECTS = $(call objects,api)
REMOTE_OBJECTS = $(call objects,$(REMOTE))
SERVE_OBJECTS = $(call objects,$(SERVE))

# A program has all of cli/, its own folder in it, and its table of verbs.
CLI_OBJECTS = $(filter-out %/verbs.o,$(call objects,cli))
CLI_CRYPTO = $(call objects,cli/crypto)
CLI_REMOTE = $(call objects,cli/remote)
CLI_SERVE = $(call objects,cli/serve)
SIBLING_NAMES = crypto $(if $(CLI_REMOTE),remote) $(if $(CLI_SERVE),serve)
VERBS = $(SIBLING_NAMES:%=$(BUILD)/verbs/%.o) $(BUILD)/verbs/light.o
SIBLINGS = $(SIBLING_NAMES:%=$(BUILD)/maapol-%)
PROGRAMS = $(BUILD)/maapol $(SIBLINGS)
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
	$(COMPILE) $(OBJECT_FLAGS) $(OBJECT_DEFINES) -c -o $@ $<

$(BUILD)/verbs/%.o: cli/verbs.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(COMPILE) -DMAAPOL_$(shell echo $* | tr a-z A-Z) -c -o $@ $<

$(GENERATED) $(PAGES) $(ROOTS) $(SCHEMAS): $(BUILD)/obj/%.o: $(BUILD)/%.c \
	$(BUILD)/flags | $(PARSERS:%=%.h)
	@mkdir -p $(@D)
	$(COMPILE) $(GENERATED_WARNINGS) -c -o $@ $<

# Loop counters of a test that guards an arena are never read after a jump.
$(BUILD)/obj/tests/%.o: OBJECT_FLAGS := $(call try,-Wno-clobbered)
$(API_OBJECTS) $(CLI_OBJECTS) $(CLI_CRYPTO) $(CLI_REMOTE) $(CLI_SERVE): \
	OBJECT_DEFINES = $(CLI_DEFINES)

# A source archive brings the generated files along (make dist).
ifneq ($(wildcard generated),)
$(BUILD)/grammar/%: generated/%
	@mkdir -p $(@D)
	cp $< $@
else
$(BUILD)/%.tab.c $(BUILD)/%.tab.h: %.y
	@mkdir -p $(@D)
	$(BISON) -Wall $(if $(WERROR),-Werror) --header=$(BUILD)/$*.tab.h \
		-o $(BUILD)/$*.tab.c $<

$(BUILD)/%.lex.c: %.re
	@mkdir -p $(@D)
	$(RE2C) -W $(if $(WERROR),-Werror) --no-generation-date --no-version \
		-o $@ $<
endif

RULE_PAGES = $(sort $(wildcard docs/rules/*.md))
$(BUILD)/generated/rule_pages.c: tools/rule-pages.awk $(RULE_PAGES) \
	$(wildcard docs/rules)
	@mkdir -p $(@D)
	LC_ALL=C awk -f $< $(RULE_PAGES) </dev/null >$@

COMPLETIONS = $(sort $(wildcard completion/maapol.*))
$(BUILD)/generated/completion_scripts.c: tools/embed-texts.awk $(COMPLETIONS)
	@mkdir -p $(@D)
	LC_ALL=C awk -v header=cli/completion_scripts.h \
		-v table='completion_script completion_scripts' \
		-f $< $(COMPLETIONS) </dev/null >$@

SCHEMA_FILES = $(sort $(wildcard docs/schemas/*.schema.json))
$(BUILD)/generated/schemas.c: tools/embed-texts.awk $(SCHEMA_FILES)
	@mkdir -p $(@D)
	LC_ALL=C awk -v header=lsp/schema.h \
		-v table='schema_text schema_texts' \
		-f $< $(SCHEMA_FILES) </dev/null >$@

ROOT_FILES = $(sort $(wildcard evidence/roots/*.pem))
$(BUILD)/generated/roots.c: tools/embed-roots.awk $(ROOT_FILES)
	@mkdir -p $(@D)
	LC_ALL=C awk -f $< $(ROOT_FILES) </dev/null >$@

$(BUILD)/maapol: $(BUILD)/verbs/light.o $(CLI_OBJECTS) $(PAGES) \
	$(LIGHT_OBJECTS)
	$(LINK) -o $@ $^

$(SIBLINGS): $(BUILD)/maapol-%: $(BUILD)/verbs/%.o $(CLI_OBJECTS) $(PAGES) \
	$(LIBRARY_OBJECTS)
	$(LINK) -o $@ $^ $(CRYPTO_LIBS)
$(BUILD)/maapol-crypto: $(CLI_CRYPTO)
$(BUILD)/maapol-remote: $(CLI_REMOTE) $(CLI_CRYPTO) $(REMOTE_OBJECTS)
$(BUILD)/maapol-remote: CRYPTO_LIBS += $(REMOTE_LIBS)
$(BUILD)/maapol-serve: $(CLI_SERVE) $(SERVE_OBJECTS) \
	$(BUILD)/obj/cli/crypto/verify_input.o
$(BUILD)/maapol-serve: CRYPTO_LIBS += $(SERVE_LIBS)

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

$(BUILD)/maapol.pc: tools/maapol.pc.in VERSION $(BUILD)/flags
	sed -e 's|@VERSION@|$(VERSION)|' -e 's|@PREFIX@|$(PREFIX)|' \
		-e 's|@LIBDIR@|$(LIBDIR)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' $< >$@

# --- manual pages -----------------------------------------------------------

# Each program knows the options of its own verbs. The date is that of the
# version, so that the same source gives the same bytes.
MAN_DATE = $(shell sed -n 's/^\#\# $(VERSION), //p' docs/changes.md)
man: $(BUILD)/man/maapol.1
$(BUILD)/man/maapol.1: tools/man-pages.awk $(wildcard docs/man/*.man) \
	docs/changes.md $(PROGRAMS)
	@rm -rf $(@D)
	@mkdir -p $(@D)
	for program in $(PROGRAMS); do \
		$$program option-table || exit; \
	done >$(@D)/options
	LC_ALL=C awk -v out=$(@D) -v texts=docs/man -v version=$(VERSION) \
		-v date=$(MAN_DATE) -f $< $(@D)/options

# --- installing -------------------------------------------------------------

# Where bash, zsh and fish look, in that order.
COMPLETION_FILES = $(addprefix $(DESTDIR)$(PREFIX)/share/, \
	bash-completion/completions/maapol zsh/site-functions/_maapol \
	fish/vendor_completions.d/maapol.fish)
install: all man
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBEXECDIR)/maapol \
		$(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR) \
		$(DESTDIR)$(MANDIR)/man1 $(dir $(COMPLETION_FILES))
	install $(BUILD)/maapol $(DESTDIR)$(BINDIR)
	install $(SIBLINGS) $(DESTDIR)$(LIBEXECDIR)/maapol
ifneq ($(LIBRARIES),)
	install -m 644 $(wildcard include/*.h) $(DESTDIR)$(INCLUDEDIR)
	install -m 644 $(BUILD)/libmaapol.a $(BUILD)/libmaapol.so.$(SOVERSION) \
		$(DESTDIR)$(LIBDIR)
	ln -sf libmaapol.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libmaapol.so
	install -m 644 $(BUILD)/maapol.pc $(DESTDIR)$(LIBDIR)/pkgconfig
endif
	install -m 644 $(BUILD)/man/*.1 $(DESTDIR)$(MANDIR)/man1
	install -m 644 completion/maapol.bash $(word 1,$(COMPLETION_FILES))
	install -m 644 completion/maapol.zsh $(word 2,$(COMPLETION_FILES))
	install -m 644 completion/maapol.fish $(word 3,$(COMPLETION_FILES))

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/maapol \
		$(patsubst %,$(DESTDIR)$(INCLUDEDIR)/%,$(notdir \
			$(wildcard include/*.h))) \
		$(DESTDIR)$(LIBDIR)/libmaapol.* \
		$(DESTDIR)$(LIBDIR)/pkgconfig/maapol.pc \
		$(DESTDIR)$(MANDIR)/man1/maapol.1 \
		$(DESTDIR)$(MANDIR)/man1/maapol-*.1 $(COMPLETION_FILES)
	rm -rf $(DESTDIR)$(LIBEXECDIR)/maapol

# Built for /usr in a build directory of its own: the path of the siblings and
# the library's folder are compiled in.
DEB_LIBDIR = /usr/lib/$(shell dpkg-architecture -qDEB_HOST_MULTIARCH)
deb:
	rm -rf $(BUILD)/deb
	$(MAKE) BUILD=$(BUILD)/deb-build PREFIX=/usr LIBDIR=$(DEB_LIBDIR) \
		DESTDIR=$(abspath $(BUILD))/deb/root install
	tools/make-deb $(BUILD)/deb/root $(BUILD)/deb
	rm -rf $(BUILD)/deb/root

# What git knows, and the generated lexers and parsers, so that a release
# builds without re2c and Bison. The same commit gives the same bytes.
DIST = maapol-$(VERSION)
dist: $(PARSERS:%=%.c) $(LEXERS:%=%.c)
	rm -rf $(BUILD)/$(DIST)
	mkdir -p $(BUILD)/$(DIST)/generated
	git ls-files -z | tar -c --null -T - | tar -x -C $(BUILD)/$(DIST)
	cp $(BUILD)/grammar/*.[ch] $(BUILD)/$(DIST)/generated
	tar -C $(BUILD) -c --sort=name --owner=0 --group=0 --numeric-owner \
		--mtime=@$$(git log -1 --format=%ct) $(DIST) | \
		gzip -9n >$(BUILD)/$(DIST).tar.gz
	rm -rf $(BUILD)/$(DIST)

# --- tests ------------------------------------------------------------------

# Unit tests link an allocator that can be told to fail.
UNIT = $(wildcard tests/unit/*.c tests/unit/api/*.c)
UNIT_OBJECTS = $(patsubst %.c,$(BUILD)/obj/%.o,$(UNIT))
FAILING = $(BUILD)/obj/tests/unit/failing/memory.o
$(UNIT_OBJECTS) $(FAILING): OBJECT_DEFINES = -DMAAPOL_FAILING_ALLOCATOR
$(FAILING): base/memory.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(COMPILE) $(OBJECT_DEFINES) -c -o $@ $<

$(BUILD)/tests/unit: $(UNIT_OBJECTS) $(FAILING) $(API_OBJECTS) \
	$(REMOTE_OBJECTS) $(SERVE_OBJECTS) \
	$(filter-out $(BUILD)/obj/base/memory.o,$(LIBRARY_OBJECTS))
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ -lcriterion -lm $(CRYPTO_LIBS) \
		$(if $(REMOTE_OBJECTS),$(REMOTE_LIBS)) \
		$(if $(SERVE_OBJECTS),$(SERVE_LIBS))

# A folder of tests is one program of all its files; in tests/conformance
# every file is a program.
CASES = $(call objects,tests/cases)
CONFORMANCE = $(patsubst tests/conformance/%.c,$(BUILD)/tests/conformance-%, \
	$(wildcard tests/conformance/*.c))
MEMORY = $(call objects,tests/memory)
BENCH = $(call objects,tests/bench)
$(BUILD)/tests/cases: $(CASES)
$(CONFORMANCE): $(BUILD)/tests/conformance-%: \
	$(BUILD)/obj/tests/conformance/%.o \
	$(call objects,tests/conformance/shared)
$(BUILD)/tests/memory: $(MEMORY)
$(BUILD)/tests/bench: $(BENCH)
$(BUILD)/tests/cases $(BUILD)/tests/memory $(BUILD)/tests/bench \
$(CONFORMANCE): $(LIBRARY_OBJECTS)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(CRYPTO_LIBS)

# A runner prints "N passed, N failed"; all of them run, whatever fails.
RUN_TESTS = CC='$(CC)' BUILD=$(abspath $(BUILD)) VERSION=$(VERSION) \
	MAAPOL=$(abspath $(BUILD))/maapol MAAPOL_DATA=$(MAAPOL_DATA) \
	tools/run-tests $(1) $(if $(SANITIZE),--reports $(BUILD)/reports)

TEST_PROGRAMS = $(if $(UNIT),$(BUILD)/tests/unit) \
	$(if $(CASES),$(BUILD)/tests/cases)
test: all $(TEST_PROGRAMS)
	$(call RUN_TESTS) $(if $(UNIT),"$(BUILD)/tests/unit --timeout 100") \
		$(if $(CASES),"$(BUILD)/tests/cases tests/cases") \
		$(wildcard tests/command/run tests/tools/*)

# Recorded data that is no part of the project; without it the runners say so.
conformance: all $(CONFORMANCE)
	$(call RUN_TESTS,--jobs 2) $(CONFORMANCE) \
		$(wildcard tests/conformance/run*)

# A build directory of its own for every kind of build.
ASAN = SANITIZE=address,undefined CFLAGS='-O1 -g'
test-asan:
	$(MAKE) BUILD=$(BUILD)/asan $(ASAN) test
conformance-asan:
	$(MAKE) BUILD=$(BUILD)/asan $(ASAN) conformance
test-memory:
	$(MAKE) BUILD=$(BUILD)/memory $(ASAN) run-memory \
		DEFINES='-DMAAPOL_FAILING_ALLOCATOR -DMAAPOL_TINY_LIMITS'
run-memory: $(BUILD)/tests/memory
	$(call RUN_TESTS) $(BUILD)/tests/memory

# Bounded by runs, so that it does the same each time, and by seconds.
FUZZ_SECONDS = 20
FUZZ_RUNS = 1000000
FUZZ_CC = clang
FUZZERS = $(patsubst tests/fuzz/%.c,$(BUILD)/tests/fuzz-%, \
	$(wildcard tests/fuzz/*.c))
fuzz:
	@echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' | \
		$(FUZZ_CC) -fsanitize=fuzzer -x c -o /dev/null - || \
		{ echo 'make fuzz needs clang and its libFuzzer'; exit 1; }
	$(MAKE) BUILD=$(BUILD)/fuzz CC=$(FUZZ_CC) CFLAGS='-O1 -g' run-fuzz \
		SANITIZE=fuzzer-no-link,address,undefined
run-fuzz: $(FUZZERS)
	FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_RUNS=$(FUZZ_RUNS) \
		tools/run-tests --jobs 2 \
		$(FUZZERS:%="tools/run-fuzzer %")
$(FUZZERS): $(BUILD)/tests/fuzz-%: $(BUILD)/obj/tests/fuzz/%.o \
	$(LIBRARY_OBJECTS)
	@mkdir -p $(@D)
	$(LINK) -fsanitize=fuzzer -o $@ $^ $(CRYPTO_LIBS)
$(BUILD)/tests/fuzz-serve_request: $(SERVE_OBJECTS)
$(BUILD)/tests/fuzz-serve_request: CRYPTO_LIBS += $(SERVE_LIBS)

# The official JavaScript SDK against the emulator; needs npm.
SDK_CLIENT ?= ../shared/clients/js-sdk/sdk-client.mjs
test-sdk: all
	BUILD=$(abspath $(BUILD)) MAAPOL=$(abspath $(BUILD))/maapol \
		CLIENT=$(abspath $(SDK_CLIENT)) \
		MAAPOL_DATA=$(abspath $(MAAPOL_DATA)) tools/test-sdk

# The language server with the client libraries of VS Code; needs npm.
test-editors: all
	BUILD=$(abspath $(BUILD)) MAAPOL=$(abspath $(BUILD))/maapol \
		MAAPOL_DATA=$(MAAPOL_DATA) tools/test-editors

# The extension of VS Code, packed; and tried in VS Code itself, which takes
# minutes the first time. Both need npm.
vsix:
	BUILD=$(abspath $(BUILD)) tools/make-vsix
test-vscode: all vsix
	BUILD=$(abspath $(BUILD)) MAAPOL=$(abspath $(BUILD))/maapol \
		tools/test-vscode

# The emulator under load beside `openssl speed`; needs wrk.
BENCH_SECONDS = 60
bench-serve: all
	MAAPOL=$(abspath $(BUILD))/maapol tests/bench/serve.py $(BENCH_SECONDS)

bench: all $(BUILD)/tests/bench $(BUILD)/tests/empty
	$(BUILD)/tests/bench $(BUILD)/maapol $(BUILD)/tests/empty
$(BUILD)/tests/empty: tests/bench/empty/empty.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(COMPILE) $(LINK_HARDENING) -o $@ $<

# --- analysis ---------------------------------------------------------------

FOLDERS = $(LIGHT) $(CRYPTO) $(REMOTE) $(SERVE) api cli \
	cli/crypto cli/remote cli/serve
SOURCES = $(wildcard $(FOLDERS:%=%/*.c))
HEADERS = $(wildcard $(FOLDERS:%=%/*.h))
ANALYZED = -std=c17 $(CPPFLAGS) $(CLI_DEFINES)
analyze: analyze-gcc analyze-tidy analyze-cppcheck
# gcc 12 takes every value for uninitialised after setjmp has returned twice.
ANALYZER = -O1 -g -fanalyzer -Wno-analyzer-use-of-uninitialized-value
analyze-gcc:
	$(MAKE) -k BUILD=$(BUILD)/analyzer CC=gcc CFLAGS='$(ANALYZER)' \
		WERROR=1 GENERATED_WARNINGS=-w all
analyze-tidy: $(PARSERS:%=%.h)
	printf '%s\n' $(SOURCES) | xargs -P 2 -n 8 sh -c \
		'clang-tidy --quiet "$$@" -- $(ANALYZED)' clang-tidy
# It misreads hexadecimal floats, and takes "if (p) return p" and a result that
# the callee fills in for mistakes.
analyze-cppcheck: $(PARSERS:%=%.h)
	cppcheck -q --std=c11 --enable=warning,performance,portability \
		--inline-suppr --error-exitcode=1 \
		--suppress=missingIncludeSystem --suppress=incorrectLogicOperator \
		--suppress=identicalInnerCondition --suppress=ctuuninitvar \
		$(CPPFLAGS) $(SOURCES)

format:
	clang-format -i $(SOURCES) $(HEADERS) $(wildcard tests/*/*.[ch])

check-layers:
	tools/check-layers

clean:
	rm -rf $(BUILD)

FORCE:
.PHONY: bench-serve man deb vsix test-sdk test-editors test-vscode all \
	objects install uninstall dist test conformance test-asan \
	conformance-asan test-memory run-memory fuzz run-fuzz bench analyze \
	analyze-gcc analyze-tidy analyze-cppcheck format check-layers clean \
	FORCE
.DELETE_ON_ERROR:
.SECONDARY:

-include $(shell test -d $(BUILD) && find $(BUILD)/obj $(BUILD)/verbs \
	-name '*.d' 2>/dev/null)
