# make run     set-up, release build, demo data, an answer on the screen
# make test    set-up, formatting, every test
# make bench   set-up, Sesame beside its peers on the same data; SUITE=ingest for one suite
# make soak    a server killed 300 times (SESAME_SOAK_KILLS) while senders come down every road
# make fuzz    broken bytes for every parser of strangers' bytes, FUZZ_RUNS in all
# make screenshots  the pictures of docs/images, by the tests of the pages
# make format  formats the sources

export PKG_CONFIG_PATH := $(CURDIR)/.deps/pkgconfig:$(PKG_CONFIG_PATH)

.PHONY: run build setup test bench soak fuzz screenshots format lint clean

run: build
	scripts/demo

build: setup
	swift build -c release --product sesame

setup:
	scripts/setup

# What is tested is optimised as what is shipped is, and built once; beside it, so that neither build undoes the other.
TESTED := -c release --scratch-path .build-test -debug-info-format none -Xswiftc -enable-testing -Xswiftc -warnings-as-errors

# What only the end-to-end tests need is fetched while the build computes.
# Of the unit tests a few run at once: all at once, each with an engine of its own, they take twice the processor's time.
test: setup
	$(MAKE) lint
	scripts/setup --tests & fetched=$$!; swift build --build-tests $(TESTED); built=$$?; wait $$fetched && exit $$built
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=4 swift test --skip-build $(TESTED)
	SESAME_BINARY=$(CURDIR)/.build-test/release/sesame .deps/venv/bin/python Tests/EndToEnd/run.py

bench: build
	scripts/setup --bench
	.deps/venv/bin/python bench/run.py $(if $(SUITE),--suite $(SUITE))

soak: build
	scripts/setup --tests
	.deps/venv/bin/python Tests/EndToEnd/soak.py

fuzz:
	scripts/setup --tests
	scripts/fuzz

screenshots: build
	scripts/setup --tests
	mkdir -p docs/images
	SESAME_SCREENSHOTS=$(CURDIR)/docs/images SESAME_BINARY=$(CURDIR)/.build/release/sesame .deps/venv/bin/python Tests/EndToEnd/run.py test_page_safety

format:
	swift format -i -r -p Sources Tests Fuzz Package.swift

lint:
	swift format lint -s -r -p Sources Tests Fuzz Package.swift

clean:
	rm -rf .build .build-test .build-fuzz
