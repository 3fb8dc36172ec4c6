/*
 * verbs.c - the table of verbs; each is a file of its own in this folder.
 */
#include "config.h"

#include "verbs.h"

#include "crmail/base/i18n.h"

const struct cli_verb cli_verbs[] = {
	{"account", cli_account,
		N_("add NAME --email ADDR ([--found] | --imap HOST:PORT --smtp HOST:PORT --user "
		   "USER "
		   "[--password-command CMD | --password-fd N | --oauth PROVIDER [--device] "
		   "[--port N]] [--client-id ID|FILE] [--tenant ID] [--test] "
		   "[--tls implicit|starttls|insecure-none] [--ca FILE] | "
		   "--graph [--oauth PROVIDER] [--device] [--port N] | "
		   "--gmail [--oauth PROVIDER] [--port N] | "
		   "--maildir DIR --sendmail CMD) [--history all|DAYS] [--set KEY=VALUE ...] | "
		   "sign-in NAME [--device] [--port N] [--contacts] | "
		   "relay NAME (--url URL --user USER [--key-command CMD | --password-fd N] "
		   "[--port N] | --off) | list "
		   "| "
		   "remove NAME"),
		N_("Connect a mailbox, sign in again, list them, or remove one.")},
	{"config", cli_config, N_("check | show"),
		N_("Look at the configuration file: what is wrong, or what holds.")},
	{"contact", cli_contact,
		N_("list --json | add FIELD=VALUE ... [--crm NAME] [--json] | "
		   "edit ID FIELD=VALUE ... | "
		   "log ID call|meeting|note|task [FIELD=VALUE ...] [--json] | "
		   "import FILE... | import --from ACCOUNT"),
		N_("Print the contacts of every CRM, write to them, or import some (see import).")},
	{"crm", cli_crm,
		N_("add PROFILE [--name NAME] [--account NAME ...] --url URL [--set KEY=VALUE ...] "
		   "[--secret-command CMD | --password-fd N] [--log activity|message|off] "
		   "[--log-since DATE|all] | "
		   "set NAME --set KEY=VALUE ... | list | "
		   "check PROFILE [--url URL] [--set KEY=VALUE ...] | "
		   "test NAME [--json] | sweep NAME | "
		   "why MESSAGE [--json] | inbox --json | backfill NAME --since DATE [--count] | "
		   "(link | unlink) MESSAGE KIND:ID [--thread] | "
		   "(private | public | log | not) MESSAGE | "
		   "(never | allow) ADDRESS [--crm NAME] | "
		   "choose ADDRESS KIND:ID [--crm NAME | --message MESSAGE] | undo DECISION | "
		   "items [--json] | items undo|retry|discard|ours|theirs ID"),
		N_("Connect a CRM, list them, show what a profile would ask, try what works; say "
		   "why a mail is or is not logged, and decide about it.")},
	{"deal", cli_deal, N_("list --json | add FIELD=VALUE ... | edit ID FIELD=VALUE ..."),
		N_("Print the deals, make one where the CRM takes it, or change one.")},
	{"discover", cli_discover, N_("ADDR [--json]"),
		N_("Find out how the mailbox of an address can be connected.")},
	{"doctor", cli_doctor, N_("[--restore [DAY]]"),
		N_("Recount and mend the data folder, or go back to a daily copy of it.")},
	{"export", cli_export, N_("contacts --csv|--vcard [--crm NAME]"),
		N_("Print contacts as a file that other programs read.")},
	{"import", cli_import,
		N_("[--email ADDR] PATH... | "
		   "contacts FILE... | --from ACCOUNT [--dry-run] [--json] [--crm NAME] "
		   "[--account NAME ...] "
		   "[--charset NAME] [--separator CHAR] [--map COLUMN=FIELD ...] | "
		   "contacts --undo [--json]"),
		N_("Read Maildirs, mbox files and messages, or people from CSV files, vCards and "
		   "an "
		   "account's address book.")},
	{"log", cli_log, N_("[--json] [--since DATE] [--account NAME] [--level WORD] [--audit]"),
		N_("What crmail did, by the numbers of its rows; or who did what when.")},
	{"outbox", cli_outbox, N_("--json | was-sent|was-not-sent|send|hold|cancel ID"),
		N_("Print mail waiting to be sent and what was sent, or say what becomes of one.")},
	{"parse", cli_parse, N_("FILE..."), N_("What crmail reads in message files, as JSON.")},
	{"partner", cli_partner, N_("list --json"), N_("Print the partners of every CRM.")},
	{"purge", cli_purge, N_("--message ID [--yes]"),
		N_("Take a message out of the data folder for good.")},
	{"reply", cli_reply, N_("FILE --print [--all] [--from ADDR]"),
		N_("The reply crmail would begin, as a message.")},
	{"search", cli_search, N_("QUERY --json [--limit N]"), N_("Find messages.")},
	{"secrets", cli_secrets, N_("[list | unlock | move keyring|file]"),
		N_("Where passwords and sign-ins lie; open the keyring, or move them.")},
	{"show", cli_show, N_("FILE [--width N] [--plain]"), N_("A message file as text.")},
	{"status", cli_status, N_("--json"), N_("Print accounts, CRMs and who syncs them.")},
	{"sync", cli_sync, N_("--once [--json] | --daemon"),
		N_("One pass over every account and CRM, or sync without a screen.")},
	{"task", cli_task,
		N_("add SUBJECT [FIELD=VALUE ...] [--crm NAME] [--json] | done ID | "
		   "postpone ID DATE"),
		N_("Make a task, complete one, or put it off.")},
	{"template", cli_template,
		N_("list [--json] | show NAME [--to ADDR] [--account NAME] [--set VARIABLE=TEXT "
		   "...] | check | install LANG ... | versions NAME [--json] | "
		   "diff NAME [VERSION] | restore NAME VERSION"),
		N_("Print the templates of mails or one filled in, install ten to begin with, or "
		   "go back to an earlier text.")},
	{"threads", cli_threads, N_("--json"), N_("Print every conversation with its messages.")},
	{"timeline", cli_timeline, N_("--contact ID | --partner ID  --json"),
		N_("Print what happened with a contact or partner.")},
	{NULL, NULL, NULL, NULL},
};
