# Two commands on a fresh machine: `make run` and `make test`. Both make .venv first.
# A distribution's own Python was optimized with profiles when it was built and is a fifth faster than one that a version
# manager compiled; it comes first where it can make a virtual environment.
PYTHON ?= $(shell /usr/bin/python3.11 -c 'import ensurepip' 2>/dev/null && echo /usr/bin/python3.11 || echo python3.11)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
.DEFAULT_GOAL := help
.PHONY: help setup run test lint format bench torture mutants image up down logs containers clean
# Containers: WATCHED=1 also starts what watches them; IMAGE_OPTIONS goes to docker build.
COMPOSE ?= $(shell command -v docker-compose >/dev/null 2>&1 && echo docker-compose || echo docker compose)
WATCHED ?=
export COMPOSE_PROFILES ?= $(if $(WATCHED),observability)
export CLAIMTRAIL_TRACES ?= $(if $(WATCHED),otlp,none)

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## make .venv with the claimtrail command

$(STAMP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Claimtrail needs Python 3.11 or newer: $(PYTHON) is not here. Install it, or say make PYTHON=/path/to/python"; exit 1; }
	@echo "Setting up .venv (about half a minute, once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --editable '.[dev]' --constraint constraints.txt
	@touch $@

run: setup ## the main job: simulated clinics through all services, and what comes of it
	@$(BIN)/claimtrail demo

test: setup ## all tests
	@$(BIN)/python -m pytest -n 2 --dist worksteal

lint: setup ## ruff, mypy --strict, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: setup ## put the code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup ## the measured claims, beside peers and raw limits (about half an hour)
	@$(BIN)/python bench/run.py

torture: setup ## kill, freeze and damage, hundreds of rounds (processes, servers, 200,000 files; most of an hour)
	@$(BIN)/python -m pytest tests/faults tests/interchange tests/kafka -m torture --timeout 3600 -s

image: ## the image that all containers are of
	@docker build $(IMAGE_OPTIONS) --file deploy/Dockerfile --tag claimtrail:0.1.0 .

up: image ## the suite in containers over Kafka and PostgreSQL; WATCHED=1: with dashboards, alerts and traces
	@$(COMPOSE) up --detach
	@deploy/wait-until-ready $(COMPOSE)
	@$(COMPOSE) ps

down: ## stop the containers; what they keep stays (docker-compose down --volumes removes it)
	@COMPOSE_PROFILES=observability $(COMPOSE) down

logs: ## what the containers say, as they say it
	@$(COMPOSE) logs --follow --tail 50

containers: setup ## really start the containers, send events, kill some, scale, stop (wants Docker; takes minutes)
	@$(BIN)/python -m pytest tests/deploy -m torture --timeout 1800 -s

mutants: setup ## faults put into the domain, one of twenty-five: do the tests see each? (half an hour; docs/mutants.md)
	@$(BIN)/python tools/mutants.py

clean: ## remove what was made
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis .mutants bench/results *.egg-info
