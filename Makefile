# One command each: `make run`, `make test`, `make check`. `make` alone says what there is.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
PYTEST_ARGS ?=
# Each has a PostgreSQL of its own, so that more of them need memory too.
PYTEST_WORKERS ?= 2
ARGS ?=

BIN := .venv/bin
READY := .venv/.ready
PROJECTS := core graphql $(patsubst %/pyproject.toml,%,$(sort $(wildcard plugins/*/pyproject.toml)))
EDITABLES := $(foreach project,$(PROJECTS),--editable $(project))

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
# pip says so when it is root; in a virtual environment of our own there is nothing to warn of.
export PIP_ROOT_USER_ACTION := ignore

.PHONY: help run test check audit bench clients schemas schema-diff constraints upgrade clean

help: ## Say what there is
	@echo "Linli 邻里. Usage: make TARGET"
	@sed -nE 's/^([.a-z-]+):[^#]*## (.*)$$/  \1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '%-14s %s\n' "$$name" "$$text"; done
	@echo "Variables: PYTHON (now $(PYTHON)), PYTEST_ARGS, PYTEST_WORKERS, DATABASE_URL, REDIS_URL"

run: $(READY) ## Start the platform at http://127.0.0.1:8000 with its own PostgreSQL and Valkey
	@exec $(BIN)/linli run

test: $(READY) ## Run all tests against real PostgreSQL and Valkey
	@echo "== Tests"
	@$(BIN)/pytest --numprocesses $(PYTEST_WORKERS) --dist loadfile $(PYTEST_ARGS)

check: $(READY) ## Check style, types, import contracts and the documentation
	@echo "== Style (ruff)"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "== Types (mypy)"
	@$(BIN)/mypy
	@echo "== Import contracts (import-linter)"
	@$(BIN)/lint-imports
	@echo "== Documentation and architecture tests"
	@$(BIN)/pytest tests/docs tests/architecture

clients: $(READY) ## Generate clients with Relay, ariadne-codegen and gql and run them (needs Node.js and the network)
	@$(BIN)/python tests/clients/run.py $(ARGS)

schemas: $(READY) ## Write the API's schemas in graphql/schemas anew
	@$(BIN)/python docs/build_schemas.py

schema-diff: $(READY) ## Name what breaks clients since the last release; fail unless it was accepted
	@$(BIN)/python docs/build_schemas.py --diff

bench: $(READY) ## Measure Linli against its peers, about 15 minutes; ARGS=--smoke checks it with tiny data
	@$(BIN)/python tests/bench/run.py $(ARGS)

audit: $(READY) ## Run the public audits of the API against a real server (needs npm and the network)
	@$(BIN)/python tests/audit/run.py

.venv: $(READY) ## Install everything into .venv (the other targets do it by themselves)

$(READY): constraints.txt pyproject.toml $(PROJECTS:%=%/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Linli needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || true)."; \
		echo "Install one, or name it: make PYTHON=python3.12 ..."; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || { \
		echo "== Creating the virtual environment .venv with $$($(PYTHON) --version)"; \
		$(PYTHON) -m venv --clear .venv || { \
			echo "Python has no venv module. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }; }
	@echo "== Installing the packages of constraints.txt (the first time takes a minute or two)"
	@# constraints.txt is the whole resolution: with --no-deps a release of today changes nothing; pip check at the end.
	@$(BIN)/python -m pip install --progress-bar off --require-hashes --no-deps --requirement constraints.txt \
		| sed -unE 's/^Collecting ([^ ;]+).*/  fetching \1/p; s/^Installing collected.*/  installing them/p'
	@echo "== Installing Linli's own packages: $(PROJECTS)"
	@$(BIN)/python -m pip install --quiet --no-index --no-deps --no-build-isolation $(EDITABLES)
	@$(BIN)/python -m pip check --quiet
	@touch $(READY)
	@echo "== Ready"

constraints: build/uv/bin/uv ## Write constraints.txt anew after a change of requirements
	@echo "== Resolving and hashing the requirements"
	@$(PYTHON) deploy/constraints.py build/uv/bin/uv

upgrade: build/uv/bin/uv ## Write constraints.txt anew with the newest versions
	@echo "== Resolving the newest versions"
	@$(PYTHON) deploy/constraints.py build/uv/bin/uv --upgrade

# In an environment of its own, so that the resolver is not among what it resolves.
build/uv/bin/uv:
	@echo "== Fetching uv, which resolves the requirements"
	@$(PYTHON) -m venv build/uv
	@build/uv/bin/pip install --quiet uv

clean: ## Remove what make built; the data in .linli stay
	@rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
	@echo "Removed .venv and the caches. The data in .linli are as they were."
