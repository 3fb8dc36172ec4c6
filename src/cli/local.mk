noinst_LIBRARIES += libcli.a
libcli_a_SOURCES = \
	include/crmail/cli/cli.h \
	include/crmail/cli/config.h \
	include/crmail/cli/config_options.def \
	src/cli/account.c src/cli/account_grant.c src/cli/account_grant.h \
	src/cli/account_relay.c src/cli/account_relay.h \
	src/cli/account_words.c \
	src/cli/account_words.h \
	src/cli/args.c \
	src/cli/args.h \
	src/cli/ask_secret.c \
	src/cli/ask_secret.h \
	src/cli/cli.c \
	src/cli/contact.c \
	src/cli/contacts.h \
	src/cli/crm.c \
	src/cli/crm_args.h \
	src/cli/crm_check.c \
	src/cli/crm_test.c \
	src/cli/crm_match.c \
	src/cli/crm_match.h \
	src/cli/day.c \
	src/cli/day.h \
	src/cli/config.c \
	src/cli/config_file.c \
	src/cli/discover.c \
	src/cli/discovered.h \
	src/cli/doctor.c \
	src/cli/export.c \
	src/cli/import.c \
	src/cli/import_contacts.c \
	src/cli/items.c \
	src/cli/log.c \
	src/cli/mail_file.c \
	src/cli/mail_file.h \
	src/cli/open.c \
	src/cli/outbox.c \
	src/cli/parse.c \
	src/cli/print.c \
	src/cli/print.h \
	src/cli/purge.c \
	src/cli/record.c \
	src/cli/record.h \
	src/cli/record_list.c \
	src/cli/reply.c \
	src/cli/search.c \
	src/cli/secrets.c \
	src/cli/secrets.h \
	src/cli/show.c \
	src/cli/status.c \
	src/cli/sync.c \
	src/cli/template.c \
	src/cli/threads.c \
	src/cli/timeline.c \
	src/cli/verbs.c \
	src/cli/verbs.h
