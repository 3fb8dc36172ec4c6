/* transport.c - the table of transports, and the part that all of them share. */
#include "config.h"

#include "crmail/provider/transport.h"

#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/net/cancel.h"
#include "graph/graph.h"
#include "transport_kinds.h"

static const struct transport_ops *const kinds[] = {
	&smtp_ops, &sendmail_ops, &gmail_transport_ops, &graph_transport_ops, &relay_ops};

int transport_open(struct transport **out, const struct transport_conf *c, struct err *e)
{
	struct transport *t = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i]->kind, c->kind))
			continue;
		if (kinds[i]->open(&t, c, e))
			return -1;
		t->ops = kinds[i];
		t->cancel = net_cancel_new();
		*out = t;
		return 0;
	}
	return err_set(e, ERR_USAGE, _("There is no way of sending called %s."), c->kind);
}

void transport_close(struct transport *t)
{
	if (!t)
		return;
	struct net_cancel *cancel = t->cancel; /* outlives what may wait for it */
	t->ops->close(t);
	net_cancel_free(cancel);
}

/* Accepted means something only once the mail itself was taken: otherwise a retry would leave those
 * out who got nothing. */
static void take_back(struct transport_mail *m)
{
	for (size_t i = 0; i < m->n_rcpts; i++) {
		if (m->rcpts[i].state == TRANSPORT_RCPT_ACCEPTED)
			m->rcpts[i].state = TRANSPORT_RCPT_PENDING;
	}
}

int transport_send(struct transport *t, struct transport_mail *m, struct transport_outcome *out,
	struct err *e)
{
	for (size_t i = 0; i < m->n_rcpts; i++) {
		m->rcpts[i].state = TRANSPORT_RCPT_PENDING;
		m->rcpts[i].reply[0] = '\0';
	}
	if (!m->n_rcpts)
		return err_set(e, ERR_USAGE, _("The mail has no recipient."));
	*out = (struct transport_outcome){.verdict = TRANSPORT_REFUSED};
	int rc = t->ops->send(t, m, out, e);
	if (rc || out->verdict == TRANSPORT_UNKNOWN)
		take_back(m);
	return rc;
}

int transport_test(struct transport *t, const char *own_addr, struct err *e)
{
	return t->ops->test(t, own_addr, e);
}

int transport_settle(struct transport *t, const char *draft, const char *message_id,
	struct transport_settled *out, struct err *e)
{
	*out = (struct transport_settled){.fate = TRANSPORT_FATE_UNKNOWN};
	if (!t->ops->settle)
		return err_set(e, ERR_UNSUPPORTED, _("This way of sending keeps no drafts."));
	return t->ops->settle(t, draft, message_id, out, e);
}

bool transport_has_kind(const char *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strcmp(kinds[i]->kind, kind) == 0)
			return true;
	return false;
}

bool transport_files_sent(const struct transport *t)
{
	return t->ops->files_sent && t->ops->files_sent(t);
}

void transport_cancel(struct transport *t)
{
	net_cancel_trigger(t->cancel);
}

void transport_resume(struct transport *t)
{
	net_cancel_reset(t->cancel);
}
