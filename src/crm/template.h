/*
 * template.h (private) - the template language of profiles: "{{name|filter:arg}}" in strings. No
 * code, no loops; linear, bounded; what a value is put into (the sink) decides how it is escaped.
 * A variable that has no value makes the whole string absent: a query part, header or path is
 * then left out, a JSON value becomes null. One that is not being written (VAR_UNSET) leaves out
 * the member of a JSON object too.
 */
#ifndef CRMAIL_SRC_CRM_TEMPLATE_H
#define CRMAIL_SRC_CRM_TEMPLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/json.h"
#include "crmail/base/str.h"
#include "crmail/crm/crm.h"

enum var_type { VAR_ABSENT, VAR_UNSET, VAR_TEXT, VAR_INT, VAR_JSON };
struct var {
	const char *name; /* "email.subject" */
	enum var_type type;
	const char *text; /* VAR_TEXT, VAR_JSON; NULL counts as absent */
	int64_t number;   /* VAR_INT */
};
/* A chain of tables, innermost first. */
struct var_scope {
	const struct var *v;
	size_t n;
	const struct var_scope *outer;
};

struct template_ctx {
	const struct var_scope *scope;
	const struct crm_secrets *secrets;
	bool hide_secrets; /* render "***" for secrets and tokens */
};

enum template_sink {
	SINK_URL,   /* start of a URL: as it is, checked for control characters and blanks */
	SINK_PATH,  /* values are one path segment each */
	SINK_QUERY, /* everything is percent-encoded */
	SINK_HEADER /* control characters are refused */
};

/* Appends to out. *is_absent: a variable had no value; what was appended is to be dropped. */
int template_render(const struct template_ctx *t, const char *text, enum template_sink sink,
	struct buf *out, bool *is_absent, struct err *e) NODISCARD;
/* Appends JSON text made from a JSON value whose strings are templates. A string that is exactly
 * one "{{...}}" keeps the value's type. */
int template_render_json(const struct template_ctx *t, const cJSON *value, struct buf *out,
	struct err *e) NODISCARD;
/* Syntax, filters and names. `known` says whether a variable exists. */
typedef bool (*template_known_fn)(const void *ctx, const char *name);
int template_check(const char *text, template_known_fn known, const void *ctx,
	struct err *e) NODISCARD;

/* Whether any string of the value uses that variable. */
bool template_uses(const cJSON *value, const char *name);

/* The nodes of a tree, parents first, without recursion: begin with zeroes and the root; NULL at
 * the end. What lies deeper than the stack is passed over. */
#define JSON_WALK_DEPTH 32
struct json_walk {
	const cJSON *stack[JSON_WALK_DEPTH];
	size_t depth;
};
const cJSON *json_walk_next(struct json_walk *w, const cJSON *at);

void template_json_string(struct buf *out, const char *p, size_t n); /* quoted and escaped */

#define TEMPLATE_MAX_DEPTH 16 /* of a JSON body */
#define TEMPLATE_MAX_NAME 64
#define TEMPLATE_MAX_FILTERS 4

/* filter.c: one step of a value on its way into a template. */
struct filter_value {
	enum var_type type;
	struct buf *text; /* VAR_TEXT, VAR_JSON; owned by the caller */
	int64_t number;
};
bool filter_exists(struct span name, bool has_arg);
int filter_apply(struct span name, struct span arg, struct filter_value *v,
	struct err *e) NODISCARD;

#endif
