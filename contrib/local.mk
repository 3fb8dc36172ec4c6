# What belongs around the program.
bashcompletiondir = $(datadir)/bash-completion/completions
install-data-hook:
	$(MKDIR_P) '$(DESTDIR)$(bashcompletiondir)'
	$(INSTALL_DATA) '$(srcdir)/contrib/completion/crmail.bash' '$(DESTDIR)$(bashcompletiondir)/crmail'
uninstall-hook:
	rm -f '$(DESTDIR)$(bashcompletiondir)/crmail'
EXTRA_DIST += contrib/completion/crmail.bash
