# Everything is run from here, on a laptop and in CI alike. `make help` lists it.
# It needs Python 3.11 to 3.14 and pip, brings its own uv when there is none, and writes only into this directory.

VENV := .venv
BIN := $(VENV)/bin
LOCKS := requirements/build.lock requirements/runtime.lock requirements/dev.lock
SOURCES := $(wildcard src sdk tests bench hatch_build.py)
ARGS ?=
# Tests wait for a third of their time, mostly for servers that start: more of them than cores.
WORKERS ?= $(shell getconf _NPROCESSORS_ONLN | awk '{ n = int($$1 * 3 / 2); print n < 8 ? n : 8 }')

# Stamps: an environment is made again only when its locks or the packages' own metadata change.
DEV := $(VENV)/.spyglass-dev
RUNTIME := $(VENV)/.spyglass-runtime
# The web app is built on installing; this builds it again when its sources have changed since.
SITE := src/spyglass/site/.stamp
WEB := $(shell find web -path web/node_modules -prune -o -type f -print 2>/dev/null)
# So are the kernel programs of the probe, where a clang is.
PROBE := src/spyglass/collect/probe/bpf/.stamp
# What `up` needs: a development environment holds the runtime too.
SERVER := $(if $(wildcard $(DEV)),$(DEV),$(RUNTIME))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install up test lint format bench lock build clean

help: ## list the targets
	@printf 'usage: make TARGET [ARGS="…"] [PYTHON=/path/to/python3]\n\n'
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(DEV) ## make .venv with everything: server, SDK, development tools
	@echo "ready: $(BIN)/spyglass"

up: $(SERVER) $(SITE) $(PROBE) ## start Spyglass (installs it first when needed); ARGS="--data-dir DIR --http-port 7700"
	@exec $(BIN)/spyglass up $(ARGS)

test: $(DEV) $(SITE) $(PROBE) ## run all tests, or some: ARGS="tests/store -k merge"
	$(if $(ARGS),,$(BIN)/python hatch_build.py test)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -rs $(ARGS)

lint: $(DEV) ## check style, types and who imports whom
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python hatch_build.py lint

format: $(DEV) ## rewrite the code in the one style, and mend what ruff can
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/python hatch_build.py format

bench: $(DEV) $(PROBE) ## measure speed and memory, and print a table
	$(BIN)/python -m bench $(ARGS)

lock: ## resolve the dependencies into requirements/*.lock; newest of all: ARGS=--upgrade
	scripts/lock $(ARGS)

build: $(DEV) ## build the wheels of server and SDK into dist/
	"$$(scripts/environment uv)" build --python $(BIN)/python --no-build-isolation --wheel --out-dir dist .
	"$$(scripts/environment uv)" build --python $(BIN)/python --no-build-isolation --wheel --out-dir dist sdk

clean: ## remove what make made: .venv, .tools, caches, wheels (never data)
	rm -rf $(VENV) .tools build dist src/spyglass/site $(PROBE) src/spyglass/collect/probe/bpf/*.o web/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache bench/out
	find $(filter-out %.py,$(SOURCES)) -name __pycache__ -prune -exec rm -rf {} +

$(SITE): $(WEB) | $(SERVER)
	@$(BIN)/python hatch_build.py
	@if [ -d $(@D) ]; then touch $@; fi

$(PROBE): $(wildcard src/spyglass/collect/probe/bpf/*.[ch]) | $(SERVER)
	@$(BIN)/python hatch_build.py probe
	@if [ -e $@ ]; then touch $@; fi

$(DEV): $(LOCKS) pyproject.toml sdk/pyproject.toml scripts/environment
	@PYTHON="$(PYTHON)" scripts/environment dev
	@touch $(DEV) $(RUNTIME)

$(RUNTIME): $(LOCKS) pyproject.toml scripts/environment
	@PYTHON="$(PYTHON)" scripts/environment runtime
	@touch $@
