/* oauth_visit.c - waits for a browser to come back from a sign-in that a service leads. */
#include "config.h"

#include "crmail/net/oauth_visit.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "form.h"

#define WAIT_MS 600000
#define STATE_MAX ((size_t)4096)

struct waiting {
	const struct oauth_visit *v;
	struct buf *state, *code;
	struct err error;
};

/* The query of an address, or what is one already; without its fragment. */
static struct span query_of(const char *text, size_t len)
{
	const char *mark = memchr(text, '?', len);
	struct span q = {mark ? mark + 1 : text, mark ? len - (size_t)(mark + 1 - text) : len};
	const char *end = q.len ? memchr(q.p, '#', q.len) : NULL;
	return end ? (struct span){q.p, (size_t)(end - q.p)} : q;
}

static bool judge(void *ctx, const char *text, size_t len)
{
	struct waiting *w = ctx;
	CLEANUP(buf_release) struct buf state = BUF_INIT(STATE_MAX);
	struct span q = query_of(text, len);
	if (!form_get(q, "state", &state) || strcmp(state.p, w->state->p) != 0)
		return false;
	if (form_has(q, "error")) {
		err_set(&w->error, ERR_AUTH, _("Access was not granted at %s."), w->v->title);
		return true;
	}
	buf_reset(w->code);
	return form_get(q, "code", w->code) && w->code->len && !w->code->failed;
}

int oauth_visit(struct oauth_listener *l, const struct oauth_visit *v, struct buf *code,
	struct buf *state, struct err *e)
{
	struct waiting w = {.v = v, .state = state, .code = code};
	const struct oauth_prompt p = {.url = v->url};
	const struct oauth_wait wait = {.judge = judge,
		.ctx = &w,
		.paste_fd = v->paste_fd,
		.deadline = clock_mono_ms() + (v->wait_ms > 0 ? v->wait_ms : WAIT_MS),
		.cancel = v->cancel};
	if (!strchr(v->url, '?') || !form_get(query_of(v->url, strlen(v->url)), "state", state) ||
		!state->len || state->failed)
		return err_set(e, ERR_PROTO,
			_("The sign-in that %s offers cannot be told from anybody else's."),
			v->title);
	v->prompt(v->ctx, &p);
	if (oauth_listener_wait(l, &wait, e))
		return -1;
	if (w.error.code == ERR_NONE)
		return 0;
	*e = w.error;
	return -1;
}
