# The one front door. Each target installs what it needs (Debian packages by apt-get), builds, and does its job.
#
#   make demo    from a bare machine to a running stack, a crash, its recovery, and a clean end
#   make test    everything that CI checks: build, unit tests, tests with real containers, the samples
#   make bench   compares with the real Docker and writes bench/RESULTS.md
#   make soak    half an hour of bad luck for an engine: kills, full disks, thousands of containers (SOAK_MINUTES=n)
#   make vm-test boots Debian's cloud kernel (cgroup v2 alone) in QEMU, runs tests in it, and a stack through reset and reboot
#   make dist    a self-contained folder dist/jcompose
#   make install puts it on this machine, with its systemd unit (as root)
#   make fmt     formats the sources
#   make clean   removes what was built

SHELL := /bin/bash
.DEFAULT_GOAL := help
JDK = $(shell scripts/find-jdk)
MVN = JAVA_HOME="$(JDK)" mvn -B -ntp $(MVN_ARGS)
SOURCES = $(shell find . \( -name target -o -name dist -o -name .git \) -prune -o -path '*/src/main/*' -type f -print -o -name pom.xml -print) scripts/make-dist

.PHONY: help demo test bench kill-test soak vm-test dist install fmt clean needs

help:
	@sed -n '3,11s/^#   //p' Makefile

demo: needs
	@scripts/install-needs run
	@$(MAKE) --no-print-directory dist
	@scripts/demo

test: needs
	@scripts/install-needs run
	@scripts/test

bench: needs
	@scripts/install-needs run bench
	@$(MAKE) --no-print-directory dist
	@bench/run

kill-test: needs
	@scripts/install-needs run bench
	@$(MAKE) --no-print-directory dist
	@scripts/test-host bench/kill-test

SOAK_MINUTES ?= 30
soak: needs
	@scripts/install-needs run bench
	@$(MAKE) --no-print-directory dist
	@scripts/test-host bench/soak --minutes $(SOAK_MINUTES)

vm-test: needs
	@scripts/install-needs run vm
	@$(MAKE) --no-print-directory dist
	@scripts/vm-test

dist: needs dist/jcompose/bin/jcompose

dist/jcompose/bin/jcompose: $(SOURCES)
	@scripts/make-dist
	@touch $@

install: dist
	@scripts/install

fmt: needs
	$(MVN) -q spotless:apply

clean: needs
	$(MVN) -q clean
	rm -rf dist

needs:
	@scripts/install-needs build
