/*
 * fake_crm.h - what a test says of CRMs (struct store.crm of fake_store.h): their rows, what was
 * matched, and what was asked of the store.
 */
#ifndef CRMAIL_TEST_FAKE_CRM_H
#define CRMAIL_TEST_FAKE_CRM_H

#include <stddef.h>
#include <stdint.h>

#include "crmail/store/contact.h"
#include "crmail/store/crm_item.h"
#include "crmail/store/crm_setup.h"
#include "crmail/store/notice.h"
#include "crmail/store/record.h"
#include "crmail/store/today.h"

struct fake_crm {
	struct crm_row rows[4];
	size_t n;
	int64_t queued, parked;     /* of each */
	struct setting settings[8]; /* of each */
	size_t n_settings;
	struct crm_totals totals;
	struct proof_row proofs[4];
	size_t n_proofs;
	int64_t entries, entries_here;
	struct crm_entry waiting[4];
	size_t n_waiting;
	const struct today_thread *waiting_for_me, *unanswered;
	size_t n_waiting_for_me, n_unanswered;
	struct today_entry day[8]; /* tasks have due_at */
	size_t n_day;
	struct notice_row notices[8];
	size_t n_notices;
	int64_t unseen;
	struct crm_item_counts counts;
	struct record_write writes[4];
	size_t n_writes;
};

#endif
