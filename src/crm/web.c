/*
 * web.c - the page of a record in the CRM's own web interface, where the profile knows one.
 */
#include "config.h"

#include "engine.h"

#include "crmail/base/i18n.h"
#include "crmail/base/str.h"

int crm_web_address(const struct crm *c, enum crm_object o, const char *id, struct buf *out,
	struct err *e)
{
	const struct crm_profile *p = c->profile;
	const struct var v[] = {{.name = "id", .type = VAR_TEXT, .text = id}};
	const struct var_scope config = {.v = c->config, .n = c->n_config};
	const struct var_scope scope = {.v = v, .n = ARRAY_SIZE(v), .outer = &config};
	const struct template_ctx t = {.scope = &scope, .secrets = NULL, .hide_secrets = true};
	size_t before = out->len;
	bool is_absent = false;
	if (!p->web_base || !p->web[o])
		return 0;
	if (template_render(&t, p->web_base, SINK_URL, out, &is_absent, e))
		return -1;
	while (out->len > before && out->p[out->len - 1] == '/')
		buf_truncate(out, out->len - 1);
	bool id_is_absent = false;
	if (template_render(&t, p->web[o], SINK_PATH, out, &id_is_absent, e))
		return -1;
	if (is_absent || id_is_absent) {
		buf_truncate(out, before);
		return 0;
	}
	const char *url = out->p + before;
	if (!str_casestarts(url, "https://") && !str_casestarts(url, "http://"))
		return err_set(e, ERR_USAGE,
			_("The address of the CRM's web pages must begin with https://."));
	return 0;
}
