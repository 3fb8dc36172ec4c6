noinst_LIBRARIES += libstore.a

STORE_SCHEMA = \
	src/store/schema/001-core.sql \
	src/store/schema/002-crm.sql \
	src/store/schema/003-list-count.sql \
	src/store/schema/004-saved-search.sql \
	src/store/schema/005-correspondent.sql \
	src/store/schema/006-care.sql \
	src/store/schema/007-outbox-file.sql \
	src/store/schema/008-found.sql \
	src/store/schema/009-kept.sql \
	src/store/schema/010-draft-copy.sql \
	src/store/schema/011-tombstone.sql \
	src/store/schema/012-crm-user.sql \
	src/store/schema/013-record.sql \
	src/store/schema/014-timeline.sql \
	src/store/schema/015-decide.sql \
	src/store/schema/016-crm-gone.sql \
	src/store/schema/017-day.sql \
	src/store/schema/018-people-import.sql \
	src/store/schema/019-hook-event.sql \
	src/store/schema/020-organization-setting.sql \
	src/store/schema/021-placement-open.sql \
	src/store/schema/022-lead.sql \
	src/store/schema/023-outbox-draft.sql \
	src/store/schema/024-reminder.sql \
	src/store/schema/025-reminder-copy.sql \
	src/store/schema/026-outbox-way.sql \
	src/store/schema/027-template.sql \
	src/store/schema/cache-001-core.sql \
	src/store/schema/cache-002-file.sql \
	src/store/schema/cache-003-opened.sql

libstore_a_SOURCES = \
	include/crmail/store/account.h include/crmail/store/contact.h \
	include/crmail/store/ingest.h include/crmail/store/message.h \
	include/crmail/store/opqueue.h include/crmail/store/outbox.h \
	include/crmail/store/search.h include/crmail/store/store.h \
	include/crmail/store/activity.h \
	src/store/account.c src/store/account_private.h \
	src/store/activity.c \
	include/crmail/store/care.h src/store/care.c \
	include/crmail/store/audit.h src/store/audit.c src/store/audit_private.h \
	src/store/backup.c src/store/backup.h src/store/restore.c \
	src/store/cache_file.c src/store/cache_file.h \
	src/store/evict.c src/store/evict.h src/store/keep.c src/store/keep.h \
	src/store/merge.c src/store/merge.h src/store/rebuild.c src/store/rebuild.h src/store/sweep.c src/store/sweep.h \
	include/crmail/store/purge.h src/store/purge.c src/store/purge_private.h \
	src/store/presence.c src/store/presence.h \
	src/store/stopper.c src/store/stopper.h \
	src/store/body.c \
	src/store/contact.c \
	include/crmail/store/correspondent.h \
	src/store/correspondent.c src/store/correspondent_private.h \
	src/store/crm.c src/store/crm_private.h \
	include/crmail/store/crm_sweep.h src/store/crm_sweep.c \
	src/store/crm_user.c \
	include/crmail/store/book.h src/store/book.c \
	include/crmail/store/timeline.h src/store/timeline_items.c src/store/hide.c \
	include/crmail/store/crm_setup.h src/store/crm_setup.c \
	include/crmail/store/crm_item.h src/store/crm_item.c \
	include/crmail/store/notice.h src/store/notice.c src/store/notice_private.h \
	include/crmail/store/today.h src/store/today.c \
	src/store/action.c src/store/action.h \
	src/store/change.c \
	src/store/db.c src/store/db.h \
	src/store/deal.c \
	src/store/doctor.c src/store/doctor.h \
	src/store/flags.c src/store/flags.h \
	src/store/draft.c \
	src/store/draft_private.h \
	src/store/folder.c \
	src/store/found.c src/store/found.h \
	src/store/hash64.c src/store/hash64.h \
	include/crmail/store/hook_event.h src/store/hook_event.c \
	src/store/hook_event_private.h \
	src/store/ingest.c src/store/ingest_private.h \
	src/store/ingest_body.c src/store/ingest_body.h \
	src/store/ingest_labels.c src/store/ingest_labels.h \
	src/store/label.c src/store/label.h src/store/list_folders.c src/store/list_folders.h \
	src/store/match.c src/store/match_again.c \
	include/crmail/store/decide.h src/store/decide.c src/store/decide_read.c \
	src/store/stranger.c src/store/backfill.c \
	include/crmail/store/why.h src/store/suggest.c src/store/why.c src/store/why_text.c \
	src/store/message_list.c \
	src/store/message_read.c src/store/message_read.h src/store/thread_messages.c \
	src/store/known.c \
	src/store/migrate.c src/store/migrate.h \
	src/store/moved.c src/store/moved.h \
	src/store/parked.c \
	src/store/partner.c \
	include/crmail/store/people.h src/store/people_private.h src/store/people_import.c \
	src/store/people_export.c \
	src/store/people_plan.c src/store/people_state.c src/store/people_undo.c \
	src/store/party_key.c \
	src/store/opqueue.c \
	include/crmail/store/organization.h src/store/organization.c \
	include/crmail/store/outbox_file.h src/store/outbox_file.c \
	src/store/outbox.c src/store/outbox_read.c \
	src/store/outbox_report.c src/store/outbox_report.h \
	src/store/prepare.c \
	src/store/reader.c \
	include/crmail/store/record.h src/store/record_private.h \
	src/store/record_order.h \
	src/store/record_change.c src/store/record_decide.c \
	src/store/record.c src/store/record_adopt.c src/store/record_field.c \
	src/store/record_queue.c src/store/record_read.c \
	src/store/record_remake.c \
	include/crmail/store/reminder.h src/store/reminder.c src/store/reminder_private.h \
	src/store/ready.c \
	src/store/ready.h \
	include/crmail/store/saved_search.h \
	src/store/saved_search.c \
	src/store/schema.h \
	src/store/search.c src/store/search_parse.c src/store/search_private.h \
	src/store/search_terms.c src/store/search_walk.c \
	src/store/store.c src/store/store_private.h \
	include/crmail/store/template.h src/store/template.c src/store/template_folder.c src/store/template_values.c \
	src/store/thread_dump.c \
	src/store/thread_row.c src/store/thread_row.h \
	src/store/thread_join.c src/store/thread_list.c src/store/thread_private.h \
	src/store/timeline.c \
	src/store/writer.c
nodist_libstore_a_SOURCES = src/store/schema_data.c

EXTRA_DIST += $(STORE_SCHEMA) src/store/schema/embed.awk
BUILT_SOURCES += src/store/schema_data.c
CLEANFILES += src/store/schema_data.c

src/store/schema_data.c: $(STORE_SCHEMA) src/store/schema/embed.awk
	$(AM_V_GEN)$(MKDIR_P) src/store && \
		(cd $(srcdir) && $(AWK) -f src/store/schema/embed.awk $(STORE_SCHEMA)) >$@.tmp && \
		mv $@.tmp $@
