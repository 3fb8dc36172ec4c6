/*
 * template.c - rendering and checking templates. Knows variables, filters and sinks, and nothing
 * of requests or CRMs.
 */
#include "config.h"

#include "template.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"

#define VALUE_MAX_BYTES ((size_t)1 << 20)

/* One piece of a template: literal text, or a variable with filters. */
struct piece {
	struct span literal; /* is_value false */
	struct span name;
	struct span filters; /* what follows the first '|'; may be empty */
	bool is_value;
};

/* Takes the next piece; 1, or 0 at the end, or -1 for a "{{" that is never closed. */
static int piece_next(const char **rest, struct piece *out)
{
	const char *p = *rest;
	if (!*p)
		return 0;
	*out = (struct piece){.is_value = false};
	if (strncmp(p, "{{", 2) != 0) {
		const char *open = strstr(p, "{{");
		out->literal = (struct span){p, open ? (size_t)(open - p) : strlen(p)};
		*rest = p + out->literal.len;
		return 1;
	}
	const char *close = strstr(p + 2, "}}");
	if (!close)
		return -1;
	struct span inner = {p + 2, (size_t)(close - p - 2)};
	struct span filters = inner;
	out->is_value = true;
	IGNORE_RESULT(span_next(&filters, '|', &out->name), "an empty name is found by the check");
	out->name = span_trim(out->name);
	out->filters = filters;
	*rest = close + 2;
	return 1;
}

static bool filter_next(struct span *rest, struct span *name, struct span *arg, bool *has_arg)
{
	struct span piece;
	if (!rest->p || !rest->len || !span_next(rest, '|', &piece))
		return false;
	const char *colon = memchr(piece.p, ':', piece.len);
	*has_arg = colon != NULL;
	size_t len = colon ? (size_t)(colon - piece.p) : piece.len;
	*name = span_trim((struct span){piece.p, len});
	*arg = colon ? (struct span){colon + 1, piece.len - len - 1} : SPAN_LIT("");
	return true;
}

static const struct var *scope_find(const struct var_scope *s, struct span name)
{
	for (; s; s = s->outer)
		for (size_t i = 0; i < s->n; i++)
			if (span_eq(name, s->v[i].name))
				return &s->v[i];
	return NULL;
}

static int secret_value(const struct template_ctx *t, struct span name, struct filter_value *v,
	struct err *e)
{
	char word[TEMPLATE_MAX_NAME];
	if (name.len >= sizeof(word))
		return err_set(e, ERR_BUG, _("The name of a secret is too long."));
	memcpy(word, name.p, name.len);
	word[name.len] = '\0';
	v->type = VAR_TEXT;
	if (t->hide_secrets) {
		buf_addstr(v->text, "***");
		return 0;
	}
	if (!t->secrets || !t->secrets->get)
		return err_set(e, ERR_AUTH, _("There is no secret for this CRM."));
	return t->secrets->get(t->secrets->ctx, word, v->text, e);
}

static void take_variable(const struct var *var, struct filter_value *v)
{
	if (!var)
		return;
	if (var->type == VAR_INT || var->type == VAR_UNSET) {
		v->type = var->type;
		v->number = var->number;
	} else if (var->text) {
		v->type = var->type;
		buf_addstr(v->text, var->text);
	}
}

static int piece_value(const struct template_ctx *t, const struct piece *p, struct filter_value *v,
	struct err *e)
{
	static const char secret[] = "secret.";
	size_t len = sizeof(secret) - 1;
	if (p->name.len > len && strncmp(p->name.p, secret, len) == 0) {
		struct span name = {p->name.p + len, p->name.len - len};
		if (secret_value(t, name, v, e))
			return -1;
	} else {
		take_variable(scope_find(t->scope, p->name), v);
	}
	struct span rest = p->filters;
	struct span name;
	struct span arg;
	bool has_arg;
	while (filter_next(&rest, &name, &arg, &has_arg))
		if (filter_apply(name, arg, v, e))
			return -1;
	if (v->text->failed)
		return err_set(e, ERR_TOOBIG, _("A value for the CRM is too long."));
	return 0;
}

static void add_percent(struct buf *out, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		if (ascii_isalnum(p[i]) || (c && strchr("-._~", c)))
			buf_addch(out, p[i]);
		else
			buf_addf(out, "%%%02X", c);
	}
}

static bool has_control(const char *p, size_t n, bool blanks_too)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f || (blanks_too && p[i] == ' '))
			return true;
	return false;
}

static int sink_add(enum template_sink sink, bool is_value, struct span s, struct buf *out,
	struct err *e)
{
	switch (sink) {
	case SINK_QUERY:
		add_percent(out, s.p, s.len);
		return 0;
	case SINK_PATH:
		if (is_value)
			add_percent(out, s.p, s.len);
		else
			buf_add(out, s.p, s.len);
		return 0;
	case SINK_URL:
	case SINK_HEADER:
		if (has_control(s.p, s.len, sink == SINK_URL))
			return err_set(e, ERR_PARSE,
				_("A value for the CRM holds characters that are not "
				  "allowed there."));
		buf_add(out, s.p, s.len);
		return 0;
	}
	return 0;
}

int template_render(const struct template_ctx *t, const char *text, enum template_sink sink,
	struct buf *out, bool *is_absent, struct err *e)
{
	*is_absent = false;
	struct piece p;
	int more;
	while ((more = piece_next(&text, &p)) > 0) {
		if (!p.is_value) {
			if (sink_add(sink, false, p.literal, out, e))
				return -1;
			continue;
		}
		CLEANUP(buf_release) struct buf value = BUF_INIT(VALUE_MAX_BYTES);
		struct filter_value v = {.text = &value};
		if (piece_value(t, &p, &v, e))
			return -1;
		if (v.type == VAR_INT)
			buf_addf(&value, "%lld", (long long)v.number);
		if (v.type == VAR_ABSENT || v.type == VAR_UNSET)
			*is_absent = true;
		else if (sink_add(sink, true, (struct span){value.p, value.len}, out, e))
			return -1;
	}
	return more < 0 ? err_set(e, ERR_PARSE, _("A \"{{\" is never closed.")) : 0;
}

void template_json_string(struct buf *out, const char *p, size_t n)
{
	buf_addch(out, '"');
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		if (c == '"' || c == '\\') {
			buf_addch(out, '\\');
			buf_addch(out, (char)c);
		} else if (c < 0x20) {
			buf_addf(out, "\\u%04x", c);
		} else {
			buf_addch(out, (char)c);
		}
	}
	buf_addch(out, '"');
}

/* Appends what one piece gives to `whole`. A value that stands alone keeps its type: it is in *v,
 * with its text in *whole. */
static int add_piece(const struct template_ctx *t, const struct piece *p, struct buf *whole,
	struct filter_value *v, struct err *e)
{
	if (!p->is_value) {
		buf_add(whole, p->literal.p, p->literal.len);
		*v = (struct filter_value){.type = VAR_TEXT};
		return 0;
	}
	CLEANUP(buf_release) struct buf value = BUF_INIT(VALUE_MAX_BYTES);
	v->text = &value;
	if (piece_value(t, p, v, e))
		return -1;
	if (v->type == VAR_INT)
		buf_addf(whole, "%lld", (long long)v->number);
	else if (v->type == VAR_TEXT || v->type == VAR_JSON)
		buf_add(whole, value.p, value.len);
	v->text = NULL;
	return 0;
}

/* 1 = a value in it is not being written: nothing is appended. */
static int render_json_text(const struct template_ctx *t, const char *text, struct buf *out,
	struct err *e)
{
	const char *rest = text;
	struct piece p;
	struct filter_value v = {.type = VAR_TEXT};
	CLEANUP(buf_release) struct buf whole = BUF_INIT(VALUE_MAX_BYTES);
	size_t pieces = 0;
	int more;
	while ((more = piece_next(&rest, &p)) > 0) {
		pieces++;
		v = (struct filter_value){.type = VAR_ABSENT};
		if (add_piece(t, &p, &whole, &v, e))
			return -1;
		if (v.type == VAR_UNSET)
			return 1;
	}
	if (more < 0)
		return err_set(e, ERR_PARSE, _("A \"{{\" is never closed."));
	bool is_alone = pieces == 1;
	if (is_alone && v.type == VAR_ABSENT)
		buf_addstr(out, "null");
	else if (is_alone && v.type != VAR_TEXT)
		buf_add(out, whole.p, whole.len);
	else
		template_json_string(out, whole.p, whole.len);
	return 0;
}

static int render_json_leaf(const struct template_ctx *t, const cJSON *value, struct buf *out,
	struct err *e)
{
	if (cJSON_IsString(value))
		return render_json_text(t, value->valuestring, out, e);
	char *text = cJSON_PrintUnformatted(value);
	if (!text)
		return err_set(e, ERR_BUG, _("A value of the profile cannot be written."));
	buf_addstr(out, text);
	cJSON_free(text);
	return 0;
}

/* Whether something stands before in the same brackets: strings end in quotes, so that a bracket
 * is one of ours. */
static bool needs_comma(const struct buf *out, size_t depth)
{
	return depth && out->len && out->p[out->len - 1] != '{' && out->p[out->len - 1] != '[';
}

/* Depth is bounded by profile_check, so that the stack is a small array. */
int template_render_json(const struct template_ctx *t, const cJSON *value, struct buf *out,
	struct err *e)
{
	const cJSON *stack[TEMPLATE_MAX_DEPTH];
	size_t depth = 0;
	const cJSON *at = value;
	while (at) {
		size_t before = out->len;
		if (needs_comma(out, depth))
			buf_addch(out, ',');
		if (depth && cJSON_IsObject(stack[depth - 1])) {
			template_json_string(out, at->string, strlen(at->string));
			buf_addch(out, ':');
		}
		if (cJSON_IsObject(at) || cJSON_IsArray(at)) {
			BUG_ON(depth == TEMPLATE_MAX_DEPTH);
			buf_addch(out, cJSON_IsObject(at) ? '{' : '[');
			stack[depth++] = at;
			at = at->child;
		} else {
			int rc = render_json_leaf(t, at, out, e);
			if (rc < 0)
				return -1;
			if (rc)
				buf_truncate(out, before);
			at = depth ? at->next : NULL;
		}
		while (!at && depth) {
			const cJSON *done = stack[--depth];
			buf_addch(out, cJSON_IsObject(done) ? '}' : ']');
			at = depth ? done->next : NULL;
		}
	}
	return 0;
}

const cJSON *json_walk_next(struct json_walk *w, const cJSON *at)
{
	if (at->child && w->depth < JSON_WALK_DEPTH) {
		w->stack[w->depth++] = at;
		return at->child;
	}
	while (w->depth && !at->next)
		at = w->stack[--w->depth];
	return w->depth ? at->next : NULL;
}

bool template_uses(const cJSON *value, const char *name)
{
	struct json_walk w = {.depth = 0};
	for (const cJSON *at = value; at; at = json_walk_next(&w, at)) {
		const char *rest = cJSON_IsString(at) ? at->valuestring : "";
		struct piece p;
		while (piece_next(&rest, &p) > 0)
			if (p.is_value && span_eq(p.name, name))
				return true;
	}
	return false;
}

static int check_filters(struct span rest, struct err *e)
{
	struct span name;
	struct span arg;
	bool has_arg;
	for (size_t n = 1; filter_next(&rest, &name, &arg, &has_arg); n++) {
		if (n > TEMPLATE_MAX_FILTERS)
			return err_set(e, ERR_PARSE, _("A value has too many filters."));
		if (filter_exists(name, has_arg))
			continue;
		if (filter_exists(name, !has_arg))
			return err_set(e, ERR_PARSE,
				has_arg ? _("The filter \"%.*s\" takes no argument.")
					: _("The filter \"%.*s\" needs an argument."),
				(int)name.len, name.p);
		return err_set(e, ERR_PARSE, _("There is no filter \"%.*s\"."),
			name.len > 40 ? 40 : (int)name.len, name.p);
	}
	return 0;
}

int template_check(const char *text, template_known_fn known, const void *ctx, struct err *e)
{
	struct piece p;
	int more;
	while ((more = piece_next(&text, &p)) > 0) {
		if (!p.is_value)
			continue;
		char name[TEMPLATE_MAX_NAME];
		if (!p.name.len || p.name.len >= sizeof(name))
			return err_set(e, ERR_PARSE, _("A value has no name, or a very long one."));
		memcpy(name, p.name.p, p.name.len);
		name[p.name.len] = '\0';
		if (!known(ctx, name))
			return err_set(e, ERR_PARSE, _("There is no value \"%s\"."), name);
		if (check_filters(p.filters, e))
			return -1;
	}
	return more < 0 ? err_set(e, ERR_PARSE, _("A \"{{\" is never closed.")) : 0;
}
