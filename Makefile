# make lab     boots bare (virtual) machines into a cluster on this one
# make test    everything that CI checks; make test PART=unit runs one part
# make check   the quick gate: types, lint, architecture, unit, golden, shell
# make fuzz    sends millions of spoilt messages to the swarm's parsers and plan (INPUTS=3000000 of each kind)
# make client-arm64   builds the torrent client for images of arm64 on another machine; then make build takes it along
# make bench   measures, each bench/*.ts both sides in one run, but for the swarm (docs/performance.md)
# make bench-swarm  measures the swarm beside aria2, libtorrent, nginx and udpcast; SWARM='1 8 24 48 --json FILE' says what of it

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

arch := $(subst aarch64,arm64,$(subst x86_64,x64,$(shell uname -m)))
export PATH := $(CURDIR)/node_modules/node-linux-$(arch)/bin:$(CURDIR)/node_modules/.bin:$(PATH)
# a set NODE_EXTRA_CA_CERTS costs every start of Node 100 ms
unexport NODE_EXTRA_CA_CERTS

NODES ?= 2
FIRMWARE ?= bios
PREFIX ?= /usr/local

.PHONY: help setup build client-arm64 lab lab-down test check fuzz bench bench-swarm clean install

help:
	@sed -n '/^# make/s/^# //p' Makefile

# ---- set-up -------------------------------------------------------------------------------------------------------

setup: node_modules/.installed
	@scripts/install-packages build lab test

node_modules/.installed: package.json package-lock.json .npmrc
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# ---- build --------------------------------------------------------------------------------------------------------

sources := $(shell find bin src lab templates dracut libexec nginx systemd docs/man scripts/build.ts package.json -type f 2>/dev/null)

build: dist/.built

dist/.built: node_modules/.installed client/bundle $(wildcard client/bundle-arm64) $(sources)
	@node scripts/build.ts
	@touch $@

# the torrent client of the nodes
client/bundle: $(wildcard client/*.cpp client/*.hpp) client/bundle.sh client/Makefile
	@scripts/install-packages build
	@$(MAKE) -s -C client

# the same for images of arm64, by Debian's cross compiler, with arm64's libraries unpacked below client/: this machine's packages
# stay as they are but for that compiler
ifneq ($(arch),arm64)
client-arm64: client/bundle-arm64
client/bundle-arm64: $(wildcard client/*.cpp client/*.hpp) client/bundle.sh client/sysroot.sh client/Makefile
	@scripts/install-packages client-arm64
	@$(MAKE) -s -C client ARCH=arm64
else
client-arm64: client/bundle
endif

# PREFIX/lib/luna holds the tree, PREFIX/bin links to its commands
install: build
	scripts/install-head "$(DESTDIR)" "$(PREFIX)"

# ---- use ----------------------------------------------------------------------------------------------------------

lab: setup build
	@dist/bin/luna-lab up --nodes $(NODES) --firmware $(FIRMWARE)

lab-down: build
	@dist/bin/luna-lab down

# ---- checks -------------------------------------------------------------------------------------------------------

# PART: one or more of types lint shell unit golden cli postgresql server swarm lab arm64; by default all but the last, the slowest last
PART ?= types lint shell unit golden cli postgresql server swarm lab

test: setup build
	@scripts/run-parts $(PART)

check: node_modules/.installed build
	@scripts/install-packages test
	@scripts/run-parts types lint shell unit golden cli

INPUTS ?= 3000000

fuzz: node_modules/.installed
	@node --expose-gc test/fuzz/main.ts $(INPUTS)

bench: setup build
	@for bench in $(filter-out bench/swarm.ts,$(wildcard bench/*.ts)); do echo "== $$bench"; node "$$bench"; done

bench-swarm: node_modules/.installed build
	@scripts/install-packages bench
	@node bench/swarm.ts $(SWARM)

clean:
	rm -rf dist dist.new node_modules
