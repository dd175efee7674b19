# What a newcomer needs: `make demo` shows it, `make test` tests it. Both install what is missing
# (see Scripts/install-dependencies.sh) and need a Swift toolchain of at least 6.2.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c

RESNETC = .build/release/resnetc
SOURCES = Package.swift Sources Templates Tests
DEMO = .build/demo/ResNet8Cifar10

# Runs a command, and shows what it says only if it fails.
quietly = log=$$($(1) 2>&1) || { echo "$$log"; exit 1; }

help:
	@echo "make demo           compile a trained network, and see it name what is on some pictures"
	@echo "make test           run all tests"
	@echo "make test-sanitized run the tests of what reads files, with checks of each access to memory"
	@echo "make bench          time ResNet-18 and ResNet-50 on one thread and on all"
	@echo "make bench-tuning   tune ResNet-50, and time its plan beside the untuned one and forced ones"
	@echo "make bench-peers    time networks beside other inference engines; PEERS=--help says more"
	@echo "make tuning-log     measure this processor for the log that comes with the compiler"
	@echo "make format         format the Swift code"
	@echo "make lint           check the format of the Swift code"

demo: resnetc
	@echo "Compiling Specs/resnet8-cifar10.spec …"
	@$(RESNETC) compile Specs/resnet8-cifar10.spec -o $(DEMO)
	@echo
	@$(RESNETC) run Specs/resnet8-cifar10.spec --top 1 --image Specs/pictures/*.png

test:
	@Scripts/install-dependencies.sh --tests
	@echo "Building the tests …"
	@$(call quietly, swift build --build-tests --explicit-target-dependency-import-check error)
	@echo "Running the tests …"
	@swift test --skip-build --disable-xctest --quiet

# Of what reads files, specs and pictures: what strangers have written.
READERS = ModelFiles|OnnxFiles|OnnxImport|SpecLanguage|SpecWriting|Pictures|Tuning
SANITIZED = --sanitize=address --scratch-path .build/sanitized
# Leaks are not looked for: Swift notes the cases of indirect enums in spare bits of pointers, which the
# detector then does not see, so it takes what is kept until the end, such as parsed templates, for lost.
test-sanitized: export ASAN_OPTIONS = detect_leaks=0
test-sanitized:
	@Scripts/install-dependencies.sh --tests
	@echo "Building the tests with AddressSanitizer …"
	@$(call quietly, swift build --build-tests $(SANITIZED))
	@echo "Running them …"
	@swift test --skip-build --disable-xctest --quiet $(SANITIZED) --filter '^($(READERS))Tests\.'

bench: resnetc
	@for model in resnet18 resnet50; do \
	  for threads in 1 $$(getconf _NPROCESSORS_ONLN); do \
	    $(RESNETC) bench Specs/$$model.spec --weights seeded --threads $$threads; \
	  done; \
	done

# From nothing, within three minutes for each number of threads.
TUNING_BENCH = .build/bench-tuning.json
bench-tuning: resnetc
	@rm -f $(TUNING_BENCH)
	@for threads in $$(printf '1\n%s\n' $$(getconf _NPROCESSORS_ONLN) | sort -un); do \
	  $(RESNETC) tune Specs/resnet50.spec --threads $$threads --budget 170s --tune-log $(TUNING_BENCH); \
	  $(RESNETC) bench Specs/resnet50.spec --weights seeded --threads $$threads --plans \
	    --tune-log $(TUNING_BENCH); \
	done

# Arguments in PEERS; RESNETC_FLAGS has options for `resnetc compile`: see Scripts/bench-peers/run.sh.
PEERS =
bench-peers: resnetc
	@Scripts/bench-peers/run.sh $(PEERS)

# The tuning log that comes with the compiler for this processor, measured anew where it lacks something.
LOG = Sources/Tuning/Logs/amd-zen5.json
BUDGET = 150s
tuning-log: resnetc
	@Scripts/tuning-log.sh $(RESNETC) $(LOG) $(BUDGET)

format:
	swift format --in-place --recursive --parallel $(SOURCES)

lint:
	swift format lint --strict --recursive --parallel $(SOURCES)

resnetc: dependencies
	@echo "Building resnetc … (a minute or two the first time)"
	@$(call quietly, swift build --configuration release --product resnetc)

dependencies:
	@Scripts/install-dependencies.sh

.PHONY: help demo test test-sanitized bench bench-tuning bench-peers tuning-log format lint resnetc dependencies
