# Two commands to know:
#   make demo    the main job on a real small language model, without any key
#   make test    every test
# Each makes what it needs: a virtual environment in `.venv`. PYTHON=... names another Python,
# JOBS=... the processes that share the tests, ARGS=... more words for pytest or the program.

# What `make full` runs, one after the other: each is a target of its own. All but `speed`
# took an hour on two shared cores.
LONG := generated local ends chaos machines bench harvest speed notebook

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test full $(LONG) endurance stories lint format types floors table catalog reasons sbom licences audit clean

PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
JOBS ?= 2
VENV := .venv
BIN := $(VENV)/bin
# A file's tests stay in one process; the files that take longest begin (tests/order.py).
PARALLEL := -n $(JOBS) --dist loadfile --no-loadscope-reorder

help:
	@echo "make demo     the main job on a real small language model, without any key"
	@echo "make test     every test, with real servers for the stores"
	@echo "make full     everything that takes long, more than an hour:"
	@echo "  make generated   the tests with generated examples, with ten times as many"
	@echo "  make local       LangChain's standard tests on the small real model, all it can do"
	@echo "  make ends        the adapters' tests with the frameworks' oldest supported releases and newest"
	@echo "  make chaos       ten minutes of broken connections over real sockets"
	@echo "  make machines    four processes on two hosts, whose store is cut off and restarted"
	@echo "  make bench       what counting quota, failing over and waiting cost, as tables"
	@echo "  make harvest     how much of the free quota arrives, against the most that anybody could have"
	@echo "  make speed       what a request costs beside httpx and the peers, as tables"
	@echo "  make notebook    a LlamaIndex notebook's work over five limited accounts, with figures"
	@echo "make fuzz        a million inputs for each reader of strangers' bytes, about an hour"
	@echo "make endurance   an hour over sockets, with restarts, outages and reloads, as curves"
	@echo "make floors   a part of the tests with the oldest versions that are allowed"
	@echo "make lint     format check and lint"
	@echo "make format   write the code in the project's format"
	@echo "make types    strict type check"
	@echo "make table    the README's tables of providers and terms, anew from the catalogue"
	@echo "make catalog  the catalogue's compact form, anew from its YAML"
	@echo "make reasons  every dependency with its reason"
	@echo "make sbom     the bill of materials of what gets installed, in dist/sbom.json"
	@echo "make licences the licence of each package of it, in dist/licences.md"
	@echo "make audit    known vulnerabilities in it, where data on them can be reached"
	@echo "make stories  the notebooks anew, with their outputs stored"
	@echo "make clean    remove the virtual environment and what the tools left behind"

demo: $(VENV)/.demo
	$(BIN)/freetier demo $(ARGS)

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(PARALLEL) $(if $(CI),--skips-listed) $(ARGS)

full: $(VENV)/.dev
	@.ci/full $(LONG)

generated: $(VENV)/.dev
	$(BIN)/python -m pytest $(PARALLEL) -m hypothesis --hypothesis-profile=full $(ARGS)

bench: $(VENV)/.dev
	$(BIN)/python tests/benchmarks/stores.py $(ARGS)
	$(BIN)/python -m tests.benchmarks.failing $(ARGS)

harvest: $(VENV)/.dev
	$(BIN)/python tests/benchmarks/harvest.py $(ARGS)
	$(BIN)/python tests/benchmarks/harvest.py --compare tests/benchmarks/harvest/day.yaml --picture harvest-day.png
	$(BIN)/python tests/benchmarks/harvest.py --sockets tests/benchmarks/harvest/sockets.yaml
	$(BIN)/python tests/benchmarks/harvest.py --cost tests/benchmarks/harvest/long-day.yaml

speed: $(VENV)/.speed
	$(BIN)/python -m tests.benchmarks.speed $(ARGS)

chaos: $(VENV)/.dev
	$(BIN)/python -m tests.chaos $(ARGS)

machines: $(VENV)/.dev
	$(BIN)/python -m tests.contract.machines

local: $(VENV)/.dev
	$(BIN)/python -m pytest tests/langchain/test_standard_local.py --whole $(ARGS)

ends: $(VENV)/.dev
	@.ci/ends $(ARGS)

notebook: $(VENV)/.dev
	$(BIN)/python -m tests.llamaindex.notebook $(ARGS)

.PHONY: fuzz
fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.fuzz $(ARGS)

endurance: $(VENV)/.dev
	$(BIN)/python -m tests.endurance $(ARGS)

floors: $(VENV)/.dev
	@.ci/floors all

lint: $(VENV)/.dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check

format: $(VENV)/.dev
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

types: $(VENV)/.dev
	$(BIN)/mypy

stories: $(VENV)/.dev
	$(BIN)/python -m tests.notebooks.run $(ARGS)

table: $(VENV)/.dev
	$(BIN)/python -m freetier.catalog.table README.md
	$(BIN)/python -m freetier.catalog.terms README.md

catalog: $(VENV)/.dev
	$(BIN)/python -m freetier.catalog.compact

reasons: $(VENV)/.dev
	@$(BIN)/python -m tests.architecture.reasons

sbom licences audit: $(VENV)/.dev
	@.ci/supply $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/.demo: EXTRAS := demo
$(VENV)/.dev: EXTRAS := test,lint
$(VENV)/.speed: EXTRAS := peers

# A stamp is older than pyproject.toml when the environment has to be brought up to date.
$(VENV)/.demo $(VENV)/.dev $(VENV)/.speed: pyproject.toml $(BIN)/python
	@$(make-environment)
	@echo "Installing freetier[$(EXTRAS)] into $(VENV); this is done once."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[$(EXTRAS)]"
	@touch $@

# Missing, or a link to a Python that is gone.
$(BIN)/python:
	@$(make-environment)

# Make `.venv` with the first Python that can, unless there is a working one.
define make-environment
if $(BIN)/python -m pip --version >/dev/null 2>&1; then exit 0; fi; \
for python in $(PYTHON); do \
  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
  if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
    echo "Making $(VENV) with $$("$$python" --version)."; \
    exec "$$python" -m venv --clear $(VENV); \
  fi; \
  without_venv="$$without_venv $$python"; \
done; \
if [ -n "$$without_venv" ]; then \
  echo "These Pythons lack the venv or ensurepip module:$$without_venv"; \
  echo "Install it with the system's packages, then run make again:"; \
  echo "  Debian, Ubuntu   apt install python3-venv"; \
  echo "  Fedora, RHEL     dnf install python3-pip"; \
  echo "  openSUSE         zypper install python3-pip"; \
  echo "  Alpine           apk add py3-pip"; \
else \
  echo "No Python 3.11 or newer among: $(PYTHON)"; \
  echo "Install one with the system's packages, then run make again:"; \
  echo "  Debian, Ubuntu   apt install python3 python3-venv"; \
  echo "  Fedora, RHEL     dnf install python3.11"; \
  echo "  macOS            brew install python"; \
  echo "or say where it is: make PYTHON=/path/to/python3"; \
fi >&2; \
exit 1
endef
