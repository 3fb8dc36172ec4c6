# Unit tests of src/crm.
CRM_TESTS = tests/unit/crm/test_activity_id tests/unit/crm/test_engine tests/unit/crm/test_look tests/unit/crm/test_match \
	tests/unit/crm/test_profile tests/unit/crm/test_template tests/unit/crm/test_write
check_PROGRAMS += $(CRM_TESTS)
TESTS += $(CRM_TESTS)
CRM_TEST_LDADD = libcrm.a libmail.a libnet.a libbase.a $(MAIL_LIBS) $(NET_LIBS) $(BASE_LIBS) $(UNIT_LIBS)

tests_unit_crm_test_activity_id_SOURCES = tests/unit/crm/test_activity_id.c
tests_unit_crm_test_activity_id_CFLAGS = $(UNIT_CFLAGS)
tests_unit_crm_test_activity_id_LDADD = $(CRM_TEST_LDADD)

CRM_SCRIPT = tests/unit/crm/script.c tests/unit/crm/script.h
tests_unit_crm_test_engine_SOURCES = tests/unit/crm/test_engine.c $(CRM_SCRIPT)
tests_unit_crm_test_engine_CFLAGS = $(UNIT_CFLAGS)
tests_unit_crm_test_engine_LDADD = $(CRM_TEST_LDADD)

tests_unit_crm_test_match_SOURCES = tests/unit/crm/test_match.c
tests_unit_crm_test_match_CFLAGS = $(UNIT_CFLAGS)
tests_unit_crm_test_match_LDADD = $(CRM_TEST_LDADD)

tests_unit_crm_test_profile_SOURCES = tests/unit/crm/test_profile.c
tests_unit_crm_test_profile_CFLAGS = $(UNIT_CFLAGS)
tests_unit_crm_test_profile_LDADD = $(CRM_TEST_LDADD)

tests_unit_crm_test_template_SOURCES = tests/unit/crm/test_template.c
tests_unit_crm_test_template_CFLAGS = $(UNIT_CFLAGS)
tests_unit_crm_test_template_LDADD = $(CRM_TEST_LDADD)

tests_unit_crm_test_write_SOURCES = tests/unit/crm/test_write.c $(CRM_SCRIPT)
tests_unit_crm_test_write_CFLAGS = $(UNIT_CFLAGS)
tests_unit_crm_test_write_LDADD = $(CRM_TEST_LDADD)

tests_unit_crm_test_look_SOURCES = tests/unit/crm/test_look.c $(CRM_SCRIPT)
tests_unit_crm_test_look_CFLAGS = $(UNIT_CFLAGS)
tests_unit_crm_test_look_LDADD = $(CRM_TEST_LDADD)
