/* page.c - see page.h. The header block of a message is head.c's. */
#include "config.h"

#include "page.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/op.h"
#include "crmail/base/str.h"

#include "head.h"

#define ID_MOST 1024 /* bytes; Graph's are below 200 */
#define LINK_MOST ((size_t)32 << 10)

/* Exchange's own properties: the size in bytes (PidTagMessageSizeExtended), and what was last done
 * to a message (PidTagLastVerbExecuted). */
#define PROP_SIZE "Long 0xe08"
#define PROP_VERB "Integer 0x1081"

const char graph_page_select[] = "receivedDateTime,sentDateTime,isRead,isDraft,flag,conversationId,"
				 "internetMessageId,subject,"
				 "from,sender,replyTo,toRecipients,ccRecipients,bccRecipients,"
				 "changeKey";
const char graph_page_headers[] = ",internetMessageHeaders";
const char graph_page_expand[] =
	"singleValueExtendedProperties($filter=id eq '" PROP_SIZE "' or id eq '" PROP_VERB "')";

static void set_flag(struct graph_item *it, uint32_t flag, bool is_set)
{
	it->known_flags |= flag;
	it->flags = is_set ? it->flags | flag : it->flags & ~flag;
}

static void read_bool(struct graph_item *it, const cJSON *j, const char *key, uint32_t flag)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(j, key);
	if (cJSON_IsBool(v))
		set_flag(it, flag, cJSON_IsTrue(v));
}

/* [MS-OXOMSG], PidTagLastVerbExecuted: replied to the sender, replied to all, forwarded. */
static void read_verb(struct graph_item *it, int64_t verb)
{
	if (verb == 102 || verb == 103)
		set_flag(it, MSG_ANSWERED, true);
	if (verb == 104)
		set_flag(it, MSG_FORWARDED, true);
}

static void read_extended(struct graph_item *it, const cJSON *list)
{
	const cJSON *one;
	cJSON_ArrayForEach(one, list)
	{
		const char *id = json_str(one, "/id");
		int64_t v = 0;
		if (!id || !json_i64(one, "/value", &v) || v < 0)
			continue;
		if (str_casecmp(id, PROP_SIZE) == 0)
			it->size = (uint64_t)v;
		else if (str_casecmp(id, PROP_VERB) == 0)
			read_verb(it, v);
	}
}

static void read_flags(struct graph_item *it, const cJSON *j)
{
	const char *flag = json_str(j, "/flag/flagStatus");
	read_bool(it, j, "isRead", MSG_SEEN);
	read_bool(it, j, "isDraft", MSG_DRAFT);
	if (flag)
		set_flag(it, MSG_FLAGGED, strcmp(flag, "flagged") == 0);
	read_extended(it, cJSON_GetObjectItemCaseSensitive(j, "singleValueExtendedProperties"));
}

static const char *short_string(struct arena *a, const cJSON *j, const char *key, size_t most)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, key));
	return s && *s && strlen(s) <= most ? arena_strdup(a, s) : NULL;
}

static void read_item(struct arena *a, const cJSON *j, struct graph_item *it)
{
	const char *when =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, "receivedDateTime"));
	it->is_removed = cJSON_GetObjectItemCaseSensitive(j, "@removed") != NULL;
	if (it->is_removed)
		return;
	read_flags(it, j);
	if (!when || !cJSON_GetObjectItemCaseSensitive(j, "internetMessageId"))
		return;
	it->is_whole = true;
	if (!clock_parse_rfc3339(when, &it->received) || it->received < 0)
		it->received = 0;
	it->thread_id = short_string(a, j, "conversationId", ID_MOST);
	it->version = short_string(a, j, "changeKey", ID_MOST);
	it->headers = head_write(a, j, &it->headers_len);
}

static int by_id(const void *x, const void *y)
{
	const struct graph_item *const *a = x, *const *b = y;
	int rc = strcmp((*a)->id, (*b)->id); /* ids are case-sensitive */
	return rc ? rc : *a < *b ? -1 : *a > *b;
}

uint32_t graph_item_flags(const struct graph_item *it, uint32_t known)
{
	return (known & ~it->known_flags) | it->flags;
}

/* What was said later over what was said earlier. */
static void merge(struct graph_item *into, const struct graph_item *later)
{
	if (later->is_removed || into->is_removed || later->is_whole) {
		uint32_t flags = graph_item_flags(later, into->is_removed ? 0 : into->flags);
		uint32_t known = later->known_flags | (into->is_removed ? 0 : into->known_flags);
		*into = *later;
		into->flags = flags;
		into->known_flags = known;
		return;
	}
	into->flags = graph_item_flags(later, into->flags);
	into->known_flags |= later->known_flags;
}

/* Each id once, in the order of their first coming. */
static void drop_repeated(struct arena *a, struct graph_page *p)
{
	struct graph_item **sorted = arena_array(a, p->n + 1, sizeof *sorted), *first = NULL;
	size_t n = 0;
	for (size_t i = 0; i < p->n; i++)
		sorted[i] = &p->v[i];
	qsort(sorted, p->n, sizeof *sorted, by_id);
	for (size_t i = 0; i < p->n; i++) {
		if (!first || strcmp(first->id, sorted[i]->id) != 0) {
			first = sorted[i];
			continue;
		}
		merge(first, sorted[i]);
		sorted[i]->id = NULL;
	}
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].id)
			p->v[n++] = p->v[i];
	p->n = n;
}

static int no_list(struct err *e)
{
	return err_set(e, ERR_PROTO, _("A list of messages from Microsoft cannot be understood."));
}

int graph_list_read(struct arena *a, const cJSON *page, struct graph_page *out, struct err *e)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(page, "value"), *one;
	struct graph_page p = {.next = short_string(a, page, "@odata.nextLink", LINK_MOST),
		.delta = short_string(a, page, "@odata.deltaLink", LINK_MOST)};
	int n = cJSON_GetArraySize(list);
	if (!cJSON_IsArray(list) || n > GRAPH_PAGE_MOST)
		return no_list(e);
	p.v = arena_array(a, (size_t)n + 1, sizeof *p.v);
	cJSON_ArrayForEach(one, list)
	{
		struct graph_item it = {.id = short_string(a, one, "id", ID_MOST)};
		if (!it.id || strchr(it.id, '#')) /* ours, before a draft's version */
			continue;
		read_item(a, one, &it);
		p.v[p.n++] = it;
	}
	drop_repeated(a, &p);
	*out = p;
	return 0;
}

int graph_page_read(struct arena *a, const cJSON *page, struct graph_page *out, struct err *e)
{
	struct graph_page p = {.n = 0};
	if (graph_list_read(a, page, &p, e))
		return -1;
	if (!p.next && !p.delta)
		return no_list(e);
	*out = p;
	return 0;
}
