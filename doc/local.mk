# Manual pages, and what a reader of the sources finds in doc/. crmail(1) gets its keys from the
# table of actions, crmail-config(5) its role addresses from the list that matching uses.
man_MANS = doc/crmail.1 doc/crmail-config.5
CLEANFILES += $(man_MANS)
dist_man_MANS = doc/crmail-profile.5
EXTRA_DIST += doc/crmail.1.in doc/crmail-config.5.in doc/keys.awk doc/roles.awk doc/architecture.md doc/reading-mail.md doc/writing-mail.md doc/rendering.md doc/schema.md \
	doc/screen.md doc/templates.md \
	doc/make-screen

doc/crmail.1: doc/crmail.1.in doc/keys.awk src/ui/actions.def
	$(AM_V_GEN)$(MKDIR_P) doc && $(AWK) -f '$(srcdir)/doc/keys.awk' '$(srcdir)/src/ui/actions.def' \
		'$(srcdir)/doc/crmail.1.in' >$@.tmp && mv $@.tmp $@

doc/crmail-config.5: doc/crmail-config.5.in doc/roles.awk src/crm/match_list.c
	$(AM_V_GEN)$(MKDIR_P) doc && $(AWK) -f '$(srcdir)/doc/roles.awk' '$(srcdir)/src/crm/match_list.c' \
		'$(srcdir)/doc/crmail-config.5.in' >$@.tmp && mv $@.tmp $@
