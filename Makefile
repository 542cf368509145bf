# Needs only Python 3.11+, git and make. Everything else goes into .venv of this checkout.
VENV := .venv
BIN := $(VENV)/bin
COMPILE := pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --no-header
INSTALL := deploy/bootstrap.sh pyproject.toml requirements-build.lock
# PYTHON=... names the interpreter. uv trusts what the machine trusts, as git does: a company may have its own CA;
# the second name is that of older versions.
export PYTHON
export UV_SYSTEM_CERTS := 1
export UV_NATIVE_TLS := 1

# Compiled modules are kept, whatever the shell says: the tests and the demo start the same ones over and over.
unexport PYTHONDONTWRITEBYTECODE

# Tests wait more than they compute: so many processes at a time, each with servers of its own. JOBS=0 runs them in one.
JOBS ?= 3
PARALLEL := -n $(JOBS) --dist loadfile --no-loadscope-reorder

.PHONY: help demo test check faults docs sbom audit soak bench-ssh lock bench-logs bench-slack bench-fleet clean

help:
	@echo "make demo    the whole product on this machine, in the browser (ARGS=--open opens it)"
	@echo "make test    the tests (ARGS='tests/lab -x' goes to pytest)"
	@echo "make check   format, lint, types, layers, tests"
	@echo "make docs    docs/findings: a page for each finding, in every language"
	@echo "make faults  docs/faults.md: each fault of the lab and the causes found"
	@echo "make sbom    dist/sbom.json: CycloneDX, of what is installed where pvo runs"
	@echo "make audit   known vulnerabilities of the same packages (asks osv.dev, ends with 1 if there are any)"
	@echo "make soak    long loads and every-step kills (SOAK_SITES=200 SOAK_MINUTES=10 for the fleet)"
	@echo "make bench-ssh  pvo against ssh and netmiko on the simulated appliances"
	@echo "make bench-logs pvo logs beside grep, mawk and a plain loop (ARGS=100: a log of 100 MiB, not 1024)"
	@echo "make screens  the pictures of the documentation again"
	@echo "make bench-slack  acknowledgements beside a bare aiohttp handler, and from a command to its job"
	@echo "make bench-fleet  200 simulated sites by two workers (ARGS='50 20': 50 sites, 20 commands)"
	@echo "make lock    the lock files again (ARGS=--upgrade for newer versions)"
	@echo "make clean   removes what the above made"

demo: $(VENV)/.demo
	$(BIN)/pvo demo $(ARGS)

test: $(VENV)/.dev
	$(BIN)/pytest $(PARALLEL) -m "not soak" $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest $(PARALLEL) -m "not soak" $(ARGS)

docs: $(VENV)/.dev
	$(BIN)/python -m tests.knowledge.finding_pages

faults: $(VENV)/.dev
	$(BIN)/python -m tests.e2e.fault_table

sbom: $(VENV)/.dev
	@mkdir -p dist
	$(BIN)/cyclonedx-py requirements --output-reproducible --pyproject pyproject.toml \
		--output-file dist/sbom.json requirements.lock

audit: $(VENV)/.dev
	$(BIN)/pip-audit --vulnerability-service osv --require-hashes --disable-pip -r requirements.lock $(ARGS)

soak: $(VENV)/.dev
	$(BIN)/pytest -m soak --timeout=0 $(ARGS)

bench-ssh: $(VENV)/.dev
	$(BIN)/python -m tests.bench.bench_ssh $(ARGS)

bench-logs: $(VENV)/.dev
	@$(BIN)/python -m tests.bench.bench_logs $(ARGS)

bench-slack: $(VENV)/.dev
	@$(BIN)/python -m tests.bench.bench_slack $(ARGS)

bench-fleet: $(VENV)/.dev
	@$(BIN)/python -m tests.bench.bench_fleet $(ARGS)

screens: $(VENV)/.dev
	$(BIN)/python -m tests.e2e.screens docs/screens

lock:
	uv=$$(deploy/bootstrap.sh) && \
	$$uv $(COMPILE) pyproject.toml --extra demo --extra otel $(ARGS) -o requirements.lock && \
	$$uv $(COMPILE) pyproject.toml --all-extras -c requirements.lock $(ARGS) -o requirements-dev.lock && \
	$$uv $(COMPILE) --group build -c requirements-dev.lock $(ARGS) -o requirements-build.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The development lock holds all of the other one.
$(VENV)/.dev: requirements-dev.lock requirements.lock $(INSTALL)
	@deploy/bootstrap.sh requirements-dev.lock
	@touch $(VENV)/.demo $@

$(VENV)/.demo: requirements.lock $(INSTALL)
	@deploy/bootstrap.sh requirements.lock
	@touch $@
