/*
 * session.h - one IMAP connection (RFC 3501) and the commands that crmail gives on it: our
 * verified stream below (net/stream.h), our own reader of answers above (wire.h). Worker thread.
 *
 * An account has one session for commands and, while it waits for mail, a second one that idles
 * in INBOX (idle.c). Nothing is shared between threads.
 */
#ifndef CRMAIL_IMAP_SESSION_H
#define CRMAIL_IMAP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/provider/provider.h"

#include "wire.h"

#define IMAP_MAX_FOLDERS 20000
#define IMAP_MAX_UIDS ((size_t)4 << 20) /* of one folder; what a server names beyond is not read */
#define IMAP_PAGE 200

/* ---- names.c: modified UTF-7 (RFC 3501 section 5.1.3) ---------------------------------------- */
/* Server name to UTF-8; what cannot be decoded stays as it is. In the arena. */
char *imap_name_decode(struct arena *a, const char *name);
char *imap_name_encode(struct arena *a, const char *utf8);

/* ---- session.c ------------------------------------------------------------------------------- */
enum imap_cap {
	CAP_UIDPLUS = 1 << 0,      /* RFC 4315 */
	CAP_MOVE = 1 << 1,         /* RFC 6851 */
	CAP_CONDSTORE = 1 << 2,    /* RFC 7162 */
	CAP_QRESYNC = 1 << 3,      /* RFC 7162, and the server took ENABLE */
	CAP_IDLE = 1 << 4,         /* RFC 2177 */
	CAP_ID = 1 << 5,           /* RFC 2971 */
	CAP_LITERAL_PLUS = 1 << 6, /* RFC 7888 */
	CAP_ENABLE = 1 << 7,       /* RFC 5161 */
	CAP_STARTTLS = 1 << 8,
	CAP_NO_LOGIN = 1 << 9,    /* LOGINDISABLED */
	CAP_AUTH_PLAIN = 1 << 10, /* RFC 4616 */
	CAP_GMAIL = 1 << 11,
	CAP_LIST_STATUS = 1 << 12, /* RFC 5819 */
	CAP_ESEARCH = 1 << 13,     /* RFC 4731 */
	CAP_SASL_IR = 1 << 14,     /* RFC 4959 */
	CAP_XOAUTH2 = 1 << 15,     /* AUTH=XOAUTH2 */
	CAP_OAUTHBEARER = 1 << 16, /* AUTH=OAUTHBEARER, RFC 7628 */
};

struct imap_selected {
	char *folder; /* server name; NULL = none selected */
	uint32_t uidvalidity, uidnext, exists;
	uint64_t modseq; /* 0 = the server has none */
	char *permanent; /* flags that can be kept, as listed; NULL = not said: all */
};

/* What OK and NO carried in brackets. */
struct imap_code {
	char name[32];  /* "APPENDUID"; "" = none */
	uint32_t uid;   /* of APPENDUID and COPYUID: where the first message went; 0 = not said */
	char line[512]; /* the rest, for what is read elsewhere */
};

/* An untagged answer, already entered in the session's own books. */
struct imap_untagged {
	const char *word;     /* upper case: "FETCH", "LIST", ... */
	uint32_t number;      /* "* 3 FETCH"; 0 = none */
	struct imap_lex *lex; /* behind the word */
};
typedef void imap_on_untagged(void *ctx, const struct imap_untagged *u);

struct imap_etpan;
struct imap_idle;
struct imap_session {
	struct provider base;
	const struct account_conf *conf;
	struct imap_wire wire;
	struct imap_answer answer;              /* the last one */
	struct net_cancel *cancel, *own_cancel; /* own: NULL where the account has one */
	struct stream *stream;                  /* NULL = over bytes from elsewhere */
	uint32_t tags;                          /* commands given so far */
	unsigned caps;                          /* enum imap_cap */
	bool is_dead;                           /* the connection is of no more use */
	bool has_news; /* something came or went since this was last set to false */
	struct imap_code code;
	struct imap_selected selected;
	struct arena list;       /* of the running backfill */
	const char *list_folder; /* NULL = none */
	uint32_t *uids;          /* ascending; handed out from the end */
	size_t n_uids;
	struct imap_etpan *etpan; /* NULL = nothing was changed yet on this connection */
	struct imap_idle *idle;   /* NULL = not waited yet */
};

static inline struct imap_session *imap_of(struct provider *p)
{
	return container_of(p, struct imap_session, base);
}

/* ---- sign_in.c ------------------------------------------------------------------------------- */
/* From the greeting (and TLS) on: says who we are. */
int imap_sign_in(struct imap_session *s, struct err *e) NODISCARD;
/* What the server can do, anew. */
int imap_ask_caps(struct imap_session *s, struct err *e) NODISCARD;

/* ---- session.c ------------------------------------------------------------------------------- */
int imap_open(struct provider **out, const struct account_conf *c, struct err *e);
/* A session over bytes from elsewhere: greets and signs in as imap_open does, connects nothing.
 * Frees itself on failure. */
int imap_open_over(struct imap_session **out, const struct account_conf *c, struct imap_io io,
	struct err *e);
void imap_close(struct provider *p);
void imap_cancel(struct provider *p);
/* Connects and signs in anew, after the connection broke in the middle of something. */
int imap_reopen(struct imap_session *s, struct err *e) NODISCARD;
/* Selects anew, so that the numbers are fresh. */
int imap_select(struct imap_session *s, const char *folder, struct err *e) NODISCARD;
struct imap_since { /* what is known already, for QRESYNC */
	uint32_t uidvalidity;
	uint64_t modseq;
	imap_on_untagged *on; /* gets FETCH and VANISHED */
	void *ctx;
};
/* The same with what happened since then, where the server has QRESYNC (else `on` gets nothing
 * and s->caps says so). */
int imap_select_since(struct imap_session *s, const char *folder, const struct imap_since *since,
	struct err *e) NODISCARD;
/* Selects only when another folder is selected. */
int imap_need(struct imap_session *s, const char *folder, struct err *e) NODISCARD;
/* The same, and ERR_CONFLICT when the numbering is not that of the pull cursor (NULL = any): a
 * UID of an earlier numbering names some other message by now (RFC 3501 section 2.3.1.1). */
int imap_need_as_of(struct imap_session *s, const char *folder, const char *cursor,
	struct err *e) NODISCARD;

/* ---- command.c ------------------------------------------------------------------------------- */
struct imap_command {
	struct imap_session *s;
	const char *what; /* "FETCH", for messages */
	struct buf out;
	struct buf trace; /* the same without strings, for the log */
	size_t stops[16]; /* offsets in out where the server has to say "go on" first */
	size_t n_stops;
	struct span data; /* goes out last, as a literal; APPEND */
	size_t keep;      /* bytes kept of literals in the answers */
};

struct imap_command imap_command(struct imap_session *s, const char *what);
/* Syntax of ours, numbers and atoms. Never what people or servers have written. */
void imap_add(struct imap_command *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Any string, quoted or as a literal. */
void imap_add_string(struct imap_command *c, const char *text, size_t len);
void imap_add_folder(struct imap_command *c, const char *server_name);
/* "21-Nov-2026", of which only the day is looked at. */
struct tm;
void imap_add_day(struct imap_command *c, const struct tm *tm);
/* UIDs, ascending, as a sequence set. */
void imap_add_uids(struct imap_command *c, const uint32_t *uids, size_t n);
/* Frees a command that is not to be sent. */
void imap_command_drop(struct imap_command *c);
/* Sends the command, hands untagged answers to `on` (NULL = nobody), and returns 0 for OK. Frees
 * the command. For NO and BAD *e has scope ERR_ITEM, and s->code says more. */
int imap_run(struct imap_command *c, imap_on_untagged *on, void *ctx, struct err *e) NODISCARD;
/* The first half: all but waiting for the answer. For IDLE. */
int imap_send(struct imap_command *c, struct err *e) NODISCARD;
/* IDLE up to the server's "+", and DONE with the answer to it. Between them imap_next(). */
int imap_begin_idle(struct imap_session *s, struct err *e) NODISCARD;
int imap_end_idle(struct imap_session *s, struct err *e) NODISCARD;
/* Reads one answer and enters it in the books; *lex stands behind its first word. */
int imap_next(struct imap_session *s, struct imap_untagged *u, struct imap_lex *lex, char word[32],
	struct err *e) NODISCARD;
/* AUTHENTICATE: each "+" of the server is answered with the next of `lines`, in base64, and behind
 * the last with an empty one. As imap_run() otherwise. */
int imap_run_sasl(struct imap_command *c, const char *const *lines, size_t n,
	struct err *e) NODISCARD;
bool imap_is_refusal(const struct err *e); /* NO or BAD: the connection lives */
/* For etpan.c, which runs commands in its own way: forget the last answer's code before; what the
 * tagged answer says (the lexer behind OK, NO or BAD); whether it is to this session's last
 * command; and errors. */
void imap_expect(struct imap_session *s, size_t keep);
void imap_see_result(struct imap_session *s, const struct imap_lex *lex);
bool imap_is_own_tag(const struct imap_session *s);
int imap_refused(const struct imap_session *s, const char *what, struct err *e);
int imap_not_imap(struct imap_session *s, struct err *e);
#define IMAP_GARBAGE_MAX 100 /* lines that are no IMAP at all, before we give up */

/* ---- fetch.c --------------------------------------------------------------------------------- */
struct imap_fetched { /* one FETCH answer; borrowed from it */
	uint32_t uid;
	bool has_flags;
	uint32_t flags;
	int64_t received;
	uint64_t size;
	const char *data; /* BODY[...]; NULL = not there */
	size_t len;
	uint64_t whole_len; /* as the server named it */
};
struct imap_fetched imap_read_fetch(struct imap_lex *lex);
int imap_uid_of(const char *id, uint32_t *uid, struct err *e) NODISCARD;
/* Flags of uids lo..hi, only those changed since modseq when it is not 0. */
int imap_fetch_flags(struct imap_session *s, struct arena *a, uint32_t lo, uint32_t hi,
	uint64_t modseq, struct prov_flag **out, size_t *n, struct err *e) NODISCARD;
int imap_fetch(struct provider *p, const char *folder, const char *cursor, const char *const *ids,
	size_t n, uint64_t max_bytes, int (*one)(void *, const char *, const char *, size_t, bool),
	void *ctx, struct err *e);

/* ---- headers.c ------------------------------------------------------------------------------- */
/* Header pages: uids (ascending, of the selected folder) to messages in the arena. A message that
 * the server cannot give comes as an unreadable one. */
int imap_fetch_headers(struct imap_session *s, struct arena *a, const uint32_t *uids, size_t n,
	struct prov_page *out, struct err *e) NODISCARD;

/* ---- search.c -------------------------------------------------------------------------------- */
struct imap_uid_list { /* in an arena */
	struct arena *a;
	uint32_t *v;
	size_t n, cap;
};
void imap_uids_add(struct imap_uid_list *l, uint32_t first, uint32_t last);
void imap_uids_sort(struct imap_uid_list *l); /* ascending, each once */
/* "1:5,7" at the lexer's token: calls for each range. */
void imap_uids_parse(struct span set, void (*each)(void *ctx, uint32_t lo, uint32_t hi), void *ctx);
/* The words that a search for many UIDs begins with: answered in ranges where the server can. */
const char *imap_search_words(const struct imap_session *s);
/* Runs a UID SEARCH whose keys the caller has added; answers ascending. */
int imap_run_search(struct imap_command *c, struct arena *a, uint32_t **out, size_t *n,
	struct err *e) NODISCARD;
int imap_search_all(struct imap_session *s, struct arena *a, uint32_t **out, size_t *n,
	struct err *e) NODISCARD;
int imap_find(struct provider *p, const char *folder, const char *message_id, struct arena *a,
	struct found *out, struct err *e);
/* The newest message of that Message-ID in a folder; 0 = none. */
int imap_find_uid(struct imap_session *s, const char *folder, const char *message_id, uint32_t *uid,
	struct err *e) NODISCARD;

/* ---- pull.c ---------------------------------------------------------------------------------- */
/* Whether the folder's listing is complete and nothing has changed in it since, by the server's own
 * numbers. False where these cannot tell. */
bool imap_cursor_holds(const char *cursor, const struct imap_selected *now);

/* ---- look.c ---------------------------------------------------------------------------------- */
int imap_look(struct provider *p, struct prov_look *v, size_t n, struct err *e);

/* ---- query.c --------------------------------------------------------------------------------- */
int imap_search(struct provider *p, const struct query *q, struct arena *a, struct prov_page *out,
	struct err *e);

/* ---- pull.c, apply.c ------------------------------------------------------------------------- */
/* UIDVALIDITY as of a pull's cursor; 0 = not known. */
uint32_t imap_cursor_validity(const char *cursor);
int imap_pull(struct provider *p, const char *folder, const char *cursor, struct arena *a,
	struct prov_page *out, struct err *e);
int imap_apply(struct provider *p, const struct op *op, struct arena *a, const char **new_id,
	struct err *e);

#endif
