/*
 * fake_store.h - a store in memory with the functions that the screen calls, linked in place of
 * libstore: the same mail at every run, any text in every field. One per process (tests only).
 */
#ifndef CRMAIL_TEST_FAKE_STORE_H
#define CRMAIL_TEST_FAKE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/buf.h"
#include "crmail/base/op.h"
#include "crmail/store/account.h"
#include "crmail/store/contact.h"
#include "crmail/store/outbox.h"
#include "crmail/store/record.h"

struct fake_mail {
	int64_t id, thread, parent;
	enum folder_role role;
	int64_t date;
	uint32_t flags;
	const char *from_name, *from_addr;
	const char *to_name, *to_addr;
	const char *cc; /* header value; NULL = none */
	const char *subject, *snippet;
	const char *type; /* of the body; NULL = text/plain; charset=utf-8 */
	const char *text; /* body; a whole multipart when type says so */
	uint32_t n_attachments;
	int64_t contact; /* peer; 0 = none */
	bool is_unknown; /* badge "?" */
};

struct fake_crm; /* fake_crm.h */

#define FAKE_MAX_OUTBOX 9
#define FAKE_MAX_FILES 8
#define FAKE_MAX_VERSIONS 80
struct store_reader {
	struct store *s;
};
struct fake_file {
	int64_t outbox; /* 0 = dropped */
	char *name, *type, *data;
	size_t len;
};
struct fake_version {
	char *path, *text;
	int64_t at;
};
struct store {
	char *template_used;                             /* path of the last one; NULL = none */
	struct fake_version versions[FAKE_MAX_VERSIONS]; /* of templates, oldest first */
	size_t n_versions;
	bool is_unreadable; /* no reader can be opened */
	int64_t n_imported; /* contacts of fake_people.c */
	struct account_row accounts[4];
	size_t n_accounts;
	const char *signatures[4]; /* files; NULL = none */
	const char *alias;         /* of the first account; NULL = none */
	struct folder_row folders[400];
	size_t n_folders;
	struct fake_mail *mail; /* oldest first */
	size_t n_mail;
	struct contact_row contacts[4];
	size_t n_contacts;
	struct partner_row partners[2];
	size_t n_partners;
	char saved[4][64]; /* kept searches */
	size_t n_saved;
	int64_t n_parked;   /* changes of account 1 that were given up */
	const char *notice; /* what care_notice() says; NULL = nothing */
	struct deal_row deals[2];
	size_t n_deals;
	struct timeline_entry entries[8];
	size_t n_entries;
	char entry_subject[64]; /* of the last one made */
	struct outbox_row outbox[FAKE_MAX_OUTBOX];
	char *draft_json[FAKE_MAX_OUTBOX], *raw[FAKE_MAX_OUTBOX];
	size_t n_outbox;
	struct fake_file files[FAKE_MAX_FILES];
	size_t n_files;
	int64_t adopted;       /* by the last outbox_put */
	int64_t ops_waiting;   /* of every account with a server */
	bool is_insecure;      /* every account's servers are talked to in the clear */
	int64_t ticket;        /* of what is written to the outbox; 0 = done at once */
	int64_t failed_ticket; /* 0 = none */
	bool is_full;          /* nothing can be written (store_trouble) */
	bool has_secret;       /* every account's password is in the file of saved passwords */
	bool has_keyring;      /* or in the keyring of the desktop */
	bool has_relay;        /* accounts send through one */
	bool has_grant;        /* every account is signed in to at a provider */
	unsigned abilities;    /* record_abilities() */
	bool has_no_stages;    /* deal_stages() */
	struct buf written;    /* what was written into records: one line each */
	int64_t n_written;     /* how often */
	struct record_write *conflict; /* NULL = none */
	const struct fake_crm *crm;    /* what is known of CRMs; NULL = one that stands well */
	int64_t reminded;              /* conversation with the one reminder; 0 = none */
	int64_t remind_at;             /* of it */
	int64_t told;                  /* how often the screen asked for what is due */
	int64_t seen;                  /* last notification marked so; -1 = all */
	int64_t retried, discarded;    /* the last that waited for a CRM */
	int64_t next_group;
	int64_t found;       /* conversation that a server's search finds; 0 = none */
	int64_t labelled;    /* folder set as a label; 0 = none */
	int n_lists;         /* calls of thread_list_page */
	size_t longest_page; /* most rows asked for at once */
	int n_stops;         /* so often counting hits is stopped, */
	int n_bad_pages;     /* and so often a further page of hits cannot be read */
	/* fake_match.c: borrowed from the test */
	const struct stranger_row *strangers;
	size_t n_strangers;
	const struct candidate_row *candidates;
	size_t n_candidates;
	const struct why *why; /* what explains any mail; NULL = no CRM */
	/* What the last action did, for undo. */
	struct {
		int64_t id;
		uint32_t flags;
		enum folder_role role;
	} before[64];
	size_t n_before;
};

/* The demo mailbox of the goldens: `now` is Friday 20 November 2026, 10:00 UTC. */
#define FAKE_NOW 1795168800
void fake_store_fill(struct store *s);
void fake_store_fill_many(struct store *s, size_t n); /* n conversations of one mail */
void fake_store_fill_outbox(struct store *s);         /* a mail in every state */
void fake_store_release(struct store *s);
struct fake_mail *fake_mail_of(struct store *s, int64_t id); /* NULL = none */
/* Everything that a CRM may take. */
#define FAKE_ABILITIES 0x3E3E3Eu
/* Another body for the mail with id 7, of the same type: notes.txt, invite.ics, a forwarded
 * mail. */
extern const char fake_attachments[];

struct store *fake_store_of(struct store_reader *r);
struct why;
/* For the screen's hook: the test's `why`. */
int fake_explain(struct store_reader *r, struct arena *a, int64_t message, struct why **out,
	struct err *e);

#endif
