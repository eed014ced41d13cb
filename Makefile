# Two commands on a fresh machine with Python 3.11 or newer:
#   make demo   installs the run-time only and shows the demo
#   make test   installs everything, then checks style, types and imports, and runs every test
# Each works alone. `make help` lists the rest.

SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(if $(shell command -v nvidia-smi 2>/dev/null),gpu,cpu)
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: help demo test check install install-runtime system-runtime system-test format screenshots words faults clean

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

demo: install-runtime  ## Install the run-time only (no torch) and open the demo
	$(BIN)/crowd-monitor demo

test: install check  ## Install everything and run lint, types, import rules and all tests
	QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile

check:  ## Style, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format:  ## Put the code into the project's form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

install-runtime: system-runtime $(VENV)/.runtime-$(RUNTIME)

install: system-runtime system-test $(VENV)/.runtime-$(RUNTIME) $(VENV)/.development

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; found: $$($(PYTHON) --version 2>&1)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime-$(RUNTIME): $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP_INSTALL) --editable '.[$(RUNTIME)]'
	@touch $@

$(VENV)/.development: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP_INSTALL) --editable '.[$(RUNTIME),training,dev]'
	@touch $@

system-runtime:
	@.ci/system-packages runtime

system-test:
	@.ci/system-packages test

screenshots: install  ## Pictures of every screen, into screenshots/
	xvfb-run -a -s "-screen 0 3840x2160x24" $(BIN)/python -m docs.screenshots screenshots

words: install  ## Every text of the window for Qt Linguist, into crowd-monitor.ts
	$(BIN)/python -m docs.translation_file crowd-monitor.ts

faults: install  ## Break cameras, networks, disks and models for some minutes; fault-report.md
	$(BIN)/python -m tests.faults --report fault-report.md

clean:  ## Remove the virtual environment and everything built
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
