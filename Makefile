# `make` alone says what there is. Every target sets up what it needs; Python 3.11 to 3.13 and make are enough.
#   ARGS=…    further arguments for demo, test, bench and soak      PYTHON=…   the interpreter to build .venv with
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
export PYTHON

BIN := .venv/bin
RUN := .venv/.stamp-run
DEV := .venv/.stamp-dev
LOCALES := zh
LOCALE := src/repairdesk/locale
# The first argument of these is a text that users read, and the key of the catalogue.
MARKS := N_ _ Word DeskError UsageError NotAllowed NotFound NotPermitted BadRules BadInput Busy Damaged StorageError Partial

.PHONY: help demo test check bench soak sql lifecycle catalog generated clean

help:
	@echo "demo       a desk with a lifelike month, in a temporary folder"
	@echo "test       every test that is quick"
	@echo "check      lint, format, types, walls, generated files"
	@echo "bench      cold start, as ratios in one run"
	@echo "soak       every test, slow ones too, with many more examples"
	@echo "generated  sql, lifecycle and catalog: every file that is made from another"
	@echo "clean      remove .venv, caches and build results"

$(DEV): pyproject.toml constraints.txt tools/venv.sh
	@sh tools/venv.sh dev

$(RUN): pyproject.toml constraints.txt tools/venv.sh
	@sh tools/venv.sh run

demo: $(RUN)
	@$(BIN)/repairdesk demo $(ARGS)

test: $(DEV)
	@workers=$$($(BIN)/python -c "import xdist; print('-n 2')" 2>/dev/null || true); \
	$(BIN)/python -m pytest -q $$workers -m "not slow" $(ARGS)

soak: $(DEV)
	@workers=$$($(BIN)/python -c "import xdist; print('-n 2')" 2>/dev/null || true); \
	$(BIN)/python -m pytest -q $$workers --hypothesis-profile=soak $(ARGS)

check: $(DEV)
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python tools/stale.py

bench: $(DEV)
	@$(BIN)/python bench/cold_start.py $(ARGS)

generated: sql lifecycle catalog

sql: $(DEV)
	@$(BIN)/python -m repairdesk.ledger.compile

lifecycle: $(DEV)
	@$(BIN)/python tools/lifecycle_page.py

# No creation dates and no line numbers: the files change when a text changes, and then only.
catalog: $(DEV)
	@mkdir -p build
	@$(BIN)/python -m babel.messages.frontend -q extract -F babel.cfg $(addprefix -k ,$(MARKS)) --no-location \
		--sort-output --project=repairdesk --copyright-holder="repairdesk contributors" -o build/repairdesk.pot src/repairdesk
	@for l in $(LOCALES); do \
		po=$(LOCALE)/$$l/LC_MESSAGES/repairdesk.po; \
		if test -f $$po; then \
			$(BIN)/python -m babel.messages.frontend -q update -i build/repairdesk.pot -d $(LOCALE) -l $$l -D repairdesk \
				--no-fuzzy-matching --ignore-pot-creation-date --ignore-obsolete; \
		else \
			$(BIN)/python -m babel.messages.frontend -q init -i build/repairdesk.pot -d $(LOCALE) -l $$l -D repairdesk; \
		fi || exit 1; \
		$(BIN)/python -m babel.messages.frontend -q compile -d $(LOCALE) -l $$l -D repairdesk || exit 1; \
	done

clean:
	@rm -rf .venv build dist .coverage htmlcov .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find src tests bench tools -name __pycache__ -type d -prune -exec rm -rf {} +
