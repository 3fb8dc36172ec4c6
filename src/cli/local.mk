noinst_LIBRARIES += libcli.a
libcli_a_SOURCES = \
	src/cli/account.c \
	src/cli/args.c \
	src/cli/args.h \
	src/cli/cli.c \
	src/cli/import.c \
	src/cli/open.c \
	src/cli/outbox.c \
	src/cli/print.c \
	src/cli/print.h \
	src/cli/search.c \
	src/cli/sync.c \
	src/cli/threads.c \
	src/cli/verbs.c \
	src/cli/verbs.h
