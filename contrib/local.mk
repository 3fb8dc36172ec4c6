# What belongs around the program.
bashcompletiondir = $(datadir)/bash-completion/completions
systemduserunitdir = $(prefix)/lib/systemd/user
install-data-hook:
	$(MKDIR_P) '$(DESTDIR)$(bashcompletiondir)' '$(DESTDIR)$(systemduserunitdir)'
	$(INSTALL_DATA) '$(srcdir)/contrib/completion/crmail.bash' '$(DESTDIR)$(bashcompletiondir)/crmail'
	sed 's|[@]bindir[@]|$(bindir)|' '$(srcdir)/contrib/systemd/crmail.service.in' \
		>'$(DESTDIR)$(systemduserunitdir)/crmail.service'
	chmod 644 '$(DESTDIR)$(systemduserunitdir)/crmail.service'
uninstall-hook:
	rm -f '$(DESTDIR)$(bashcompletiondir)/crmail' '$(DESTDIR)$(systemduserunitdir)/crmail.service'
EXTRA_DIST += contrib/completion/crmail.bash contrib/systemd/crmail.service.in
