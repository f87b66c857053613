# make lab       JupyterLab on the tour, with the panel open
# make test      every check and test, browser included
# make bench     the figures of the README, beside the peers'   (QUICK=1: a short look)
# make stress    ten minutes of looking at training kernels
# make docs      the documentation, in .cache/docs/html
# make pictures  docs/pictures/*.png from the running product
# make clean     removes what was built; make distclean the environments too

PYTHON ?= python3

# jlpm and node come from the environment, not from the machine.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

BIN := .venv/bin
DONE := .cache/done
PIP := $(BIN)/python -m pip install --quiet

.PHONY: lab test bench stress docs pictures build clean distclean
.DELETE_ON_ERROR:

lab: build
	$(BIN)/python examples/lab.py

test: build $(DONE)/colab $(DONE)/browser $(DONE)/docs
	DLKIT_CHROMIUM="$$(cat $(DONE)/browser)" $(BIN)/python tests/run.py $(ONLY)

bench: build $(DONE)/colab
	$(BIN)/python -m benchmarks $(if $(QUICK),--quick)

stress: build $(DONE)/colab
	DLKIT_STRESS_SECONDS=$${DLKIT_STRESS_SECONDS:-600} $(BIN)/python -m pytest tests/stress

# -n and -W: a link that leads nowhere, or a name that is not documented, is an error.
docs: $(DONE)/docs
	$(BIN)/python -m sphinx -n -W --keep-going -q -b html -d .cache/docs/doctrees docs .cache/docs/html
	@echo "The pages begin at .cache/docs/html/index.html"

pictures: build $(DONE)/browser
	DLKIT_CHROMIUM="$$(cat $(DONE)/browser)" $(BIN)/python docs/pictures.py

build: $(DONE)/labextension

# Today's stack, torch, and this package linked into it.
$(DONE)/environment: pyproject.toml tests/environments/torch_build.py
	@mkdir -p $(DONE) jupyter_dlkit/labextension
	$(PYTHON) tests/environments/venv.py .venv
	$(BIN)/python tests/environments/torch_build.py $(BIN)/python
	SKIP_JUPYTER_BUILDER=1 $(PIP) --editable '.[test]'
	@touch $@

# Colab's stack: a kernel that has never heard of us.
$(DONE)/colab: tests/environments/colab.txt tests/environments/torch_build.py
	@mkdir -p $(DONE)
	$(PYTHON) tests/environments/venv.py .venv-colab
	.venv-colab/bin/python tests/environments/torch_build.py .venv-colab/bin/python
	.venv-colab/bin/python -m pip install --quiet --requirement tests/environments/colab.txt
	@touch $@

$(DONE)/node_modules: package.json yarn.lock .yarnrc.yml $(DONE)/environment
	PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 $(BIN)/jlpm install --immutable
	@touch $@

SOURCES := $(shell find src style schema -type f -not -name schema.ts 2>/dev/null)
$(DONE)/labextension: $(DONE)/node_modules $(SOURCES) tsconfig.json jupyter_dlkit/server/openapi.json
	$(BIN)/jlpm build:prod
	$(BIN)/jupyter-builder develop . --overwrite
	@touch $@

# What builds the documentation, and what its tests read it with.
$(DONE)/docs: $(DONE)/environment
	SKIP_JUPYTER_BUILDER=1 $(PIP) --editable '.[docs]'
	@touch $@

$(DONE)/browser: $(DONE)/node_modules tests/environments/browser.py
	$(BIN)/python tests/environments/browser.py > $@

clean:
	rm -rf $(DONE)/labextension lib dist *.tsbuildinfo jupyter_dlkit/labextension src/api/schema.ts

distclean: clean
	rm -rf .cache .venv .venv-colab node_modules
