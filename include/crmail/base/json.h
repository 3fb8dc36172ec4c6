/*
 * json.h - small helpers over cJSON (tech.md 9): bounded parsing, pointers, exact integers.
 * Ids are strings everywhere; 64-bit numbers are written raw. Any thread.
 */
#ifndef CRMAIL_JSON_H
#define CRMAIL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

#define JSON_MAX_BYTES ((size_t)8 << 20)

/* Parses exactly one document of at most JSON_MAX_BYTES. Caller frees with cJSON_Delete. */
int json_parse(const char *p, size_t n, cJSON **out, struct err *e) NODISCARD;
void json_free(cJSON **j); /* for CLEANUP */

/* RFC 6901 pointer ("" is the whole); NULL when absent. Borrowed from `root`. */
const cJSON *json_at(const cJSON *root, const char *pointer);
const char *json_str(const cJSON *root, const char *pointer); /* NULL unless a string */
bool json_i64(const cJSON *root, const char *pointer, int64_t *out) NODISCARD;

/* Builders that leave absent things out (formats.md: never null): nothing is added for NULL. */
void json_add_str(cJSON *obj, const char *key, const char *value); /* made valid UTF-8 */
void json_add_strn(cJSON *obj, const char *key, const char *p, size_t n);
void json_add_i64(cJSON *obj, const char *key, int64_t value);
void json_add_id(cJSON *obj, const char *key, int64_t id);  /* as a string */
void json_add_time(cJSON *obj, const char *key, int64_t t); /* RFC 3339; 0 = left out */
char *json_print(const cJSON *j) NODISCARD;                 /* compact; caller frees with free() */

#endif
