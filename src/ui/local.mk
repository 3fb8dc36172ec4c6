noinst_LIBRARIES += libui.a
libui_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
libui_a_SOURCES = \
	include/crmail/ui/ui.h \
	src/ui/action.c src/ui/action.h src/ui/actions.def \
	src/ui/ahead.c src/ui/ahead.h \
	src/ui/core.c src/ui/ui_core.h \
	src/ui/draw.c src/ui/draw.h \
	src/ui/editor.c src/ui/editor.h src/ui/editor_private.h src/ui/editor_show.c \
	src/ui/escape.c src/ui/escape.h \
	src/ui/form.c src/ui/form.h src/ui/form_page.c src/ui/form_page.h \
	src/ui/form_paint.c \
	src/ui/frame.c src/ui/frame.h \
	src/ui/hyperlink.c src/ui/hyperlink.h \
	src/ui/jobs.c src/ui/jobs.h \
	src/ui/key.c src/ui/key.h \
	src/ui/launch.c src/ui/launch.h \
	src/ui/loop.c \
	src/ui/motion.c src/ui/motion.h \
	src/ui/rows.c src/ui/rows.h \
	src/ui/status.c src/ui/status.h \
	src/ui/undo.c \
	src/ui/term.c src/ui/term.h \
	src/ui/theme.c src/ui/theme.h \
	src/ui/view.h src/ui/window.c src/ui/window.h \
	src/ui/views/accounts.h \
	src/ui/views/accounts_do.c \
	src/ui/views/accounts_paint.c \
	src/ui/views/accounts_read.c \
	src/ui/views/accounts_view.c \
	src/ui/views/attach.h src/ui/views/attach_show.c src/ui/views/attach_text.c \
	src/ui/views/attach_view.c \
	src/ui/views/body.c src/ui/views/body.h \
	src/ui/views/book.h src/ui/views/book_paint.c src/ui/views/book_view.c \
	src/ui/views/thread_panel.c src/ui/views/dossier.c src/ui/views/dossier.h \
	src/ui/views/timeline.h src/ui/views/timeline_filter.c src/ui/views/timeline_keys.c \
	src/ui/views/timeline_paint.c src/ui/views/timeline_text.c src/ui/views/timeline_view.c \
	src/ui/views/card.c src/ui/views/card.h \
	src/ui/views/conflict_view.c src/ui/views/contact_fill.c \
	src/ui/views/contact_form.c src/ui/views/contact_form.h src/ui/views/contact_known.c \
	src/ui/views/deal_form.c \
	src/ui/views/form_view.c src/ui/views/form_view.h src/ui/views/log_form.c \
	src/ui/views/people_keys.c src/ui/views/people_keys.h \
	src/ui/views/crm_logging.h src/ui/views/crm_logging_paint.c \
	src/ui/views/crm_logging_view.c \
	src/ui/views/crm_setup.c src/ui/views/crm_setup.h src/ui/views/crm_setup_view.c \
	src/ui/views/crms.c src/ui/views/crms.h \
	src/ui/views/compose.h src/ui/views/compose_draft.c src/ui/views/compose_paint.c \
	src/ui/views/compose_from.c \
	src/ui/views/compose_outside.c \
	src/ui/views/compose_files.c src/ui/views/compose_leave.c src/ui/views/compose_people.c \
	src/ui/views/compose_send.c src/ui/views/compose_template.c src/ui/views/compose_view.c \
	src/ui/views/files.h src/ui/views/files_job.c src/ui/views/files_path.c \
	src/ui/views/files_view.c \
	src/ui/views/go.c \
	src/ui/views/help_view.c \
	src/ui/views/import_job.c \
	src/ui/views/import_job.h \
	src/ui/views/import_view.c \
	src/ui/views/items.h src/ui/views/items_show.c src/ui/views/items_view.c \
	src/ui/views/keyring_view.c \
	src/ui/views/list.h src/ui/views/list_keys.c src/ui/views/list_view.c \
	src/ui/views/log_view.c \
	src/ui/views/mailact.c src/ui/views/mailact.h \
	src/ui/views/match.h src/ui/views/match_ask.c src/ui/views/match_inbox.h \
	src/ui/views/match_paint.c src/ui/views/match_view.c \
	src/ui/views/notices_view.c \
	src/ui/views/order.c src/ui/views/order.h \
	src/ui/views/outbox.h src/ui/views/outbox_paint.c src/ui/views/outbox_view.c \
	src/ui/views/palette_view.c \
	src/ui/views/relay_view.c \
	src/ui/views/remind.h src/ui/views/remind_view.c \
	src/ui/views/people.h src/ui/views/people_job.c src/ui/views/people_text.c \
	src/ui/views/people_view.c \
	src/ui/views/picker_view.c \
	src/ui/views/preview.c src/ui/views/preview.h \
	src/ui/views/prompt.c src/ui/views/prompt.h \
	src/ui/views/question.h src/ui/views/question_view.c \
	src/ui/views/quit_view.c \
	src/ui/views/rowpaint.c src/ui/views/rowpaint.h \
	src/ui/views/search_counts.c src/ui/views/search_counts.h \
	src/ui/views/search.h src/ui/views/search_far.c src/ui/views/search_job.c src/ui/views/search_paint.c \
	src/ui/views/search_view.c \
	src/ui/views/secret_view.c \
	src/ui/views/sign_in_view.c \
	src/ui/views/sidebar.c src/ui/views/sidebar.h \
	src/ui/views/template_edit_view.c src/ui/views/template_versions_view.c \
	src/ui/views/template_form.c src/ui/views/templates.h src/ui/views/templates_job.c \
	src/ui/views/templates_paint.c src/ui/views/templates_view.c \
	src/ui/views/thread.h src/ui/views/thread_keys.c src/ui/views/thread_layout.c \
	src/ui/views/thread_paint.c src/ui/views/thread_people.c src/ui/views/thread_view.c \
	src/ui/views/today.h src/ui/views/today_paint.c src/ui/views/today_view.c \
	src/ui/views/tree.c src/ui/views/tree.h \
	src/ui/views/views.h \
	src/ui/views/welcome.h \
	src/ui/views/welcome_find.c \
	src/ui/views/welcome_form.c \
	src/ui/views/welcome_view.c \
	src/ui/views/why.h src/ui/views/why_job.c src/ui/views/why_paint.c src/ui/views/why_view.c \
	src/ui/when.c src/ui/when.h
