/* activity_id.c - the bytes of formats.md "Activity id". */
#include "config.h"

#include "crmail/crm/activity_id.h"

#include "crmail/base/buf.h"
#include "crmail/base/hash.h"

void activity_mail_id(struct buf *out, struct span message_id, struct span from, struct span date,
	struct span subject)
{
	struct span id = span_trim(message_id);
	if (id.len && id.p[0] == '<')
		id = (struct span){id.p + 1, id.len - 1};
	if (id.len && id.p[id.len - 1] == '>')
		id.len--;
	if (id.len) {
		buf_add(out, id.p, id.len);
		return;
	}
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	buf_add(&text, from.p, from.len);
	buf_addch(&text, '\n');
	buf_add(&text, date.p, date.len);
	buf_addch(&text, '\n');
	buf_add(&text, subject.p, subject.len);
	char hex[65];
	sha256_hex(text.p, text.len, hex);
	buf_addf(out, "sha256:%s", hex);
}

void activity_id(char out[37], const char *organization, const char *mail_id, const char *kind,
	const char *crm_id)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT(BUF_UNLIMITED);
	buf_addstr(&name, "crmail:");
	buf_addstr(&name, organization ? organization : "");
	buf_addch(&name, '|');
	buf_addstr(&name, mail_id);
	buf_addch(&name, '|');
	buf_addstr(&name, kind);
	buf_addch(&name, ':');
	buf_addstr(&name, crm_id);
	uuid5(name.p, name.len, out);
}
