# Unit tests of src/sync.
SYNC_TESTS = tests/unit/sync/test_backoff tests/unit/sync/test_bodies \
	tests/unit/sync/test_crm_sync \
	tests/unit/sync/test_crm_try tests/unit/sync/test_crm_write \
	tests/unit/sync/test_desk_crm tests/unit/sync/test_doubt \
	tests/unit/sync/test_matching tests/unit/sync/test_pass tests/unit/sync/test_seat \
	tests/unit/sync/test_send
check_PROGRAMS += $(SYNC_TESTS)
TESTS += $(SYNC_TESTS)
SYNC_TEST_LDADD = libsync.a libcrm.a libprovider.a libstore.a libmail.a libnet.a libbase.a \
	$(STORE_LIBS) $(MAIL_LIBS) $(NET_LIBS) $(BASE_LIBS) $(UNIT_LIBS)

tests_unit_sync_test_backoff_SOURCES = tests/unit/sync/test_backoff.c
tests_unit_sync_test_backoff_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sync_test_backoff_LDADD = $(SYNC_TEST_LDADD)

tests_unit_sync_test_bodies_SOURCES = tests/unit/sync/test_bodies.c $(STORE_FIXTURE)
tests_unit_sync_test_bodies_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_sync_test_bodies_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sync_test_bodies_LDADD = $(SYNC_TEST_LDADD)

tests_unit_sync_test_crm_sync_SOURCES = tests/unit/sync/test_crm_sync.c $(STORE_FIXTURE)
tests_unit_sync_test_crm_sync_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sync_test_crm_sync_LDADD = $(SYNC_TEST_LDADD)

tests_unit_sync_test_crm_try_SOURCES = tests/unit/sync/test_crm_try.c $(STORE_FIXTURE)
tests_unit_sync_test_crm_try_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sync_test_crm_try_LDADD = $(SYNC_TEST_LDADD)

tests_unit_sync_test_desk_crm_SOURCES = tests/unit/sync/test_desk_crm.c $(STORE_FIXTURE)
tests_unit_sync_test_desk_crm_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sync_test_desk_crm_LDADD = $(SYNC_TEST_LDADD)

tests_unit_sync_test_doubt_SOURCES = tests/unit/sync/test_doubt.c $(STORE_FIXTURE)
tests_unit_sync_test_doubt_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sync_test_doubt_LDADD = $(SYNC_TEST_LDADD)

tests_unit_sync_test_crm_write_SOURCES = tests/unit/sync/test_crm_write.c $(STORE_FIXTURE)
tests_unit_sync_test_crm_write_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sync_test_crm_write_LDADD = $(SYNC_TEST_LDADD)

tests_unit_sync_test_matching_SOURCES = tests/unit/sync/test_matching.c $(STORE_FIXTURE)
tests_unit_sync_test_matching_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sync_test_matching_LDADD = $(SYNC_TEST_LDADD)

tests_unit_sync_test_pass_SOURCES = tests/unit/sync/test_pass.c $(STORE_FIXTURE)
tests_unit_sync_test_pass_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sync_test_pass_LDADD = $(SYNC_TEST_LDADD)

tests_unit_sync_test_seat_SOURCES = tests/unit/sync/test_seat.c $(STORE_FIXTURE)
tests_unit_sync_test_seat_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sync_test_seat_LDADD = $(SYNC_TEST_LDADD)

tests_unit_sync_test_send_SOURCES = tests/unit/sync/test_send.c $(STORE_FIXTURE) $(FAKE_SERVER)
tests_unit_sync_test_send_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sync_test_send_LDADD = $(SYNC_TEST_LDADD)

check_PROGRAMS += tests/unit/sync/test_progress
TESTS += tests/unit/sync/test_progress
tests_unit_sync_test_progress_SOURCES = tests/unit/sync/test_progress.c
tests_unit_sync_test_progress_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_sync_test_progress_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sync_test_progress_LDADD = $(SYNC_TEST_LDADD)

check_PROGRAMS += tests/unit/sync/test_crash
TESTS += tests/unit/sync/test_crash
tests_unit_sync_test_crash_SOURCES = tests/unit/sync/test_crash.c $(STORE_FIXTURE) \
	tests/unit/store/fault_vfs.c tests/unit/store/fault_vfs.h
tests_unit_sync_test_crash_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sync_test_crash_LDADD = $(SYNC_TEST_LDADD)

check_PROGRAMS += tests/unit/sync/test_org_settings
TESTS += tests/unit/sync/test_org_settings
tests_unit_sync_test_org_settings_SOURCES = tests/unit/sync/test_org_settings.c $(STORE_FIXTURE)
tests_unit_sync_test_org_settings_CFLAGS = $(UNIT_CFLAGS)
tests_unit_sync_test_org_settings_LDADD = $(SYNC_TEST_LDADD)
