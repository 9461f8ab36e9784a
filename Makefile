# Customer segmentation: one table in, one report out.  Type `make` for help.
SHELL      := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:
.NOTPARALLEL:

PARAMS ?= params/default.yml
export PARAMS DATA CUSTOMERS SHEET RUN LABELS ENGINE FROM TO SQL_DIALECT OUT ROWS LAB HOLDOUT SALT RATE LIFT MERGE BOUGHT AMOUNT EVERY LOOKBACK

CONDA_NAME := customer-segments
EXTRA      := $(if $(filter spark,$(ENGINE)),spark)
# Inside the conda environment of environment.yml nothing is built: that one is used as it is.
ifeq ($(CONDA_DEFAULT_ENV),$(CONDA_NAME))
  ENVIRONMENT :=
  TESTED      :=
  SPARKED     :=
  PY          := PYTHONPATH="$(CURDIR)/src" "$(CONDA_PREFIX)/bin/python" -P
else
  ENVIRONMENT := .venv/installed
  TESTED      := .venv/installed-dev
  SPARKED     := .venv/installed-spark
  PY          := .venv/bin/python -P
endif
# The first Python on the path that is recent enough.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
# uv installs in seconds what pip takes minutes for; where it cannot, pip does it.
define INSTALL
.venv/bin/uv pip install --quiet --python .venv/bin/python $(1) || $(PIP) $(1)
endef
NO_PYTHON := Python 3.11 or later is needed and none was found on the path: install one, or name it with PYTHON=
PIP := .venv/bin/python -m pip --quiet --disable-pip-version-check install

.PHONY: help
help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "; print "make TARGET [NAME=value ...]\n"} \
	/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: report
report: $(ENVIRONMENT) $(if $(EXTRA),$(SPARKED)) ## Make reports/RUN/report.html  [PARAMS= DATA= CUSTOMERS= RUN= LABELS= ENGINE= SQL_DIALECT=]
	@$(PY) -m helpers report

.PHONY: score
score: $(ENVIRONMENT) ## Give new customers the segments of a run  DATA= [CUSTOMERS= RUN= OUT=]
	@$(PY) -m helpers score

.PHONY: compare
compare: $(ENVIRONMENT) ## Say who moved between two runs, or two days of order lines, and why  FROM= TO= [PARAMS= DATA= CUSTOMERS= RUN= ENGINE=]
	@$(PY) -m helpers compare

.PHONY: params
params: $(ENVIRONMENT) ## Draft a params file for a table of your own  DATA= [SHEET= OUT=]
	@$(PY) -m helpers params

.PHONY: leaderboard
leaderboard: $(ENVIRONMENT) ## Hold several segmentations of one table against each other  PARAMS="a.yml b.yml" [DATA= RUN=]
	@$(PY) -m helpers leaderboard

.PHONY: audience
audience: $(ENVIRONMENT) ## Draw whom each persona's campaign reaches, and who is held out  RUN= [HOLDOUT= SALT= RATE= LIFT= MERGE= SQL_DIALECT=]
	@$(PY) -m helpers audience

.PHONY: readout
readout: $(ENVIRONMENT) ## Say what a campaign has changed, from results by ID  RUN= DATA= [BOUGHT= AMOUNT= SHEET=]
	@$(PY) -m helpers readout

.PHONY: backtest
backtest: $(ENVIRONMENT) ## Say month by month whether frozen segments hold, and when to refit  DATA= PARAMS= [FROM= TO= EVERY= LOOKBACK= RUN= CUSTOMERS= ENGINE=]
	@$(PY) -m helpers backtest

.PHONY: lines
lines: $(ENVIRONMENT) ## Write synthetic order lines to data/order-lines.csv, to try params/online-retail.yml on
	@$(PY) -m maintenance.order_lines data/order-lines.csv

.PHONY: schema
schema: $(ENVIRONMENT) ## Renew params/schema.json, which editors complete and check params files by
	@$(PY) -m helpers schema

.PHONY: lab
lab: $(ENVIRONMENT) ## Explore copies of the three notebooks in JupyterLab  [LAB="--port 8899 --no-browser"]
	@$(PY) -m helpers lab

# The tests of one file stay together, since they share what is costly to make.
PARALLEL := --numprocesses=auto --maxprocesses=4 --dist=loadfile
.PHONY: test
test: $(ENVIRONMENT) $(TESTED) $(SPARKED) ## Run the linters, the type checker and every test, quick ones first  [COVERAGE=1]
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m pytest $(PARALLEL) -m "not slow" $(if $(COVERAGE),--cov=helpers --cov-report=term-missing:skip-covered)
	@$(PY) -m pytest $(PARALLEL) -m slow

.PHONY: faults
faults: $(ENVIRONMENT) $(TESTED) ## Kill runs at random moments and see that nothing is lost  [KILLS= RECOVER_EVERY= KILLS_SEED=]
	@$(PY) -m pytest -s tests/faults/test_kills.py

# A process of pytest after the other, each with other examples, until the time is up.
.PHONY: fuzz
fuzz: $(ENVIRONMENT) $(TESTED) ## Try broken tables and settings that nobody has thought of  [MINUTES=1]
	@end=$$(( $$(date +%s) + 60 * $(or $(MINUTES),1) )); \
	while [ $$(date +%s) -lt $$end ]; do \
		HYPOTHESIS_PROFILE=explore $(PY) -m pytest -x tests/faults/test_fuzz.py || exit 1; \
	done

.PHONY: bench
bench: $(ENVIRONMENT) $(if $(EXTRA),$(SPARKED)) ## Measure report, scoring, sweep, order lines and optimum beside what others would do; ENGINE=spark: both engines  [ROWS=]
ifeq ($(EXTRA),spark)
	@$(PY) -m maintenance.bench_engines $(if $(ROWS),--rows $(ROWS))
else
	@$(PY) -m maintenance.bench_report $(if $(ROWS),--rows $(ROWS))
	@$(PY) -m maintenance.bench_sweep $(if $(ROWS),--rows $(ROWS))
	@$(PY) -m maintenance.bench_lines $(if $(ROWS),--rows $(ROWS))
	@$(PY) -m maintenance.bench_optimum
endif

.PHONY: criteria
criteria: $(ENVIRONMENT) $(TESTED) ## Hold the choice of K against every single criterion: docs/criteria.md
	@$(filter-out -P,$(PY)) -m tests.benchmarks.selection

.PHONY: mutants
mutants: $(ENVIRONMENT) $(TESTED) ## Plant faults at random where claims are computed, and count those that the quick tests notice  [SAMPLE=]
	@$(filter-out -P,$(PY)) -m tests.benchmarks.mutation $(if $(SAMPLE),--sample $(SAMPLE))

.PHONY: gallery
gallery: $(ENVIRONMENT) ## Renew the picture of the report in docs/, from the sample (needs Chromium)
	@DATA= RUN=default PARAMS=params/default.yml LABELS= ENGINE= $(PY) -m helpers report
	@chromium --headless --no-sandbox --disable-gpu --disable-background-networking \
		--hide-scrollbars --window-size=1280,1500 --screenshot="$(CURDIR)/docs/report.png" \
		"file://$(CURDIR)/reports/default/report.html" 2>/dev/null

.PHONY: lock
lock: $(ENVIRONMENT) $(TESTED) ## Renew the lock files, environment.yml and docs/licences.md
	@$(PY) -m maintenance.lockfiles

.PHONY: clean
clean: ## Remove the environment and caches, and with RUNS=1 every run too  [RUNS=]
	rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .hypothesis src/helpers.egg-info
	$(if $(RUNS),find reports -mindepth 1 ! -name .gitignore -delete)

# The environment is built by one make at a time: whoever waited finds it built. The lock is on the
# folder of the checkout and goes with the process that holds it; nothing is left of it.
ALONE = "$(PYTHON)" -c 'import fcntl, os, sys; held = os.open(".", os.O_RDONLY); \
	os.set_inheritable(held, True); fcntl.flock(held, fcntl.LOCK_EX); os.execvp(sys.argv[1], sys.argv[1:])'
ifndef BUILDING
.venv/installed: requirements.lock pyproject.toml
.venv/installed-dev: requirements-dev.lock .venv/installed
.venv/installed-spark: requirements-spark.lock .venv/installed
.venv/installed .venv/installed-dev .venv/installed-spark:
	@test -n "$(PYTHON)" || { echo "$(NO_PYTHON)" >&2; exit 2; }
	@$(ALONE) $(MAKE) --silent --no-print-directory BUILDING=1 $@
else
.venv/bin/python:
	@"$(PYTHON)" -m venv .venv || { rm -rf .venv; echo "'$(PYTHON) -m venv' failed: install Python's venv module (Debian: python3-venv)" >&2; exit 2; }

.venv/bin/uv: | .venv/bin/python
	@awk '/^uv==/ {on = 1} on {print} on && !/\\$$/ {exit}' requirements-dev.lock > .venv/uv.lock
	@$(PIP) --require-hashes -r .venv/uv.lock || echo "going on without uv: slower" >&2

.venv/installed: requirements.lock pyproject.toml | .venv/bin/python .venv/bin/uv
	@echo "setting up .venv (once; a minute or two)"
	@$(call INSTALL,--require-hashes -r requirements.lock)
	@$(call INSTALL,--no-deps --no-build-isolation --editable .)
	@.venv/bin/python -m helpers.kmeans.kernels
	@touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	@echo "adding what the tests need"
	@$(call INSTALL,--require-hashes -r requirements-dev.lock)
	@touch $@

.venv/installed-spark: requirements-spark.lock .venv/installed
	@echo "adding Spark"
	@$(call INSTALL,--require-hashes -r requirements-spark.lock)
	@touch $@
endif
