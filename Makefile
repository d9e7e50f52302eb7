# Outrigger: everything a person or a machine does with the source.
SHELL := /bin/bash
.DEFAULT_GOAL := help
JOBS ?= $(shell nproc)

# All packages, once; every one is Debian's.
BUILD_PACKAGES := g++ cmake ninja-build pkg-config libgrpc++-dev \
  protobuf-compiler-grpc libprotobuf-dev protobuf-compiler libabsl-dev \
  libhiredis-dev libevent-dev libyaml-cpp-dev libxxhash-dev libzstd-dev libssl-dev \
  zlib1g-dev \
  ca-certificates
TEST_PACKAGES := libgtest-dev libgmock-dev redis-server redis-sentinel \
  redis-tools postgresql-15 libpq-dev openssl prometheus python3 python3-venv \
  python3-yaml \
  python3-prometheus-client chromium bubblewrap shellcheck etcd-server systemd
BENCH_PACKAGES := libbenchmark-dev redis-server redis-tools python3 python3-venv python3-yaml
CHECK_PACKAGES := clang clang-tidy clang-format libclang-rt-14-dev git

# $(call install,packages): installs those that are missing, if any.
define install
@missing=; for p in $(1); do \
   dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; \
 done; \
 if [ -n "$$missing" ]; then echo "installing:$$missing"; \
   sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
   $$sudo apt-get update -qq && \
   $$sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
     apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
 fi
endef
# $(call preset,name[,targets])
define preset
@cmake --preset $(1) >build/$(1).log 2>&1 || { mkdir -p build; cmake --preset $(1); }
@cmake --build --preset $(1) -j $(JOBS) $(if $(2),--target $(2))
endef

.PHONY: help run build test check bench bench-stubs stubs simulate image load clean \
  deps deps-test deps-bench deps-check format check-format check-thread-safety \
  check-asan check-tsan check-tidy check-fuzz check-simulation

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

deps:
	$(call install,$(BUILD_PACKAGES))
	@mkdir -p build
deps-test: deps
	$(call install,$(TEST_PACKAGES))
deps-bench: deps
	$(call install,$(BENCH_PACKAGES))
deps-check: deps-test
	$(call install,$(CHECK_PACKAGES))

build: deps ## Build the release binary, build/release/outrigger
	$(call preset,release,outrigger)

run: build ## Build and serve with deploy/sample.yaml on the embedded store
	@exec build/release/outrigger serve --config deploy/sample.yaml

test: deps-test ## Build and run every test; starts the Redis servers it needs
	$(call preset,test)
	@ctest --preset test --output-junit results.xml || { python3 tests/report/failures.py build/test/results.xml; exit 1; }

check: deps-check check-format check-thread-safety check-asan check-tsan check-fuzz check-simulation check-tidy ## What is slower than tests: format, sanitizers, fuzzers, simulation, tidy

format: deps-check ## Format all C++ files in place
	@git ls-files '*.h' '*.cc' | xargs clang-format -i
check-format:
	@git ls-files '*.h' '*.cc' | xargs clang-format --dry-run -Werror && echo "format: good"
check-thread-safety:
	$(call preset,clang)
check-asan:
	$(call preset,asan)
	@ctest --preset asan
check-tsan:
	$(call preset,tsan)
	@ctest --preset tsan
check-tidy:
	$(call preset,tidy)
	@git ls-files 'src/*.cc' | xargs -P $(JOBS) -n 4 clang-tidy --quiet -p build/tidy
check-fuzz:
	$(call preset,fuzz)
	@for f in build/fuzz/tests/fuzz/*_fuzz; do echo "== $$f"; \
	  mkdir -p $$f.corpus; $$f -max_total_time=$(or $(FUZZ_SECONDS),30) -max_len=8192 -verbosity=0 $$f.corpus || exit 1; done
check-simulation:
	@$(MAKE) --no-print-directory simulate SEEDS=1-30
	@$(MAKE) --no-print-directory simulate PART=cache PODS=8 SEEDS=1-200
	@$(MAKE) --no-print-directory simulate PART=breaker PODS=20 SEEDS=1-400

bench: deps-bench ## Measure beside floors of the same run; table, and build/bench.json
	$(call preset,bench)
	@python3 tests/bench/run.py --build build/bench --program build/bench/outrigger --json build/bench.json $(BENCH_ARGS)

LANGUAGES ?= cpp go python java typescript rust
stubs: ## Write the client stubs' generated code anew, after a change of a .proto
	@for l in $(LANGUAGES); do $(MAKE) --no-print-directory -C client_stubs/$$l generate OUT=$(CURDIR)/build/stubs/$$l || exit 1; done
bench-stubs: deps-bench build ## Measure each language's client stub beside its bare gRPC client; LANGUAGES="go rust"
	@python3 tests/bench/stubs.py --program build/release/outrigger --languages "$(LANGUAGES)" --json build/bench_stubs.json

PART ?= limit
PODS ?= 1000
SEEDS ?= 1-10
simulate: deps-test ## Simulate a fleet: PART=limit|cache|breaker|pool PODS=1000 SEEDS=1-100 CALM=1; exit 1 if a promise broke
	$(call preset,test,simulate_$(PART))
	@build/test/tests/simulation/simulate_$(PART) --pods $(PODS) --seeds $(SEEDS) $(if $(CALM),--calm)

image: ## Build the image with docker, podman or buildah; its size; build/image.tar.gz
	@deploy/image/build.sh

SUITE ?= k6
PROFILE ?= constant
load: deps-bench build ## Load a sidecar: SUITE=k6|locust PROFILE=constant|spike|stress|journey|many_users|all; a page in build/load
	@$(if $(filter k6,$(SUITE)),tests/deploy/tools.sh k6)
	@cmake -DPYTHON=python3 -DVENV=$(CURDIR)/build/load-venv -DREQUIREMENTS=deploy/load/requirements.txt -P tests/otlp/venv.cmake
	@build/load-venv/bin/python deploy/load/run.py --program build/release/outrigger --suite $(SUITE) --profile $(PROFILE) --k6 build/tools/bin/k6

clean: ## Remove everything that was built
	@rm -rf build
