/*
 * A file of Lua as a module of functions: what docs/guides/transform.md says that a module exports, and `load` before it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "json.h"
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

#define EXPORT(name) __attribute__((export_name(name)))
#define SIZE(bytes) ((int64_t)(uint32_t)(bytes))

static lua_State *state;
static char *given;
static size_t room;
static int parsed; /* the parts of the change are on the stack, from PARTS on */

enum { ANSWER = 1, PARTS = 2 };

static const char *const part_names[] = {"action", "record", "changes", "metadata"};

/* math.random begins with it: the same each time. */
time_t time(time_t *at) {
    (void)at;
    return 0;
}

EXPORT("call_protected") void call_protected(void (*function)(lua_State *, void *), lua_State *L, void *argument) {
    function(L, argument);
}

/* For the next text, which is valid until the one after it. */
EXPORT("allocate") char *allocate(uint32_t size) {
    if (size > room || !given) {
        free(given);
        given = malloc(size ? size : 1);
        room = given ? size : 0;
    }
    parsed = 0;
    return given;
}

/* What lies at ANSWER stays there until the next call, so nothing collects it. */
static int64_t answer(void) {
    size_t length;
    const char *text = lua_tolstring(state, ANSWER, &length);
    return SIZE((uintptr_t)text) << 32 | SIZE(length);
}

/* The error is on top. */
static int64_t failed(void) {
    luaL_tolstring(state, -1, NULL);
    lua_replace(state, ANSWER);
    int64_t told = answer();
    lua_settop(state, ANSWER);
    parsed = 0;
    return -told;
}

static void without(lua_State *L, const char *name) {
    lua_pushnil(L);
    lua_setglobal(L, name);
}

static int open(lua_State *L) {
    static const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base},          {LUA_COLIBNAME, luaopen_coroutine}, {LUA_TABLIBNAME, luaopen_table},
        {LUA_STRLIBNAME, luaopen_string},   {LUA_MATHLIBNAME, luaopen_math},    {LUA_UTF8LIBNAME, luaopen_utf8},
    };
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
        lua_pop(L, 1);
    }
    without(L, "dofile");
    without(L, "loadfile");
    json_open(L);
    return 0;
}

/* The message with the name that an object of an error has for itself. */
static int told(lua_State *L) {
    luaL_tolstring(L, 1, NULL);
    return 1;
}

static int call(int arguments, int results) {
    int handler = lua_gettop(state) - arguments;
    lua_pushcfunction(state, told);
    lua_insert(state, handler);
    int status = lua_pcall(state, arguments, results, handler);
    lua_remove(state, handler);
    return status;
}

/*
 * The name of the file and its text, one after the other. Answers which of the three functions there are, in one number; less
 * than nothing: the message of an error.
 */
EXPORT("load") int64_t load(const char *name_and_text, uint32_t name_length, uint32_t length) {
    static const char *const functions[] = {"filter", "transform", "route"};
    char name[LUA_IDSIZE + 1] = "=";
    state = luaL_newstate();
    if (!state) {
        __builtin_trap();
    }
    lua_pushnil(state);
    lua_pushcfunction(state, open);
    if (call(0, 0) != LUA_OK) {
        return failed();
    }
    memcpy(name + 1, name_and_text, name_length < LUA_IDSIZE ? name_length : LUA_IDSIZE - 1);
    if (luaL_loadbufferx(state, name_and_text + name_length, length, name, "t") != LUA_OK || call(0, 0) != LUA_OK) {
        return failed();
    }
    int64_t defined = 0;
    for (int i = 0; i < 3; i++) {
        int type = lua_getglobal(state, functions[i]);
        lua_pop(state, 1);
        if (type != LUA_TNIL && type != LUA_TFUNCTION) {
            lua_pushfstring(state, "%s has to be a function", functions[i]);
            return failed();
        }
        defined |= type == LUA_TFUNCTION ? 1 << i : 0;
    }
    return defined;
}

typedef struct {
    const char *text;
    size_t length;
} Text;

static int parse(lua_State *L) {
    const Text *change = lua_touserdata(L, 1);
    lua_settop(L, 0);
    json_decode(L, change->text, change->length);
    luaL_checktype(L, 1, LUA_TTABLE);
    json_push_null(L);
    for (int i = 0; i < 4; i++) {
        lua_pushstring(L, part_names[i]);
        lua_rawget(L, 1);
        /* A part that is not there at all is nil, unlike a column that is null, which a table could not have otherwise. */
        if (lua_rawequal(L, -1, 2)) {
            lua_pop(L, 1);
            lua_pushnil(L);
        }
    }
    return 4;
}

static int encode(lua_State *L) {
    json_encode(L, 1);
    return 1;
}

/* Nothing: the function has returned nil, or nothing. */
static int64_t run(const char *function, const char *at, uint32_t size) {
    if (!parsed) {
        Text change = {at, size};
        lua_settop(state, ANSWER);
        lua_pushcfunction(state, parse);
        lua_pushlightuserdata(state, &change);
        if (call(1, 4) != LUA_OK) {
            return failed();
        }
        parsed = 1;
    }
    lua_settop(state, PARTS + 3);
    lua_getglobal(state, function);
    for (int i = 0; i < 4; i++) {
        lua_pushvalue(state, PARTS + i);
    }
    if (call(4, 1) != LUA_OK) {
        return failed();
    }
    if (lua_isnil(state, -1)) {
        return 0;
    }
    lua_pushcfunction(state, encode);
    lua_insert(state, -2);
    if (call(1, 1) != LUA_OK) {
        return failed();
    }
    lua_replace(state, ANSWER);
    return answer();
}

EXPORT("filter") int64_t filter(const char *at, uint32_t size) { return run("filter", at, size); }

EXPORT("transform") int64_t transform(const char *at, uint32_t size) { return run("transform", at, size); }

EXPORT("route") int64_t route(const char *at, uint32_t size) { return run("route", at, size); }
