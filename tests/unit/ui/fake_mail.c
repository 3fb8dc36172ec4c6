/* fake_mail.c - the mail of the goldens: what screens.md sketches. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/mem.h"
#include "fake_store.h"

#define DAY 86400
#define ME "minh@ourfirm.example"

static const char reply_text[] =
	"Hi Minh,\r\n\r\nthanks, the board meets Thursday. Could you send the revised price list "
	"https://dafaneto.example/price before that? Two points are open:\r\n\r\n"
	"- payment within 30 days\r\n- delivery in week 7\r\n\r\nBest, Laura\r\n\r\n"
	"On 14 Nov 2026, Minh Nguyen wrote:\r\n> Happy to.\r\n>\r\n> I have attached the offer "
	"in its second version.\r\n>\r\n> It holds until the end of the month.\r\n>\r\n> Kind "
	"regards\r\n> Minh\r\n";

static const char html_text[] =
	"--b1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
	"<h1>Angebot 2026-17</h1><p>Guten Morgen Minh, wir haben noch <b>zwei Punkte</b>:</p>"
	"<ul><li>Zahlung</li><li>Lieferung</li></ul>"
	"<table border=1><tr><th>Teil</th><th>Preis</th></tr><tr><td>A</td><td>12</td></tr></table>"
	"<p>Alles <a href=\"https://tolabe.example/angebot\">im Angebot</a>.</p>"
	"<img src=\"https://tolabe.example/logo.png\" width=100 height=40>"
	"<img src=\"https://track.example/p.gif\" width=1 height=1>\r\n"
	"--b1\r\nContent-Type: application/pdf; name=terms.pdf\r\n"
	"Content-Disposition: attachment; filename=terms-v3.pdf\r\n"
	"Content-Transfer-Encoding: base64\r\n\r\n"
	"VGhlIHRlcm1zIG9mIHRoZSBjb250cmFjdCBpbiB0aGVpciB0aGlyZCB2ZXJzaW9uLg==\r\n--b1--\r\n";

const char fake_attachments[] =
	"--b1\r\nContent-Type: text/plain\r\n\r\nThree files.\r\n"
	"--b1\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
	"Content-Disposition: attachment; filename=notes.txt\r\n\r\n"
	"Gr\xfc\xdf"
	"e\tan\talle\r\n\x1b]0;title\x07\x1b[31mred\r\n"
	"line 1\r\nline 2\r\nline 3\r\nline 4\r\nline 5\r\nline 6\r\nline 7\r\nline 8\r\n"
	"line 9\r\nline 10\r\nline 11\r\nline 12\r\nline 13\r\nline 14\r\nline 15\r\n"
	"line 16\r\nline 17\r\nline 18\r\nline 19\r\nline 20\r\nline 21\r\nline 22\r\n"
	"line 23\r\nline 24\r\nline 25\r\nline 26\r\nline 27\r\nline 28\r\nline 29\r\n"
	"line 30\r\nline 31\r\nline 32\r\nline 33\r\nline 34\r\nline 35\r\nline 36\r\n"
	"line 37\r\nline 38\r\nline 39\r\nline 40\r\nline 41\r\nline 42\r\nline 43\r\n"
	"line 44\r\nline 45\r\nline 46\r\nthe end\r\n"
	"--b1\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n"
	"Content-Disposition: attachment; filename=invite.ics\r\n\r\n"
	"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n"
	"DTSTART;TZID=Europe/Berlin:20261126T140000\r\nDTEND:20261126T133000Z\r\n"
	"SUMMARY:Terms\\, third version\r\nLOCATION:Room 4\r\n"
	"DESCRIPTION:Please bring\\nthe price list.\r\n"
	"ORGANIZER;CN=Laura Palmer:mailto:laura@dafaneto.example\r\n"
	"ATTENDEE;CN=Denis;PARTSTAT=ACCEPTED:mailto:denis@dafaneto.example\r\n"
	"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:minh@example.test\r\n"
	"END:VEVENT\r\nEND:VCALENDAR\r\n"
	"--b1\r\nContent-Type: message/rfc822\r\n"
	"Content-Disposition: attachment; filename=order.eml\r\n\r\n"
	"From: Laura Palmer <laura@dafaneto.example>\r\nTo: denis@dafaneto.example\r\n"
	"Date: Thu, 19 Nov 2026 10:00:00 +0000\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
	"Content-Type: multipart/mixed; boundary=b2\r\n\r\n"
	"--b2\r\nContent-Type: text/html\r\n\r\n<p>The <b>order</b> is placed.</p>\r\n"
	"--b2\r\nContent-Type: application/pdf; name=order.pdf\r\n\r\nx\r\n--b2--\r\n"
	"--b1--\r\n";

static const struct fake_mail sample[] = {
	{.id = 1,
		.thread = 1,
		.role = FOLDER_INBOX,
		.date = FAKE_NOW - 400 * DAY,
		.flags = MSG_SEEN,
		.from_name = "Old Friend",
		.from_addr = "old@example.test",
		.to_addr = ME,
		.subject = "Season's greetings",
		.snippet = "All the best for the new year.",
		.text = "All the best for the new year.\r\n"},
	{.id = 2,
		.thread = 2,
		.role = FOLDER_INBOX,
		.date = FAKE_NOW - 39 * DAY,
		.flags = MSG_SEEN,
		.from_name = "Юлия Смирнов",
		.from_addr = "yulia@lebo.example",
		.to_addr = ME,
		.subject = "Договор и сроки поставки",
		.snippet = "Добрый день! Отправляю подписанный…",
		.text = "Добрый день! Отправляю подписанный договор.\r\n",
		.contact = 2},
	{.id = 3,
		.thread = 3,
		.role = FOLDER_INBOX,
		.date = FAKE_NOW - 8 * DAY,
		.flags = MSG_SEEN,
		.from_name = "Laura Palmer",
		.from_addr = "laura@dafaneto.example",
		.to_name = "Minh Nguyễn",
		.to_addr = ME,
		.subject = "Deadline order and the new terms",
		.snippet = "We have looked at your offer and like most of it.",
		.text = "We have looked at your offer and like most of it.\r\n",
		.contact = 1},
	{.id = 4,
		.thread = 3,
		.parent = 3,
		.role = FOLDER_SENT,
		.date = FAKE_NOW - 6 * DAY,
		.flags = MSG_SEEN,
		.from_name = "Minh Nguyễn",
		.from_addr = ME,
		.to_name = "Laura Palmer",
		.to_addr = "laura@dafaneto.example",
		.subject = "Re: Deadline order and the new terms",
		.snippet = "Happy to. I have attached the offer in its second version.",
		.text = "Happy to. I have attached the offer in its second version.\r\n",
		.contact = 1},
	{.id = 5,
		.thread = 5,
		.role = FOLDER_INBOX,
		.date = FAKE_NOW - 5 * DAY,
		.from_addr = "new.person@acme.example",
		.to_addr = ME,
		.subject = "Can we talk about pricing?",
		.snippet = "I found you through the fair.",
		.text = "I found you through the fair.\r\n",
		.is_unknown = true},
	{.id = 6,
		.thread = 6,
		.role = FOLDER_INBOX,
		.date = FAKE_NOW - 4 * DAY,
		.flags = MSG_SEEN,
		.from_addr = "noreply@billing.example",
		.to_addr = ME,
		.subject = "Your invoice for October",
		.snippet = "Your invoice is ready.",
		.text = "Your invoice is ready.\r\n"},
	{.id = 7,
		.thread = 7,
		.role = FOLDER_INBOX,
		.date = FAKE_NOW - 2880,
		.flags = 0,
		.from_name = "Björn Krüger",
		.from_addr = "bjoern@tolabe.example",
		.to_addr = ME,
		.subject = "Frage zum Angebot 2026-17",
		.snippet = "Guten Morgen Minh, wir haben noch zwei Punkte",
		.n_attachments = 1,
		.type = "multipart/mixed; boundary=b1",
		.text = html_text},
	{.id = 8,
		.thread = 3,
		.parent = 4,
		.role = FOLDER_INBOX,
		.date = FAKE_NOW - 1140,
		.flags = MSG_FLAGGED,
		.from_name = "Laura Palmer",
		.from_addr = "laura@dafaneto.example",
		.to_name = "Minh Nguyễn",
		.to_addr = ME,
		.cc = "denis@dafaneto.example",
		.subject = "Re: Deadline order and the new terms",
		.snippet =
			"thanks, the board meets Thursday. Could you send the revised price list",
		.text = reply_text,
		.contact = 1},
};

static const char *const laura_emails[] = {"laura@dafaneto.example"};
static const char *const laura_phones[] = {"+49 30 901820"};
static const char *const yulia_emails[] = {"yulia@lebo.example"};

static void fill_crm(struct store *s)
{
	s->contacts[0] = (struct contact_row){.id = 1,
		.crm = 1,
		.name = "Laura Palmer",
		.title = "Head of Procurement",
		.emails = laura_emails,
		.n_emails = 1,
		.phones = laura_phones,
		.n_phones = 1,
		.partner = 1,
		.partner_name = "Dafaneto",
		.last_touch_at = FAKE_NOW - 2 * DAY};
	s->contacts[1] = (struct contact_row){.id = 2,
		.crm = 1,
		.name = "Юлия Смирнов",
		.emails = yulia_emails,
		.n_emails = 1,
		.partner_name = "Lebo JSC"};
	s->n_contacts = 2;
	s->partners[0] = (struct partner_row){.id = 1, .crm = 1, .name = "Dafaneto"};
	s->n_partners = 1;
	s->deals[0] = (struct deal_row){.id = 1,
		.crm = 1,
		.name = "Q1 frame contract",
		.amount = "12,000",
		.currency = "EUR",
		.stage = "negotiation",
		.next_step = "call on Thursday",
		.close_at = FAKE_NOW + 10 * DAY,
		.partner = 1,
		.contact = 1,
		.is_open = true};
	s->n_deals = 1;
	s->entries[0] = (struct timeline_entry){.id = "8",
		.kind = ENTRY_EMAIL,
		.at = FAKE_NOW - 1140,
		.subject = "Re: Deadline order and the new terms"};
	s->entries[1] = (struct timeline_entry){.id = "4",
		.kind = ENTRY_EMAIL,
		.at = FAKE_NOW - 6 * DAY,
		.has_direction = true,
		.is_out = true};
	s->entries[2] = (struct timeline_entry){.id = "c1",
		.kind = ENTRY_CALL,
		.at = FAKE_NOW - 9 * DAY,
		.subject = "call, 12 min: budget is set"};
	s->entries[3] = (struct timeline_entry){.id = "n1",
		.kind = ENTRY_NOTE,
		.at = FAKE_NOW - 20 * DAY,
		.subject = "met at the fair"};
	s->n_entries = 4;
	s->accounts[0].crm = 1;
	s->abilities = FAKE_ABILITIES;
	s->written = BUF_INIT(BUF_UNLIMITED);
}

static void fill_account(struct store *s)
{
	s->accounts[0] = (struct account_row){.id = 1,
		.name = "work",
		.kind = "imap",
		.email = ME,
		.real_name = "Minh Nguyễn",
		.status = ACCOUNT_CONNECTED,
		.last_sync_at = FAKE_NOW - 125};
	s->n_accounts = 1;
}

void fake_store_fill(struct store *s)
{
	*s = (struct store){.n_accounts = 0};
	fill_account(s);
	s->folders[0] =
		(struct folder_row){.id = 1, .account = 1, .name = "INBOX", .role = FOLDER_INBOX};
	s->folders[1] = (struct folder_row){
		.id = 2, .account = 1, .name = "Customers", .unread_threads = 3};
	s->folders[2] = (struct folder_row){.id = 3, .account = 1, .name = "Offers"};
	s->n_folders = 3;
	s->n_mail = sizeof(sample) / sizeof(sample[0]);
	s->mail = xcalloc(s->n_mail, sizeof(*s->mail));
	memcpy(s->mail, sample, sizeof(sample));
	fill_crm(s);
}

void fake_store_fill_many(struct store *s, size_t n)
{
	static char subjects[10000][32];

	*s = (struct store){.n_accounts = 0};
	fill_account(s);
	s->n_mail = n < 10000 ? n : 10000;
	s->mail = xcalloc(s->n_mail, sizeof(*s->mail));
	for (size_t i = 0; i < s->n_mail; i++) {
		snprintf(subjects[i], sizeof(subjects[i]), "subject %zu", i);
		s->mail[i] = (struct fake_mail){.id = (int64_t)i + 1,
			.thread = (int64_t)i + 1,
			.role = FOLDER_INBOX,
			.date = FAKE_NOW - 60 * (int64_t)(s->n_mail - i),
			.flags = MSG_SEEN,
			.from_name = "Somebody",
			.from_addr = "s@example.test",
			.to_addr = ME,
			.subject = subjects[i],
			.snippet = "text",
			.text = "text\r\n"};
	}
}

struct fake_mail *fake_mail_of(struct store *s, int64_t id)
{
	for (size_t i = 0; i < s->n_mail; i++)
		if (s->mail[i].id == id)
			return &s->mail[i];
	return NULL;
}

void fake_store_release(struct store *s)
{
	for (size_t i = 0; i < FAKE_MAX_OUTBOX; i++) {
		free(s->draft_json[i]);
		free(s->raw[i]);
	}
	for (size_t i = 0; i < s->n_files; i++) {
		free(s->files[i].name);
		free(s->files[i].type);
		free(s->files[i].data);
	}
	for (size_t i = 0; i < s->n_versions; i++) {
		free(s->versions[i].path);
		free(s->versions[i].text);
	}
	free(s->template_used);
	free(s->mail);
	buf_release(&s->written);
	*s = (struct store){.n_accounts = 0};
}
