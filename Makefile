# Needs Python 3.11+ and make. Everything else is installed into .venv from the hashed lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := issuer wallet verifier exchange skills credentials storage proofs keys contexts boundary problems passeport

.DEFAULT_GOAL := help
.PHONY: help demo serve test check bench full format lock clean

help:  ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(VENV)/ready: requirements/dev.txt pyproject.toml
	@echo "Setting up (about a minute the first time)..."
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; set PYTHON=") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(VENV)/ready  ## the whole walk on real input, from the certifier's file to the recruiter's verdict
	@$(BIN)/python -m passeport.demo

serve: $(VENV)/ready  ## the services over HTTP on this machine, in the foreground, with sample people
	@$(BIN)/passeport serve --sample

test: $(VENV)/ready  ## the tests
	@$(BIN)/pytest -q -n auto --dist worksteal

check: $(VENV)/ready  ## format, lint, types, import contracts
	@$(BIN)/ruff format --check -q $(PACKAGES) tests
	@$(BIN)/ruff check -q $(PACKAGES) tests
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --no-logo

format: $(VENV)/ready  ## rewrite in the project's format
	@$(BIN)/ruff check -q --fix $(PACKAGES) tests; $(BIN)/ruff format -q $(PACKAGES) tests

bench: $(VENV)/ready  ## ratios to the raw signature and to peers, one table
	@$(BIN)/python tests/bench

full: check  ## everything that takes longer
	@PASSEPORT_FULL=1 $(BIN)/pytest -q -n auto --dist worksteal

lock:  ## pin every dependency with its hash (needs uv)
	@uv pip compile -q pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --custom-compile-command "make lock" -o requirements/dev.txt

clean:  ## remove what was built
	rm -rf $(VENV) var tests/peers/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
