# The front door. Each target sets up what it needs; CMakePresets.json holds the builds, scripts/setup the packages.
.PHONY: build demo test soak mutants coverage bench reference lint sanitize setup clean

JOBS ?= $(shell nproc)

# Of `make -j` too: two that install packages would be in each other's way. What is built is built in parallel all the same.
.NOTPARALLEL:

build:
	scripts/setup build
	cmake --preset release
	cmake --build build/release --target lastcall -j $(JOBS)

demo: build
	build/release/lastcall demo

test: setup build
	cmake --preset dev
	cmake --build build/dev -j $(JOBS)
	ctest --test-dir build/dev --output-on-failure -j $(JOBS)
	tests/fuzz/run 30
	/usr/bin/python3 -m pytest -q -rs -n 3 --dist loadfile --durations 20 tests

soak: test
	tests/fuzz/run 600
	LASTCALL_SOAK=1 /usr/bin/python3 -m pytest -v -s tests

# Small faults planted in the product: the simulator must find each.
mutants: setup
	tests/sim/mutants/run

coverage: setup
	cmake --preset coverage
	cmake --build build/coverage -j $(JOBS)
	scripts/coverage

sanitize: setup
	for preset in asan tsan; do \
	  cmake --preset $$preset && cmake --build build/$$preset -j $(JOBS) && \
	  ctest --test-dir build/$$preset --output-on-failure && \
	  LASTCALL_BIN=$(CURDIR)/build/$$preset/lastcall LASTCALL_LOAD=$(CURDIR)/build/$$preset/tests/testing/load \
	    /usr/bin/python3 -m pytest -q -n 2 --dist loadfile tests/e2e || exit 1; \
	done

bench: setup
	cmake --preset bench
	cmake --build build/bench -j $(JOBS)
	bench/run

reference: setup
	mkdir -p build/reference
	doxygen docs/Doxyfile

lint: setup
	scripts/lint

setup:
	scripts/setup

clean:
	rm -rf build
