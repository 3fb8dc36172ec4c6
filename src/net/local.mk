noinst_LIBRARIES += libnet.a
libnet_a_SOURCES = \
	include/crmail/net/cancel.h \
	include/crmail/net/http.h \
	include/crmail/net/ipc.h \
	include/crmail/net/netwatch.h \
	include/crmail/net/secret.h \
	include/crmail/net/stream.h \
	include/crmail/net/tls.h \
	src/net/cancel.c \
	src/net/dial.c \
	src/net/dial.h \
	src/net/helper.c \
	src/net/helper.h \
	src/net/helper_start.c \
	src/net/http.c \
	src/net/ipc.c \
	src/net/netwatch.c \
	src/net/secret.c \
	src/net/secret_store.c \
	src/net/session.c \
	src/net/session.h \
	src/net/stream.c \
	src/net/tls.c \
	src/net/url.c \
	src/net/url.h \
	src/net/vault.c \
	src/net/vault.h \
	src/net/wait.c \
	src/net/wait.h
