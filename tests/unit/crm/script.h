/*
 * script.h - the shipped PostgREST profile with a server that is a list of lines: what must be
 * asked, and what it says to that.
 */
#ifndef CRMAIL_TESTS_CRM_SCRIPT_H
#define CRMAIL_TESTS_CRM_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/clock.h"
#include "crmail/crm/crm.h"
#include "crmail/crm/profile.h"
#include "tests/unit/unit.h"

/* {"alg":"none"}.{"sub":"user-1"}. */
#define JWT "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyLTEifQ."
#define LOGIN "POST http://crm.test/auth/v1/token?grant_type=password"
#define REFRESH "POST http://crm.test/auth/v1/token?grant_type=refresh_token"
#define TOKEN "{\"access_token\":\"" JWT "\",\"refresh_token\":\"r2\",\"expires_in\":3600}"
#define USER                                                                                       \
	"[{\"id\":\"U1\",\"email\":\"me@ourfirm.example\",\"role\":\"rep\",\"organization_id\":"   \
	"\"O1\"}]"

struct line {
	const char *asks;  /* "METHOD URL", as a whole or a prefix ending in '*' */
	const char *holds; /* must be in headers or body; NULL = anything */
	int status;        /* 0 = no answer (network) */
	const char *says;
	int64_t wait_ms;
};

struct fixture {
	struct arena arena;
	struct crm_profile *profile;
	struct crm *crm;
	struct clock_src *clock;
	struct crm_env env; /* without config */
	const struct line *script;
	size_t at, n;
	char refresh[64];
	bool has_no_place; /* for the refresh token */
	bool has_no_password;
};

int set_up(void **state);
int tear_down(void **state);
void play(struct fixture *f, const struct line *script, size_t n);
#define PLAY(f, ...)                                                                               \
	do {                                                                                       \
		static const struct line script_[] = {__VA_ARGS__};                                \
		play(f, script_, ARRAY_SIZE(script_));                                             \
	} while (0)
/* Another profile in place of the shipped one. */
void use_profile(struct fixture *f, const char *json);
/* Plays a sign-in as U1 of organisation O1. */
void sign_in(struct fixture *f);

#endif
