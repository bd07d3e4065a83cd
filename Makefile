# Laurel: what can be done here. `make help` lists it.
# PG_CONFIG chooses the server (PostgreSQL 15, 16, 17); DATA a folder of OULAD files for the demo.

SHELL := /bin/bash
export PG_CONFIG DATA LAUREL_WERROR

# On all processors, unless -j says otherwise.
BUILD = $(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc)) -f extension/pgxs.mk

.DEFAULT_GOAL := all
.PHONY: all build install uninstall clean deps demo check cluster cluster-stop psql bench docs format help

help: ## lists the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

all: build ## builds the extension (and the worker, where it is)

build:
	@$(BUILD) all
	@if [ -f worker/CMakeLists.txt ]; then scripts/build-worker.sh; fi

deps: ## installs the Debian packages that are missing (root or sudo)
	@scripts/deps.sh

install: ## builds and installs the extension into the server of PG_CONFIG
	@$(BUILD) all
	@scripts/install.sh

uninstall: ## removes what install put there
	@$(BUILD) uninstall

cluster: deps ## starts the private cluster in build/cluster; last line printed is its URI
	@$(MAKE) --no-print-directory install 1>&2
	@scripts/cluster.sh start

cluster-stop: ## stops the private cluster
	@scripts/cluster.sh stop

psql: ## opens psql in the private cluster
	@scripts/cluster.sh psql

demo: deps ## sets up everything and shows the main job on sample data, or on DATA=folder
	@$(MAKE) --no-print-directory install
	@scripts/demo.sh

check: deps ## sets up everything, then runs every test
	@$(MAKE) --no-print-directory install
	@scripts/test-all.sh

bench: deps ## measures against peers in the same run
	@$(MAKE) --no-print-directory install
	@test/bench/run.sh

docs: ## writes docs/reference.md from the comments in the database
	@scripts/docs.sh

format: ## formats the C++ code
	@clang-format -i $$(git ls-files '*.cpp' '*.h')

clean: ## removes what was built (the private cluster stays)
	@$(BUILD) clean
	@rm -rf build/kernel build/worker build/sql build/clients build/node
