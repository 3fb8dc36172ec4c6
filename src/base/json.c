/* json.c - bounded parsing and small builders over cJSON. cJSON recurses, to at most 1000 levels
 * by its own limit. */
#include "config.h"

#include "crmail/base/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/base/utf8.h"

#define EXACT_MOST 9007199254740991.0 /* 2^53 - 1: beyond it a double skips integers */

/* cJSON accepts invalid UTF-8 and ends a string at \u0000: both become U+FFFD beforehand. */
static void add_tamed(struct buf *out, const char *p, size_t n)
{
	size_t start = 0;

	for (size_t i = 0; i + 1 < n; i++) {
		if (p[i] != '\\')
			continue;
		if (n - i >= 6 && !memcmp(p + i, "\\u0000", 6)) {
			utf8_add_valid(out, p + start, i - start);
			buf_addstr(out, "\\ufffd");
			start = i + 6;
			i += 5;
		} else {
			i++; /* the escaped character, so that \\u0000 stays text */
		}
	}
	utf8_add_valid(out, p + start, n - start);
}

static bool is_only_blanks(const char *p, const char *end)
{
	while (p < end && strchr(" \t\r\n", *p) && *p)
		p++;
	return p == end;
}

int json_parse(const char *p, size_t n, cJSON **out, struct err *e)
{
	CLEANUP(buf_release) struct buf tamed = BUF_INIT(3 * JSON_MAX_BYTES + 16);
	const char *end = NULL;

	if (n > JSON_MAX_BYTES)
		return err_set(e, ERR_TOOBIG, _("The JSON answer is larger than %d MiB."),
			(int)(JSON_MAX_BYTES >> 20));
	add_tamed(&tamed, p, n);
	cJSON *j = cJSON_ParseWithLengthOpts(tamed.p, tamed.len, &end, false);
	if (!j)
		return err_set(e, ERR_PARSE, _("This is not valid JSON."));
	if (!is_only_blanks(end, tamed.p + tamed.len)) {
		cJSON_Delete(j);
		return err_set(e, ERR_PARSE, _("There is something after the end of the JSON."));
	}
	*out = j;
	return 0;
}

void json_free(cJSON **j)
{
	cJSON_Delete(*j);
	*j = NULL;
}

/* One reference token of a pointer equals a key: ~1 stands for /, ~0 for ~. */
static bool token_is(struct span token, const char *key)
{
	for (size_t i = 0; i < token.len; i++, key++) {
		char c = token.p[i];
		if (c == '~' && i + 1 < token.len)
			c = token.p[++i] == '1' ? '/' : '~';
		if (c != *key)
			return false;
	}
	return !*key;
}

static const cJSON *child_at(const cJSON *j, struct span token)
{
	const cJSON *c;
	int64_t want;

	if (cJSON_IsArray(j)) {
		if (!span_to_i64(token, 0, INT32_MAX, &want))
			return NULL;
		cJSON_ArrayForEach(c, j)
		{
			if (!want--)
				return c;
		}
	} else if (cJSON_IsObject(j)) {
		cJSON_ArrayForEach(c, j)
		{
			if (token_is(token, c->string))
				return c;
		}
	}
	return NULL;
}

const cJSON *json_at(const cJSON *root, const char *pointer)
{
	while (root && *pointer == '/') {
		size_t n = strcspn(pointer + 1, "/");
		root = child_at(root, (struct span){pointer + 1, n});
		pointer += n + 1;
	}
	return *pointer ? NULL : root;
}

const char *json_str(const cJSON *root, const char *pointer)
{
	return cJSON_GetStringValue(json_at(root, pointer));
}

bool json_i64(const cJSON *root, const char *pointer, int64_t *out)
{
	const cJSON *j = json_at(root, pointer);

	if (cJSON_IsString(j))
		return str_to_i64(j->valuestring, INT64_MIN, INT64_MAX, out);
	if (!cJSON_IsNumber(j) || j->valuedouble < -EXACT_MOST || j->valuedouble > EXACT_MOST)
		return false;
	int64_t v = (int64_t)j->valuedouble;
	if ((double)v != j->valuedouble)
		return false;
	*out = v;
	return true;
}

/* cJSON reports only lack of memory this way. */
static void added(const void *item)
{
	BUG_ON(!item);
}

void json_add_str(cJSON *obj, const char *key, const char *value)
{
	if (value)
		json_add_strn(obj, key, value, strlen(value));
}

void json_add_strn(cJSON *obj, const char *key, const char *p, size_t n)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);

	if (!p)
		return;
	utf8_add_valid(&b, p, n);
	added(cJSON_AddStringToObject(obj, key, b.p));
}

void json_add_i64(cJSON *obj, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	added(cJSON_AddRawToObject(obj, key, text));
}

void json_add_id(cJSON *obj, const char *key, int64_t id)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, id);
	added(cJSON_AddStringToObject(obj, key, text));
}

void json_add_time(cJSON *obj, const char *key, int64_t t)
{
	char text[32];

	if (t)
		added(cJSON_AddStringToObject(obj, key, clock_rfc3339(t, text, sizeof(text))));
}

char *json_print(const cJSON *j)
{
	char *s = cJSON_PrintUnformatted(j);

	added(s);
	return s;
}
