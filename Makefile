# shinden's commands. `make` alone lists them; each is explained in CONTRIBUTING.md.
#
# One set of flags for every build, so that the demo and the tests share one build folder.

SWIFT  ?= swift
JOBS   ?= 2
BUILD  := -c release -Xswiftc -enable-testing -j $(JOBS) --explicit-target-dependency-import-check error
LINTED := Sources Tests Benchmarks Fuzzing/Sources Package.swift Fuzzing/Package.swift
PREFIX ?= /usr/local

.DEFAULT_GOAL := help
.PHONY: help toolchain deps test-deps browser-deps bench-deps profile-deps build lint test test-browser test-long test-sanitize soak kills mutations artefacts fuzz sbom demo bench profile install uninstall clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

toolchain:
	@command -v $(SWIFT) > /dev/null || { \
	    echo "swift is not on the PATH. Install Swift 6.3 or newer: https://www.swift.org/install/linux/" >&2; exit 1; }

deps: ## install the Debian packages that a build needs
	@Scripts/debian-packages.sh build

test-deps:
	@Scripts/debian-packages.sh build test

browser-deps:
	@Scripts/debian-packages.sh build browser

bench-deps:
	@Scripts/debian-packages.sh build bench

profile-deps:
	@Scripts/debian-packages.sh build profile

build: toolchain deps ## build the release program, .build/release/shinden
	$(SWIFT) build $(BUILD)

lint: toolchain ## check the format of the Swift sources and the syntax of the shell scripts
	$(SWIFT) format lint --strict --recursive --parallel --configuration swift-format.json $(LINTED)
	@for script in .ci/run Scripts/*.sh; do bash -n "$$script" || exit 1; done

# `-enable-testing` stands in BUILD already; asked for twice, it would compile everything anew.
test: toolchain test-deps lint build ## lint, build and run the whole test suite, or the suites of FILTER=NAME
	@Scripts/check-fuzzers.sh
	$(SWIFT) test $(BUILD) --disable-xctest --disable-testable-imports $(if $(FILTER),--filter '$(FILTER)')

test-browser: build browser-deps ## the dashboard in a real browser, with a real daemon and real recordings
	@/usr/bin/python3 Tests/Browser/test_dashboard.py
	@/usr/bin/python3 Tests/Browser/test_front.py
	@/usr/bin/python3 Tests/Browser/test_tutorial.py

test-long: export SHINDEN_CASES ?= 10
test-long: test ## the same with ten times as many random cases, or SHINDEN_CASES= times as many

test-sanitize: toolchain test-deps ## the suite under AddressSanitizer, then under ThreadSanitizer, or the suites of FILTER=NAME
	@code=0; for kind in address thread; do Scripts/sanitize.sh $$kind '$(FILTER)' || code=1; done; exit $$code

soak: build test-deps ## an hour at twenty times real time, or SHINDEN_SOAK_MINUTES=: memory, open files, every event
	@Scripts/soak.py

kills: build test-deps ## kill -9 thirty times, or SHINDEN_KILLS=, under twenty acknowledged gateways; what is left, and when
	@Scripts/kills.py

mutations: ## break each rule of the alarm policy in the code, and show that a timeline fails; two minutes
	@Tools/policy_mutations.py

artefacts: build test-deps ## keep what this release writes under Fixtures/releases, for later ones to read
	@Scripts/release-artefacts.py

# A build of its own, since each of its functions tells libFuzzer where a run came by, and each access is checked. The last
# flag says both at once: of two `-sanitize` flags the compiler takes the later one, and their order is not always the same.
fuzz: toolchain deps ## try a million inputs of any bytes, or FUZZ_RUNS=, on each reader, checked by AddressSanitizer
	$(SWIFT) build --package-path Fuzzing -c release -j $(JOBS) --sanitize=address --sanitize=fuzzer \
	    -Xswiftc -sanitize=address,fuzzer
	@Scripts/fuzz.sh $(FUZZERS)

sbom: build ## write .build/shinden.cdx.json, what the built program is made of, as CycloneDX 1.5
	@Scripts/sbom.py > .build/shinden.cdx.json && echo .build/shinden.cdx.json

demo: build ## replay real recordings as live patients and print the diagnosis events
	@Scripts/demo.sh

bench: build bench-deps ## compare each form with ONNX Runtime and OpenVINO, in turn in one run
	@Scripts/bench.sh

profile: build profile-deps ## count the instructions of the AVX2 form and compare with Benchmarks/profile.tsv
	@python3 Benchmarks/profile.py

install: ## put the built program, model, completions and unit below PREFIX (default /usr/local)
	@Scripts/install.sh install "$(PREFIX)"

uninstall: ## take away what `make install` put below PREFIX
	@Scripts/install.sh uninstall "$(PREFIX)"

clean: ## remove what was built
	$(SWIFT) package clean
	rm -rf .build-* Fuzzing/.build Benchmarks/peers/.venv
