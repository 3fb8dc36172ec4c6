/* schema.h - the migrations as data, made at build time from schema/NNN-name.sql. */
#ifndef CRMAIL_STORE_SCHEMA_H
#define CRMAIL_STORE_SCHEMA_H

#include <stddef.h>

enum schema_db { SCHEMA_MAIN, SCHEMA_CACHE };

struct schema_file {
	enum schema_db db;
	int number; /* user_version after it ran; from 1 without gaps per database */
	const char *name;
	const char *sql;
};

/* Ascending by number within each database; ends with sql NULL. */
extern const struct schema_file schema_files[];

#endif
