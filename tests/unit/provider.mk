# Unit tests of src/provider.
PROVIDER_TESTS = \
	tests/unit/provider/test_imap_limits
check_PROGRAMS += $(PROVIDER_TESTS)
TESTS += $(PROVIDER_TESTS)
PROVIDER_TEST_CFLAGS = $(UNIT_CFLAGS) -I$(top_srcdir)
PROVIDER_TEST_LDADD = libprovider.a libmail.a libnet.a libbase.a \
	$(PROVIDER_LIBS) $(MAIL_LIBS) $(NET_LIBS) $(BASE_LIBS) $(UNIT_LIBS)

tests_unit_provider_test_imap_limits_SOURCES = tests/unit/provider/test_imap_limits.c
tests_unit_provider_test_imap_limits_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_imap_limits_LDADD = $(PROVIDER_TEST_LDADD)
