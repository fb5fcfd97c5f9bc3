# iu-cutter: `make demo` runs the main job, `make test` the tests; both set up what they need.
# Needs Python 3.11 or later with venv, and gpg. PYTHON names another interpreter: make demo PYTHON=python3.12

PYTHON ?= $(firstword $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p; done) python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Two files of tests at a time, each with servers of its own; on a server that is named, two would give its roles other passwords.
TWO := $(if $(CUTTER_TEST_DATABASE),,-n 2 --dist loadfile)

.DEFAULT_GOAL := help
.PHONY: help demo up down test test-all lint format docs bench fuzz kill-grid lock clean

help: ## Show what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

$(READY): requirements.lock pip.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "iu-cutter needs Python 3.11 or later; name one with PYTHON=...")'
	@$(PYTHON) -c 'import venv, ensurepip' || { echo "Python has no venv; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) from requirements.lock (once, about a minute) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r pip.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## Cut the shipped document into an embedded PostgreSQL, governed, from nothing
	@$(BIN)/cutter demo

up: $(READY) ## Start PostgreSQL, a Prefect server, a worker and the deployments; prints the UI's address
	@$(BIN)/cutter up

down: $(READY) ## Stop what `make up` has left running
	@$(BIN)/cutter down

test: $(READY) ## Run the tests that take no longer than a few seconds each
	@$(BIN)/pytest -m "not slow" $(TWO)

test-all: $(READY) ## Run every test, on PostgreSQL 16 and 18
	@$(BIN)/pytest $(TWO)
	@CUTTER_TEST_PG_MAJOR=18 $(BIN)/pytest -m "not slow" $(TWO) tests/contract tests/integration

lint: $(READY) ## ruff, mypy strict, import-linter, and that the lock is what pyproject.toml asks for
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m supply.lock

format: $(READY) ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(READY) ## Build the documentation's site into site/, strictly
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(READY) ## Measure speed as ratios to the floor beside it
	@$(BIN)/python -m tests.bench.run

fuzz: $(READY) ## Read random and damaged documents for ten minutes
	@$(BIN)/python -m tests.fuzz.fuzz_readers 600

kill-grid: $(READY) ## Kill runs at every statement of every phase, resume them, and print what was lost (nothing)
	@$(BIN)/python -m tests.grid.run

lock: $(READY) ## Compile requirements.lock anew from pyproject.toml (needs uv), and the licence report
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-strip-extras \
		--no-emit-index-url --no-emit-find-links --no-header --output-file requirements.lock
	@$(MAKE) --no-print-directory $(READY)
	@$(BIN)/python -m supply.licences

clean: ## Remove the virtual environment, the demo's home and the documentation's site
	rm -rf $(VENV) .cutter site
