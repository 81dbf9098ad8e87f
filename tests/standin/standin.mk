# The stand-in API: a library, a program and its own test. To be included by the Makefile at the top of the tree.
#
# Takes CC, CXX, CFLAGS, CXXFLAGS, WARNINGS, LDFLAGS and BUILD. Gives STANDIN_OBJECTS, STANDIN_LIBS (what a program needs
# after libstandin.a) and the targets $(BUILD)/tests/libstandin.a, $(BUILD)/tests/standin and $(BUILD)/tests/test_standin.
# The objects stand in a folder of their own, since the program has taken the name of theirs.

BUILD ?= build
CXXFLAGS ?= $(filter-out -std=%,$(CFLAGS))

STANDIN_FOLDER := tests/standin
STANDIN_BUILD := $(BUILD)/tests/standin-objects
STANDIN_SOURCES := $(filter-out %/standin_main.c $(STANDIN_FOLDER)/test_%,$(wildcard $(STANDIN_FOLDER)/*.c))
STANDIN_TEST_OBJECTS := $(patsubst $(STANDIN_FOLDER)/%.c,$(STANDIN_BUILD)/%.o,$(wildcard $(STANDIN_FOLDER)/test_*.c))
STANDIN_OBJECTS := $(STANDIN_SOURCES:$(STANDIN_FOLDER)/%.c=$(STANDIN_BUILD)/%.o) $(STANDIN_BUILD)/re2_shim.o
STANDIN_LIBS := -lmicrohttpd -ljson-c -lre2 -llzma -lz -lstdc++ -lm -lpthread

# POSIX, and strsep.
STANDIN_CPPFLAGS := -D_DEFAULT_SOURCE -D_POSIX_C_SOURCE=200809L

$(STANDIN_BUILD)/%.o: $(STANDIN_FOLDER)/%.c
	@mkdir -p $(@D)
	@echo '  cc   $@'
	$(CC) -std=c11 $(STANDIN_CPPFLAGS) $(CFLAGS) $(WARNINGS) -MMD -MP -c -o $@ $<

# RE2's headers are C++ and not ours: the warnings for C don't apply.
$(STANDIN_BUILD)/re2_shim.o: $(STANDIN_FOLDER)/re2_shim.cc
	@mkdir -p $(@D)
	@echo '  c++  $@'
	$(CXX) -std=c++17 $(CXXFLAGS) -Wall -Wextra -MMD -MP -c -o $@ $<

$(BUILD)/tests/libstandin.a: $(STANDIN_OBJECTS)
	@rm -f $@ && echo '  ar   $@'
	$(AR) rcs $@ $^

$(BUILD)/tests/standin: $(STANDIN_BUILD)/standin_main.o $(BUILD)/tests/libstandin.a
	@echo '  link $@'
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(STANDIN_LIBS)

# The data is what its script makes.
$(STANDIN_BUILD)/site-checked: tests/data/make-site $(wildcard tests/data/*.xz)
	@mkdir -p $(@D)
	$< --check
	@touch $@

$(BUILD)/tests/test_standin: $(STANDIN_TEST_OBJECTS) $(BUILD)/tests/libstandin.a | $(STANDIN_BUILD)/site-checked
	@echo '  link $@'
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka -lcurl $(STANDIN_LIBS)

-include $(STANDIN_OBJECTS:.o=.d) $(STANDIN_BUILD)/standin_main.d $(STANDIN_TEST_OBJECTS:.o=.d)
