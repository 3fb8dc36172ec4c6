noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	include/crmail/base/arena.h include/crmail/base/argv.h include/crmail/base/ask.h include/crmail/base/attrs.h \
	include/crmail/base/browse.h include/crmail/base/buf.h \
	include/crmail/base/clock.h include/crmail/base/desk.h include/crmail/base/err.h \
	include/crmail/base/entry.h include/crmail/base/event.h \
	include/crmail/base/fold.h include/crmail/base/fsx.h include/crmail/base/hash.h \
	include/crmail/base/i18n.h include/crmail/base/json.h include/crmail/base/late.h include/crmail/base/log.h \
	include/crmail/base/mem.h include/crmail/base/moment.h include/crmail/base/offer.h \
	include/crmail/base/op.h include/crmail/base/rng.h \
	include/crmail/base/str.h include/crmail/base/utf8.h \
	src/base/arena.c src/base/argv.c src/base/browse.c src/base/buf.c src/base/clock.c src/base/entry.c src/base/err.c src/base/event.c \
	src/base/fold.c src/base/fsx.c src/base/hash.c src/base/json.c src/base/late.c \
	src/base/late_crypto.c src/base/log.c \
	src/base/log_private.h src/base/log_read.c \
	src/base/mem.c src/base/moment.c src/base/rng.c src/base/sanitise.c src/base/str.c src/base/utf8.c
