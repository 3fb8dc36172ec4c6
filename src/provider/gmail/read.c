/*
 * read.c - what the Gmail API says, read without trust: messages, batches, history. The text of a
 * message is cut out of its JSON before that is parsed, so that one of 25 MB costs no tree of 34
 * MB.
 */
#include "config.h"

#include "gmail.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/hash.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"

#define ID_MAX 128
#define LABELS_MAX 1000
#define HEADERS_TEXT_MAX ((size_t)1 << 20)

bool gmail_is_id(const char *s)
{
	size_t n = 0;
	for (; s && s[n]; n++)
		if (n >= ID_MAX || (!ascii_isalnum(s[n]) && s[n] != '-' && s[n] != '_'))
			return false;
	return n > 0;
}

/* ---- base64url ------------------------------------------------------------------------------- */

/* Padding may be escaped as JSON likes it: \u003d. */
bool gmail_unbase64(struct buf *out, const char *p, size_t n)
{
	size_t end = 0;
	while (end < n && p[end] != '=' && p[end] != '\\')
		end++;
	return base64url_decode(out, p, end) && !out->failed;
}

void gmail_base64(struct buf *out, const char *p, size_t n)
{
	size_t from = out->len;
	base64_add(out, p, n);
	for (size_t i = from; i < out->len; i++)
		out->p[i] = out->p[i] == '+' ? '-' : out->p[i] == '/' ? '_' : out->p[i];
}

/* ---- one message ----------------------------------------------------------------------------- */

/* Behind the string that begins at p[i]; n when it does not end. */
static size_t skip_string(const char *p, size_t n, size_t i)
{
	for (i++; i < n && p[i] != '"'; i++)
		if (p[i] == '\\')
			i++;
	return i < n ? i + 1 : n;
}

static size_t skip_blank(const char *p, size_t n, size_t i)
{
	while (i < n && ascii_isspace(p[i]))
		i++;
	return i;
}

/* The value of "raw" in the outermost object, between its quotes; false when there is none. */
static bool find_raw(const char *p, size_t n, size_t *from, size_t *to)
{
	int depth = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '{' || p[i] == '[') {
			depth++;
		} else if (p[i] == '}' || p[i] == ']') {
			depth--;
		} else if (p[i] == '"') {
			size_t end = skip_string(p, n, i);
			bool is_raw = depth == 1 && end - i == 5 && !memcmp(p + i, "\"raw\"", 5);
			size_t at = skip_blank(p, n, end);
			if (is_raw && at < n && p[at] == ':') {
				at = skip_blank(p, n, at + 1);
				if (at >= n || p[at] != '"')
					return false;
				size_t last = skip_string(p, n, at);
				*from = at + 1;
				*to = last - 1;
				return last > at + 1 && p[last - 1] == '"';
			}
			i = end - 1;
		}
	}
	return false;
}

static int no_message(struct err *e)
{
	return err_set(e, ERR_PARSE, _("Gmail's answer is no message."));
}

static int take_raw(struct arena *a, const char *p, size_t n, struct gmail_item *out, struct err *e)
{
	struct buf text = BUF_INIT(GMAIL_MESSAGE_BYTES);
	bool is_good = gmail_unbase64(&text, p, n);
	if (is_good) {
		char *raw = arena_alloc(a, text.len + 1);
		if (text.len)
			memcpy(raw, text.p, text.len); /* a NUL may be anywhere in it */
		out->raw = raw;
		out->raw_len = text.len;
	}
	buf_release(&text);
	return is_good ? 0 : no_message(e);
}

static const char *text_of(struct arena *a, const cJSON *j, const char *key)
{
	const char *v = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, key));
	return v && *v ? arena_strdup(a, v) : NULL;
}

/* Numbers of 64 bits come as strings. */
static int64_t number_of(const cJSON *j, const char *key)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(j, key);
	int64_t n = 0;
	if (cJSON_IsString(v))
		return str_to_i64(v->valuestring, 0, INT64_MAX, &n) ? n : 0;
	return cJSON_IsNumber(v) && v->valuedouble > 0 && v->valuedouble < 9e15
		       ? (int64_t)v->valuedouble
		       : 0;
}

static void take_labels(struct arena *a, const cJSON *list, struct gmail_item *out)
{
	const cJSON *one;
	int n = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
	const char **v = arena_array(a, (size_t)(n < LABELS_MAX ? n : LABELS_MAX) + 1, sizeof *v);
	cJSON_ArrayForEach(one, gmail_list(list))
	{
		if (out->n_labels < LABELS_MAX && cJSON_IsString(one) &&
			gmail_is_id(one->valuestring))
			v[out->n_labels++] = arena_strdup(a, one->valuestring);
	}
	out->labels = v;
}

static const char *bare_id(struct arena *a, const char *value)
{
	struct span s = span_trim(span_of(value));
	if (s.len > 2 && s.p[0] == '<' && s.p[s.len - 1] == '>')
		s = (struct span){s.p + 1, s.len - 2};
	return s.len ? arena_strndup(a, s.p, s.len) : NULL;
}

/* A header as it was, line ends aside: what a hostile one holds ends no other. */
static void write_header(struct buf *text, const char *name, const char *value)
{
	buf_addstr(text, name);
	buf_addstr(text, ": ");
	for (; *value; value++)
		buf_addch(text, *value == '\r' || *value == '\n' ? ' ' : *value);
	buf_addstr(text, "\r\n");
}

static void take_headers(struct arena *a, const cJSON *list, struct gmail_item *out)
{
	struct buf text = BUF_INIT(HEADERS_TEXT_MAX);
	const cJSON *one;
	cJSON_ArrayForEach(one, gmail_list(list))
	{
		const char *name = json_str(one, "/name"), *value = json_str(one, "/value");
		if (!name || !value || strpbrk(name, "\r\n: "))
			continue;
		write_header(&text, name, value);
		if (!out->message_id && str_casecmp(name, "Message-ID") == 0)
			out->message_id = bare_id(a, value);
		if (!out->original_id && str_casecmp(name, "X-Google-Original-Message-ID") == 0)
			out->original_id = bare_id(a, value);
	}
	if (text.len)
		out->headers = arena_strndup(a, text.p, text.len);
	buf_release(&text);
}

static int take_item(struct arena *a, const cJSON *j, struct gmail_item *out, struct err *e)
{
	out->id = text_of(a, j, "id");
	if (!gmail_is_id(out->id))
		return no_message(e);
	out->thread_id = text_of(a, j, "threadId");
	if (out->thread_id && !gmail_is_id(out->thread_id))
		out->thread_id = NULL;
	out->received = number_of(j, "internalDate") / 1000;
	out->size = (uint64_t)number_of(j, "sizeEstimate");
	take_labels(a, cJSON_GetObjectItemCaseSensitive(j, "labelIds"), out);
	take_headers(a, json_at(j, "/payload/headers"), out);
	return 0;
}

int gmail_read_item(struct arena *a, const char *p, size_t n, struct gmail_item *out, struct err *e)
{
	CLEANUP(buf_release) struct buf rest = BUF_INIT(JSON_MAX_BYTES);
	CLEANUP(json_free) cJSON *j = NULL;
	struct err why = ERR_INIT;
	size_t from = 0, to = 0;
	*out = (struct gmail_item){.id = NULL};
	bool has_raw = find_raw(p, n, &from, &to);
	if (has_raw) {
		buf_add(&rest, p, from);
		buf_add(&rest, p + to, n - to);
	} else {
		buf_add(&rest, p, n);
	}
	if (rest.failed || json_parse(rest.p, rest.len, &j, &why) || !cJSON_IsObject(j))
		return no_message(e);
	if (take_item(a, j, out, e))
		return -1;
	return has_raw ? take_raw(a, p + from, to - from, out, e) : 0;
}

/* ---- batches --------------------------------------------------------------------------------- */

/* The boundary of a multipart/mixed type; empty when there is none. */
static struct span boundary_of(const char *type)
{
	const char *at = type ? mem_casefind(type, strlen(type), "boundary=") : NULL;
	if (!at)
		return (struct span){NULL, 0};
	at += strlen("boundary=");
	if (*at == '"') {
		const char *end = strchr(at + 1, '"');
		return end ? (struct span){at + 1, (size_t)(end - at - 1)} : (struct span){NULL, 0};
	}
	return (struct span){at, strcspn(at, "; \t\r\n")};
}

/* One line without its end; false at the end of the text. */
static bool next_line(struct span *rest, struct span *line)
{
	const char *end = memchr(rest->p, '\n', rest->len);
	if (!rest->len || !end)
		return false;
	*line = (struct span){rest->p, (size_t)(end - rest->p)};
	*rest = (struct span){end + 1, rest->len - line->len - 1};
	if (line->len && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* "Name: value" of a header line; false when it is another. */
static bool header_is(struct span line, const char *name, struct span *value)
{
	size_t n = strlen(name);
	if (line.len <= n || line.p[n] != ':' || str_ncasecmp(line.p, name, n) != 0)
		return false;
	*value = span_trim((struct span){line.p + n + 1, line.len - n - 1});
	return true;
}

/* "<response-item7>" or "<item7>": the last number in it. */
static bool index_of(struct span id, size_t *out)
{
	size_t end = id.len, from;
	int64_t n = 0;
	while (end && !ascii_isdigit(id.p[end - 1]))
		end--;
	from = end;
	while (from && ascii_isdigit(id.p[from - 1]))
		from--;
	if (!span_to_i64((struct span){id.p + from, end - from}, 0, 1000000, &n))
		return false;
	*out = (size_t)n;
	return true;
}

/* "HTTP/1.1 200 OK" */
static bool read_status(struct span line, int *status)
{
	const char *at = memchr(line.p, ' ', line.len);
	int64_t n = 0;
	if (line.len < 5 || memcmp(line.p, "HTTP/", 5) != 0 || !at || at + 4 > line.p + line.len ||
		!span_to_i64((struct span){at + 1, 3}, 100, 599, &n))
		return false;
	*status = (int)n;
	return true;
}

/* What stands between two delimiters. The index is the part's place unless it says better. */
static bool read_part(struct span text, struct gmail_part *out)
{
	struct span line, value;
	int64_t s;
	while (next_line(&text, &line) && line.len)
		if (header_is(line, "Content-ID", &value))
			index_of(value, &out->index);
	do {
		if (!next_line(&text, &line))
			return false;
	} while (!line.len);
	if (!read_status(line, &out->status))
		return false;
	out->retry_after_ms = -1;
	while (next_line(&text, &line) && line.len)
		if (header_is(line, "Retry-After", &value) && span_to_i64(value, 0, INT64_MAX, &s))
			out->retry_after_ms = http_wait_ms(s);
	text = span_trim(text);
	out->body = text.p;
	out->len = text.len;
	return true;
}

/* The next delimiter at the start of a line, from *rest on; what stands before it is *before. */
static bool next_delimiter(struct span *rest, const struct buf *mark, struct span *before)
{
	const char *at = rest->p, *end = rest->p + rest->len;
	while ((at = memmem(at, (size_t)(end - at), mark->p, mark->len))) {
		if (at == rest->p || at[-1] == '\n') {
			*before = (struct span){rest->p, (size_t)(at - rest->p)};
			at += mark->len;
			*rest = (struct span){at, (size_t)(end - at)};
			return true;
		}
		at += mark->len;
	}
	return false;
}

void gmail_split_batch(struct arena *a, const char *content_type, const char *p, size_t n,
	size_t n_asked, struct gmail_part **out, size_t *n_out)
{
	CLEANUP(buf_release) struct buf mark = BUF_INIT(300);
	struct span boundary = boundary_of(content_type), rest = {p, n}, part;
	struct gmail_part *v = arena_array(a, n_asked + 1, sizeof *v);
	bool *has_come = arena_array(a, n_asked + 1, sizeof *has_come);
	*out = v;
	*n_out = 0;
	buf_addstr(&mark, "--");
	buf_add(&mark, boundary.p ? boundary.p : "", boundary.len);
	if (!boundary.len || mark.failed || !next_delimiter(&rest, &mark, &part))
		return;
	for (size_t place = 0; place < n_asked && next_delimiter(&rest, &mark, &part); place++) {
		struct gmail_part one = {.index = place};
		struct span line;
		if (!next_line(&part, &line) || !read_part(part, &one) || one.index >= n_asked ||
			has_come[one.index])
			continue;
		has_come[one.index] = true;
		v[(*n_out)++] = one;
	}
}

/* ---- history --------------------------------------------------------------------------------- */

static int by_id(const void *x, const void *y)
{
	const struct gmail_change *a = x, *b = y;
	return strcmp(a->id, b->id);
}

static size_t count_of(const cJSON *record)
{
	static const char *const kinds[] = {
		"messagesAdded", "messagesDeleted", "labelsAdded", "labelsRemoved"};
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const cJSON *list = cJSON_GetObjectItemCaseSensitive(record, kinds[i]);
		n += cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
	}
	return n;
}

static void take_changes(struct arena *a, const cJSON *record, const char *kind, bool is_gone,
	struct gmail_history *out)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(record, kind), *one;
	cJSON_ArrayForEach(one, gmail_list(list))
	{
		const char *id = json_str(one, "/message/id");
		if (gmail_is_id(id))
			out->v[out->n++] = (struct gmail_change){arena_strdup(a, id), is_gone};
	}
}

/* An id is named once, and gone when any record says so: none comes again. */
static void make_unique(struct gmail_history *h)
{
	size_t kept = 0;
	if (h->n)
		qsort(h->v, h->n, sizeof *h->v, by_id);
	for (size_t i = 0; i < h->n; i++) {
		if (kept && strcmp(h->v[kept - 1].id, h->v[i].id) == 0)
			h->v[kept - 1].is_gone = h->v[kept - 1].is_gone || h->v[i].is_gone;
		else
			h->v[kept++] = h->v[i];
	}
	h->n = kept;
}

int gmail_read_token(struct arena *a, const cJSON *j, const char **out, struct err *e)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(j, "nextPageToken");
	const char *text = cJSON_GetStringValue(v);
	*out = NULL;
	if ((v && !text) || (text && strlen(text) > GMAIL_TOKEN_MOST))
		return err_set(e, ERR_PROTO,
			_("Gmail's list does not say in a way that can be understood where it "
			  "goes on."));
	*out = text && *text ? arena_strdup(a, text) : NULL;
	return 0;
}

int gmail_read_history(struct arena *a, const cJSON *j, struct gmail_history *out, struct err *e)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(j, "history"), *one;
	size_t n = 0;
	*out = (struct gmail_history){.history_id = text_of(a, j, "historyId")};
	if (!cJSON_IsObject(j) || (list && !cJSON_IsArray(list)))
		return err_set(e, ERR_PROTO, _("Gmail's history cannot be understood."));
	if (gmail_read_token(a, j, &out->next, e))
		return -1;
	if (!gmail_is_id(out->history_id))
		out->history_id = NULL;
	cJSON_ArrayForEach(one, gmail_list(list))
	{
		n += count_of(one);
	}
	out->v = arena_array(a, n + 1, sizeof *out->v);
	cJSON_ArrayForEach(one, gmail_list(list))
	{
		take_changes(a, one, "messagesAdded", false, out);
		take_changes(a, one, "labelsAdded", false, out);
		take_changes(a, one, "labelsRemoved", false, out);
		take_changes(a, one, "messagesDeleted", true, out);
	}
	make_unique(out);
	return 0;
}
