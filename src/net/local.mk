noinst_LIBRARIES += libnet.a
libnet_a_SOURCES = \
	include/crmail/net/cancel.h \
	include/crmail/net/http.h \
	include/crmail/net/secret.h \
	include/crmail/net/stream.h \
	include/crmail/net/tls.h \
	src/net/secret.c
