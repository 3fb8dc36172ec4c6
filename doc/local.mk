# Manual pages, and what a reader of the sources finds in doc/.
dist_man_MANS = doc/crmail.1 doc/crmail-config.5
EXTRA_DIST += doc/architecture.md doc/make-screen
