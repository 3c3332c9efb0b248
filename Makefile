# Polyground. `make run` and `make test` do everything that a fresh Debian or Ubuntu machine needs.
#
#   ENGINE=local make run      no Docker: the machine's own toolchains in the same sandbox
#   LISTEN=0.0.0.0:80 make run
#   BENCH='--peer NAME=COMMAND' make bench
#   YES=1 make run             install what is missing without asking

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

ENGINE ?= auto
LISTEN ?= 127.0.0.1:8080
SOAK_MINUTES ?= 20
BINARY := target/release/polyground

.PHONY: help run build images test soak bench pictures check fmt schema openapi dist docker-image clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

run: ## set up what is missing, build, and start the playground
	@ENGINE=$(ENGINE) scripts/setup
	@$(MAKE) --no-print-directory build
	@ENGINE=$(ENGINE) scripts/with-docker $(BINARY) serve --engine $(ENGINE) --listen $(LISTEN)

build: ## build the playground's pages and the server: target/release/polyground
	@scripts/build-web
	@cargo build --release

images: build ## build every language's image
	@scripts/with-docker $(BINARY) images build

check: ## the fast part of the tests: format, lints, unit tests that need no engine
	@scripts/check

test: ## all tests, against Docker and against the local engine
	@scripts/setup --for-tests
	@scripts/with-docker scripts/test

soak: ## twenty minutes of honest, hostile, slow and vanishing clients with faults (SOAK_MINUTES=20); Ctrl-C ends it early
	@scripts/setup --for-tests
	@scripts/with-docker cargo run --quiet -- images build
	@SOAK_MINUTES=$(SOAK_MINUTES) scripts/with-docker cargo test --package polyground --test faults -- soak:: --nocapture

bench: ## measure side by side with native starts and Docker: bench/RESULTS.md (BENCH='--quick --print-only')
	@scripts/bench $(BENCH)

# Tests that look at these very pages take them; here they only get their places.
pictures: build ## take the README's pictures of the playground anew: docs/*.png
	@scripts/with-docker scripts/with-node npm --prefix web run --silent test:browser -- access -t 'nothing keeps anybody out'
	@cp target/screenshots/desktop-light-error.png docs/playground.png
	@cp target/screenshots/phone-dark-error.png docs/playground-phone.png

fmt: ## format everything
	@cargo fmt --all

schema: ## write runtimes/schema.json anew
	@cargo run --quiet -- schema > runtimes/schema.json.new && mv runtimes/schema.json.new runtimes/schema.json

openapi: ## write openapi/openapi.json and the playground's types anew
	@cargo run --quiet -- openapi > openapi/openapi.json.new && mv openapi/openapi.json.new openapi/openapi.json
	@cd web && ../scripts/with-node npm run --silent api

dist: ## a tarball with the static server: dist/
	@scripts/dist

docker-image: ## the same, and the container image polyground:latest
	@scripts/dist --image

clean: ## remove what was built here
	@cargo clean
	@rm -rf web/dist web/node_modules
