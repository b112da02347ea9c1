# Everything a person or CI does. `make help` prints this list.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(PYTHON) -m pip --python $(BIN)/python --quiet --disable-pip-version-check
ROOMS := schemas consent policies adapters gateway benchmarks
WORKERS ?= auto
MUTANTS := tests/laws/test_mutants.py

.DEFAULT_GOAL := help
.PHONY: help demo run test coverage test-system check fix bench fuzz lock clean docs

help: ## Print what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.run ## Environment, demo data, server, the main job played end to end (ONCE=1 ends after it)
	@$(BIN)/mezhved demo $(if $(ONCE),--once)

run: $(VENV)/.run ## Set up stores and keys in var/ and serve
	@$(BIN)/mezhved migrate && $(BIN)/mezhved serve

test: $(VENV)/.dev check ## Style, types, contracts and the tests that need only packages
	@$(BIN)/python -m pytest --ignore tests/system --ignore $(MUTANTS) --stores=short -n $(WORKERS) --dist worksteal -q

coverage: $(VENV)/.dev ## The same tests, and which branches they take; a fourth longer
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest --ignore tests/system --ignore $(MUTANTS) --stores=short -n $(WORKERS) --dist worksteal -q
	@$(BIN)/coverage combine --quiet && $(BIN)/coverage report --format=total | sed 's/^/Branch coverage, percent: /'

check: $(VENV)/.dev ## Style, types, import contracts, dependencies, the policy pack
	@$(BIN)/ruff format --check --quiet $(ROOMS) tests
	@$(BIN)/ruff check --quiet $(ROOMS) tests
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache > $(VENV)/contracts.txt || (cat $(VENV)/contracts.txt; exit 1)
	@$(BIN)/deptry --no-ansi . 2> $(VENV)/deptry.txt || (cat $(VENV)/deptry.txt; exit 1)
	@$(BIN)/mezhved policy check
	@MEZHVED_PACK=gdpr $(BIN)/mezhved policy check

fix: $(VENV)/.dev ## Format and fix what can be fixed by itself
	@$(BIN)/ruff format $(ROOMS) tests
	@$(BIN)/ruff check --fix --quiet $(ROOMS) tests || true

test-system: $(VENV)/.system ## Tests that need Debian packages (browser; installed when root), faults, PostgreSQL in full, mutants of the law checks
	@sh tests/system/packages.sh
	@$(BIN)/python -m pytest tests/system -q
	@$(BIN)/python -m pytest tests --ignore tests/system --ignore $(MUTANTS) --stores=rest -n $(WORKERS) --dist worksteal -q
	@$(BIN)/python -m pytest $(MUTANTS) -n $(WORKERS) --dist worksteal -q

bench: $(VENV)/.dev ## Measure, as ratios in the same run
	@$(BIN)/python -m benchmarks

fuzz: $(VENV)/.system ## Strangers' bytes by coverage (atheris), then long runs of the property tests
	@$(BIN)/python -m tests.fuzz
	@HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -q tests/adapters tests/policies tests/schemas

docs: $(VENV)/.dev ## Write again what is generated from the code
	@$(BIN)/python -m tests.generate

lock: $(VENV)/.dev ## Pin all packages anew (hashes, no index addresses); needs uv in PATH
	@for set in "run:" "dev:--group dev" "system:--group dev --group system"; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	    pyproject.toml --group build $${set#*:} --output-file requirements/$${set%%:*}.txt || exit 1; done

clean: ## Remove the environment and the demo's stores
	@rm -rf $(VENV) var .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || (echo "Нужен Python 3.11 или новее / Python 3.11 or newer is needed: make PYTHON=python3.12 …" && exit 1)
	@$(PYTHON) -m pip --version > /dev/null 2>&1 || (echo "Нужен pip / pip is needed: $(PYTHON) -m ensurepip --user" && exit 1)
	@$(PYTHON) -c 'import pip, sys; sys.exit(tuple(map(int, pip.__version__.split(".")[:2])) < (22, 3))' || (echo "Нужен pip 22.3 или новее / pip 22.3 or newer is needed" && exit 1)
	@echo "Готовлю окружение / preparing the environment…"
	@$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.run: $(BIN)/python requirements/run.txt pyproject.toml
	@test -e $(VENV)/.dev || $(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(BIN)/python requirements/dev.txt pyproject.toml
	@echo "Ставлю зависимости для проверок / installing what the tests need…"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.run

$(VENV)/.system: $(VENV)/.dev requirements/system.txt
	@$(PIP) install --require-hashes -r requirements/system.txt
	@touch $@
