# Every target does its own set-up: Python 3.11 to 3.14, git and make are all it needs.

PYTHON := $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test redaction fuzz accuracy simulate mutants chaos abuse bench lint format requirements container container-test clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

demo: $(VENV)/$(if $(GITHUB),.developed,.installed) ## the whole story in one minute, no account needed (ONCE=1: exits afterwards; GITHUB=model: files to a model of GitHub)
	@$(if $(GITHUB),PYTHONPATH=tests $(BIN)/python -m models.github.demo,$(BIN)/triaged demo) $(if $(ONCE),--once)

test: $(VENV)/.developed ## the tests
	@$(BIN)/python -m pytest $(ARGS)

redaction: $(VENV)/.developed ## how many secrets of a labelled set go, how much ordinary text is marked, how fast it is (ARGS="--show 3")
	@PYTHONPATH=daemon:tests $(BIN)/python -m redaction.measure $(ARGS)
	@PYTHONPATH=daemon:tests $(BIN)/python -m redaction.speed

fuzz: $(VENV)/.developed ## a hundred thousand hostile events: does anything that leaves act? Texts that almost are traces: does each parser answer? (ARGS="--seconds 600", "--seed 7", "--cases 1000000")
	@PYTHONPATH=daemon:tests $(BIN)/python -m fuzz $(ARGS)
	@PYTHONPATH=daemon:tests $(BIN)/python -m fuzz.parsers $(ARGS)

SEEDS := 1000
FROM := 0
simulate: $(VENV)/.developed ## histories of the whole daemon against a model of GitHub (SEEDS=1000; FROM=0: the first; SEEDS=1 tells one in full; ERRORS=100: in each)
	@PYTHONPATH=tests $(BIN)/python -m simulator --seeds $(SEEDS) --first $(FROM) $(if $(ERRORS),--errors $(ERRORS))

mutants: $(VENV)/.developed ## undoes the create protocol line by line: does the simulator notice each time?
	@PYTHONPATH=tests $(BIN)/python -m simulator.mutants $(ARGS)

chaos: $(VENV)/.developed ## harms the daemon in every way, and says what was lost: 20 minutes (RUNS=1, ARGS="storm --minutes 5", ARGS=--help)
	@PYTHONPATH=tests $(BIN)/python -m chaos $(if $(RUNS),--runs $(RUNS)) $(ARGS)

abuse: $(VENV)/.developed ## the front door under abuse: what is refused, and what signed deliveries notice of it (five minutes)
	@$(BIN)/python -m pytest tests/test_front_door.py -s $(ARGS)
	@PYTHONPATH=tests $(BIN)/python benchmarks/abuse.py

bench: $(VENV)/.developed ## how fast it is, beside others in the same run: 40 minutes (ARGS=--quick: 5; ARGS="door steady": parts)
	@PYTHONPATH=daemon:tests:. $(BIN)/python -m benchmarks $(ARGS)

accuracy: $(VENV)/.developed ## how well errors are understood: recorded traces, plain and wrapped, and ordinary lines (CORPUS=PATH: further cases)
	@PYTHONPATH=tests $(BIN)/python -m accuracy.measure $(if $(CORPUS),--corpus $(CORPUS)) $(ARGS)
	@PYTHONPATH=tests $(BIN)/python -m grouping.measure $(if $(CORPUS),--corpus $(CORPUS))

lint: $(VENV)/.developed ## format, style, types, who imports whom
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(VENV)/.developed ## puts the code in its format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

COMPILE = $(VENV).requirements/bin/uv pip compile --universal --python-version 3.11 --upgrade --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet

requirements: ## the hashed requirements anew, from pyproject.toml
	$(PYTHON) -m venv $(VENV).requirements && $(VENV).requirements/bin/pip --quiet install uv
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) pyproject.toml --extra dev -o requirements-dev.txt
	echo 'hatchling>=1.27' | $(COMPILE) - -o deploy/container/requirements-build.txt

container: ## the image triaged:dev, by buildah, podman or docker (ARGS="--no-cache": goes on to it)
	@deploy/container/build $(ARGS)

container-test: container $(VENV)/.developed ## runs the image hardened, as ECS would: a webhook in, an issue out
	@PYTHONPATH=tests $(BIN)/python tests/container/hardened.py

clean: ## what the other targets made
	rm -rf $(VENV) $(VENV).requirements .mypy_cache .pytest_cache .ruff_cache .hypothesis dist build

$(VENV)/.installed: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "triaged needs Python 3.11 or newer as python3"; exit 2; }
	@echo "setting up $(VENV) (once, less than a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip --quiet --disable-pip-version-check install --require-hashes -r requirements.txt
	@$(BIN)/pip --quiet --disable-pip-version-check install --no-deps --editable .
	@touch $@

$(VENV)/.developed: requirements-dev.txt $(VENV)/.installed
	@echo "setting up the tests (once, less than a minute)"
	@$(BIN)/pip --quiet --disable-pip-version-check install --require-hashes -r requirements-dev.txt
	@touch $@
