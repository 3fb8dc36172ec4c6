/*
 * late.h - a library that is loaded when it is first needed, not when the program starts: what
 * relocates OpenSSL, libcurl and their forty dependencies costs more than a search does, and most
 * starts need neither.
 *
 * A file late_NAME.c defines the functions of one library that the program uses, under their own
 * names and with their own prototypes, so that callers look as if it were linked:
 *
 *	#define FUNCTIONS(F, P, V) \
 *		F(int, RAND_bytes, (unsigned char *p, int n), (p, n)) \
 *		P(EVP_MD_CTX_free, (EVP_MD_CTX *c), (c))
 *	LATE_LIBRARY(crypto, LIBCRYPTO_SONAME, FUNCTIONS)
 *
 * F has what a function returns first; P returns nothing; V(name) takes other arguments each time,
 * so that the file defines it itself, with LATE_CALL(name). A function that is missing there is
 * missing to the linker, one that is missing in the library fails late_load(). Any thread. The
 * bindings belong to the whole process, as the dynamic linker's own do.
 */
#ifndef CRMAIL_LATE_H
#define CRMAIL_LATE_H

#include <stddef.h>
#include <stdatomic.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"

typedef void late_function(void); /* of any type; cast before the call */

struct late {
	const char *soname;
	const char *const *names;
	late_function **at;
	size_t n;
	atomic_bool is_loaded;
};

/* ERR_UNSUPPORTED, with the file's name, when the library or one of its functions is not there.
 * Asked where a connection begins; later calls of its functions then cannot fail. */
int late_load(struct late *l, struct err *e) NODISCARD;
/* Loads it where nobody asked before, and ends the program when that cannot be done. */
late_function *late_bind(struct late *l, size_t function);

#define LATE_NUMBER(type, name, params, args) LATE_##name,
#define LATE_NUMBER_P(name, params, args) LATE_##name,
#define LATE_NUMBER_V(name) LATE_##name,
#define LATE_NAME(type, name, params, args) #name,
#define LATE_NAME_P(name, params, args) #name,
#define LATE_NAME_V(name) #name,
#define LATE_CALL(name) ((__typeof__(&name))late_bind(&late_library, LATE_##name))
#define LATE_FUNCTION(type, name, params, args)                                                    \
	type name params                                                                           \
	{                                                                                          \
		return LATE_CALL(name) args;                                                       \
	}
#define LATE_FUNCTION_P(name, params, args)                                                        \
	void name params                                                                           \
	{                                                                                          \
		LATE_CALL(name) args;                                                              \
	}
#define LATE_FUNCTION_V(name)
#define LATE_LIBRARY(word, file, functions)                                                        \
	enum { functions(LATE_NUMBER, LATE_NUMBER_P, LATE_NUMBER_V) LATE_COUNT };                  \
	static const char *const late_names[] = {functions(LATE_NAME, LATE_NAME_P, LATE_NAME_V)};  \
	static late_function *late_at[LATE_COUNT];                                                 \
	static struct late late_library = {                                                        \
		.soname = file, .names = late_names, .at = late_at, .n = LATE_COUNT};              \
	functions(LATE_FUNCTION, LATE_FUNCTION_P,                                                  \
		LATE_FUNCTION_V) int late_load_##word(struct err *e)                               \
	{                                                                                          \
		return late_load(&late_library, e);                                                \
	}

/* The libraries, each in the lowest layer that needs it. */
int late_load_crypto(struct err *e) NODISCARD;
int late_load_ssl(struct err *e) NODISCARD;
int late_load_curl(struct err *e) NODISCARD;
int late_load_secret(struct err *e) NODISCARD;
int late_load_etpan(struct err *e) NODISCARD;

#endif
