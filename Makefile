# Two doors: `make demo` shows the product, `make test` proves it. Both bring what they need.
# PYTHON may name another interpreter (3.11 or newer): make demo PYTHON=python3.13

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
ARGS ?=
# Some images set it; then each of several hundred processes would compile all of Django anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup setup-dev demo test check lint types browser postgres lock messages benchmarks clean

help:           ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | sort

setup:          ## .venv with what the product needs
	@test -n "$(PYTHON)" || { echo "✗ Liuke needs Python 3.11 or newer: apt install python3 python3-pip"; exit 1; }
	@$(PYTHON) tools/setup.py runtime
	@$(BIN)/python tools/messages.py compile

setup-dev:      ## .venv with what the tests need as well
	@test -n "$(PYTHON)" || { echo "✗ Liuke needs Python 3.11 or newer: apt install python3 python3-pip"; exit 1; }
	@$(PYTHON) tools/setup.py dev
	@$(BIN)/python tools/messages.py compile

demo: setup     ## the invented trading company, in the browser (ARGS="--fresh --port 8080")
	@$(BIN)/liuke demo $(ARGS)

test: setup-dev ## the whole suite; what can't run here is named at the end
	@$(BIN)/python tools/run_tests.py $(ARGS)

check: setup-dev ## everything CI asks for: style, types, contracts, migrations, languages, documents, the suite on each database
	@$(BIN)/python tools/check.py $(ARGS)

lint: setup-dev ## style and import contracts only
	@$(BIN)/python tools/check.py --only style,contracts

types: setup-dev ## types only
	@$(BIN)/python tools/check.py --only types

browser:        ## Debian's Chromium and fonts for the browser tests (root)
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk

postgres:       ## Debian's PostgreSQL for the suite's second database (root)
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql

lock: setup-dev ## write requirements/*.txt anew from pyproject.toml
	.tools/bin/uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/runtime.txt
	.tools/bin/uv pip compile -q pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/dev.txt

messages: setup-dev ## collect the texts to translate, derive Traditional Chinese, check that nothing is missing
	$(BIN)/python tools/messages.py extract && $(BIN)/python tools/messages.py derive && $(BIN)/python tools/messages.py check

clean:          ## remove the environment and caches; never the data
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
