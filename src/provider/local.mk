noinst_LIBRARIES += libprovider.a
libprovider_a_SOURCES = \
	include/crmail/provider/provider.h \
	src/provider/imap/apply.c \
	src/provider/imap/command.c \
	src/provider/imap/etpan.c \
	src/provider/imap/etpan.h \
	src/provider/imap/fetch.c \
	src/provider/imap/headers.c \
	src/provider/imap/idle.c \
	src/provider/imap/idle.h \
	src/provider/imap/imap.c \
	src/provider/imap/imap.h \
	src/provider/imap/late_etpan.c \
	src/provider/imap/look.c \
	src/provider/imap/names.c \
	src/provider/imap/pull.c \
	src/provider/imap/query.c \
	src/provider/imap/search.c \
	src/provider/imap/session.c \
	src/provider/imap/sign_in.c \
	src/provider/imap/session.h \
	src/provider/imap/wire.c \
	src/provider/imap/wire.h \
	src/provider/maildir/apply.c \
	src/provider/maildir/maildir.c \
	src/provider/maildir/maildir.h \
	src/provider/maildir/scan.c \
	src/provider/provider.c \
	src/provider/roles.c \
	src/provider/trace.c \
	src/provider/trace.h \
	src/provider/web.c \
	src/provider/web.h \
	include/crmail/provider/roles.h

# Sending.
libprovider_a_SOURCES += \
	include/crmail/provider/transport.h \
	src/provider/sasl.c \
	src/provider/sasl.h \
	src/provider/sendmail.c \
	src/provider/smtp_auth.c \
	src/provider/smtp_reply.c \
	src/provider/smtp_send.c \
	src/provider/smtp_session.c \
	src/provider/smtp.h \
	src/provider/transport.c \
	src/provider/transport_kinds.h \
	src/provider/transport_reply.c
