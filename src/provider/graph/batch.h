/*
 * batch.h - several requests to Microsoft Graph in one ($batch, "Combine multiple HTTP requests
 * using JSON batching"): writing the request, reading the answer. Pure; any thread.
 */
#ifndef CRMAIL_PROVIDER_GRAPH_BATCH_H
#define CRMAIL_PROVIDER_GRAPH_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/json.h"

#define GRAPH_BATCH_MOST 20

/* Preferred with every request, or ids change when a message moves ("Obtain immutable identifiers
 * for Outlook resources"). */
#define GRAPH_IMMUTABLE "IdType=\"ImmutableId\""

struct graph_ask {
	const char *method;
	const char *path; /* "/me/messages/ID": behind the version */
	const char *json; /* of the body; NULL = none */
};

struct graph_reply {
	int status;             /* 0 = this one was not answered */
	int64_t retry_after_ms; /* -1 = not said */
	const cJSON *body;      /* NULL = none; what is no JSON is a string in base64 */
};

/* Every single request asks for immutable ids by itself. Appends to `out`. */
void graph_batch_write(struct buf *out, const struct graph_ask *v, size_t n);
/* Answers come in any order; what was not asked for is passed over, and of two answers to one
 * request the first counts. ERR_PROTO when it is no answer to a batch. */
int graph_batch_read(const cJSON *answer, size_t n, struct graph_reply *v, struct err *e) NODISCARD;

#endif
