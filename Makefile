# iu-cutter: `make demo` runs the main job, `make test` the tests; both set up what they need.
# Needs Python 3.11 or later with venv, and gpg. PYTHON names another interpreter: make demo PYTHON=python3.12

PYTHON ?= $(firstword $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p; done) python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The tests start Python hundreds of times: each compiles what it imports only once, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE
# Two files of tests at a time, each with servers of its own; on a server that is named, two would give its roles other passwords.
TWO := $(if $(CUTTER_TEST_DATABASE),,-n 2 --dist loadfile)

# Slow, and wanted on every major that is here: a base that was there, end to end, its upgrade, locales and kinds of server.
ON_EVERY_MAJOR := tests/flows/test_adopted_base.py tests/integration/phases/test_standby.py \
	$(addprefix tests/integration/schema/,test_hosted.py test_wherever.py test_upgrade_let_in.py)

.DEFAULT_GOAL := help
.PHONY: help demo up down test test-all containers lint format docs bench fuzz attacks kill-grid lock clean

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

test-all: $(READY) ## Run every test, on PostgreSQL 16 and 18, and on Debian's 15 where it is installed
	@$(BIN)/pytest $(TWO) --durations 40 --durations-min 5
	@CUTTER_TEST_PG_MAJOR=18 $(BIN)/pytest -m "not slow" $(TWO) tests/contract tests/integration
	@CUTTER_TEST_PG_MAJOR=18 $(BIN)/pytest $(TWO) $(ON_EVERY_MAJOR)
	@if [ -x /usr/lib/postgresql/15/bin/initdb ]; then \
		CUTTER_TEST_PG_MAJOR=15 $(BIN)/pytest -m "not slow" $(TWO) tests/contract tests/integration && \
		CUTTER_TEST_PG_MAJOR=15 $(BIN)/pytest $(TWO) $(ON_EVERY_MAJOR); \
	else echo "Debian's PostgreSQL 15 is not installed, so nothing ran on it."; fi

containers: $(READY) ## Run the acceptance and tests on PostgreSQL in a container, on a Docker engine started for it (root, Debian)
	@$(BIN)/python -m tests.containers.run

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

attacks: $(READY) ## Every attack with a stolen login, and 10,000 random sequences of calls by each
	@CUTTER_TEST_SEQUENCES=10000 $(BIN)/pytest $(TWO) tests/attacks

kill-grid: $(READY) ## Kill runs at every statement of every phase, resume them, and print what was lost (nothing)
	@$(BIN)/python -m tests.grid.run

lock: $(READY) ## Compile requirements.lock anew from pyproject.toml (needs uv), and the licence report
	uv pip compile pyproject.toml --extra dev --extra mcp --universal --python-version 3.11 --generate-hashes --no-strip-extras \
		--no-emit-index-url --no-emit-find-links --no-header --output-file requirements.lock
	@$(MAKE) --no-print-directory $(READY)
	@$(BIN)/python -m supply.licences

clean: ## Remove the virtual environment, the demo's home and the documentation's site
	rm -rf $(VENV) .cutter site
