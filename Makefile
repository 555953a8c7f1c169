# make up     run Omna on this machine: http://localhost:5108
# make test   everything that must pass; DEPTH=full: with more load and more chance cases, for longer, in every look
# make check  lint, types, import contract
# make dev    like up, and the gateway starts again when a source file changes
# make docs   the site of the documentation: build/docs/index.html
# make bench  measure, with billing fully on
# make wheel  dist/omna-….whl with the web app inside, and dist/requirements.txt: what it was tested with, with hashes
# make chaos  kill and stall every part of an installation of several machines under load; also rolling, soak, load, backup
#
# LOOK=phone-dark-keyboard: browser tests on that size, in that colour, with those hands (tests/harness/looks.py).
# LAG=500: every answer of /api comes to browser tests half a second late.
# Options of `omna up`: make up ARGS="--port 8080". Options of pytest: make test ARGS="-k ledger" WORKERS=0.

.DEFAULT_GOAL := up
.PHONY: up dev test check docs bench wheel chaos rolling soak load backup
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# What is installed comes from uv.lock, with its hashes, for the Python of .venv; no other Python is fetched.
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
# Trust what the machine trusts: networks with a certificate authority of their own are common.
export UV_SYSTEM_CERTS := 1
UV := $(BIN)/uv
# The web app is built again when one of its sources changed.
APP := src/omna/website/app/.stamp
APP_SOURCES := $(shell find web -name node_modules -prune -o -type f -print) src/omna/website/static/tokens.css
# Test files at a time, in their own order: browsers and faults first, which take longest and wait most.
WORKERS := 3
DEPTH := usual
# Without a home directory the installer's cache stays here.
ifeq ($(strip $(HOME)),)
export UV_CACHE_DIR := $(CURDIR)/.venv/cache
endif

up: .venv/runtime.stamp $(APP)
	@exec $(BIN)/omna up $(ARGS)

dev: .venv/development.stamp $(APP)
	@exec $(BIN)/omna up --reload $(ARGS)

test: .venv/development.stamp $(APP)
	@sh tools/chromium.sh
	@sh tools/companions.sh
	@$(BIN)/python -m tools.web test
	@TEST_DEPTH=$(DEPTH) TEST_LOOK=$(LOOK) TEST_LAG=$(LAG) $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: .venv/development.stamp
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tools.web check

docs: .venv/development.stamp
	@$(BIN)/python -m tools.site $(ARGS)

bench: .venv/development.stamp
	@$(BIN)/python -m benchmarks $(ARGS)

wheel: .venv/runtime.stamp $(APP)
	@$(UV) build --quiet --wheel --build-constraints tools/build.txt --require-hashes --out-dir dist
	@$(UV) export --quiet --locked --no-dev --no-group local-model --no-emit-project --output-file dist/requirements.txt
	@ls dist/*.whl

chaos rolling soak load backup: .venv/development.stamp
	@$(BIN)/python -m tests.trials $@ $(ARGS)

$(APP): $(APP_SOURCES) tools/web.py | .venv/runtime.stamp
	@$(BIN)/python -m tools.web build

$(UV): tools/uv.txt
	@echo "preparing .venv …"
	@sh tools/prepare.sh
	@touch $@

.venv/runtime.stamp: uv.lock pyproject.toml $(UV)
	@echo "installing what uv.lock names …"
	@$(UV) sync --quiet --locked --no-dev --inexact
	@touch $@

.venv/development.stamp: uv.lock pyproject.toml $(UV)
	@echo "installing what uv.lock names, tools for development included …"
	@$(UV) sync --quiet --locked --inexact
	@touch .venv/runtime.stamp $@
