# Everything that a fresh clone needs is python3 (3.11 to 3.13) and make.
#
#   make run                      a sample email through the whole pipeline
#   make run EML="a.eml b.eml"    your own
#   make test [FAST=1]            the tests; FAST: those that start no server and no worker
#             [WORKERS=2]         on so many workers; RANDOM_ORDER=1: in a random order
#   make check                    lint, types, import contract, template
#   make build [ARCH=x86_64]      sam build, without Docker
#   make soak [CASES=1000 SEED=1] seeded pairs of faults, and the model of the promise
#   make guards                   removes each guard in turn: a test must fail
#   make bench, make corpus       figures; corpus reads the folder PARLEY_CORPORA
#   make evals                    quality on labelled meetings by authors left out; make train: the weights anew
#   make docs                     draws again what docs/ takes from the code; the picture needs Chromium
#   make lock [UPGRADE=1]         the *.in files to the hashed locks
#   make clean                    removes all that make has made

PYTHON ?= python3
ARCH ?= arm64
EML ?=
CASES ?= 1000
SEED ?= 1
UPGRADE ?=
FAST ?=
WORKERS ?= 2

UV_VERSION := 0.13.8
BIN := .venv/bin
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --no-input --root-user-action=ignore
# The locks are complete, so pip resolves nothing: what is not in them is not installed.
LOCKED := --no-deps --require-hashes --only-binary=:all:
SAM := SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-us-east-1} .venv-sam/bin/sam
UV_COMPILE := .build/uv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header \
	$(if $(UPGRADE),--upgrade)

.PHONY: help run test check build soak guards bench corpus evals train docs lock clean python
.NOTPARALLEL:
.DELETE_ON_ERROR:

help:
	@sed -n '3,$${/^#/!q;s/^#  *//p;}' Makefile

run: .venv/run.stamp
	@$(BIN)/parley process $(or $(EML),events/emails/zoom-vtt.eml)

test: .venv/dev.stamp
	@$(BIN)/pytest $(if $(RANDOM_ORDER),,-p no:randomly) --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(if $(FAST),-m "not processes")

check: .venv/dev.stamp .venv-sam/sam.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(SAM) validate --lint

# sam wants the interpreter that Lambda runs on PATH; pyenv may have it out of sight.
PYTHON313_BIN = $(shell python3.13 -c 'import os, sys; print(os.path.dirname(sys.executable))' 2>/dev/null \
	|| ls -d "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.13.*/bin 2>/dev/null | sort | tail -n 1)

build: .venv-sam/sam.stamp
	@bin="$(PYTHON313_BIN)"; \
	[ -n "$$bin" ] || { echo "make build needs a python3.13, the version that Lambda runs: put one on PATH" >&2; exit 1; }; \
	PATH="$$bin:$$PATH" ARCH="$(ARCH)" $(SAM) build --parameter-overrides Arch=$(ARCH)
	@du -sh .aws-sam/build/*/

soak: .venv/dev.stamp
	@$(BIN)/python -m tests.faults.soak --cases $(CASES) --seed $(SEED)

guards: .venv/dev.stamp
	@$(BIN)/python -m tests.faults.guards

bench: .venv/dev.stamp
	@$(BIN)/python -m benchmarks

corpus: .venv/dev.stamp
	@$(BIN)/python -m benchmarks.corpus

evals: .venv-evals/evals.stamp
	@.venv-evals/bin/python -m evals.quality

train: .venv-evals/evals.stamp
	@.venv-evals/bin/python -m evals.train

docs: .venv/dev.stamp
	@$(BIN)/python -m docs.generated
	@$(BIN)/python -m docs.picture

lock: .build/uv/bin/uv
	$(UV_COMPILE) --python-version 3.13 --python-platform aarch64-manylinux_2_28 \
		shared/requirements.in -o shared/requirements.txt
	$(UV_COMPILE) --universal --python-version 3.11 requirements.in -o requirements.txt
	$(UV_COMPILE) --universal --python-version 3.11 requirements-dev.in -o requirements-dev.txt
	$(UV_COMPILE) --universal --python-version 3.11 evals/requirements.in -o evals/requirements.txt
	echo aws-sam-cli | $(UV_COMPILE) --universal --python-version 3.11 --no-strip-extras - -o requirements-sam.txt

clean:
	rm -rf .venv .venv-sam .venv-evals .aws-sam .build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf *.egg-info shared/*.egg-info
	find shared local lambdas tests benchmarks evals -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { \
		echo "Parley needs Python 3.11 to 3.13, and $(PYTHON) is $$("$(PYTHON)" -V 2>/dev/null || echo absent): say make PYTHON=..." >&2; \
		exit 1; }

.venv/bin/python: | python
	@"$(PYTHON)" -m venv .venv || { rm -rf .venv; \
		echo "$(PYTHON) cannot make a virtual environment (on Debian: apt install python3-venv)" >&2; exit 1; }

.venv/run.stamp: requirements.txt pyproject.toml | .venv/bin/python
	@echo "Setting up .venv: once, about a minute" >&2
	@$(BIN)/python $(PIP_INSTALL) $(LOCKED) -r requirements.txt
	@$(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation --no-index -e .
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/run.stamp
	@echo "Adding the development tools to .venv: once" >&2
	@$(BIN)/python $(PIP_INSTALL) $(LOCKED) -r requirements-dev.txt
	@touch $@

# Its own environment: aws-sam-cli pins another boto3 than aioboto3 does.
.venv-sam/sam.stamp: requirements-sam.txt | python
	@echo "Setting up .venv-sam: once, about a minute" >&2
	@"$(PYTHON)" -m venv .venv-sam
	@.venv-sam/bin/python $(PIP_INSTALL) $(LOCKED) -r requirements-sam.txt
	@touch $@

# Training needs what nothing else does.
.venv-evals/evals.stamp: requirements.txt evals/requirements.txt pyproject.toml | python
	@"$(PYTHON)" -m venv .venv-evals
	@.venv-evals/bin/python $(PIP_INSTALL) $(LOCKED) -r requirements.txt -r evals/requirements.txt
	@.venv-evals/bin/python $(PIP_INSTALL) --no-deps --no-build-isolation --no-index -e .
	@touch $@

.build/uv/bin/uv: | python
	@"$(PYTHON)" -m venv .build/uv
	@.build/uv/bin/python $(PIP_INSTALL) uv==$(UV_VERSION)
