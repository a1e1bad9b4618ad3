# Every verb sets up its own virtual environment from nothing.
#   make demo    find moments in a video composed on the spot; writes demo/page.html
#   make test    every test but long studies, in a quarter of an hour on two cores
#   make test-all  those too: a head learns, each measurement runs, schemathesis asks the whole API
#   make lint    formatting, lint, strict types
#   make strength  what the tests reach and what they notice, of the parts on which every figure stands
#   make bench   the measurements behind every claim about speed and accuracy, in their quick form
#   make fuzz    5,000 damaged inputs of every kind, and what broke something before; CASES=20000 SEED=7 tries others
#   make crash   kills every writer again and again, fills its disk, and lets two write at once; TRIALS=10 SEED=7
#   make docs    the site of the documentation, in site/; `python3 -m http.server -d site` shows it
#   make sbom    what is installed, as CycloneDX, in dist/: packages by version and hash, models by hash
#   make audit   known vulnerabilities of what requirements/all.txt installs; needs a network
#   make lock    requirements/*.txt: every dependency by version and hash, for all systems and Pythons
#   make clean   remove what the other verbs made

PYTHON ?= python3
VENV   ?= .venv
TORCH  ?= torch==2.13.0
BIN    := $(VENV)/bin
comma  := ,

.PHONY: demo test test-all lint strength bench fuzz crash docs sbom audit lock clean

demo: $(VENV)/.demo
	$(BIN)/whenabouts demo --out demo

# Each process takes neighbouring tests, which share videos, servers and browsers, and helps the other when it is done.
SUITE = $(BIN)/python -m pytest -n 2 --dist worksteal -q

test: $(VENV)/.test
	$(SUITE)

test-all: $(VENV)/.test
	$(SUITE) -m ''

lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file= --ignore-missing-imports bench

# The rooms' own tests, and those of the protocols, which call every metric.
STRONG := $(subst $() ,$(comma),$(addprefix src/whenabouts/,moment.py metrics/* rewards/* video/* query/*))
strength: $(VENV)/.test
	$(BIN)/python -m pip install --quiet -e '.[strength]'
	$(BIN)/python -m coverage run -m pytest -q -m '' tests/test_moment.py tests/metrics tests/rewards tests/video tests/query \
		tests/evaluation/protocols tests/test_doctests.py
	$(BIN)/python -m coverage report --include '$(STRONG)'
	$(BIN)/python scripts/mutants.py

bench: $(VENV)/.test
	for program in bench/[a-z]*.py; do echo "== $$program"; $(BIN)/python $$program --quick || exit 1; done

fuzz: $(VENV)/.test
	PYTHONPATH=tests $(BIN)/python -m fuzz --cases $(or $(CASES),5000) --seed $(or $(SEED),0)

crash: $(VENV)/.test
	$(BIN)/python bench/crash.py --seed $(or $(SEED),0) $(if $(TRIALS),--trials $(TRIALS))

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

# core: nothing but `find` and `evaluate`. server: what a machine without a GPU may run. all: every extra.
# Pins that still hold are kept; `make lock UPGRADE=--upgrade` takes the newest of everything. Tests do not install from
# here: a wheel of torch for the CPU alone has another hash than the one that the package index serves.
LOCK = $(BIN)/uv pip compile --quiet $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command 'make lock' pyproject.toml

lock: | $(BIN)/python
	$(BIN)/python -m pip install --quiet uv
	echo '$(TORCH)' | $(LOCK) --all-extras --constraints - --output-file requirements/all.txt
	$(LOCK) --constraints requirements/all.txt --output-file requirements/core.txt
	$(LOCK) $(addprefix --extra ,documents edit library llm mcp ocr serve sound speech) --constraints requirements/all.txt \
		--output-file requirements/server.txt

sbom: $(VENV)/.test
	$(BIN)/python scripts/sbom.py dist

# Nothing is told of what is installed but names and versions. Without a network it says so, and does not fail.
audit: | $(BIN)/python
	$(BIN)/python -m pip install --quiet pip-audit || echo 'pip-audit cannot be installed: no network'
	$(BIN)/python scripts/audit.py requirements/all.txt

clean:
	rm -rf $(VENV) demo dist fuzz-faults site .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet -e '.[demo]'
	@touch $@

$(VENV)/.docs: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet -e '.[docs]'
	@touch $@

# torch comes first and by exact version: a later resolution then keeps it. `make test TORCH=` goes without;
# the tests that need it skip.
$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(if $(TORCH),$(BIN)/python -m pip install --quiet $(TORCH))
	$(BIN)/python -m pip install --quiet -e '.[test,lint,docs$(if $(TORCH),$(comma)hub$(comma)train$(comma)rl)]'
	@touch $@


