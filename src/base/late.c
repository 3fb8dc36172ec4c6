/* late.c - loading a library and finding its functions: see late.h. */
#include "config.h"

#include "crmail/base/late.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "crmail/base/i18n.h"

enum { EXIT_NOT_LOADED = 127 }; /* what the dynamic linker ends with */

/* POSIX lets an address of dlsym() be a function's; ISO C knows no such cast. */
static late_function *find(void *handle, const char *name)
{
	late_function *f = NULL;
	*(void **)&f = dlsym(handle, name);
	return f;
}

/* The name of what is missing; NULL when all is there. */
static const char *bind_all(struct late *l)
{
	void *handle = dlopen(l->soname, RTLD_LAZY | RTLD_LOCAL);
	if (!handle)
		return l->soname;
	for (size_t i = 0; i < l->n; i++) {
		l->at[i] = find(handle, l->names[i]);
		if (!l->at[i])
			return l->names[i];
	}
	return NULL;
}

/* The handle is never closed: the library's own threads and exit handlers stay. */
static const char *load(struct late *l)
{
	static pthread_mutex_t late_lock = PTHREAD_MUTEX_INITIALIZER;
	const char *missing = NULL;
	if (atomic_load_explicit(&l->is_loaded, memory_order_acquire))
		return NULL;
	pthread_mutex_lock(&late_lock);
	if (!atomic_load_explicit(&l->is_loaded, memory_order_relaxed)) {
		missing = bind_all(l);
		atomic_store_explicit(&l->is_loaded, !missing, memory_order_release);
	}
	pthread_mutex_unlock(&late_lock);
	return missing;
}

int late_load(struct late *l, struct err *e)
{
	const char *missing = load(l);
	if (!missing)
		return 0;
	return err_set(e, ERR_UNSUPPORTED,
		_("The library %s cannot be used, because %s is missing. Please install it."),
		l->soname, missing);
}

late_function *late_bind(struct late *l, size_t function)
{
	const char *missing = load(l);
	if (missing) {
		fprintf(stderr, "crmail: %s: %s is missing\n", l->soname, missing);
		_Exit(EXIT_NOT_LOADED);
	}
	return l->at[function];
}
