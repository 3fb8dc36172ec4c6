/* parse.c - `crmail parse FILE...`: what crmail reads in a message, as JSON (formats.md
 * "parse"). */
#include "config.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/hash.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/mail/render.h"

#include "mail_file.h"
#include "print.h"
#include "verbs.h"

static void add_addrs(cJSON *doc, const char *key, const struct message *m, const char *field,
	const struct addr_list *l)
{
	if (!header_find(&m->headers, field))
		return;
	cJSON *list = cJSON_AddArrayToObject(doc, key);
	for (size_t i = 0; i < l->n; i++) {
		cJSON *o = cJSON_CreateObject();
		cJSON_AddItemToArray(list, o);
		json_add_str(o, "name", l->v[i].name);
		json_add_str(o, "addr", l->v[i].addr);
	}
}

static void add_ids(cJSON *doc, const char *key, const struct message *m, const char *field,
	const char *const *ids, size_t n)
{
	if (!header_find(&m->headers, field))
		return;
	cJSON *list = cJSON_AddArrayToObject(doc, key);
	for (size_t i = 0; i < n; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(ids[i]));
}

/* Absent and empty are left out. */
static void add_text(cJSON *o, const char *key, struct span text)
{
	if (text.len > 0)
		json_add_strn(o, key, text.p, text.len);
}

static void add_header(cJSON *doc, const struct message *m)
{
	char date[32];
	add_text(doc, "subject", span_of(m->subject));
	json_add_str(doc, "message_id", m->message_id);
	add_ids(doc, "in_reply_to", m, "In-Reply-To", m->in_reply_to, m->n_in_reply_to);
	add_ids(doc, "references", m, "References", m->references, m->n_references);
	if (m->has_date)
		json_add_str(doc, "date", clock_rfc3339(m->date, date, sizeof(date)));
	add_addrs(doc, "from", m, "From", &m->from);
	add_addrs(doc, "to", m, "To", &m->to);
	add_addrs(doc, "cc", m, "Cc", &m->cc);
	add_addrs(doc, "bcc", m, "Bcc", &m->bcc);
	add_addrs(doc, "reply_to", m, "Reply-To", &m->reply_to);
	add_addrs(doc, "sender", m, "Sender", &m->sender);
}

static void add_bodies(cJSON *doc, const struct mail_file *f, unsigned *warnings)
{
	static const char *const types[][2] = {{"text", "text/plain"}, {"html", "text/html"}};
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(4 * f->bytes.len + 64);
		message_text(&f->m, types[i][1], &text, warnings);
		add_text(doc, types[i][0], (struct span){text.p, text.len});
	}
}

static void add_attachments(cJSON *doc, struct mail_file *f, unsigned *warnings)
{
	struct message_attachment *v;
	size_t n = message_attachments(&f->a, &f->m, &v);
	cJSON *list = cJSON_AddArrayToObject(doc, "attachments");
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_release) struct buf bytes = BUF_INIT(v[i].part->body.len + 1);
		char digest[65];
		mime_part_decode(v[i].part, &bytes, warnings);
		sha256_hex(bytes.p, bytes.len, digest);
		cJSON *o = cJSON_CreateObject();
		cJSON_AddItemToArray(list, o);
		json_add_str(o, "filename", v[i].filename);
		json_add_str(o, "save_as", v[i].save_as);
		json_add_str(o, "content_type", v[i].part->type);
		json_add_i64(o, "size", (int64_t)bytes.len);
		json_add_str(o, "sha256", digest);
		cJSON_AddBoolToObject(o, "inline", v[i].is_inline);
	}
}

static cJSON *add_part(cJSON *list, const struct mime_part *p)
{
	cJSON *node = cJSON_CreateArray(), *children = cJSON_CreateArray();
	cJSON_AddItemToArray(node, cJSON_CreateString(p->type));
	cJSON_AddItemToArray(node, children);
	cJSON_AddItemToArray(list, node);
	return children;
}

/* [type, [children]] for the whole tree; its depth is bounded by the splitter. */
static void add_parts(cJSON *doc, const struct message *m)
{
	cJSON *lists[MESSAGE_MAX_DEPTH + 2]; /* where parts of each depth are added */
	size_t depth = 0;
	lists[0] = cJSON_CreateArray();
	const struct mime_part *p = m->root;
	while (p) {
		cJSON *children = add_part(lists[depth], p);
		if (p->child && depth <= MESSAGE_MAX_DEPTH) {
			lists[++depth] = children;
			p = p->child;
			continue;
		}
		while (p && !p->next) {
			p = p->parent;
			depth -= p != NULL;
		}
		if (p)
			p = p->next;
	}
	cJSON_AddItemToObject(doc, "parts", cJSON_DetachItemFromArray(lists[0], 0));
	cJSON_Delete(lists[0]);
}

static void add_rendered(cJSON *doc, struct mail_file *f)
{
	static const char *const kinds[] = {[BLOCK_TEXT] = "text",
		[BLOCK_QUOTE] = "quote",
		[BLOCK_ATTRIBUTION] = "attribution",
		[BLOCK_SIGNATURE] = "signature",
		[BLOCK_FORWARD] = "forward"};
	struct render_doc d;
	render_message(&f->a, &f->m, RENDER_AUTO, &d);
	add_text(doc, "rendered", d.text);
	cJSON *links = cJSON_AddArrayToObject(doc, "links");
	for (size_t i = 0; i < d.n_links; i++) {
		cJSON *o = cJSON_CreateObject();
		cJSON_AddItemToArray(links, o);
		json_add_str(o, "text", d.links[i].text);
		json_add_str(o, "url", d.links[i].url);
	}
	cJSON *blocks = cJSON_AddArrayToObject(doc, "blocks");
	for (size_t i = 0; i < d.n_blocks; i++) {
		cJSON *o = cJSON_CreateObject();
		cJSON_AddItemToArray(blocks, o);
		json_add_str(o, "kind", kinds[d.blocks[i].kind]);
		json_add_strn(o, "text", d.blocks[i].text.p, d.blocks[i].text.len);
	}
}

static void add_warnings(cJSON *doc, unsigned warnings)
{
	cJSON *list = cJSON_AddArrayToObject(doc, "warnings");
	for (unsigned bit = 1; bit && bit <= warnings; bit <<= 1) {
		if (warnings & bit)
			cJSON_AddItemToArray(list,
				cJSON_CreateString(message_warning_name((enum message_warning)
						bit)));
	}
}

static int parse_file(struct cli *c, const char *path, bool named)
{
	CLEANUP(mail_file_release) struct mail_file f;
	int code = mail_file_open(&f, c, path);
	if (code != CLI_OK)
		return code;
	unsigned warnings = f.m.warnings;
	cJSON *doc = cJSON_CreateObject();
	if (named)
		json_add_str(doc, "file", path);
	add_header(doc, &f.m);
	add_bodies(doc, &f, &warnings);
	add_attachments(doc, &f, &warnings);
	add_parts(doc, &f.m);
	add_rendered(doc, &f);
	json_add_str(doc, "one_click", message_one_click(&f.a, &f.m));
	add_warnings(doc, warnings);
	return cli_print_json(c, doc);
}

int cli_parse(struct cli *c, int argc, char **argv)
{
	int first = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;
	if (first == 1 && argc > 1 && argv[1][0] == '-')
		return cli_usage(c, cli_verb_find(argv[0]), NULL);
	if (first >= argc)
		return cli_usage(c, cli_verb_find(argv[0]), _("Name at least one file."));
	int code = CLI_OK;
	for (int i = first; i < argc; i++) {
		int one = parse_file(c, argv[i], argc - first > 1);
		if (one != CLI_OK)
			code = one; /* the other files are read all the same */
	}
	return code;
}
