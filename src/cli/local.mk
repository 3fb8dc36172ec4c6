noinst_LIBRARIES += libcli.a
libcli_a_SOURCES = \
	src/cli/cli.c \
	src/cli/open.c \
	src/cli/verbs.c \
	src/cli/verbs.h
