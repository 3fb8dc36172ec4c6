# Manual pages, and what a reader of the sources finds in doc/. crmail(1) gets its keys from the
# table of actions.
man_MANS = doc/crmail.1
dist_man_MANS = doc/crmail-config.5
CLEANFILES += doc/crmail.1
EXTRA_DIST += doc/crmail.1.in doc/keys.awk doc/architecture.md doc/make-screen

doc/crmail.1: doc/crmail.1.in doc/keys.awk src/ui/local.mk
	@$(MKDIR_P) doc
	@actions='$(srcdir)/src/ui/actions.def'; test -f "$$actions" || actions=/dev/null; \
	$(AWK) -f '$(srcdir)/doc/keys.awk' "$$actions" '$(srcdir)/doc/crmail.1.in' >$@.tmp && mv $@.tmp $@
