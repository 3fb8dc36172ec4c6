/* roles.h - folder roles by well-known name, where a service does not say (SPECIAL-USE). */
#ifndef CRMAIL_PROVIDER_ROLES_H
#define CRMAIL_PROVIDER_ROLES_H

#include "crmail/base/op.h"

/* By the last part of a folder's name, case folded; FOLDER_OTHER when it is none of them. */
enum folder_role role_by_name(const char *name);
/* The name a folder of that role gets when crmail makes it ("Archive"). */
const char *role_default_name(enum folder_role role);

#endif
