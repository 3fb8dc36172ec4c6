# Unit tests of src/ui. What needs a store runs against the one in fake_store.c.
UI_TESTS = tests/unit/ui/test_draw tests/unit/ui/test_editor tests/unit/ui/test_editor_model tests/unit/ui/test_flows \
	tests/unit/ui/test_large \
	tests/unit/ui/test_compose tests/unit/ui/test_files \
	tests/unit/ui/test_jobs tests/unit/ui/test_people tests/unit/ui/test_robust tests/unit/ui/test_screens
check_PROGRAMS += $(UI_TESTS)
TESTS += $(UI_TESTS)
UI_TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) -I$(top_srcdir)/src
UI_TEST_LDADD = libui.a libmail.a libbase.a $(UI_LIBS) $(MAIL_LIBS) $(BASE_LIBS) $(UNIT_LIBS)
UI_BARE_SCREEN = tests/unit/ui/fake_desk.c tests/unit/ui/fake_desk.h tests/unit/ui/fake_store.h \
	tests/unit/ui/screen.c tests/unit/ui/screen.h
UI_SCREEN = $(UI_BARE_SCREEN) tests/unit/ui/fake_book.c tests/unit/ui/fake_crm.c tests/unit/ui/fake_crm.h \
	tests/unit/ui/fake_day.c tests/unit/ui/fake_mail.c tests/unit/ui/fake_match.c \
	tests/unit/ui/fake_template.c src/store/template_folder.c src/store/template_values.c src/store/why_text.c \
	tests/unit/ui/fake_record.c tests/unit/ui/fake_store.c
UI_GOLDEN = tests/unit/ui/golden.c tests/unit/ui/golden.h
UI_FLOW = $(UI_GOLDEN) tests/unit/ui/flow.c tests/unit/ui/flow.h
EXTRA_DIST += tests/golden

check_PROGRAMS += tests/unit/ui/test_accounts
TESTS += tests/unit/ui/test_accounts
tests_unit_ui_test_accounts_SOURCES = tests/unit/ui/test_accounts.c $(UI_FLOW) $(UI_SCREEN)
tests_unit_ui_test_accounts_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_accounts_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_accounts_LDADD = $(UI_TEST_LDADD)

check_PROGRAMS += tests/unit/ui/test_welcome
TESTS += tests/unit/ui/test_welcome
tests_unit_ui_test_welcome_SOURCES = tests/unit/ui/test_welcome.c $(UI_FLOW) $(UI_SCREEN)
tests_unit_ui_test_welcome_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_welcome_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_welcome_LDADD = $(UI_TEST_LDADD)

check_PROGRAMS += tests/unit/ui/test_crm_setup
TESTS += tests/unit/ui/test_crm_setup
tests_unit_ui_test_crm_setup_SOURCES = tests/unit/ui/test_crm_setup.c $(UI_FLOW) $(UI_SCREEN)
tests_unit_ui_test_crm_setup_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_crm_setup_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_crm_setup_LDADD = $(UI_TEST_LDADD)

check_PROGRAMS += tests/unit/ui/test_today
TESTS += tests/unit/ui/test_today
tests_unit_ui_test_today_SOURCES = tests/unit/ui/test_today.c $(UI_FLOW) $(UI_SCREEN)
tests_unit_ui_test_today_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_today_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_today_LDADD = $(UI_TEST_LDADD)

check_PROGRAMS += tests/unit/ui/test_items
TESTS += tests/unit/ui/test_items
tests_unit_ui_test_items_SOURCES = tests/unit/ui/test_items.c $(UI_FLOW) $(UI_SCREEN)
tests_unit_ui_test_items_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_items_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_items_LDADD = $(UI_TEST_LDADD)

tests_unit_ui_test_draw_SOURCES = tests/unit/ui/test_draw.c
tests_unit_ui_test_draw_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_draw_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_draw_LDADD = $(UI_TEST_LDADD)

tests_unit_ui_test_editor_SOURCES = tests/unit/ui/test_editor.c
tests_unit_ui_test_editor_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_editor_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_editor_LDADD = $(UI_TEST_LDADD)
tests_unit_ui_test_editor_model_SOURCES = tests/unit/ui/test_editor_model.c
tests_unit_ui_test_editor_model_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_editor_model_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_editor_model_LDADD = $(UI_TEST_LDADD)

tests_unit_ui_test_large_SOURCES = tests/unit/ui/test_large.c $(UI_FLOW) $(UI_SCREEN)
tests_unit_ui_test_large_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_large_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_large_LDADD = $(UI_TEST_LDADD)
tests_unit_ui_test_flows_SOURCES = tests/unit/ui/test_flows.c $(UI_FLOW) $(UI_SCREEN)
tests_unit_ui_test_flows_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_flows_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_flows_LDADD = $(UI_TEST_LDADD)

tests_unit_ui_test_robust_SOURCES = tests/unit/ui/test_robust.c $(UI_SCREEN)
tests_unit_ui_test_robust_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_robust_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_robust_LDADD = $(UI_TEST_LDADD)

tests_unit_ui_test_screens_SOURCES = tests/unit/ui/test_screens.c $(UI_GOLDEN) $(UI_SCREEN)
tests_unit_ui_test_screens_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_screens_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_screens_LDADD = $(UI_TEST_LDADD)

tests_unit_ui_test_jobs_SOURCES = tests/unit/ui/test_jobs.c $(UI_SCREEN)
tests_unit_ui_test_jobs_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_jobs_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_jobs_LDADD = $(UI_TEST_LDADD)

tests_unit_ui_test_people_SOURCES = tests/unit/ui/test_people.c $(UI_SCREEN)
tests_unit_ui_test_people_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_people_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_people_LDADD = $(UI_TEST_LDADD)

check_PROGRAMS += tests/unit/ui/test_match
TESTS += tests/unit/ui/test_match
tests_unit_ui_test_match_SOURCES = tests/unit/ui/test_match.c $(UI_FLOW) $(UI_SCREEN)
tests_unit_ui_test_match_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_match_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_match_LDADD = $(UI_TEST_LDADD)

check_PROGRAMS += tests/unit/ui/test_motion
TESTS += tests/unit/ui/test_motion
tests_unit_ui_test_motion_SOURCES = tests/unit/ui/test_motion.c
tests_unit_ui_test_motion_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_motion_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_motion_LDADD = $(UI_TEST_LDADD)

check_PROGRAMS += tests/unit/ui/test_search
TESTS += tests/unit/ui/test_search
tests_unit_ui_test_search_SOURCES = tests/unit/ui/test_search.c $(UI_FLOW) $(UI_SCREEN)
tests_unit_ui_test_search_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_search_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_search_LDADD = $(UI_TEST_LDADD)

tests_unit_ui_test_files_SOURCES = tests/unit/ui/test_files.c $(UI_SCREEN)
tests_unit_ui_test_files_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_files_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_files_LDADD = $(UI_TEST_LDADD)

tests_unit_ui_test_compose_SOURCES = tests/unit/ui/test_compose.c $(UI_SCREEN)
tests_unit_ui_test_compose_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_compose_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_compose_LDADD = $(UI_TEST_LDADD)

check_PROGRAMS += tests/unit/ui/test_forms
TESTS += tests/unit/ui/test_forms
tests_unit_ui_test_forms_SOURCES = tests/unit/ui/test_forms.c $(UI_FLOW) $(UI_SCREEN)
tests_unit_ui_test_forms_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_forms_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_forms_LDADD = $(UI_TEST_LDADD)

# Over a real store: lists of records and timelines.
check_PROGRAMS += tests/unit/ui/test_timelines
TESTS += tests/unit/ui/test_timelines
tests_unit_ui_test_timelines_SOURCES = tests/unit/ui/test_timelines.c $(UI_GOLDEN) $(UI_BARE_SCREEN) $(STORE_FIXTURE)
tests_unit_ui_test_timelines_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_timelines_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_timelines_LDADD = libui.a libstore.a libmail.a libbase.a $(UI_LIBS) $(STORE_LIBS) $(MAIL_LIBS) \
	$(BASE_LIBS) $(UNIT_LIBS)

UI_SCREEN += tests/unit/ui/fake_people.c
check_PROGRAMS += tests/unit/ui/test_import
TESTS += tests/unit/ui/test_import
tests_unit_ui_test_import_SOURCES = tests/unit/ui/test_import.c $(UI_GOLDEN) $(UI_SCREEN)
tests_unit_ui_test_import_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_import_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_import_LDADD = $(UI_TEST_LDADD)

check_PROGRAMS += tests/unit/ui/test_sidebar
TESTS += tests/unit/ui/test_sidebar
tests_unit_ui_test_sidebar_SOURCES = tests/unit/ui/test_sidebar.c $(UI_SCREEN)
tests_unit_ui_test_sidebar_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_sidebar_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_sidebar_LDADD = $(UI_TEST_LDADD)

check_PROGRAMS += tests/unit/ui/test_templates
TESTS += tests/unit/ui/test_templates
tests_unit_ui_test_templates_SOURCES = tests/unit/ui/test_templates.c $(UI_FLOW) $(UI_SCREEN)
tests_unit_ui_test_templates_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_templates_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_templates_LDADD = $(UI_TEST_LDADD)
