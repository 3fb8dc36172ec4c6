# Unit tests of src/provider.
PROVIDER_TESTS = \
	tests/unit/provider/test_graph \
	tests/unit/provider/test_graph_contacts \
	tests/unit/provider/test_graph_drafts \
	tests/unit/provider/test_graph_lists \
	tests/unit/provider/test_graph_search \
	tests/unit/provider/test_imap_apply \
	tests/unit/provider/test_imap_folders \
	tests/unit/provider/test_imap_pull \
	tests/unit/provider/test_imap_query \
	tests/unit/provider/test_imap_sign_in \
	tests/unit/provider/test_imap_wire \
	tests/unit/provider/test_blind \
	tests/unit/provider/test_gmail_cursor \
	tests/unit/provider/test_gmail_read \
	tests/unit/provider/test_relay \
	tests/unit/provider/test_service_send \
	tests/unit/provider/test_web
check_PROGRAMS += $(PROVIDER_TESTS)
TESTS += $(PROVIDER_TESTS)
PROVIDER_TEST_CFLAGS = $(UNIT_CFLAGS) -I$(top_srcdir)
PROVIDER_TEST_LDADD = libprovider.a libmail.a libnet.a libbase.a \
	$(MAIL_LIBS) $(NET_LIBS) $(BASE_LIBS) $(UNIT_LIBS)

tests_unit_provider_test_imap_wire_SOURCES = tests/unit/provider/test_imap_wire.c
tests_unit_provider_test_imap_wire_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_imap_wire_LDADD = $(PROVIDER_TEST_LDADD)

IMAP_SCRIPT = tests/unit/provider/imap_script.c tests/unit/provider/imap_script.h
tests_unit_provider_test_imap_query_SOURCES = tests/unit/provider/test_imap_query.c $(IMAP_SCRIPT)
tests_unit_provider_test_imap_query_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_imap_query_LDADD = $(PROVIDER_TEST_LDADD)

tests_unit_provider_test_imap_sign_in_SOURCES = tests/unit/provider/test_imap_sign_in.c $(IMAP_SCRIPT)
tests_unit_provider_test_imap_sign_in_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_imap_sign_in_LDADD = $(PROVIDER_TEST_LDADD)

tests_unit_provider_test_imap_folders_SOURCES = tests/unit/provider/test_imap_folders.c \
	$(IMAP_SCRIPT)
tests_unit_provider_test_imap_folders_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_imap_folders_LDADD = $(PROVIDER_TEST_LDADD)

tests_unit_provider_test_imap_pull_SOURCES = tests/unit/provider/test_imap_pull.c $(IMAP_SCRIPT)
tests_unit_provider_test_imap_pull_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_imap_pull_LDADD = $(PROVIDER_TEST_LDADD)

tests_unit_provider_test_imap_apply_SOURCES = tests/unit/provider/test_imap_apply.c $(IMAP_SCRIPT)
tests_unit_provider_test_imap_apply_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_imap_apply_LDADD = $(PROVIDER_TEST_LDADD)

tests_unit_provider_test_graph_SOURCES = tests/unit/provider/test_graph.c
tests_unit_provider_test_graph_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_graph_LDADD = $(PROVIDER_TEST_LDADD)

GRAPH_SCRIPT = tests/unit/provider/graph_script.c tests/unit/provider/graph_script.h $(FAKE_SERVER)
tests_unit_provider_test_graph_lists_SOURCES = tests/unit/provider/test_graph_lists.c \
	$(GRAPH_SCRIPT)
tests_unit_provider_test_graph_lists_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_graph_lists_LDADD = $(PROVIDER_TEST_LDADD)

tests_unit_provider_test_graph_search_SOURCES = tests/unit/provider/test_graph_search.c \
	$(GRAPH_SCRIPT)
tests_unit_provider_test_graph_search_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_graph_search_LDADD = $(PROVIDER_TEST_LDADD)

tests_unit_provider_test_graph_contacts_SOURCES = tests/unit/provider/test_graph_contacts.c \
	$(GRAPH_SCRIPT)
tests_unit_provider_test_graph_contacts_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_graph_contacts_LDADD = $(PROVIDER_TEST_LDADD)

tests_unit_provider_test_graph_drafts_SOURCES = tests/unit/provider/test_graph_drafts.c \
	$(GRAPH_SCRIPT)
tests_unit_provider_test_graph_drafts_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_graph_drafts_LDADD = $(PROVIDER_TEST_LDADD)

tests_unit_provider_test_service_send_SOURCES = tests/unit/provider/test_service_send.c \
	$(FAKE_SERVER)
tests_unit_provider_test_service_send_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_service_send_LDADD = $(PROVIDER_TEST_LDADD)

tests_unit_provider_test_web_SOURCES = tests/unit/provider/test_web.c $(FAKE_SERVER)
tests_unit_provider_test_web_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_web_LDADD = $(PROVIDER_TEST_LDADD)

tests_unit_provider_test_gmail_cursor_SOURCES = tests/unit/provider/test_gmail_cursor.c
tests_unit_provider_test_gmail_cursor_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_gmail_cursor_LDADD = $(PROVIDER_TEST_LDADD)
tests_unit_provider_test_gmail_read_SOURCES = tests/unit/provider/test_gmail_read.c
tests_unit_provider_test_gmail_read_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_gmail_read_LDADD = $(PROVIDER_TEST_LDADD)

tests_unit_provider_test_blind_SOURCES = tests/unit/provider/test_blind.c
tests_unit_provider_test_blind_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_blind_LDADD = $(PROVIDER_TEST_LDADD)

# Sending.
SEND_TESTS = tests/unit/provider/test_sendmail tests/unit/provider/test_smtp
check_PROGRAMS += $(SEND_TESTS)
TESTS += $(SEND_TESTS)

tests_unit_provider_test_sendmail_SOURCES = tests/unit/provider/test_sendmail.c
tests_unit_provider_test_sendmail_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_sendmail_LDADD = $(PROVIDER_TEST_LDADD)

tests_unit_provider_test_smtp_SOURCES = tests/unit/provider/test_smtp.c $(FAKE_SERVER)
tests_unit_provider_test_smtp_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_smtp_LDADD = $(PROVIDER_TEST_LDADD)

check_PROGRAMS += tests/unit/provider/test_imap_etpan
TESTS += tests/unit/provider/test_imap_etpan
tests_unit_provider_test_imap_etpan_SOURCES = tests/unit/provider/test_imap_etpan.c
tests_unit_provider_test_imap_etpan_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_imap_etpan_LDADD = $(PROVIDER_TEST_LDADD)

check_PROGRAMS += tests/unit/provider/test_maildir
TESTS += tests/unit/provider/test_maildir
tests_unit_provider_test_maildir_SOURCES = tests/unit/provider/test_maildir.c
tests_unit_provider_test_maildir_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_maildir_LDADD = $(PROVIDER_TEST_LDADD)

tests_unit_provider_test_relay_SOURCES = tests/unit/provider/test_relay.c $(FAKE_SERVER)
tests_unit_provider_test_relay_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_provider_test_relay_CFLAGS = $(PROVIDER_TEST_CFLAGS)
tests_unit_provider_test_relay_LDADD = $(PROVIDER_TEST_LDADD)
