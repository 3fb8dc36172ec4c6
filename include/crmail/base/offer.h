/*
 * offer.h - how a mailbox can be connected, as discovery found it (net/discover.h) [R1]. Shared by
 * net, sync, cli and ui (struct desk_answer). Plain data: every text is checked where it is found,
 * so that host names hold letters, digits, "-" and "." only, and nothing holds control characters.
 */
#ifndef CRMAIL_OFFER_H
#define CRMAIL_OFFER_H

#include <stdbool.h>
#include <stddef.h>

#define OFFERS_MAX 4
#define OFFER_TITLE 64
#define OFFER_WORD 65 /* name of a provider */
#define OFFER_KIND 16
#define OFFER_SERVER 262 /* HOST:PORT */
#define OFFER_USER 321

enum offer_source {
	OFFER_BY_TABLE, /* the domain is a known one: nobody was asked */
	OFFER_BY_MX,    /* mail for the domain goes to a known provider */
	OFFER_BY_SRV,
	OFFER_BY_AUTOCONFIG,
	OFFER_BY_GUESS /* the servers are there and say what they are */
};

struct offer {
	enum offer_source source;
	char title[OFFER_TITLE]; /* of the provider; "" = not a known one */
	/* The provider to sign in at (oauth.h), whose own servers are used; "" = with a
	 * password. */
	char oauth[OFFER_WORD];
	char kind[OFFER_KIND];   /* with oauth: "gmail" or "graph", without IMAP; "" = IMAP */
	bool lacks_client;       /* nobody has said yet as which client crmail signs in there */
	bool wants_app_password; /* the provider does not take the usual password */
	char imap[OFFER_SERVER], smtp[OFFER_SERVER]; /* HOST:PORT; "" with oauth */
	char tls[12]; /* "implicit" or "starttls" for both; "" = as the ports say */
	char user[OFFER_USER];
};

enum offers_end {
	OFFERS_NONE,      /* whoever was asked answered, and nothing was there */
	OFFERS_NO_DOMAIN, /* there is no such domain */
	OFFERS_SLOW,      /* not everybody had answered at the end of the time */
	OFFERS_OFFLINE,   /* nobody could be asked */
	OFFERS_FOUND
};

struct offers {
	enum offers_end end;
	size_t n;
	struct offer v[OFFERS_MAX]; /* the one to be recommended first */
};

#endif
