/* undo.c - what z takes back, and for how long. */
#include "config.h"

#include "ui_core.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/store/decide.h"
#include "crmail/store/message.h"
#include "crmail/store/outbox.h"
#include "crmail/store/record.h"
#include "views/views.h"

void ui_set_undo(struct ui *ui, int64_t group, int64_t outbox, int seconds, const char *text)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(sizeof(ui->undo.text) - 1);

	buf_addstr(&b, text);
	ui->undo = (struct ui_undo){.group = group, .outbox = outbox};
	memcpy(ui->undo.text, b.p, b.len + 1);
	if (seconds > 0)
		ui->undo.until_ms = ui_now_ms(ui) + (int64_t)seconds * 1000;
	ui->message_kind = MESSAGE_NONE;
	ui->wants_paint = true;
}

void ui_set_undo_record(struct ui *ui, int64_t write, const char *text)
{
	ui_set_undo(ui, 0, 0, 0, text);
	ui->undo.record = write;
	if (!write)
		ui_info(ui, "%s", text);
}

void ui_set_undo_decision(struct ui *ui, int64_t decision, const char *text)
{
	ui_set_undo(ui, 0, 0, 0, text);
	ui->undo.decision = decision;
}

void ui_undo(struct ui *ui)
{
	struct ui_undo u = ui->undo;

	ui->undo = (struct ui_undo){.group = 0};
	if (u.outbox) {
		outbox_act(ui->o.store, u.outbox, OUTBOX_TAKE_BACK);
		ui_info(ui, "%s",
			u.until_ms ? _("Not sent: the mail is a draft again.") : _("Undone."));
		compose_open_draft(ui, u.outbox);
	} else if (u.decision) {
		decide_undo(ui->o.store, u.decision);
		ui_kick(ui, 0);
		ui_info(ui, "%s", _("Undone."));
	} else if (u.record) {
		record_undo(ui->o.store, u.record);
		ui_info(ui, "%s", _("Undone."));
	} else if (u.group) {
		action_undo(ui->o.store, u.group);
		ui_kick(ui, 0);
		ui_info(ui, "%s", _("Undone."));
	} else {
		ui_info(ui, "%s", _("Nothing to undo."));
	}
	for (size_t i = 0; i < ui->n_stack; i++)
		view_mark(ui->stack[i], DIRTY_RECALC);
}
