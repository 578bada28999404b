# Everything here works from a fresh clone: Python 3.11 or newer, make and git are all that must be there.
# `make help` lists the targets; ARGS="..." hands more arguments to the program behind a target.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
VENV := .venv/bin
CODE := accord authors_service books_service generated scripts tests

.PHONY: help setup generate check up demo test lint format clean lock

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

setup: ## Make .venv and install what requirements.lock pins; nothing to do if nothing changed
	@sh scripts/setup.sh

generate: setup ## Write generated/ anew from specs/
	@$(VENV)/accord generate $(ARGS)

check: setup ## Say whether generated/ is what specs/ describe
	@$(VENV)/accord check $(ARGS)

up: setup ## Start PostgreSQL, Kafka and both services, until Ctrl-C
	@exec $(VENV)/python -m scripts.up --end-with-parent $(ARGS)

demo: setup ## Start the same, and walk through a story that checks itself
	@exec $(VENV)/python -m scripts.demo $(ARGS)

test: setup ## Run all tests
	@$(VENV)/python -m pytest -q --numprocesses 2 --dist loadfile $(ARGS)

lint: setup ## Check style, types and who imports whom
	@$(VENV)/python -m ruff check $(CODE)
	@$(VENV)/python -m ruff format --check $(CODE)
	@$(VENV)/python -m mypy
	@$(VENV)/lint-imports

format: setup ## Format the code
	@$(VENV)/python -m ruff check --fix-only -q $(CODE)
	@$(VENV)/python -m ruff format $(CODE)

lock: setup ## Pin all dependencies in requirements.lock; with ARGS=--upgrade to their newest versions
	@$(VENV)/uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" -q \
	    -o requirements.lock $(ARGS)

clean: ## Remove all that these targets made, .venv included
	@rm -rf .venv .accord dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis
	@find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
