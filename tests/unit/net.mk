# Unit tests of src/net.
NET_TESTS = tests/unit/net/test_branch tests/unit/net/test_grant tests/unit/net/test_http tests/unit/net/test_ipc \
	tests/unit/net/test_keyring \
	tests/unit/net/test_oauth tests/unit/net/test_oauth_listener tests/unit/net/test_secret \
	tests/unit/net/test_stream tests/unit/net/test_tls tests/unit/net/test_vault
check_PROGRAMS += $(NET_TESTS)
TESTS += $(NET_TESTS)
NET_TEST_LDADD = libnet.a libbase.a $(NET_LIBS) $(BASE_LIBS) $(UNIT_LIBS)

# Servers in a thread of the test, for whoever tests a protocol.
FAKE_SERVER = tests/unit/net/fake_server.c tests/unit/net/fake_server.h \
	tests/unit/net/fake_pki.c tests/unit/net/fake_pki.h

tests_unit_net_test_http_SOURCES = tests/unit/net/test_http.c $(FAKE_SERVER)
tests_unit_net_test_http_CFLAGS = $(UNIT_CFLAGS)
tests_unit_net_test_http_LDADD = $(NET_TEST_LDADD)

tests_unit_net_test_ipc_SOURCES = tests/unit/net/test_ipc.c
tests_unit_net_test_ipc_CFLAGS = $(UNIT_CFLAGS)
tests_unit_net_test_ipc_LDADD = $(NET_TEST_LDADD)

tests_unit_net_test_keyring_SOURCES = tests/unit/net/test_keyring.c
tests_unit_net_test_keyring_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_net_test_keyring_CFLAGS = $(UNIT_CFLAGS)
tests_unit_net_test_keyring_LDADD = $(NET_TEST_LDADD)

tests_unit_net_test_stream_SOURCES = tests/unit/net/test_stream.c $(FAKE_SERVER)
tests_unit_net_test_stream_CFLAGS = $(UNIT_CFLAGS)
tests_unit_net_test_stream_LDADD = $(NET_TEST_LDADD)

tests_unit_net_test_tls_SOURCES = tests/unit/net/test_tls.c $(FAKE_SERVER)
tests_unit_net_test_tls_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_net_test_tls_CFLAGS = $(UNIT_CFLAGS)
tests_unit_net_test_tls_LDADD = $(NET_TEST_LDADD)

tests_unit_net_test_branch_SOURCES = tests/unit/net/test_branch.c $(FAKE_SERVER)
tests_unit_net_test_branch_CFLAGS = $(UNIT_CFLAGS)
tests_unit_net_test_branch_LDADD = $(NET_TEST_LDADD)

tests_unit_net_test_secret_SOURCES = tests/unit/net/test_secret.c
tests_unit_net_test_secret_CFLAGS = $(UNIT_CFLAGS)
tests_unit_net_test_secret_LDADD = $(NET_TEST_LDADD)

tests_unit_net_test_vault_SOURCES = tests/unit/net/test_vault.c
tests_unit_net_test_vault_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_net_test_vault_CFLAGS = $(UNIT_CFLAGS)
tests_unit_net_test_vault_LDADD = $(NET_TEST_LDADD)

tests_unit_net_test_grant_SOURCES = tests/unit/net/test_grant.c $(FAKE_SERVER)
tests_unit_net_test_grant_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_net_test_grant_CFLAGS = $(UNIT_CFLAGS)
tests_unit_net_test_grant_LDADD = $(NET_TEST_LDADD)

tests_unit_net_test_oauth_SOURCES = tests/unit/net/test_oauth.c
tests_unit_net_test_oauth_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_net_test_oauth_CFLAGS = $(UNIT_CFLAGS)
tests_unit_net_test_oauth_LDADD = $(NET_TEST_LDADD)

tests_unit_net_test_oauth_listener_SOURCES = tests/unit/net/test_oauth_listener.c
tests_unit_net_test_oauth_listener_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_net_test_oauth_listener_CFLAGS = $(UNIT_CFLAGS)
tests_unit_net_test_oauth_listener_LDADD = $(NET_TEST_LDADD)

check_PROGRAMS += tests/unit/net/test_netwatch
TESTS += tests/unit/net/test_netwatch
tests_unit_net_test_netwatch_SOURCES = tests/unit/net/test_netwatch.c
tests_unit_net_test_netwatch_CFLAGS = $(UNIT_CFLAGS)
tests_unit_net_test_netwatch_LDADD = libnet.a libbase.a $(NET_LIBS) $(BASE_LIBS) $(UNIT_LIBS)

check_PROGRAMS += tests/unit/net/test_dns tests/unit/net/test_autoconfig
TESTS += tests/unit/net/test_dns tests/unit/net/test_autoconfig
tests_unit_net_test_dns_SOURCES = tests/unit/net/test_dns.c
tests_unit_net_test_dns_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_net_test_dns_CFLAGS = $(UNIT_CFLAGS)
tests_unit_net_test_dns_LDADD = $(NET_TEST_LDADD)
tests_unit_net_test_autoconfig_SOURCES = tests/unit/net/test_autoconfig.c
tests_unit_net_test_autoconfig_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_net_test_autoconfig_CFLAGS = $(UNIT_CFLAGS)
tests_unit_net_test_autoconfig_LDADD = $(NET_TEST_LDADD)
