/* relay_letter.c - a mail as recipients, subject and text, or why it cannot be that. */
#include "config.h"

#include "relay_letter.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/hash.h"
#include "crmail/base/i18n.h"
#include "crmail/mail/message.h"

#define TEXT_MAX ((size_t)4 << 20)

static bool is_among(const struct addr_list *list, const char *addr)
{
	for (size_t i = 0; i < list->n; i++)
		if (addr_same(list->v[i].addr, addr))
			return true;
	return false;
}

/* Everybody gets it by To, and everybody in To gets it. */
static bool is_plain_to(const struct message *msg, const struct transport_mail *m)
{
	for (size_t i = 0; i < m->n_rcpts; i++)
		if (!is_among(&msg->to, m->rcpts[i].addr))
			return false;
	for (size_t i = 0; i < msg->to.n; i++) {
		size_t k = 0;
		while (k < m->n_rcpts && !addr_same(m->rcpts[k].addr, msg->to.v[i].addr))
			k++;
		if (k == m->n_rcpts)
			return false;
	}
	return msg->cc.n == 0;
}

static int check(struct arena *a, const struct message *msg, const struct transport_mail *m,
	struct err *e)
{
	struct message_attachment *ignored;
	if (message_attachments(a, msg, &ignored) > 0)
		return err_set(e, ERR_UNSUPPORTED,
			_("The relay carries no attachments: send this mail from another "
			  "account."));
	if (!is_plain_to(msg, m))
		return err_set(e, ERR_UNSUPPORTED,
			_("The relay carries no Cc or Bcc: put everybody into To, or send this "
			  "mail "
			  "from another account."));
	if (msg->n_references || msg->n_in_reply_to)
		return err_set(e, ERR_UNSUPPORTED,
			_("The relay cannot put a reply into its conversation: send it from "
			  "another "
			  "account."));
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void relay_letter_key(const char *const *to, size_t n, const char *subject, char out[65])
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char **v = arena_array(&a, n ? n : 1, sizeof *v);
	struct sha256 *h = sha256_new();
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
		addr_normalise(&b, to[i], false);
		v[i] = arena_strdup(&a, b.p);
	}
	qsort(v, n, sizeof *v, compare);
	for (size_t i = 0; i < n; i++)
		sha256_add(h, v[i], strlen(v[i]) + 1);
	sha256_add(h, subject, strlen(subject));
	sha256_hex_free(h, out);
}

int relay_letter_make(struct arena *a, const struct transport_mail *m, struct relay_letter *out,
	struct err *e)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEXT_MAX);
	struct message msg;
	unsigned ignored = 0;
	message_parse(a, m->data, m->len, &msg);
	if (check(a, &msg, m, e))
		return -1;
	message_text(&msg, "text/plain", &text, &ignored);
	if (text.failed)
		return err_set(e, ERR_TOOBIG, _("The mail is too long for the relay."));
	const char **to = arena_array(a, m->n_rcpts, sizeof *to);
	for (size_t i = 0; i < m->n_rcpts; i++)
		to[i] = m->rcpts[i].addr;
	*out = (struct relay_letter){.to = to,
		.n_to = m->n_rcpts,
		.subject = msg.subject ? msg.subject : "",
		.text = arena_strdup(a, text.p)};
	relay_letter_key(to, m->n_rcpts, out->subject, out->key);
	return 0;
}
