# Data installed to $(pkgdatadir): CRM profiles, providers to sign in at, demo data, templates.
crmprofiledir = $(pkgdatadir)/crm
dist_crmprofile_DATA = share/crmail/crm/local.json share/crmail/crm/supabase.json
oauthdir = $(pkgdatadir)/oauth
dist_oauth_DATA = share/crmail/oauth/google.json share/crmail/oauth/microsoft.json
dist_pkgdata_DATA = share/crmail/discovery.json
demodir = $(pkgdatadir)/demo
dist_demo_DATA = share/crmail/demo/crm.json share/crmail/demo/mailbox

# The link that configure makes in a build tree of its own.
distclean-local:
	test ! -h share/crmail || rm -f share/crmail
	test ! -d share || rmdir share 2>/dev/null || :
