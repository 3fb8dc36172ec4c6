/* batch.c - see batch.h. */
#include "config.h"

#include "batch.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/net/http.h"

static cJSON *one_ask(const struct graph_ask *ask, size_t number)
{
	cJSON *j = cJSON_CreateObject();
	json_add_id(j, "id", (int64_t)number);
	json_add_str(j, "method", ask->method);
	json_add_str(j, "url", ask->path);
	cJSON *headers = cJSON_AddObjectToObject(j, "headers");
	json_add_str(headers, "Prefer", GRAPH_IMMUTABLE);
	if (ask->json) {
		json_add_str(headers, "Content-Type", "application/json");
		BUG_ON(!cJSON_AddRawToObject(j, "body", ask->json));
	}
	return j;
}

void graph_batch_write(struct buf *out, const struct graph_ask *v, size_t n)
{
	CLEANUP(json_free) cJSON *root = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(root, "requests");
	BUG_ON(n > GRAPH_BATCH_MOST);
	for (size_t i = 0; i < n; i++)
		cJSON_AddItemToArray(list, one_ask(&v[i], i + 1));
	CLEANUP(free_str) char *text = json_print(root);
	buf_addstr(out, text);
}

/* Header names have no case. */
static int64_t retry_after(const cJSON *headers)
{
	const cJSON *h;
	int64_t s = 0;
	cJSON_ArrayForEach(h, headers)
	{
		if (!h->string || str_casecmp(h->string, "Retry-After") != 0)
			continue;
		if (cJSON_IsString(h) && str_to_i64(h->valuestring, 0, INT64_MAX, &s))
			return http_wait_ms(s);
		if (cJSON_IsNumber(h) && h->valuedouble >= HTTP_WAIT_MOST_S)
			return http_wait_ms(HTTP_WAIT_MOST_S);
		if (cJSON_IsNumber(h) && h->valuedouble >= 0)
			return http_wait_ms((int64_t)h->valuedouble);
	}
	return -1;
}

int graph_batch_read(const cJSON *answer, size_t n, struct graph_reply *v, struct err *e)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(answer, "responses"), *one;
	for (size_t i = 0; i < n; i++)
		v[i] = (struct graph_reply){.retry_after_ms = -1};
	if (!cJSON_IsArray(list))
		return err_set(e, ERR_PROTO,
			_("The answer of Microsoft to several requests cannot be understood."));
	cJSON_ArrayForEach(one, list)
	{
		int64_t id = 0, status = 0;
		if (!json_i64(one, "/id", &id) || !json_i64(one, "/status", &status) || id < 1 ||
			id > (int64_t)n || status < 100 || status > 599 || v[id - 1].status)
			continue;
		v[id - 1] = (struct graph_reply){.status = (int)status,
			.retry_after_ms =
				retry_after(cJSON_GetObjectItemCaseSensitive(one, "headers")),
			.body = cJSON_GetObjectItemCaseSensitive(one, "body")};
	}
	return 0;
}
