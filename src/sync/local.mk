noinst_LIBRARIES += libsync.a
libsync_a_SOURCES = \
	include/crmail/sync/crm_sync.h \
	include/crmail/sync/host.h \
	src/sync/account_worker.c \
	src/sync/account_worker.h \
	src/sync/backoff.c \
	src/sync/backoff.h \
	src/sync/crm_log.c \
	src/sync/crm_match.c \
	src/sync/crm_net.c \
	src/sync/crm_pull.c \
	src/sync/crm_sync.c \
	src/sync/crm_sync.h \
	src/sync/crm_worker.c \
	src/sync/crm_worker.h \
	src/sync/host.c \
	src/sync/pull.c \
	src/sync/push.c \
	src/sync/send.c \
	src/sync/sent_copy.c \
	src/sync/sent_copy.h \
	src/sync/session.c \
	src/sync/session.h \
	src/sync/worker.c \
	src/sync/worker.h
