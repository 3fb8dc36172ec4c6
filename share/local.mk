# Data installed to $(pkgdatadir): CRM profiles, providers to sign in at, demo data, templates.
crmprofiledir = $(pkgdatadir)/crm
dist_crmprofile_DATA = share/crmail/crm/local.json share/crmail/crm/supabase.json
oauthdir = $(pkgdatadir)/oauth
dist_oauth_DATA = share/crmail/oauth/google.json share/crmail/oauth/microsoft.json
dist_pkgdata_DATA = share/crmail/discovery.json
demodir = $(pkgdatadir)/demo
dist_demo_DATA = share/crmail/demo/crm.json share/crmail/demo/mailbox
entemplatesdir = $(pkgdatadir)/templates/en
dist_entemplates_DATA = share/crmail/templates/en/first-contact.md \
	share/crmail/templates/en/follow-up.md \
	share/crmail/templates/en/introduction.md \
	share/crmail/templates/en/lost-deal.md \
	share/crmail/templates/en/meeting-proposal.md \
	share/crmail/templates/en/meeting-thanks.md \
	share/crmail/templates/en/no-answer.md \
	share/crmail/templates/en/offer-reminder.md \
	share/crmail/templates/en/offer-sent.md \
	share/crmail/templates/en/renewal.md
detemplatesdir = $(pkgdatadir)/templates/de
dist_detemplates_DATA = share/crmail/templates/de/first-contact.md \
	share/crmail/templates/de/follow-up.md \
	share/crmail/templates/de/introduction.md \
	share/crmail/templates/de/lost-deal.md \
	share/crmail/templates/de/meeting-proposal.md \
	share/crmail/templates/de/meeting-thanks.md \
	share/crmail/templates/de/no-answer.md \
	share/crmail/templates/de/offer-reminder.md \
	share/crmail/templates/de/offer-sent.md \
	share/crmail/templates/de/renewal.md
vitemplatesdir = $(pkgdatadir)/templates/vi
dist_vitemplates_DATA = share/crmail/templates/vi/first-contact.md \
	share/crmail/templates/vi/follow-up.md \
	share/crmail/templates/vi/introduction.md \
	share/crmail/templates/vi/lost-deal.md \
	share/crmail/templates/vi/meeting-proposal.md \
	share/crmail/templates/vi/meeting-thanks.md \
	share/crmail/templates/vi/no-answer.md \
	share/crmail/templates/vi/offer-reminder.md \
	share/crmail/templates/vi/offer-sent.md \
	share/crmail/templates/vi/renewal.md

# The link that configure makes in a build tree of its own.
distclean-local:
	test ! -h share/crmail || rm -f share/crmail
	test ! -d share || rmdir share 2>/dev/null || :
