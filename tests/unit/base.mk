# Unit tests of src/base.
BASE_TESTS = tests/unit/base/test_buf tests/unit/base/test_fold tests/unit/base/test_str
check_PROGRAMS += $(BASE_TESTS)
TESTS += $(BASE_TESTS)
BASE_TEST_LDADD = libbase.a $(BASE_LIBS) $(UNIT_LIBS)

tests_unit_base_test_buf_SOURCES = tests/unit/base/test_buf.c tests/unit/unit.h
tests_unit_base_test_buf_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_buf_LDADD = $(BASE_TEST_LDADD)

tests_unit_base_test_fold_SOURCES = tests/unit/base/test_fold.c
tests_unit_base_test_fold_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_fold_LDADD = $(BASE_TEST_LDADD)

tests_unit_base_test_str_SOURCES = tests/unit/base/test_str.c
tests_unit_base_test_str_CFLAGS = $(UNIT_CFLAGS)
tests_unit_base_test_str_LDADD = $(BASE_TEST_LDADD)
