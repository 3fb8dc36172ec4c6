/*
 * purge.h - taking a message out of the data folder for good: rows, body, index, files. A keyed
 * hash stays, so that no sync brings it back [R13]. What servers and CRMs have of it is theirs: the
 * report says what that is.
 */
#ifndef CRMAIL_STORE_PURGE_H
#define CRMAIL_STORE_PURGE_H

#include <stdbool.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

struct store;

struct purge_report {
	int64_t messages;   /* rows taken out: all equal copies */
	int64_t on_servers; /* folders of servers in which a copy still lies */
	int64_t in_crms;    /* activities that a CRM has of it */
};
/* Worker call. With is_dry nothing is changed. ERR_NOTFOUND: no such message. ERR_CONFLICT: it has
 * no Message-ID and was never fetched, so that it could not be known again. */
int message_purge(struct store *s, int64_t id, bool is_dry, struct purge_report *out,
	struct err *e) NODISCARD;

#endif
