# Barrow's commands. `make` alone prints this list. Two do for a newcomer: make run, make test.
PY     := .venv/bin/python
STAMP  := .venv/.set-up
SRC    := firmware hal sim fleet
DIR    ?= $(or $(BARROW_STATE),$(or $(XDG_STATE_HOME),$(HOME)/.local/state)/barrow)/ca

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run broker test lint types rules bench torture swarm up-brokers up-nats up-postgres golden golden-accept shots fonts install wheelhouse arm64 wiring lock clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements.lock requirements-emupos.lock
	@python3 -c 'import ensurepip, venv' 2>/dev/null || { echo "Barrow needs python3-venv: apt install python3-venv"; exit 5; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Barrow needs Python 3.11 or later"; exit 5; }
	@echo "setting up .venv (once, about half a minute)"
	@python3 -m venv .venv
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes --no-deps --ignore-requires-python -r requirements-emupos.lock
	@touch $@

setup: $(STAMP)  ## make .venv from requirements.lock

run: setup  ## start the till, its broker and its fleet; prints the page's address (ARGS="--port 8420")
	@$(PY) -m sim $(ARGS)

broker: setup  ## mosquitto with TLS, ACL and a door for new tills, on 8883 and 8884 (DIR=... for the fleet's CA)
	@test -d $(DIR)/brokers/localhost || { $(PY) -m fleet ca init --ca $(DIR); $(PY) -m fleet ca server localhost --ca $(DIR); }
	@$(PY) -m fleet broker --tls $(DIR)/brokers/localhost

test: lint types  ## rules, lint, types and tests
	@$(PY) -m pytest tests -n 2 --dist loadfile $(ARGS)

lint: setup  ## ruff
	@$(PY) -m ruff check . && $(PY) -m ruff format --check -q .

types: setup  ## mypy, strict
	@$(PY) -m mypy --no-error-summary

rules: setup  ## who may import whom, the dialect, no float near money
	@$(PY) -m pytest tests/rules

bench: setup  ## the numbers of the design beside their peers -> out/bench.json
	@$(PY) -m tests.bench

torture: setup  ## the crash campaigns, some 40 min -> out/torture.json (C=disk_states for one, ARGS="--seconds 60")
	@$(PY) -m tests.crash $(C) $(ARGS)

swarm: setup  ## many light tills against one fleet; chart in out/swarm.svg (ARGS="--terminals 200 --rate 100")
	@$(PY) -m sim.swarm $(ARGS)

up-brokers: setup  ## three mosquittos on loopback, until Ctrl-C; it says how a collector collects from all of them
	@$(PY) -m fleet up brokers out/brokers $(ARGS)

up-nats: setup  ## three NATS servers with JetStream, which speak MQTT to the tills
	@$(PY) -m fleet up nats out/nats $(ARGS)

up-postgres: setup  ## PostgreSQL with a synchronous standby, which is promoted when the primary ends
	@$(PY) -m fleet up postgres out/postgres $(ARGS)

golden: setup  ## compare every golden frame and receipt; gallery in out/gallery.html
	@$(PY) -m pytest tests/golden

golden-accept: setup  ## take today's pictures as golden (F=first-sale for one script); look at them first
	@$(PY) -m tests.golden --accept $(F)

shots: setup  ## the README's pictures, by headless Chromium
	@$(PY) -m tests.shots

fonts: setup  ## bake the glyph packs again from their fonts
	@$(PY) -m hal.draw.pack.recipe && $(PY) -m sim.chips.narrow_recipe

install:  ## sudo make install: lay Barrow into this Pi (ROOT=DIR into another root, DATA=yes, WHEELS=DIR)
	@python3 -m hal.install --root "$(or $(ROOT),/)" $(if $(DATA),--data) $(if $(WHEELS),--wheels $(WHEELS)) $(if $(PYTHON),--python $(PYTHON))

wheelhouse: setup  ## wheels for a Pi without a network -> out/wheels (ARCH=arm64 or armv7, PYTHON_VERSION=3.13)
	@$(PY) -m hal.wheelhouse --arch $(or $(ARCH),arm64) --python-version $(or $(PYTHON_VERSION),3.13) --to out/wheels

arm64:  ## sudo make arm64: install and tests on Debian for arm64, by qemu-user (ARGS="--only tests/core")
	@python3 -B -m tests.arm64 $(ARGS)

wiring: setup  ## draw config/wiring.svg again from board.json and the overlay
	@$(PY) -m hal.wiring

lock: setup  ## pin requirements.in again, with hashes and without addresses
	@$(PY) -m pip install -q uv && .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --upgrade requirements.in -o requirements.lock
	@sed -n "/^# -- the till/,/^# -- the bench/p" requirements.in | .venv/bin/uv pip compile -q --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate -c requirements.lock - -o requirements-till.lock
	@echo emupos==0.4.0 | .venv/bin/uv pip compile -q --python-version 3.13 --no-deps --generate-hashes --no-header --no-annotate - \
	  -o requirements-emupos.lock

clean:  ## remove .venv, caches and out/
	rm -rf .venv out .mypy_cache .ruff_cache .pytest_cache
