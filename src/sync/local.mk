noinst_LIBRARIES += libsync.a
libsync_a_SOURCES = \
	include/crmail/sync/host.h \
	src/sync/account_worker.c \
	src/sync/account_worker.h \
	src/sync/backoff.c \
	src/sync/backoff.h \
	src/sync/crm_worker.h \
	src/sync/host.c \
	src/sync/pull.c \
	src/sync/push.c \
	src/sync/send.c \
	src/sync/session.c \
	src/sync/session.h \
	src/sync/worker.c \
	src/sync/worker.h
