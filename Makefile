# Everything runs in a virtual environment of its own, which setup.sh makes when it is first needed. Another place
# for it: make VENV=... ; another Python: make PYTHON=...
VENV ?= .venv
export VENV PYTHON
BIN = $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench eval eval-audio docs lock clean setup-run setup-dev

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "make %-11s %s\n", $$1, $$2 }'

run: setup-run ## set up what is needed and be led through sciatica-relief
	@$(BIN)/companion start sciatica-relief || [ $$? -eq 130 ] # 130: left with Ctrl-C, which is no failure

test: setup-dev ## set up what is needed and run the tests
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: setup-dev ## check format, rules, types and the layers
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup-dev ## put the code into its format
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

bench: setup-dev ## measure times and memory
	@$(BIN)/python -m tests.bench

eval: setup-dev ## measure how well words are understood
	@$(BIN)/python -m tests.evaluate

eval-audio: setup-dev ## measure how well sound is understood
	@$(BIN)/python -m tests.evaluate_audio

docs: setup-dev ## bring the generated parts of the texts up to date
	@$(BIN)/python -m tests.docs

# --universal: one lock for all systems and for Python 3.11 and newer. The build backend is locked as well.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(LOCK_ARGS)
BUILD_BACKEND = $(BIN)/python -c 'import tomllib; \
	print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")'

lock: setup-dev ## make the lock files anew from pyproject.toml (LOCK_ARGS=--upgrade: newest versions)
	$(BUILD_BACKEND) | $(COMPILE) pyproject.toml - --output-file requirements.lock
	$(BUILD_BACKEND) | $(COMPILE) pyproject.toml - --group dev --constraint requirements.lock \
		--output-file requirements-dev.lock

clean: ## remove what was made: environment, caches, builds
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find companion tests -name __pycache__ -type d -prune -exec rm -rf {} +

setup-run:
	@./setup.sh run

setup-dev:
	@./setup.sh dev
