# Builds the extension and runs its tests. `make help` lists the targets. Sources and tests are found by their place: a new one
# needs no line here.

BUILD := build
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla $(if $(CI),-Werror)
QUERIES := 3000
SOAK_QUERIES ?= 1000
SEED :=
FUZZ_SECONDS := 20
SQLITE_RELEASES := 3.31.1 3.54.1

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --output-sync --no-print-directory $(if $(V),,--silent)# make V=1 shows the commands

REST := $(filter-out deps deps-dev,$(MAKECMDGOALS))
ifneq ($(and $(filter deps deps-dev,$(MAKECMDGOALS)),$(REST)),)

# `make deps test` installs first, then builds in a second make: deps installs compilers and libraries, which decide how the rest is
# built, so nothing of the rest may be started or evaluated before. The targets after deps all depend on the first of them, which
# runs the second make, once for all of them. That make isn't given deps, and takes the other branch.
.PHONY: $(MAKECMDGOALS)
$(REST): $(filter deps deps-dev,$(MAKECMDGOALS))
	@$(if $(filter $@,$(firstword $(REST))),$(MAKE) $(REST))
$(wordlist 2,99,$(REST)): $(firstword $(REST))
deps:
	@tools/deps $(CLIENTS)
deps-dev: $(filter deps,$(MAKECMDGOALS)) # one after the other: apt takes a lock
	@tools/deps dev $(CLIENTS)
CLIENTS := $(if $(filter test test-all run/clients,$(REST)),clients)

else

# The extension. It is not linked to libsqlite3, which the host process brings: -z defs makes the linker refuse a direct call of it.
# pkg-config is called in recipes only, so that targets that need no library work without it.
FLAGS = -std=c11 -D_DEFAULT_SOURCE -fPIC -fvisibility=hidden -pthread $(WARNINGS) $(CFLAGS)
# Hardening: the flags that the compiler takes, tested once. FORTIFY needs an optimiser and is left out under sanitizers, which
# check more.
taken = $(shell $(CC) -Werror $(1) -c -x c /dev/null -o /dev/null 2>/dev/null && echo $(1))
HARDENING = $(eval HARDENING := $(foreach flag,-fstack-protector-strong -fstack-clash-protection -fcf-protection \
  -mbranch-protection=standard,$(call taken,$(flag))) $(if $(findstring -fsanitize,$(CFLAGS)),,$(if \
  $(filter -O1 -O2 -O3 -Os,$(CFLAGS)),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)))$(HARDENING)
HARDENED_LINK := -Wl,-z,relro,-z,now,-z,noexecstack
LIBRARIES = $(shell pkg-config --libs libcurl json-c) -lm -pthread
objects = $(patsubst %.c,$(BUILD)/objects/%.o,$(1))

SQLITE_SOURCES := $(wildcard ext/*.c ext/vtab/*.c)# those that call SQLite
SOURCES := $(SQLITE_SOURCES) $(filter-out $(SQLITE_SOURCES),$(wildcard ext/*/*.c))
C_FILES := $(SOURCES) $(wildcard tests/*/*.c tests/unit/*/*.c bench/*.c)

$(BUILD)/onpage.so: $(call objects,$(SOURCES))
	@echo '  link $@'
	$(CC) $(FLAGS) $(LDFLAGS) -shared -Wl,-z,defs $(HARDENED_LINK) $^ $(LIBRARIES) -o $@

$(BUILD)/objects/%.o: %.c Makefile VERSION
	@mkdir -p $(@D)
	@echo '  cc   $@'
	$(CC) $(FLAGS) $(CPPFLAGS) -Iext $(INCLUDES) -MMD -MP -c $< -o $@
INCLUDES = $(shell pkg-config --cflags sqlite3 libcurl json-c) -DONPAGE_VERSION='"$(shell cat VERSION)"'
$(BUILD)/objects/ext/%: INCLUDES += $(HARDENING)
$(BUILD)/objects/tests/%: INCLUDES += -Itests/e2e -Itests/standin $(shell pkg-config --cflags cmocka libmicrohttpd)

# The tests. A unit test is linked with an archive of everything that doesn't call SQLite. A test that defines the functions of
# http.h itself thereby replaces http.o, which the linker then doesn't take. The other tests load the built extension and talk to
# the stand-in API.
-include tests/standin/standin.mk

TEST_LIBRARIES = $(shell pkg-config --libs cmocka)
programs = $(patsubst %.c,$(BUILD)/%,$(wildcard $(1)))
UNIT := $(call programs,tests/unit/*/test_*.c)
STANDIN := $(BUILD)/tests/test_standin
E2E := $(call programs,tests/e2e/test_*.c)
ORACLE := $(BUILD)/tests/oracle
HARNESS := $(filter-out tests/e2e/test_%.c,$(wildcard tests/e2e/*.c))

$(BUILD)/tests/libpure.a: $(call objects,$(filter-out $(SQLITE_SOURCES),$(SOURCES)))
	@rm -f $@ && mkdir -p $(@D)
	@echo '  ar   $@'
	$(AR) rcs $@ $^
# What several tests share: fixture_http.c is linked with each test_http*.c beside it.
$(foreach fixture,$(wildcard tests/unit/*/fixture_*.c),$(eval \
  $(filter $(BUILD)/$(subst /fixture_,/test_,$(fixture:.c=))%,$(UNIT)): $(call objects,$(fixture))))
$(UNIT): $(BUILD)/%: $(BUILD)/objects/%.o $(BUILD)/tests/libpure.a
	@mkdir -p $(@D)
	@echo '  link $@'
	$(CC) $(FLAGS) $(LDFLAGS) $(filter %.o,$^) $(filter %.a,$^) $(TEST_LIBRARIES) $(shell pkg-config --libs libmicrohttpd) \
	  $(LIBRARIES) -o $@

$(E2E): $(BUILD)/%: $(BUILD)/objects/%.o $(call objects,$(HARNESS)) $(BUILD)/tests/libstandin.a
$(ORACLE): $(call objects,$(wildcard tests/oracle/*.c) $(HARNESS)) $(BUILD)/tests/libstandin.a
$(BUILD)/tests/e2e/test_allocations $(BUILD)/tests/e2e/test_loading: LDFLAGS += -rdynamic# they replace functions of the libraries
$(E2E) $(ORACLE):
	@mkdir -p $(@D)
	@echo '  link $@'
	$(CC) $(FLAGS) $(LDFLAGS) $^ $(STANDIN_LIBS) $(TEST_LIBRARIES) $(LIBRARIES) -lsqlite3 -ldl -o $@

# SQLITE=3.31.1 runs end-to-end tests with that release of SQLite (tests/sqlite/fetch lists those that there are). WRAPPER is put
# before the test program, such as valgrind.
RESULTS := $(BUILD)/results
RUN = tools/run-test $(RESULTS) $(LABEL)$(if $(SQLITE),sqlite-$(SQLITE)/)$(@:run/%=%) TEST_LIBRARY=$(BUILD)/onpage \
  $(if $(SQLITE),LD_LIBRARY_PATH=$(BUILD)/sqlite/$(SQLITE)) $(RUN_ENVIRONMENT) $(WRAPPER)
run = $(patsubst $(BUILD)/tests/%,run/%,$(1))

PACKAGE_TESTS := $(patsubst tests/%,run/%,$(wildcard tests/packages/test_*))

.PHONY: run-unit run-e2e run-oracle run-packages run/soak run/demo run/examples run/clients run/readme run/docs build-tests \
  $(PACKAGE_TESTS) $(call run,$(UNIT) $(STANDIN) $(E2E) $(ORACLE))
run-unit: $(call run,$(UNIT))
run-e2e: $(call run,$(STANDIN) $(E2E))
run-oracle: $(call run,$(ORACLE))
$(call run,$(UNIT) $(STANDIN) $(E2E)): run/%: $(BUILD)/tests/%
	@$(RUN) $<
$(call run,$(E2E) $(ORACLE)): $(BUILD)/onpage.so $(if $(SQLITE),$(BUILD)/sqlite/$(SQLITE)/libsqlite3.so.0)
$(call run,$(ORACLE)): $(ORACLE)
	@$(RUN) QUERIES=$(QUERIES) SEED=$(SEED) $<
run/soak: $(ORACLE) $(BUILD)/onpage.so
	@$(RUN) QUERIES=$(SOAK_QUERIES) SEED=$(SEED) $< --faults
run/demo: $(BUILD)/onpage.so $(BUILD)/tests/standin
	@$(RUN) tests/run-demo $(BUILD)
run/examples: $(BUILD)/onpage.so $(BUILD)/tests/standin
	@$(RUN) tests/examples/run $(BUILD)
run-packages: $(PACKAGE_TESTS)
$(PACKAGE_TESTS): run/%: $(BUILD)/onpage.so $(BUILD)/tests/standin
	@$(RUN) CI=$(CI) tests/$* $(BUILD)
run/clients: $(BUILD)/onpage.so $(BUILD)/tests/standin
	@$(RUN) CI=$(CI) tests/clients/run $(BUILD)
	@grep skipped $(RESULTS)/clients.log || true
run/readme: $(BUILD)/onpage.so $(BUILD)/tests/standin
	@$(RUN) tests/run-readme $(BUILD)
run/docs:
	@$(RUN) tests/run-docs
build-tests: $(BUILD)/onpage.so $(UNIT) $(STANDIN) $(E2E) $(ORACLE)

.PHONY: all deps deps-dev demo test test-all oracle soak mutate i386 asan tsan valgrind fuzz bench check-layers check-symbols \
  check-hardening lint format check-format install uninstall packages deb npm wheel sqlpkg clean help run-sqlite $(C_FILES:%=tidy/%)

all: $(BUILD)/onpage.so ## the extension, build/onpage.so

deps: ## installs what is needed to build and test (Debian, Ubuntu; elsewhere prints what is missing)
	@tools/deps
deps-dev: ## the same, and what lint, format and valgrind need
	@tools/deps dev

demo: $(BUILD)/onpage.so $(BUILD)/tests/standin ## prints a report of broken links of a real crawl, served by the stand-in API
	@tests/run-demo $(BUILD)

test: ## all tests, also under sanitizers and with other releases of SQLite
	@rm -rf $(RESULTS)
	@status=0; $(MAKE) -k test-all || status=1; tools/tally $(RESULTS) && exit $$status
test-all: FUZZ_SECONDS := 4
test-all: run-unit run-e2e run-oracle run/soak run-packages run/demo run/examples run/clients run/readme run/docs \
  check-layers check-symbols check-hardening i386 asan tsan fuzz $(SQLITE_RELEASES:%=test-sqlite-%)

run-unit: ## the unit tests alone
run-e2e: ## the end-to-end tests alone, and those of the stand-in API

oracle: export TEST_LIMIT_S := 36000
oracle: run-oracle ## compares random queries with an ordinary table (QUERIES=100000 SEED=…)

soak: export TEST_LIMIT_S := 36000
soak: run/soak ## the same while the API fails at random (SOAK_QUERIES=100000 SEED=…)

mutate: ## puts faults into a copy of the sources, one at a time, to see which tests fail (PATTERN=… chooses; takes hours)
	@tests/mutate '$(PATTERN)'

SANITIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
asan: ## unit and end-to-end tests and the oracle under the address and undefined behaviour sanitizers
	@$(MAKE) run-unit run-e2e run-oracle BUILD=$(BUILD)/asan CFLAGS='$(SANITIZE)' RESULTS=$(RESULTS) LABEL=asan/ \
	  RUN_ENVIRONMENT='ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1'

# Unit tests only: neither SQLite nor the libraries of the stand-in API are fetched as 32-bit builds.
I386 = $(CURDIR)/$(BUILD)/i386
i386: ## unit tests as 32-bit programs (x86_64 with Debian's packages)
	@tests/i386/fetch $(I386); case $$? in \
	  0) PKG_CONFIG_SYSROOT_DIR=$(I386)/root PKG_CONFIG_LIBDIR=$(I386)/root/usr/lib/i386-linux-gnu/pkgconfig \
	    $(MAKE) run-unit BUILD=$(BUILD)/i386 CC=$(I386)/cc RESULTS=$(RESULTS) LABEL=i386/ ;; \
	  1) test -z "$(CI)" && echo 'skipped: the unit tests as 32-bit programs' ;; \
	  *) exit 1 ;; esac

THREAD_TESTS := run/e2e/test_connections run/e2e/test_interruption
tsan: ## the tests that start threads, under the thread sanitizer
	@$(MAKE) $(THREAD_TESTS) BUILD=$(BUILD)/tsan CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=thread' RESULTS=$(RESULTS) \
	  LABEL=tsan/ RUN_ENVIRONMENT='TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1'

valgrind: ## unit and end-to-end tests under valgrind
	@TEST_LIMIT_S=3600 $(MAKE) run-unit run-e2e LABEL=valgrind/ \
	  WRAPPER='valgrind --quiet --error-exitcode=99 --leak-check=full --keep-debuginfo=yes --suppressions=tests/valgrind.supp'

# A fuzz target is linked like a unit test, by clang, whose runtime has the main loop. Inputs that reach new code are kept in
# build/fuzz/corpus, inputs that fail in build/fuzz/finds.
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
$(FUZZ:%=$(BUILD)/tests/fuzz/fuzz_%): $(BUILD)/%: $(BUILD)/objects/%.o $(BUILD)/objects/tests/fuzz/input.o \
  $(BUILD)/tests/libpure.a $(BUILD)/tests/standin-objects/re2_shim.o
	@mkdir -p $(@D)
	@echo '  link $@'
	$(CC) $(FLAGS) -fsanitize=fuzzer $(LDFLAGS) $^ -Wl,--as-needed $(LIBRARIES) -lsqlite3 -lre2 -lstdc++ -o $@
run/fuzz/%: $(BUILD)/tests/fuzz/fuzz_%
	@mkdir -p $(BUILD)/corpus/$* $(BUILD)/finds/$*
	@TEST_LIMIT_S=$$(($(FUZZ_SECONDS) + 300)) $(RUN) tests/fuzz/run $< $(BUILD) $(FUZZ_SECONDS) $(or $(SEED),0)
fuzz: export CXX := clang++
fuzz: ## fuzzes the parsers (FUZZ_SECONDS=20 each, SEED=…)
	@if tests/fuzz/run --possible; then $(MAKE) $(FUZZ:%=run/fuzz/%) BUILD=$(BUILD)/fuzz CC=clang RESULTS=$(RESULTS) \
	  FUZZ_SECONDS=$(FUZZ_SECONDS) CFLAGS='$(SANITIZE) -fsanitize=fuzzer-no-link' \
	  RUN_ENVIRONMENT='ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1'; \
	else test -z "$(CI)" && echo 'skipped: fuzzing, which needs clang and its runtime'; fi

BENCH := $(call programs,bench/*.c)
$(BENCH): $(BUILD)/%: $(BUILD)/objects/%.o
	@mkdir -p $(@D)
	@echo '  link $@'
	$(CC) $(FLAGS) $(LDFLAGS) $^ -Wl,--as-needed $(LIBRARIES) -lsqlite3 -o $@
bench: $(BENCH) $(BUILD)/onpage.so $(BUILD)/tests/standin
bench: ## compares the speed with other ways to read the same rows (10 minutes; QUICK=1: fewer runs)
	@env -i PATH="$$PATH" HOME="$$HOME" LC_ALL=C.UTF-8 bench/bench $(BUILD) $(if $(QUICK),--quick)

# Another release of SQLite replaces the system's through LD_LIBRARY_PATH. Compiled with Debian's options where they change
# behaviour.
$(BUILD)/sqlite/%/libsqlite3.so.0: $(BUILD)/sqlite/%/sqlite3.c
	@echo '  cc   $@'
	$(CC) -w -O2 -fPIC -shared -pthread -Wl,-soname,$(@F) -DSQLITE_THREADSAFE=1 -DSQLITE_ENABLE_LOAD_EXTENSION \
	  -DSQLITE_ENABLE_COLUMN_METADATA -DSQLITE_ENABLE_JSON1 -DSQLITE_LIKE_DOESNT_MATCH_BLOBS -DSQLITE_OMIT_LOOKASIDE $< -lm -ldl -o $@
$(BUILD)/sqlite/%/sqlite3.c:
	@tests/sqlite/fetch $* $(@D)
.PRECIOUS: $(BUILD)/sqlite/%/sqlite3.c

test-sqlite-%: build-tests ## end-to-end tests and oracle with another release of SQLite (tests/sqlite/fetch lists them)
	@tests/sqlite/fetch $* $(BUILD)/sqlite/$*; case $$? in \
	  0) $(MAKE) run-sqlite SQLITE=$* ;; \
	  1) test -z "$(CI)" && echo "skipped: the tests with SQLite $*" ;; \
	  *) exit 1 ;; esac
run-sqlite: $(BUILD)/sqlite/$(SQLITE)/libsqlite3.so.0
	@LD_LIBRARY_PATH=$(<D) ldd $(firstword $(E2E)) | grep -q $< # the tests get this one
	@$(MAKE) $(call run,$(E2E) $(ORACLE))

check-layers: $(call objects,$(SOURCES)) ## checks the includes and symbols against the wings in ARCHITECTURE.md, and prints them
	@tools/check-layers $^

check-symbols: $(BUILD)/onpage.so ## checks that only the entry point is exported
	@tools/check-symbols $<

check-hardening: $(BUILD)/onpage.so ## checks that the hardening of the compiler and the linker is in the library
	@tools/check-hardening $< $(HARDENING)

lint: $(C_FILES:%=tidy/%) ## clang-tidy, cppcheck, and builds with gcc and clang in which a warning is an error
	@$(MAKE) build-tests BUILD=$(BUILD)/gcc CC=gcc CXX=g++ CI=1
	@$(MAKE) build-tests BUILD=$(BUILD)/clang CC=clang CXX=clang++ CI=1
	# varFuncNullUB: NULL is a pointer in POSIX.
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --suppress=varFuncNullUB \
	  --error-exitcode=1 ext tests
tidy/ext/%: INCLUDES += $(if $(filter ext/base/error.c,$<),,-include tools/lint.h -Wno-unused-value)
tidy/tests/%: INCLUDES += -Itests/e2e -Itests/standin
$(C_FILES:%=tidy/%): tidy/%: %
	@echo '  tidy $<' && clang-tidy --quiet $< -- $(FLAGS) -Iext $(INCLUDES) 2>&1 | { ! grep -v '^[0-9]* warnings generated'; }

FORMATTED = $(wildcard ext/*.[ch] ext/*/*.[ch] tests/*/*.[ch] tests/unit/*/*.[ch] tests/*/*.cc bench/*.[ch])
format: ## formats the sources
	@tools/format $(FORMATTED)
check-format: ## fails if `make format` would change something
	@tools/format --check $(FORMATTED)

# The full path is printed since dlopen doesn't look for a bare name in /usr/local/lib.
install: $(BUILD)/onpage.so ## installs into PREFIX/lib/sqlite3 (DESTDIR is put before it)
	install -D -m 644 $< $(DESTDIR)$(PREFIX)/lib/sqlite3/onpage.so
	@echo "In sqlite3: .load $(PREFIX)/lib/sqlite3/onpage"
uninstall: ## removes what install put there
	rm -f $(DESTDIR)$(PREFIX)/lib/sqlite3/onpage.so
	rmdir $(DESTDIR)$(PREFIX)/lib/sqlite3 2>/dev/null || true # it may have other files

PACKAGES := $(BUILD)/packages
packages: deb npm wheel sqlpkg ## the four below, in build/packages
deb: ## a Debian package
npm: ## an npm package
wheel: ## a Python wheel
sqlpkg: ## an archive and sqlpkg.json (ASSETS_URL=… is where they will be published)
deb npm wheel sqlpkg: $(BUILD)/onpage.so
	@packaging/$@/build $< $(PACKAGES)

clean: ## removes the build folder
	rm -rf $(BUILD)

help: ## this list
	@sed -nE 's/^([a-z0-9%-]+):.*## (.*)/\1\t\2/p' Makefile | expand -t 17
	@printf '\n%s\n' 'One test:'
	@printf '  %s\n' 'make run/unit/plan/test_query' 'make run/e2e/test_joins' 'make run/e2e/test_joins SQLITE=3.38.2'
	@printf '%s\n' 'make V=1 … shows the commands; CI=1 makes warnings errors and lets no test be skipped.'

-include $(shell find $(BUILD)/objects -name '*.d' 2>/dev/null)

endif
