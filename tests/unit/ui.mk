# Unit tests of src/ui. What needs a store runs against the one in fake_store.c.
UI_TESTS = tests/unit/ui/test_draw tests/unit/ui/test_editor
check_PROGRAMS += $(UI_TESTS)
TESTS += $(UI_TESTS)
UI_TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) -I$(top_srcdir)/src
UI_TEST_LDADD = libui.a libmail.a libbase.a $(UI_LIBS) $(MAIL_LIBS) $(BASE_LIBS) $(OPENSSL_LIBS) $(UNIT_LIBS)

tests_unit_ui_test_draw_SOURCES = tests/unit/ui/test_draw.c
tests_unit_ui_test_draw_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_draw_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_draw_LDADD = $(UI_TEST_LDADD)

tests_unit_ui_test_editor_SOURCES = tests/unit/ui/test_editor.c
tests_unit_ui_test_editor_CPPFLAGS = $(UI_TEST_CPPFLAGS)
tests_unit_ui_test_editor_CFLAGS = $(UNIT_CFLAGS)
tests_unit_ui_test_editor_LDADD = $(UI_TEST_LDADD)
