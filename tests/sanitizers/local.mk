# A build with sanitizers first shows that they work.
EXTRA_DIST += tests/sanitizers/tsan.supp tests/sanitizers/lsan.supp
if ENABLE_SANITIZERS
check_PROGRAMS += tests/sanitizers/planted
TESTS += tests/sanitizers/planted
tests_sanitizers_planted_SOURCES = tests/sanitizers/planted.c
tests_sanitizers_planted_CPPFLAGS = $(AM_CPPFLAGS) $(PLANT_FLAGS)
endif
