# The tests: one include per area, so that areas do not collide.
#
#   make check          unit tests, seed corpora of the fuzz targets, lint; no servers, under a minute
#   make check-system   everything against real servers, in two lanes
#   make check-slow     libFuzzer for 30 s each (clang), long sweeps
#   make check-fresh    both commands of quickstart in a freshly bootstrapped Debian 12 (root, network)
#   make check-clang    the same unit tests, built by clang without a warning
#   make format         clang-format over every C file
#   make bench, bench-20k, bench-100k, bench-1m    crmail beside other programs; bench/README.md
AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	LC_ALL=C.UTF-8; export LC_ALL; TZ=UTC; export TZ; \
	CRMAIL_SRCDIR='$(abs_top_srcdir)'; export CRMAIL_SRCDIR; \
	CRMAIL_BUILDDIR='$(abs_top_builddir)'; export CRMAIL_BUILDDIR; \
	CRMAIL_CC='$(CC)'; export CRMAIL_CC; CRMAIL_CFLAGS='$(LINT_CFLAGS)'; export CRMAIL_CFLAGS; \
	CRMAIL_DISTFILES='$(DISTFILES)'; export CRMAIL_DISTFILES; \
	unset CRMAIL_TEST CRMAIL_HOME NO_COLOR;
LINT_CFLAGS = $(SQLITE_CFLAGS) $(CURL_CFLAGS) $(OPENSSL_CFLAGS) $(NCURSES_CFLAGS) $(CJSON_CFLAGS) $(LIBSECRET_CFLAGS)
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_COMPILER = $(top_srcdir)/tests/tap-run

LINT_TESTS = tests/lint/run tests/lint/harness
TESTS += $(LINT_TESTS)
EXTRA_DIST += tests/tap-run tests/tally tests/fresh tests/on-pty $(LINT_TESTS) tests/lint/format tests/lint/csource.py \
	tests/lint/rules.py tests/lint/comments.py tests/lint/documented.py tests/lint/tools.py
EXTRA_DIST += tests/run tests/README.md tests/support tests/e2e tests/sync tests/tui

include tests/unit/local.mk
include tests/fuzz/local.mk
include tests/oracle/local.mk
include tests/sanitizers/local.mk

SYSTEM_RUN = $(top_srcdir)/tests/run --builddir '$(abs_top_builddir)'
BENCH_RUN = $(top_srcdir)/bench/run --builddir '$(abs_top_builddir)'

check-system: all
	$(SYSTEM_RUN) --lanes 2

check-slow: all check-fuzz
	$(SYSTEM_RUN) --tier slow --lanes 2

bench: all
	$(BENCH_RUN) --messages 2000

bench-20k: all
	$(BENCH_RUN) --messages 20000

bench-100k: all
	$(BENCH_RUN) --messages 100000

bench-1m: all
	$(BENCH_RUN) --messages 1000000 --only million

check-clang:
	$(MKDIR_P) clang && cd clang && \
		{ test -f Makefile || '$(abs_top_srcdir)/configure' -q --enable-werror --enable-test-hooks CC=clang; } && \
		$(MAKE) check LINT_TESTS=

check-fresh:
	$(top_srcdir)/tests/fresh

format:
	$(top_srcdir)/tests/lint/format

# For scripts that run a part of them.
print-tests:
	@echo $(TESTS)

.PHONY: print-tests check-system check-slow check-fuzz check-clang check-fresh \
	bench bench-20k bench-100k bench-1m format
