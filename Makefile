# Everything here works from a fresh clone: Python 3.11 or newer, make and git are all that must be there.
# `make help` lists the targets; ARGS="..." hands more arguments to the program behind a target.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
VENV := .venv/bin
CODE := accord authors_service books_service generated scripts tests

.PHONY: help setup generate check review up demo measure bench bench-quick fuzz prove prove-verdicts chaos kafka wheel stranger golden
.PHONY: test test-kafka lint format clean lock

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

setup: ## Make .venv and install what requirements.lock pins; nothing to do if nothing changed
	@sh scripts/setup.sh

generate: setup ## Write generated/ anew from specs/
	@$(VENV)/accord generate $(ARGS)

check: setup ## Say whether generated/ is what specs/ describe
	@$(VENV)/accord check $(ARGS)

review: setup ## Judge how specs/ changed since the last commit; page in .accord/review.html (ARGS="--against main")
	@mkdir -p .accord
	@exec $(VENV)/accord review --html .accord/review.html $(ARGS)

up: setup ## Start PostgreSQL, Kafka and both services, until Ctrl-C
	@exec $(VENV)/python -m scripts.up --end-with-parent $(ARGS)

demo: setup ## Start the same, and walk through a story that checks itself
	@exec $(VENV)/python -m scripts.demo $(ARGS)

kafka: setup ## Run one broker of Apache Kafka, fetched through Maven, until Ctrl-C; its data stay
	@exec $(VENV)/python -m scripts.kafka --end-with-parent $(ARGS)

chaos: setup ## Break the running system at random under load, and count what was lost; needs Java, see ARGS=--help
	@exec $(VENV)/python -m scripts.chaos $(ARGS)

test: setup ## Run all tests
	@$(VENV)/python -m pytest -q --numprocesses 2 --dist loadfile $(ARGS)

test-kafka: setup ## Run the tests of the bus and of the whole system on Apache Kafka; needs Java 17 and Maven
	@$(VENV)/python -m scripts.kafka --fetch
	@$(VENV)/python -m pytest -q --kafka=apache tests/toolkit/bus tests/end_to_end tests/contract/test_events.py \
	    --ignore=tests/end_to_end/convergence \
	    tests/toolkit/testing/test_apache_kafka.py tests/toolkit/cli/test_topics_on_kafka.py $(ARGS)

golden: setup ## Rewrite what the golden cases of the generator expect; look at the difference
	@$(VENV)/python -m tests.toolkit.golden

fuzz: setup ## Feed 100,000 records, most of them broken, to a service; ARGS="--count 5000 --seed 7"
	@exec $(VENV)/python -m scripts.fuzz_records $(ARGS)

prove: setup ## Tell both services thousands of bad stories: do they always agree? (ARGS="--seed ...")
	@exec $(VENV)/python -m tests.end_to_end.convergence $(ARGS)

prove-verdicts: setup ## Judge random pairs of schemas and try to contradict each verdict; ARGS="--examples 5000 --seed 7"
	@exec $(VENV)/python -m tests.toolkit.compatibility $(ARGS)

wheel: setup ## Build dist/accord-....whl
	@$(VENV)/python -m hatchling build -t wheel

stranger: setup ## Install the wheel elsewhere, accord init, make test; ARGS="--from openapi.yaml asyncapi.yaml"
	@exec $(VENV)/python -m scripts.stranger $(ARGS)

measure: setup ## Measure relay, hand-over, shutdown and memory; a million rows wait unless ARGS="--rows 10000"
	@exec $(VENV)/python -m scripts.measure $(ARGS)

bench: setup ## Measure the services beside what people write by hand; ARGS="--only NAME", or --readme to keep it
	@exec $(VENV)/python -m scripts.bench $(ARGS)

bench-quick: setup ## The same with few short rounds: it shows that all of it runs, and no more
	@exec $(VENV)/python -m scripts.bench --quick $(ARGS)

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
