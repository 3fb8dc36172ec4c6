/*
 * fake_template.c - what is kept about templates, in memory: uses and versions of the store under
 * test. The files themselves are real ones (src/store/template_folder.c).
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/mem.h"
#include "crmail/store/template.h"
#include "fake_store.h"

int64_t template_used(struct store *s, const char *path)
{
	free(s->template_used);
	s->template_used = xstrdup(path);
	return 0;
}

/* The last one used comes first. */
int template_uses_read(struct store_reader *r, struct template_list *list, int64_t now,
	struct err *e)
{
	const char *used = r->s->template_used;

	(void)now;
	(void)e;
	for (size_t i = 0; used && i < list->n; i++) {
		struct template_file f = list->v[i];

		if (strcmp(f.path, used) != 0)
			continue;
		memmove(&list->v[1], &list->v[0], i * sizeof(f));
		f.uses = 1;
		list->v[0] = f;
		break;
	}
	return 0;
}

static struct fake_version *newest(struct store *s, const char *path)
{
	for (size_t i = s->n_versions; i-- > 0;)
		if (strcmp(s->versions[i].path, path) == 0)
			return &s->versions[i];
	return NULL;
}

int template_keep(struct store *s, const char *path, const char *text, size_t len, struct err *e)
{
	const struct fake_version *v = newest(s, path);

	(void)e;
	if ((v && strcmp(v->text, text) == 0) || s->n_versions == FAKE_MAX_VERSIONS)
		return 0;
	s->versions[s->n_versions] = (struct fake_version){xstrdup(path), xstrndup(text, len),
		FAKE_NOW - 3600 * (int64_t)(20 - s->n_versions)};
	s->n_versions++;
	return 0;
}

int template_keep_all(struct store *s, struct store_reader *r, const struct template_list *list,
	struct err *e)
{
	(void)r;
	for (size_t i = 0; i < list->n; i++)
		if (template_keep(s, list->v[i].path, list->v[i].text, list->v[i].len, e))
			return -1;
	return 0;
}

int template_versions(struct store_reader *r, struct arena *a, const char *path,
	struct template_version **out, size_t *n, struct err *e)
{
	const struct store *s = r->s;

	(void)e;
	*out = arena_array(a, FAKE_MAX_VERSIONS, sizeof(**out));
	*n = 0;
	for (size_t i = s->n_versions; i-- > 0;)
		if (strcmp(s->versions[i].path, path) == 0)
			(*out)[(*n)++] = (struct template_version){.id = (int64_t)i + 1,
				.at = s->versions[i].at,
				.len = strlen(s->versions[i].text)};
	return 0;
}

int template_version_get(struct store_reader *r, struct arena *a, const char *path, int64_t id,
	struct template_version *out, struct err *e)
{
	const struct fake_version *v = &r->s->versions[id - 1];

	(void)a;
	(void)e;
	(void)path;
	*out = (struct template_version){id, v->at, v->text, strlen(v->text)};
	return 0;
}

int template_restore(struct store *s, struct store_reader *r, const char *dir, const char *path,
	int64_t id, struct err *e)
{
	const struct fake_version *v = &r->s->versions[id - 1];

	return template_file_write(dir, path, v->text, strlen(v->text), e) ||
			       template_keep(s, path, v->text, strlen(v->text), e)
		       ? -1
		       : 0;
}
