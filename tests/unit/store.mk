# Unit tests of src/store.
STORE_TESTS = tests/unit/store/test_action tests/unit/store/test_correspondent \
	tests/unit/store/test_draft \
	tests/unit/store/test_crm tests/unit/store/test_record \
	tests/unit/store/test_crm_sweep \
	tests/unit/store/test_suggest \
	tests/unit/store/test_doctor tests/unit/store/test_faults \
	tests/unit/store/test_outbox_file tests/unit/store/test_plan \
	tests/unit/store/test_search tests/unit/store/test_store \
	tests/unit/store/test_thread tests/unit/store/test_upgrade
EXTRA_DIST += tests/unit/store/fixtures/crmail-v1.sql tests/unit/store/fixtures/crmail-v5.sql \
	tests/unit/store/fixtures/crmail-v22.sql
check_PROGRAMS += $(STORE_TESTS)
TESTS += $(STORE_TESTS)
STORE_TEST_LDADD = libstore.a libmail.a libbase.a $(STORE_LIBS) $(MAIL_LIBS) $(BASE_LIBS) $(UNIT_LIBS)
STORE_FIXTURE = tests/unit/store/fixture.c tests/unit/store/fixture.h

tests_unit_store_test_crm_SOURCES = tests/unit/store/test_crm.c $(STORE_FIXTURE)
tests_unit_store_test_crm_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_crm_LDADD = $(STORE_TEST_LDADD)

tests_unit_store_test_record_SOURCES = tests/unit/store/test_record.c $(STORE_FIXTURE)
tests_unit_store_test_record_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_record_LDADD = $(STORE_TEST_LDADD)

tests_unit_store_test_suggest_SOURCES = tests/unit/store/test_suggest.c \
	tests/unit/store/letters.c tests/unit/store/letters.h $(STORE_FIXTURE)
tests_unit_store_test_suggest_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_suggest_LDADD = $(STORE_TEST_LDADD)
tests_unit_store_test_crm_sweep_SOURCES = tests/unit/store/test_crm_sweep.c $(STORE_FIXTURE)
tests_unit_store_test_crm_sweep_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_crm_sweep_LDADD = $(STORE_TEST_LDADD)

tests_unit_store_test_store_SOURCES = tests/unit/store/test_store.c $(STORE_FIXTURE)
tests_unit_store_test_store_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_store_LDADD = $(STORE_TEST_LDADD)

STORE_LETTERS = $(STORE_FIXTURE) tests/unit/store/letters.c tests/unit/store/letters.h
check_PROGRAMS += tests/unit/store/test_today
TESTS += tests/unit/store/test_today
tests_unit_store_test_today_SOURCES = tests/unit/store/test_today.c $(STORE_LETTERS)
tests_unit_store_test_today_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_today_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/store/test_reminder
TESTS += tests/unit/store/test_reminder
tests_unit_store_test_reminder_SOURCES = tests/unit/store/test_reminder.c $(STORE_LETTERS)
tests_unit_store_test_reminder_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_reminder_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/store/test_crm_setup
TESTS += tests/unit/store/test_crm_setup
tests_unit_store_test_crm_setup_SOURCES = tests/unit/store/test_crm_setup.c $(STORE_LETTERS)
tests_unit_store_test_crm_setup_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_crm_setup_LDADD = $(STORE_TEST_LDADD)

tests_unit_store_test_action_SOURCES = tests/unit/store/test_action.c $(STORE_LETTERS)
tests_unit_store_test_action_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_action_LDADD = $(STORE_TEST_LDADD)

tests_unit_store_test_draft_SOURCES = tests/unit/store/test_draft.c $(STORE_LETTERS)
tests_unit_store_test_draft_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_draft_LDADD = $(STORE_TEST_LDADD)

tests_unit_store_test_correspondent_SOURCES = tests/unit/store/test_correspondent.c $(STORE_LETTERS)
tests_unit_store_test_correspondent_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_correspondent_LDADD = $(STORE_TEST_LDADD)

tests_unit_store_test_thread_SOURCES = tests/unit/store/test_thread.c $(STORE_LETTERS)
tests_unit_store_test_thread_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_thread_LDADD = $(STORE_TEST_LDADD)

tests_unit_store_test_search_SOURCES = tests/unit/store/test_search.c $(STORE_LETTERS)
tests_unit_store_test_search_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_search_LDADD = $(STORE_TEST_LDADD)

tests_unit_store_test_doctor_SOURCES = tests/unit/store/test_doctor.c $(STORE_LETTERS)
tests_unit_store_test_doctor_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_doctor_LDADD = $(STORE_TEST_LDADD)

tests_unit_store_test_plan_SOURCES = tests/unit/store/test_plan.c $(STORE_LETTERS)
tests_unit_store_test_plan_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_plan_LDADD = $(STORE_TEST_LDADD)

tests_unit_store_test_upgrade_SOURCES = tests/unit/store/test_upgrade.c $(STORE_FIXTURE)
tests_unit_store_test_upgrade_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_upgrade_LDADD = $(STORE_TEST_LDADD)

tests_unit_store_test_faults_SOURCES = tests/unit/store/test_faults.c $(STORE_LETTERS) \
	tests/unit/store/fault_vfs.c tests/unit/store/fault_vfs.h
tests_unit_store_test_faults_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_faults_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/store/test_saved_search
TESTS += tests/unit/store/test_saved_search
tests_unit_store_test_saved_search_SOURCES = tests/unit/store/test_saved_search.c $(STORE_FIXTURE)
tests_unit_store_test_saved_search_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_saved_search_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/store/test_ingest_labels
TESTS += tests/unit/store/test_ingest_labels
tests_unit_store_test_ingest_labels_SOURCES = tests/unit/store/test_ingest_labels.c $(STORE_LETTERS)
tests_unit_store_test_ingest_labels_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_ingest_labels_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/store/test_label
TESTS += tests/unit/store/test_label
tests_unit_store_test_label_SOURCES = tests/unit/store/test_label.c $(STORE_LETTERS)
tests_unit_store_test_label_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_label_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/store/test_care
TESTS += tests/unit/store/test_care
tests_unit_store_test_care_SOURCES = tests/unit/store/test_care.c $(STORE_LETTERS)
tests_unit_store_test_care_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_care_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/store/test_audit
TESTS += tests/unit/store/test_audit
tests_unit_store_test_audit_SOURCES = tests/unit/store/test_audit.c $(STORE_LETTERS)
tests_unit_store_test_audit_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_audit_LDADD = $(STORE_TEST_LDADD)
tests_unit_store_test_outbox_file_SOURCES = tests/unit/store/test_outbox_file.c $(STORE_FIXTURE)
tests_unit_store_test_outbox_file_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_outbox_file_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/store/test_keep
TESTS += tests/unit/store/test_keep
tests_unit_store_test_keep_SOURCES = tests/unit/store/test_keep.c $(STORE_LETTERS)
tests_unit_store_test_keep_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_keep_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/store/test_purge
TESTS += tests/unit/store/test_purge
tests_unit_store_test_purge_SOURCES = tests/unit/store/test_purge.c $(STORE_LETTERS)
tests_unit_store_test_purge_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_purge_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/store/test_account
TESTS += tests/unit/store/test_account
tests_unit_store_test_account_SOURCES = tests/unit/store/test_account.c $(STORE_LETTERS)
tests_unit_store_test_account_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_account_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/store/test_timeline
TESTS += tests/unit/store/test_timeline
tests_unit_store_test_timeline_SOURCES = tests/unit/store/test_timeline.c $(STORE_FIXTURE)
tests_unit_store_test_timeline_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_timeline_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/store/test_people
TESTS += tests/unit/store/test_people
tests_unit_store_test_people_SOURCES = tests/unit/store/test_people.c $(STORE_FIXTURE)
tests_unit_store_test_people_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_people_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/store/test_backfill
TESTS += tests/unit/store/test_backfill
tests_unit_store_test_backfill_SOURCES = tests/unit/store/test_backfill.c $(STORE_LETTERS)
tests_unit_store_test_backfill_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_backfill_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/store/test_ingest
TESTS += tests/unit/store/test_ingest
tests_unit_store_test_ingest_SOURCES = tests/unit/store/test_ingest.c $(STORE_LETTERS)
tests_unit_store_test_ingest_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_ingest_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += tests/unit/store/test_template
TESTS += tests/unit/store/test_template
tests_unit_store_test_template_SOURCES = tests/unit/store/test_template.c $(STORE_FIXTURE)
tests_unit_store_test_template_CFLAGS = $(UNIT_CFLAGS)
tests_unit_store_test_template_LDADD = $(STORE_TEST_LDADD)
