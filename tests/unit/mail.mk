# Unit tests of src/mail.
MAIL_TESTS =
check_PROGRAMS += $(MAIL_TESTS)
TESTS += $(MAIL_TESTS)
MAIL_TEST_LDADD = libmail.a libbase.a $(MAIL_LIBS) $(BASE_LIBS) $(UNIT_LIBS)

MAIL_TESTS += tests/unit/mail/test_addr
tests_unit_mail_test_addr_SOURCES = tests/unit/mail/test_addr.c
tests_unit_mail_test_addr_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mail_test_addr_LDADD = $(MAIL_TEST_LDADD)

MAIL_TESTS += tests/unit/mail/test_date
tests_unit_mail_test_date_SOURCES = tests/unit/mail/test_date.c
tests_unit_mail_test_date_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mail_test_date_LDADD = $(MAIL_TEST_LDADD)

MAIL_TESTS += tests/unit/mail/test_header
tests_unit_mail_test_header_SOURCES = tests/unit/mail/test_header.c
tests_unit_mail_test_header_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mail_test_header_LDADD = $(MAIL_TEST_LDADD)

MAIL_TESTS += tests/unit/mail/test_report
tests_unit_mail_test_report_SOURCES = tests/unit/mail/test_report.c
tests_unit_mail_test_report_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mail_test_report_LDADD = $(MAIL_TEST_LDADD)

MAIL_TESTS += tests/unit/mail/test_rfc2047
tests_unit_mail_test_rfc2047_SOURCES = tests/unit/mail/test_rfc2047.c
tests_unit_mail_test_rfc2047_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mail_test_rfc2047_LDADD = $(MAIL_TEST_LDADD)

MAIL_TESTS += tests/unit/mail/test_message
tests_unit_mail_test_message_SOURCES = tests/unit/mail/test_message.c tests/unit/mail/mimetest.c tests/unit/mail/mimetest.h
tests_unit_mail_test_message_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mail_test_message_LDADD = $(MAIL_TEST_LDADD)

EXTRA_DIST += tests/unit/mail/blocks_cases.txt
MAIL_TESTS += tests/unit/mail/test_blocks
tests_unit_mail_test_blocks_SOURCES = tests/unit/mail/test_blocks.c
tests_unit_mail_test_blocks_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mail_test_blocks_LDADD = $(MAIL_TEST_LDADD)
MAIL_TESTS += tests/unit/mail/test_subject
tests_unit_mail_test_subject_SOURCES = tests/unit/mail/test_subject.c
tests_unit_mail_test_subject_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mail_test_subject_LDADD = $(MAIL_TEST_LDADD)

MAIL_TESTS += tests/unit/mail/test_compose
tests_unit_mail_test_compose_SOURCES = tests/unit/mail/test_compose.c tests/unit/mail/mimetest.c tests/unit/mail/mimetest.h
tests_unit_mail_test_compose_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mail_test_compose_LDADD = $(MAIL_TEST_LDADD)

MAIL_TESTS += tests/unit/mail/test_html
tests_unit_mail_test_html_SOURCES = tests/unit/mail/test_html.c
tests_unit_mail_test_html_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mail_test_html_LDADD = $(MAIL_TEST_LDADD)

MAIL_TESTS += tests/unit/mail/test_render
tests_unit_mail_test_render_SOURCES = tests/unit/mail/test_render.c
tests_unit_mail_test_render_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mail_test_render_LDADD = $(MAIL_TEST_LDADD)

MAIL_TESTS += tests/unit/mail/test_limits
tests_unit_mail_test_limits_SOURCES = tests/unit/mail/test_limits.c tests/unit/mail/mimetest.h
tests_unit_mail_test_limits_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mail_test_limits_LDADD = $(MAIL_TEST_LDADD)

if HAVE_GMIME
MAIL_TESTS += tests/unit/mail/test_gmime
tests_unit_mail_test_gmime_SOURCES = tests/unit/mail/test_gmime.c tests/unit/mail/mimetest.c tests/unit/mail/mimetest.h
tests_unit_mail_test_gmime_CFLAGS = $(UNIT_CFLAGS) $(GMIME_CFLAGS)
tests_unit_mail_test_gmime_LDADD = $(MAIL_TEST_LDADD) $(GMIME_LIBS)
endif


MAIL_TESTS += tests/unit/mail/test_calendar
tests_unit_mail_test_calendar_SOURCES = tests/unit/mail/test_calendar.c
tests_unit_mail_test_calendar_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mail_test_calendar_LDADD = $(MAIL_TEST_LDADD)

MAIL_TESTS += tests/unit/mail/test_csv
tests_unit_mail_test_csv_SOURCES = tests/unit/mail/test_csv.c tests/unit/mail/peopletest.c tests/unit/mail/peopletest.h
tests_unit_mail_test_csv_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mail_test_csv_LDADD = $(MAIL_TEST_LDADD)

MAIL_TESTS += tests/unit/mail/test_vcard
tests_unit_mail_test_vcard_SOURCES = tests/unit/mail/test_vcard.c tests/unit/mail/peopletest.c tests/unit/mail/peopletest.h
tests_unit_mail_test_vcard_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mail_test_vcard_LDADD = $(MAIL_TEST_LDADD)
MAIL_TESTS += tests/unit/mail/test_signature
tests_unit_mail_test_signature_SOURCES = tests/unit/mail/test_signature.c
tests_unit_mail_test_signature_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mail_test_signature_LDADD = $(MAIL_TEST_LDADD)

MAIL_TESTS += tests/unit/mail/test_mail_template
tests_unit_mail_test_mail_template_SOURCES = tests/unit/mail/test_mail_template.c
tests_unit_mail_test_mail_template_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mail_test_mail_template_LDADD = $(MAIL_TEST_LDADD)

MAIL_TESTS += tests/unit/mail/test_line_diff
tests_unit_mail_test_line_diff_SOURCES = tests/unit/mail/test_line_diff.c
tests_unit_mail_test_line_diff_CFLAGS = $(UNIT_CFLAGS)
tests_unit_mail_test_line_diff_LDADD = $(MAIL_TEST_LDADD)
