noinst_LIBRARIES += libcli.a
libcli_a_SOURCES = \
	include/crmail/cli/cli.h \
	include/crmail/cli/config.h \
	include/crmail/cli/config_options.def \
	src/cli/account.c \
	src/cli/args.c \
	src/cli/args.h \
	src/cli/ask_secret.c \
	src/cli/ask_secret.h \
	src/cli/cli.c \
	src/cli/contact.c \
	src/cli/crm.c \
	src/cli/crm_args.h \
	src/cli/crm_check.c \
	src/cli/crm_test.c \
	src/cli/config.c \
	src/cli/config_file.c \
	src/cli/doctor.c \
	src/cli/import.c \
	src/cli/log.c \
	src/cli/mail_file.c \
	src/cli/mail_file.h \
	src/cli/open.c \
	src/cli/outbox.c \
	src/cli/parse.c \
	src/cli/print.c \
	src/cli/print.h \
	src/cli/purge.c \
	src/cli/reply.c \
	src/cli/search.c \
	src/cli/show.c \
	src/cli/status.c \
	src/cli/sync.c \
	src/cli/threads.c \
	src/cli/timeline.c \
	src/cli/verbs.c \
	src/cli/verbs.h
