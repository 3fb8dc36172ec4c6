# Data installed to $(pkgdatadir): CRM profiles, demo data, templates.
