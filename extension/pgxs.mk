# Builds and installs the extension with PGXS; called by the top-level Makefile from the project's root.

PG_CONFIG := $(or $(PG_CONFIG),$(shell scripts/pg-config.sh))
VERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" extension/laurel.control)

# Declarations in the order their dependencies ask for; migrations in the order of their stamps.
FUNCTIONS := install schema tables access policies guards guards_of_a_row guards_among_rows migrator audit personal identity points holds seals expiry tiers leaderboards badges notifications deliveries retention jobs teams events appointments recognition rewards grading learning programme documents assessments buddies onboarding rules privacy export merge credentials messaging settings error_logs api
FUNCTION_FILES := $(FUNCTIONS:%=sql/functions/%.sql)
GRANTS_FILE := sql/functions/grants.sql
MIGRATION_FILES := $(sort $(wildcard sql/migrations/*.sql))
SCRIPT := build/sql/laurel--$(VERSION).sql

MODULE_big = laurel
EXTENSION = laurel
DATA_built = $(SCRIPT)
# A folder is compiled as one unit: most of the time of a build went into reading the server's headers for each file.
FOLDERS := $(sort $(patsubst extension/%/,%,$(dir $(wildcard extension/*/*.cpp extension/*/*/*.cpp))))
UNITS := $(FOLDERS:%=build/units/%.cpp)
OBJS = build/units/extension.o $(UNITS:.cpp=.o)
DEPENDENCIES := $(OBJS:.o=.d)

PG_CPPFLAGS = -isystem $(shell $(PG_CONFIG) --includedir-server) -Iextension
PG_CXXFLAGS = -std=c++20 -O2 -Wall -Wextra -fvisibility=hidden -fno-plt $(if $(filter 1,$(LAUREL_WERROR)),-Werror)
SHLIB_LINK = -lstdc++ -lcrypto -lz

# A folder of data for the demo, where it is set, is not a list of files to install.
override DATA :=

# Bitcode for the server's just-in-time compiler gains triggers nothing and takes as long as the rest; LAUREL_LLVM=yes
# builds it.
override with_llvm := $(or $(LAUREL_LLVM),no)

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# PostgreSQL 15 leaves PGDLLEXPORT empty, so that a hidden module would export nothing.
# Domains in other scripts than ASCII, and how letters join, are ICU's to know, the one that the server is built with; LAUREL_ICU=no does without.
LAUREL_ICU ?= $(with_icu)
ifeq ($(LAUREL_ICU),yes)
override CPPFLAGS += -DLAUREL_ICU $(ICU_CFLAGS)
SHLIB_LINK += -licui18n -licuuc
endif

ifeq ($(MAJORVERSION),15)
override CPPFLAGS += -D'PGDLLEXPORT=__attribute__((visibility("default")))'
endif
COMPILE.cxx.bc += $(PG_CXXFLAGS)
override CXXFLAGS := $(filter-out -O0 -Wdeclaration-after-statement,$(CXXFLAGS)) -MMD -MP

# Written anew where a file has come or gone.
$(UNITS): build/units/%.cpp: extension/% extension/pgxs.mk
	@mkdir -p $(@D)
	@printf '#include "%s"\n' $(sort $(wildcard extension/$*/*.cpp)) >$@
build/units/extension.cpp: extension extension/pgxs.mk
	@mkdir -p $(@D)
	@printf '#include "%s"\n' $(sort $(wildcard extension/*.cpp)) >$@

# The compiler writes down which files and headers an object was made from.
-include $(wildcard $(DEPENDENCIES))
EXTRA_CLEAN += build/units
$(OBJS): %.o: %.cpp extension/pgxs.mk
	@echo "compiling $(patsubst extension/extension,extension,extension/$(basename $(@F)))"
	@$(COMPILE.cpp) -o $@ $<

# To PGXS every object is an intermediate file: without build/ it would not be missed, and the library taken for what is built.
$(shlib): $(wildcard extension/*.h extension/*.cpp extension/*/*.h extension/*/*.cpp extension/*/*/*.h extension/*/*/*.cpp)
.SILENT: $(shlib)

$(SCRIPT): $(FUNCTION_FILES) $(MIGRATION_FILES) $(GRANTS_FILE) scripts/embed-migrations.sh extension/pgxs.mk
	@mkdir -p $(@D)
	@{ printf '%s\n' '\echo Use "CREATE EXTENSION laurel CASCADE" to load this file. \quit'; \
	   cat $(FUNCTION_FILES); scripts/embed-migrations.sh $(MIGRATION_FILES); \
	   cat $(GRANTS_FILE); } > $@.tmp
	@mv $@.tmp $@
