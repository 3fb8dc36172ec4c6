# The tests: one include per area, so that areas do not collide.
AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	CRMAIL_SRCDIR='$(abs_top_srcdir)'; export CRMAIL_SRCDIR; \
	CRMAIL_BUILDDIR='$(abs_top_builddir)'; export CRMAIL_BUILDDIR;
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh

include tests/unit/local.mk
