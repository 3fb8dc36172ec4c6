# Unit tests: one cmocka program per subject; each folder has its own .mk, added here.
UNIT_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
# Servers of the tests call OpenSSL for more than the program does.
UNIT_LIBS = $(CMOCKA_LIBS) $(OPENSSL_LIBS)
if HAVE_CMOCKA
include tests/unit/base.mk
include tests/unit/net.mk
include tests/unit/mail.mk
include tests/unit/store.mk
include tests/unit/provider.mk
include tests/unit/crm.mk
include tests/unit/sync.mk
include tests/unit/ui.mk
include tests/unit/cli.mk
else
check-local:
	@echo 'cmocka is not installed (Debian: libcmocka-dev): no unit test was run' >&2; exit 1
endif
