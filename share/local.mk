# Data installed to $(pkgdatadir): CRM profiles, demo data, templates.
crmprofiledir = $(pkgdatadir)/crm
dist_crmprofile_DATA = share/crmail/crm/local.json share/crmail/crm/supabase.json
demodir = $(pkgdatadir)/demo
dist_demo_DATA = share/crmail/demo/mailbox
