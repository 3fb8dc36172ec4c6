/*
 * verbs.c - the table of verbs; each is a file of its own in this folder.
 */
#include "config.h"

#include "verbs.h"

#include "crmail/base/i18n.h"

const struct cli_verb cli_verbs[] = {
	{"account", cli_account,
		N_("add NAME --email ADDR (--imap HOST:PORT --smtp HOST:PORT --user USER "
		   "--password-command CMD [--tls implicit|starttls|insecure-none] [--ca FILE] | "
		   "--maildir DIR --sendmail CMD) [--history all|DAYS] [--set KEY=VALUE ...] | "
		   "list | "
		   "remove NAME"),
		N_("Connect a mailbox, list them, or remove one.")},
	{"import", cli_import, N_("[--email ADDR] PATH..."),
		N_("Read Maildirs, mbox files and messages into the data folder.")},
	{"parse", cli_parse, N_("FILE..."), N_("What crmail reads in message files, as JSON.")},
	{"reply", cli_reply, N_("FILE --print [--all] [--from ADDR]"),
		N_("The reply crmail would begin, as a message.")},
	{"show", cli_show, N_("FILE [--width N] [--plain]"), N_("A message file as text.")},
	{"threads", cli_threads, N_("--json"), N_("Print every conversation with its messages.")},
	{NULL, NULL, NULL, NULL},
};
