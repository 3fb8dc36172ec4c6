noinst_LIBRARIES += libsync.a
libsync_a_SOURCES = \
	include/crmail/sync/crm_sync.h \
	include/crmail/sync/desk.h \
	include/crmail/sync/host.h \
	include/crmail/sync/report.h \
	include/crmail/sync/seat.h \
	src/sync/account_wait.c \
	src/sync/account_wait.h \
	src/sync/account_try.c \
	src/sync/account_worker.c \
	src/sync/account_worker.h \
	src/sync/backoff.c \
	src/sync/backoff.h \
	src/sync/crm_log.c \
	src/sync/crm_letter.c \
	src/sync/crm_match.c \
	src/sync/crm_match.h \
	src/sync/crm_net.c src/sync/crm_secret.c src/sync/crm_sweep.c src/sync/crm_test.c \
	src/sync/crm_pull.c \
	src/sync/crm_sync.c \
	src/sync/crm_sync.h \
	src/sync/crm_worker.c \
	src/sync/crm_worker.h \
	src/sync/desk.c \
	src/sync/drafts.c \
	src/sync/far_search.c \
	src/sync/host.c \
	src/sync/host_pass.c \
	src/sync/host_private.h \
	src/sync/progress.c \
	src/sync/progress.h \
	src/sync/pull.c \
	src/sync/push.c \
	src/sync/report.c \
	src/sync/seat.c \
	src/sync/seat_guest.c \
	src/sync/seat_line.c \
	src/sync/seat_peers.c \
	src/sync/seat_private.h \
	src/sync/seat_secret.c \
	src/sync/send.c \
	src/sync/sent_copy.c \
	src/sync/sent_copy.h \
	src/sync/session.c \
	src/sync/session.h \
	src/sync/worker.c \
	src/sync/worker.h
