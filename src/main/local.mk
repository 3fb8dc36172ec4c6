bin_PROGRAMS += crmail
crmail_SOURCES = \
	src/main/app.c \
	src/main/app.h \
	src/main/demo.c \
	src/main/demo.h \
	src/main/demo_crm.c \
	src/main/main.c \
	src/main/options.c \
	src/main/options.h \
	src/main/tui.c
crmail_LDADD = libcli.a libsync.a libui.a libcrm.a libprovider.a libstore.a libmail.a libnet.a libbase.a \
	$(UI_LIBS) $(STORE_LIBS) $(MAIL_LIBS) $(NET_LIBS) $(INIH_LIBS) $(BASE_LIBS)
