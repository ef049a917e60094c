# The one front door. Each target installs what it needs (Debian packages by apt-get), builds, and does its job.
#
#   make demo    from a bare machine to a running stack, a crash, its recovery, and a clean end
#   make test    everything that CI checks: build, unit tests, tests with real containers, the samples
#   make bench   compares with the real Docker and writes bench/RESULTS.md
#   make kill-test  kills the engine again and again while it works, and looks what is lost
#   make soak    half an hour of bad luck for an engine: kills, full disks, thousands of containers (SOAK_MINUTES=n)
#   make vm-test boots Debian's cloud kernel (cgroup v2 alone) in QEMU, runs tests in it, a stack through reset and reboot, and the package under systemd
#   make dist    a self-contained folder dist/jcompose
#   make deb     a package of it for Debian and Ubuntu; make tarball an archive for hosts without their package manager
#   make package-test  the package in a bare root: install, first compose file, upgrade with a running container, remove, purge
#   make bare-test     what a newcomer does, in a bare root (SUITE=bookworm, trixie or noble; TARGETS="demo test")
#   make install puts it on this machine, with its systemd unit (as root); make uninstall takes it off
#   make mutants runs unit tests against faults put into classes: a module's src/test/mutants says how many they must see (MODULES="network runtime")
#   make fmt     formats the sources (C where clang-format is there); installs nothing
#   make clean   removes what was built; installs nothing
#   make needs   installs what a build needs, as most targets do by themselves

SHELL := /bin/bash
.DEFAULT_GOAL := help
SOURCES = $(shell find . \( -name target -o -name dist -o -name .git \) -prune -o -path '*/src/main/*' -type f -print -o -name pom.xml -print) scripts/make-dist \
  $(shell find packaging -type f)

.PHONY: help demo test bench kill-test soak vm-test dist deb tarball package-test bare-test install uninstall mutants fmt clean needs

help:
	@sed -n 's/^#   make/make/p' Makefile

demo: needs
	@scripts/install-needs run
	@$(MAKE) --no-print-directory dist
	@scripts/demo

test: needs
	@scripts/install-needs run test linters || scripts/install-needs run test
	@scripts/test

bench: needs
	@scripts/install-needs run bench
	@$(MAKE) --no-print-directory dist
	@bench/run

kill-test: needs
	@scripts/install-needs run bench
	@$(MAKE) --no-print-directory dist
	@scripts/test-host bench/kill-test
	@MVN_ARGS=-Dtest.excludedGroups= scripts/one-test samples BuildCrashIT

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

deb: dist
	@scripts/make-deb

tarball: dist
	@scripts/make-tarball

SUITE ?= bookworm
package-test: needs
	@scripts/install-needs run
	@$(MAKE) --no-print-directory dist
	@scripts/package-test $(SUITE)

TARGETS ?= demo
bare-test: needs
	@scripts/install-needs run
	@scripts/bare-test $(SUITE) $(TARGETS)

install: dist
	@dist/jcompose/install

uninstall:
	@packaging/uninstall $(if $(PURGE),--purge)

mutants: needs
	@scripts/mutants $(MODULES)

fmt:
	@scripts/maven -v -q spotless:apply
	@scripts/lint format

clean:
	rm -rf dist $(wildcard */target)

needs:
	@scripts/install-needs build
