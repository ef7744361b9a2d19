#ifndef PAILLETTE_JSON_H
#define PAILLETTE_JSON_H

#include <stddef.h>

#include "lua.h"

/* Makes the table `json` a global: null, array, encode, decode. */
void json_open(lua_State *L);

/* Pushes what the text says; raises an error where it is no JSON. */
void json_decode(lua_State *L, const char *text, size_t length);

/* Pushes the text of the value at the index, which must not be nil; raises an error where it is no JSON. */
void json_encode(lua_State *L, int index);

/* Pushes json.null. */
void json_push_null(lua_State *L);

#endif
