/* sasl.c - XOAUTH2 and OAUTHBEARER. */
#include "config.h"

#include "sasl.h"

#include "crmail/base/hash.h"
#include "crmail/base/i18n.h"

enum sasl_mech sasl_choose(bool has_oauthbearer, bool has_xoauth2)
{
	return has_oauthbearer ? SASL_OAUTHBEARER : has_xoauth2 ? SASL_XOAUTH2 : SASL_NONE;
}

int sasl_unsupported(const char *host, struct err *e)
{
	return err_set(e, ERR_UNSUPPORTED,
		_("%s offers no way to sign in with the browser: "
		  "connect this mailbox with a password."),
		host);
}

const char *sasl_name(enum sasl_mech m)
{
	return m == SASL_OAUTHBEARER ? "OAUTHBEARER" : "XOAUTH2";
}

const char *sasl_dismissal(enum sasl_mech m)
{
	return m == SASL_OAUTHBEARER ? "AQ==" : "";
}

/* RFC 5801 section 4: "," and "=" of a name. */
static void add_gs2_name(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == ',')
			buf_addstr(out, "=2C");
		else if (*s == '=')
			buf_addstr(out, "=3D");
		else
			buf_addch(out, *s);
	}
}

void sasl_add_initial(struct buf *out, enum sasl_mech m, const struct sasl_who *w)
{
	struct buf plain = BUF_SECRET_INIT(SASL_MESSAGE_MAX);
	if (m == SASL_OAUTHBEARER) {
		buf_addstr(&plain, "n,a=");
		add_gs2_name(&plain, w->user);
		buf_addf(&plain, ",\001host=%s\001port=%d\001auth=Bearer ", w->host, w->port);
	} else {
		buf_addf(&plain, "user=%s\001auth=Bearer ", w->user);
	}
	buf_add(&plain, w->token->p, w->token->len);
	buf_addstr(&plain, "\001\001");
	base64_add(out, plain.p, plain.len);
	buf_release(&plain);
}
