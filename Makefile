# The recipes. CI and pre-commit call the same ones; `make` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
ARGS ?=

# uv from PATH, else installed by pip into a private folder of the checkout.
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
RUN := $(UV) run --frozen --no-sync
JOBS ?= 2
# Modules whose RPCs have a page.
REFERENCES := enforcement notifications practice frontdesk

.PHONY: help setup demo test test-debian check format lint types imports sql-lint contracts reference bench build clean

help: ## List the recipes
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

.uv/bin/uv:
	$(PYTHON) -m pip install --quiet --target .uv uv

setup: $(if $(filter .uv/bin/uv,$(UV)),.uv/bin/uv) ## Make .venv with the locked dependencies
	@$(UV) sync --quiet --frozen --all-extras --inexact

# Without the development tools: a newcomer waits for less.
demo: $(if $(filter .uv/bin/uv,$(UV)),.uv/bin/uv) ## Start everything, post leads, print addresses (ARGS=--check: assert the story and exit)
	@$(UV) sync --quiet --frozen --no-default-groups --inexact
	@$(RUN) casebase demo $(ARGS)

test: setup ## All tests on the embedded server
	$(RUN) pytest -n $(JOBS) --dist loadgroup $(ARGS)

test-debian: setup ## Three tests of each file about the database, and all plans, on Debian's PostgreSQL 15
	CASEBASE_TEST_SERVER=debian15 $(RUN) pytest -n $(JOBS) --dist loadgroup -m "not any_server" $(ARGS)

check: setup lint types imports sql-lint ## Format, lint, types, import contracts, SQL lint

format: setup ## Format the code
	$(RUN) ruff format src tests bench
	$(RUN) ruff check --fix --quiet src tests bench

lint: setup
	$(RUN) ruff format --check --quiet src tests bench
	$(RUN) ruff check --quiet src tests bench

types: setup
	$(RUN) mypy

imports: setup
	$(RUN) lint-imports

sql-lint: setup ## squawk on the versioned migrations
	$(RUN) squawk $$(find src -path '*/sql/migrations/*.sql' ! -name '*.down.sql')

contracts: setup ## Rebuild the shipped schema contracts (a test fails while they are stale)
	$(RUN) casebase verify schema --write

reference: setup ## Write the pages of RPCs from the functions' comments (a test fails while one is stale)
	$(RUN) casebase migrate up
	@for module in $(REFERENCES); do $(RUN) casebase rpcs $$module > docs/modules/$$module-rpcs.md || exit 1; done

bench: setup ## Measure, side by side, as ratios of one run
	@$(UV) sync --quiet --frozen --all-extras --group bench --inexact
	@# Safe path: bench/queue.py must not be found for the standard library's.
	@for file in bench/[a-z]*.py; do echo "== $$file"; PYTHONSAFEPATH=1 PYTHONPATH=. $(RUN) python $$file || exit 1; done

build: setup ## Wheel and source distribution in dist/
	$(UV) build --quiet

clean: ## Remove what the recipes made
	rm -rf .venv .uv dist .mypy_cache .ruff_cache .pytest_cache
