# Unit tests of src/base.
BASE_TESTS = \
	tests/unit/base/test_arena \
	tests/unit/base/test_buf \
	tests/unit/base/test_clock \
	tests/unit/base/test_browse \
	tests/unit/base/test_entry \
	tests/unit/base/test_err \
	tests/unit/base/test_event \
	tests/unit/base/test_fold \
	tests/unit/base/test_fsx \
	tests/unit/base/test_hash \
	tests/unit/base/test_json \
	tests/unit/base/test_late \
	tests/unit/base/test_log \
	tests/unit/base/test_moment \
	tests/unit/base/test_sanitise \
	tests/unit/base/test_str \
	tests/unit/base/test_utf8
check_PROGRAMS += $(BASE_TESTS)
TESTS += $(BASE_TESTS)
BASE_TEST_LDADD = libbase.a $(BASE_LIBS) $(UNIT_LIBS)

tests_unit_base_test_browse_SOURCES = tests/unit/base/test_browse.c
tests_unit_base_test_browse_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_browse_LDADD = $(BASE_TEST_LDADD)

tests_unit_base_test_entry_SOURCES = tests/unit/base/test_entry.c
tests_unit_base_test_entry_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_unit_base_test_entry_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_entry_LDADD = $(BASE_TEST_LDADD)

tests_unit_base_test_arena_SOURCES = tests/unit/base/test_arena.c
tests_unit_base_test_arena_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_arena_LDADD = $(BASE_TEST_LDADD)

tests_unit_base_test_buf_SOURCES = tests/unit/base/test_buf.c tests/unit/unit.h
tests_unit_base_test_buf_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_buf_LDADD = $(BASE_TEST_LDADD)

tests_unit_base_test_clock_SOURCES = tests/unit/base/test_clock.c
tests_unit_base_test_clock_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_clock_LDADD = $(BASE_TEST_LDADD)

tests_unit_base_test_err_SOURCES = tests/unit/base/test_err.c
tests_unit_base_test_err_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_err_LDADD = $(BASE_TEST_LDADD)

tests_unit_base_test_event_SOURCES = tests/unit/base/test_event.c
tests_unit_base_test_event_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_event_LDADD = $(BASE_TEST_LDADD)

tests_unit_base_test_fold_SOURCES = tests/unit/base/test_fold.c
tests_unit_base_test_fold_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_fold_LDADD = $(BASE_TEST_LDADD)

tests_unit_base_test_fsx_SOURCES = tests/unit/base/test_fsx.c
tests_unit_base_test_fsx_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_fsx_LDADD = $(BASE_TEST_LDADD)

tests_unit_base_test_hash_SOURCES = tests/unit/base/test_hash.c
tests_unit_base_test_hash_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_hash_LDADD = $(BASE_TEST_LDADD)

tests_unit_base_test_json_SOURCES = tests/unit/base/test_json.c
tests_unit_base_test_json_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_json_LDADD = $(BASE_TEST_LDADD)

tests_unit_base_test_late_SOURCES = tests/unit/base/test_late.c tests/unit/unit.h
tests_unit_base_test_late_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_late_LDADD = $(BASE_TEST_LDADD)

tests_unit_base_test_log_SOURCES = tests/unit/base/test_log.c
tests_unit_base_test_log_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_log_LDADD = $(BASE_TEST_LDADD)

tests_unit_base_test_moment_SOURCES = tests/unit/base/test_moment.c
tests_unit_base_test_moment_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_moment_LDADD = $(BASE_TEST_LDADD)

tests_unit_base_test_sanitise_SOURCES = tests/unit/base/test_sanitise.c
tests_unit_base_test_sanitise_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_sanitise_LDADD = $(BASE_TEST_LDADD)

tests_unit_base_test_str_SOURCES = tests/unit/base/test_str.c
tests_unit_base_test_str_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_str_LDADD = $(BASE_TEST_LDADD)

tests_unit_base_test_utf8_SOURCES = tests/unit/base/test_utf8.c
tests_unit_base_test_utf8_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_utf8_LDADD = $(BASE_TEST_LDADD)
