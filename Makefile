# Lastheard. `make demo` shows it, `make test` proves it. PYTHON may name another Python 3.11.
PYTHON ?= python3
BIN := .venv/bin
SIZE ?= 266000
PORT ?= 8000
JOBS ?= 2
WHOLE := api/policy/*,api/access/*,api/crypto/*,api/sealed/*

.PHONY: setup system start demo check test cover torture bench eval-names sbom scan lock

setup: .venv/ready

.venv/ready: requirements.lock requirements-dev.lock
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || sh .ci/system python3-venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	touch $@

system:  ## PostgreSQL and Chromium for the tests, from the system's packages, when we may install
	@sh .ci/system

start: setup
	$(BIN)/python -m api.cli serve --data var/store --port $(PORT) --migrate

demo: setup
	$(BIN)/python -m api.cli demo --data var/demo --port $(PORT)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -p no:cacheprovider tests/ground/test_repository.py

test: setup system
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

cover: setup system  ## which branches no test takes: none of what decides, opens and seals; five of a hundred elsewhere
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --cov=api --cov-branch --cov-report=
	$(BIN)/python -m coverage report --skip-covered --show-missing --fail-under=100 --include='$(WHOLE)'
	$(BIN)/python -m coverage report --skip-covered --fail-under=95

torture: setup system  ## hours: every campaign at its full length, each with the figure it saw; then small faults
	LASTHEARD_TORTURE=1 $(BIN)/python -m pytest -n $(JOBS) --dist worksteal
	$(BIN)/python -m tests.mutation --beside $(JOBS)

bench: setup system
	$(BIN)/python -m benchmarks --size $(SIZE)

eval-names: setup  ## how well names are told apart, by kind; NAMES=file.csv adds pairs of your own
	$(BIN)/python -m benchmarks.names $(NAMES)

sbom: setup  ## docs/sbom.json, from the lock
	$(BIN)/python -m tests.operating.sbom

scan: setup .venv-scan/ready  ## scanners in an environment of their own; says what it could not ask
	$(BIN)/python -m tests.operating.scan

.venv-scan/ready: requirements-scan.lock
	$(PYTHON) -m venv .venv-scan
	.venv-scan/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-scan.lock
	touch $@

lock:  ## versions and hashes, no addresses
	uv pip compile --quiet --no-header --no-annotate --generate-hashes --no-emit-index-url --python-version 3.11 pyproject.toml -o requirements.lock
	uv pip compile --quiet --no-header --no-annotate --generate-hashes --no-emit-index-url --python-version 3.11 pyproject.toml --group dev -o requirements-dev.lock
	uv pip compile --quiet --no-header --no-annotate --generate-hashes --no-emit-index-url --python-version 3.11 --group pyproject.toml:scan -o requirements-scan.lock
