# Fuzz targets. tests/fuzz/fuzz_NAME.c defines LLVMFuzzerTestOneInput, its seeds are the files in
# tests/fuzz/corpus/NAME/. A target is these lines here:
#
#   FUZZ_TARGETS += tests/fuzz/NAME
#   tests_fuzz_NAME_SOURCES = tests/fuzz/fuzz_NAME.c $(FUZZ_MAIN)
#   tests_fuzz_NAME_LDADD = libmail.a libbase.a $(MAIL_LIBS) $(BASE_LIBS)
#   tests_fuzz_NAME_LDFLAGS = $(FUZZ_LINK)
#
# Normally FUZZ_MAIN is a main() that runs each seed once, as part of make check. With --enable-fuzz
# (clang) libFuzzer brings its own; make check-fuzz makes such a build and lets each target run for
# FUZZ_SECONDS.
FUZZ_TARGETS =
FUZZ_SECONDS = 30
if ENABLE_FUZZ
FUZZ_MAIN =
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
else
FUZZ_MAIN = tests/fuzz/replay.c
FUZZ_LINK = $(AM_LDFLAGS)
endif

FUZZ_TARGETS += tests/fuzz/graph
tests_fuzz_graph_SOURCES = tests/fuzz/fuzz_graph.c $(FUZZ_MAIN)
tests_fuzz_graph_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_fuzz_graph_LDADD = $(PROVIDER_TEST_LDADD)
tests_fuzz_graph_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/graph

FUZZ_TARGETS += tests/fuzz/imap
tests_fuzz_imap_SOURCES = tests/fuzz/fuzz_imap.c $(FUZZ_MAIN)
tests_fuzz_imap_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_fuzz_imap_LDADD = $(PROVIDER_TEST_LDADD)
tests_fuzz_imap_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/imap

EXTRA_DIST += tests/fuzz/check-fuzz tests/fuzz/replay.c

FUZZ_TARGETS += tests/fuzz/message
tests_fuzz_message_SOURCES = tests/fuzz/fuzz_message.c $(FUZZ_MAIN)
tests_fuzz_message_LDADD = libmail.a libbase.a $(MAIL_LIBS) $(BASE_LIBS)
tests_fuzz_message_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/message

FUZZ_TARGETS += tests/fuzz/profile
tests_fuzz_profile_SOURCES = tests/fuzz/fuzz_profile.c $(FUZZ_MAIN)
tests_fuzz_profile_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_fuzz_profile_LDADD = libcrm.a libmail.a libnet.a libbase.a $(MAIL_LIBS) $(NET_LIBS) $(BASE_LIBS)
tests_fuzz_profile_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/profile

check_PROGRAMS += $(FUZZ_TARGETS)
TESTS += $(FUZZ_TARGETS)

check-fuzz:
	$(top_srcdir)/tests/fuzz/check-fuzz --build '$(abs_top_builddir)/fuzz' --seconds $(FUZZ_SECONDS) $(FUZZ_TARGETS)

FUZZ_TARGETS += tests/fuzz/html
tests_fuzz_html_SOURCES = tests/fuzz/fuzz_html.c $(FUZZ_MAIN)
tests_fuzz_html_LDADD = libmail.a libbase.a $(MAIL_LIBS) $(BASE_LIBS)
tests_fuzz_html_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/html

FUZZ_TARGETS += tests/fuzz/people
tests_fuzz_people_SOURCES = tests/fuzz/fuzz_people.c $(FUZZ_MAIN)
tests_fuzz_people_LDADD = libmail.a libbase.a $(MAIL_LIBS) $(BASE_LIBS)
tests_fuzz_people_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/people
FUZZ_TARGETS += tests/fuzz/signature
tests_fuzz_signature_SOURCES = tests/fuzz/fuzz_signature.c $(FUZZ_MAIN)
tests_fuzz_signature_LDADD = libmail.a libbase.a $(MAIL_LIBS) $(BASE_LIBS)
tests_fuzz_signature_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/signature

FUZZ_TARGETS += tests/fuzz/oauth
tests_fuzz_oauth_SOURCES = tests/fuzz/fuzz_oauth.c $(FUZZ_MAIN)
tests_fuzz_oauth_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_fuzz_oauth_LDADD = libnet.a libbase.a $(NET_LIBS) $(BASE_LIBS)
tests_fuzz_oauth_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/oauth

FUZZ_TARGETS += tests/fuzz/dns
tests_fuzz_dns_SOURCES = tests/fuzz/fuzz_dns.c $(FUZZ_MAIN)
tests_fuzz_dns_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_fuzz_dns_LDADD = libnet.a libbase.a $(NET_LIBS) $(BASE_LIBS)
tests_fuzz_dns_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/dns

FUZZ_TARGETS += tests/fuzz/autoconfig
tests_fuzz_autoconfig_SOURCES = tests/fuzz/fuzz_autoconfig.c $(FUZZ_MAIN)
tests_fuzz_autoconfig_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_fuzz_autoconfig_LDADD = libnet.a libbase.a $(NET_LIBS) $(BASE_LIBS)
tests_fuzz_autoconfig_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/autoconfig

FUZZ_TARGETS += tests/fuzz/gmail
tests_fuzz_gmail_SOURCES = tests/fuzz/fuzz_gmail.c $(FUZZ_MAIN)
tests_fuzz_gmail_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_fuzz_gmail_LDADD = libprovider.a libmail.a libnet.a libbase.a \
	$(MAIL_LIBS) $(NET_LIBS) $(BASE_LIBS)
tests_fuzz_gmail_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/gmail

FUZZ_TARGETS += tests/fuzz/mail_template
tests_fuzz_mail_template_SOURCES = tests/fuzz/fuzz_mail_template.c $(FUZZ_MAIN)
tests_fuzz_mail_template_LDADD = libmail.a libbase.a $(MAIL_LIBS) $(BASE_LIBS)
tests_fuzz_mail_template_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/mail_template
