# `make` alone says what there is. Every target sets up what it needs; Python 3.11 to 3.13 and make are enough.
#   ARGS=…    further arguments for demo, test, bench and soak      PYTHON=…   the interpreter to build .venv with
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
export PYTHON
# Where this is set, as it is in many containers, each process of a test would compile the program anew.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
RUN := .venv/.stamp-run
DEV := .venv/.stamp-dev

.PHONY: help demo test check audit bench soak docs wheelhouse sql lifecycle schemas reference completion catalog generated pictures clean

help:
	@echo "demo       a desk with a lifelike month, in a temporary folder"
	@echo "test       every test that is quick"
	@echo "check      lint, format, types, walls, generated files"
	@echo "audit      known holes in what comes from others; needs pip-audit and a network, else says so"
	@echo "bench      what commands cost beside their floors in one run; ARGS: --quick, --million, --peers, --page"
	@echo "soak       every test, slow ones too, with many more examples"
	@echo "docs       the site of the docs, in build/site; needs Graphviz"
	@echo "wheelhouse all that an office without internet installs from, as a zip in dist"
	@echo "generated  sql, lifecycle, schemas, reference, catalog: every file that is made from another"
	@echo "pictures   the pictures of the README and of the guide; needs Chromium and a Chinese font"
	@echo "clean      remove .venv, caches and build results"

$(DEV): pyproject.toml constraints.txt tools/venv.sh
	@sh tools/venv.sh dev

$(RUN): pyproject.toml constraints.txt tools/venv.sh
	@sh tools/venv.sh run

demo: $(RUN)
	@$(BIN)/repairdesk demo $(ARGS)

test: $(DEV)
	@$(BIN)/python -m compileall -q src
	@workers=$$($(BIN)/python -c "import xdist; print('-n 3 --dist worksteal')" 2>/dev/null || true); \
	$(BIN)/python -m pytest -q $$workers -m "not slow" $(ARGS)

soak: $(DEV)
	@workers=$$($(BIN)/python -c "import xdist; print('-n 2')" 2>/dev/null || true); \
	$(BIN)/python -m pytest -q $$workers --hypothesis-profile=soak $(ARGS); \
	code=$$?; \
	$(BIN)/python -m pytest -q $$workers -m "not slow" --engine postgresql tests/batch tests/cli tests/documents \
	tests/notify tests/procedure tests/reports && exit $$code

check: $(DEV)
	@$(BIN)/python -m ruff check --no-cache .
	@$(BIN)/python -m ruff format --no-cache --check .
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python tools/stale.py

audit: $(DEV)
	@$(BIN)/python tools/audit.py $(ARGS)

bench: $(DEV)
	@$(BIN)/python bench/suite.py $(ARGS)

docs: $(DEV)
	@$(BIN)/python tools/website.py

wheelhouse: $(DEV)
	@$(BIN)/python tools/wheelhouse.py $(ARGS)

generated: sql lifecycle schemas reference completion catalog

sql: $(DEV)
	@$(BIN)/python -m repairdesk.ledger.compile
	@$(BIN)/python tools/freeze_tables.py

lifecycle: $(DEV)
	@$(BIN)/python tools/lifecycle_page.py

completion: $(DEV)
	@$(BIN)/python tools/completion.py

schemas: $(DEV)
	@$(BIN)/python tools/schemas.py

reference: $(DEV)
	@$(BIN)/python tools/reference.py

# No dates and no line numbers: the files change when a text changes, and then only.
catalog: $(DEV)
	@$(BIN)/python tools/catalog.py

pictures: $(DEV)
	@$(BIN)/python tools/screens.py
	@$(BIN)/python tools/desk_screens.py
	@$(BIN)/python tools/pictures.py
	@$(BIN)/python tools/day_page.py

clean:
	@rm -rf .venv build dist .coverage htmlcov .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find src tests bench tools -name __pycache__ -type d -prune -exec rm -rf {} +
