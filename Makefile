# `make` alone lists what there is. Everything runs from .venv, which bin/bootstrap makes and keeps up to date.
.DEFAULT_GOAL := help
.PHONY: help setup run train demo test lint format bench bench-nlu bench-live shots doctor clean

help:  ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 19

setup:  ## make .venv with Python 3.10 and everything that is needed
	@bin/bootstrap

run: setup  ## start the bot: http://127.0.0.1:8000/ for customers, /desk for staff
	@exec .venv/bin/erstkontakt run

train: setup  ## train the dialogue model when its data changed
	@.venv/bin/erstkontakt train

demo: setup  ## put the demo orders into the database again, with today's days
	@.venv/bin/erstkontakt demo

test:  ## run all tests: units, stories, services, browser
	@bin/bootstrap --tests
	PYTHONDONTWRITEBYTECODE= .venv/bin/pytest -n 3 --dist loadgroup tests  # compiled once, not in every process

lint: setup  ## check style, types, and that German and English say the same
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/python -m bot.training.parity

format: setup  ## put the code into the one style
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: setup  ## measure answers: time and memory (see benchmarks/)
	.venv/bin/python -m benchmarks

bench-nlu: setup  ## measure understanding beside stock Rasa
	.venv/bin/python -m benchmarks.nlu

bench-live: setup  ## measure how fast customer and agent see each other with 200 open conversations
	.venv/bin/python -m benchmarks.live

shots:  ## take the screenshots of the documentation
	@bin/bootstrap --browser
	.venv/bin/python -m docs.shots

doctor: setup  ## say what is missing on this machine
	@.venv/bin/erstkontakt doctor

clean:  ## remove what can be made again; var/ (cases, orders, log-ins) stays
	rm -rf .venv .rasa models .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info build
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
