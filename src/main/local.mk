bin_PROGRAMS += crmail
crmail_SOURCES = src/main/main.c
crmail_LDADD = libcli.a libsync.a libui.a libcrm.a libprovider.a libstore.a libmail.a libnet.a libbase.a \
	$(UI_LIBS) $(PROVIDER_LIBS) $(STORE_LIBS) $(MAIL_LIBS) $(NET_LIBS) $(INIH_LIBS) $(BASE_LIBS)
