/* blind.c - see blind.h. */
#include "config.h"

#include "blind.h"

#include "crmail/base/arena.h"
#include "crmail/base/i18n.h"
#include "crmail/mail/addr.h"
#include "crmail/mail/header.h"

#include "transport_kinds.h"

static bool names(const struct addr_list *l, const char *addr)
{
	for (size_t i = 0; i < l->n; i++)
		if (addr_same(l->v[i].addr, addr))
			return true;
	return false;
}

static void parse(struct arena *a, const struct header_block *h, const char *name,
	struct addr_list *out)
{
	const struct header_field *f = header_find(h, name);
	*out = (struct addr_list){.n = 0};
	if (f)
		addr_parse(a, f->value.p, f->value.len, out);
}

static bool is_recipient(const struct transport_mail *m, const char *addr)
{
	for (size_t i = 0; i < m->n_rcpts; i++)
		if (addr_same(m->rcpts[i].addr, addr))
			return true;
	return false;
}

static bool are_recipients(const struct transport_mail *m, const struct addr_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (!is_recipient(m, l->v[i].addr))
			return false;
	return true;
}

int blind_add(struct buf *out, const struct transport_mail *m, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct header_block h;
	struct addr_list to, cc;
	const char *before = "Bcc: ";
	header_split(&a, m->data, m->len, &h);
	parse(&a, &h, "To", &to);
	parse(&a, &h, "Cc", &cc);
	if (!are_recipients(m, &to) || !are_recipients(m, &cc))
		return err_set(e, ERR_USAGE,
			_("The mail names recipients that it is not to go to: it cannot be sent "
			  "through this service."));
	for (size_t i = 0; i < m->n_rcpts; i++) {
		const char *addr = m->rcpts[i].addr;
		if (!*addr || !transport_addr_is_usable(addr))
			return err_set(e, ERR_USAGE, _("A recipient's address cannot be used."));
		if (names(&to, addr) || names(&cc, addr))
			continue;
		buf_addf(out, "%s<%s>", before, addr);
		before = ",\r\n ";
	}
	if (before[0] == ',')
		buf_addstr(out, "\r\n");
	buf_add(out, m->data, m->len);
	return 0;
}
