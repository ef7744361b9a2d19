/*
 * JSON as values of Lua, and back. null is one userdata of its own, since a table has no place for nil; an array is a table with
 * a mark, so that an empty one stays one; names of an object are written in the order of their bytes, since a table has none.
 */
#include "json.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"

#define DEEPEST 200

static const char null_key = 0;
static const char array_key = 0;

void json_push_null(lua_State *L) { lua_rawgetp(L, LUA_REGISTRYINDEX, &null_key); }

static void push_array_mark(lua_State *L) { lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key); }

/* ---- reading ---- */

typedef struct {
    lua_State *L;
    const char *start;
    const char *at;
    const char *end;
} Reader;

static void read_value(Reader *r, int depth);

static int wrong(Reader *r) {
    return luaL_error(r->L, "no JSON at character %d of %d", (int)(r->at - r->start) + 1, (int)(r->end - r->start));
}

static int next_char(Reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t')) {
        r->at++;
    }
    return r->at < r->end ? (unsigned char)*r->at : -1;
}

static void expect(Reader *r, char wanted) {
    if (next_char(r) != wanted) {
        wrong(r);
    }
    r->at++;
}

static int hex4(Reader *r) {
    int value = 0;
    for (int i = 0; i < 4; i++) {
        char c = r->at < r->end ? *r->at : 0;
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0) {
            wrong(r);
        }
        value = value * 16 + digit;
        r->at++;
    }
    return value;
}

static void add_utf8(luaL_Buffer *b, unsigned point) {
    if (point < 0x80) {
        luaL_addchar(b, (char)point);
    } else if (point < 0x800) {
        luaL_addchar(b, (char)(0xC0 | point >> 6));
        luaL_addchar(b, (char)(0x80 | (point & 0x3F)));
    } else if (point < 0x10000) {
        luaL_addchar(b, (char)(0xE0 | point >> 12));
        luaL_addchar(b, (char)(0x80 | (point >> 6 & 0x3F)));
        luaL_addchar(b, (char)(0x80 | (point & 0x3F)));
    } else {
        luaL_addchar(b, (char)(0xF0 | point >> 18));
        luaL_addchar(b, (char)(0x80 | (point >> 12 & 0x3F)));
        luaL_addchar(b, (char)(0x80 | (point >> 6 & 0x3F)));
        luaL_addchar(b, (char)(0x80 | (point & 0x3F)));
    }
}

/* Half a pair that has no other half stays one: three bytes, which are written as they were read. */
static void read_point(Reader *r, luaL_Buffer *b) {
    unsigned point = (unsigned)hex4(r);
    if (point >= 0xD800 && point < 0xDC00 && r->end - r->at >= 6 && r->at[0] == '\\' && r->at[1] == 'u') {
        const char *second = r->at;
        r->at += 2;
        unsigned low = (unsigned)hex4(r);
        if (low >= 0xDC00 && low < 0xE000) {
            point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
        } else {
            r->at = second;
        }
    }
    add_utf8(b, point);
}

static void read_escape(Reader *r, luaL_Buffer *b) {
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    char c = r->at < r->end ? *r->at : 0;
    const char *known = c ? strchr(from, c) : NULL;
    if (known) {
        r->at++;
        luaL_addchar(b, to[known - from]);
    } else if (c == 'u') {
        r->at++;
        read_point(r, b);
    } else {
        wrong(r);
    }
}

static const char *plain_end(Reader *r) {
    const char *at = r->at;
    while (at < r->end && *at != '"' && *at != '\\') {
        at++;
    }
    return at;
}

/* After its first quote. */
static void read_string(Reader *r) {
    const char *end = plain_end(r);
    if (end < r->end && *end == '"') {
        lua_pushlstring(r->L, r->at, (size_t)(end - r->at));
        r->at = end + 1;
        return;
    }
    luaL_Buffer b;
    luaL_buffinit(r->L, &b);
    for (;;) {
        end = plain_end(r);
        luaL_addlstring(&b, r->at, (size_t)(end - r->at));
        r->at = end;
        if (end >= r->end) {
            wrong(r);
        }
        r->at++;
        if (*end == '"') {
            break;
        }
        read_escape(r, &b);
    }
    luaL_pushresult(&b);
}

static int is_digit(const Reader *r) { return r->at < r->end && *r->at >= '0' && *r->at <= '9'; }

/* Of an integer that 64 bits do not hold a float. */
static void push_number(Reader *r, const char *from, int whole) {
    char text[64];
    size_t length = (size_t)(r->at - from);
    if (whole && length < 19) {
        lua_Integer value = 0;
        for (const char *c = *from == '-' ? from + 1 : from; c < r->at; c++) {
            value = value * 10 + (*c - '0');
        }
        lua_pushinteger(r->L, *from == '-' ? -value : value);
        return;
    }
    char *copy = length < sizeof text ? text : lua_newuserdatauv(r->L, length + 1, 0);
    memcpy(copy, from, length);
    copy[length] = 0;
    if (lua_stringtonumber(r->L, copy) == 0) {
        wrong(r);
    }
    if (copy != text) {
        lua_remove(r->L, -2);
    }
}

static void read_number(Reader *r) {
    const char *from = r->at;
    int whole = 1;
    if (*r->at == '-') {
        r->at++;
    }
    if (!is_digit(r)) {
        wrong(r);
    }
    while (is_digit(r)) {
        r->at++;
    }
    if (r->at < r->end && *r->at == '.') {
        whole = 0;
        do {
            r->at++;
        } while (is_digit(r));
    }
    if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
        whole = 0;
        r->at++;
        if (r->at < r->end && (*r->at == '+' || *r->at == '-')) {
            r->at++;
        }
        while (is_digit(r)) {
            r->at++;
        }
    }
    push_number(r, from, whole);
}

static void read_object(Reader *r, int depth) {
    lua_newtable(r->L);
    r->at++;
    if (next_char(r) == '}') {
        r->at++;
        return;
    }
    for (;;) {
        expect(r, '"');
        read_string(r);
        expect(r, ':');
        read_value(r, depth + 1);
        lua_rawset(r->L, -3);
        if (next_char(r) == '}') {
            r->at++;
            return;
        }
        expect(r, ',');
        next_char(r);
    }
}

static void read_array(Reader *r, int depth) {
    lua_newtable(r->L);
    push_array_mark(r->L);
    lua_setmetatable(r->L, -2);
    r->at++;
    if (next_char(r) == ']') {
        r->at++;
        return;
    }
    for (lua_Integer i = 1;; i++) {
        read_value(r, depth + 1);
        lua_rawseti(r->L, -2, i);
        if (next_char(r) == ']') {
            r->at++;
            return;
        }
        expect(r, ',');
    }
}

static void read_word(Reader *r, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(r->end - r->at) < length || memcmp(r->at, word, length) != 0) {
        wrong(r);
    }
    r->at += length;
}

static void read_value(Reader *r, int depth) {
    if (depth >= DEEPEST) {
        luaL_error(r->L, "JSON that is nested more than %d levels deep", DEEPEST);
    }
    luaL_checkstack(r->L, 4, "JSON");
    switch (next_char(r)) {
        case '{': read_object(r, depth); return;
        case '[': read_array(r, depth); return;
        case '"':
            r->at++;
            read_string(r);
            return;
        case 't':
            read_word(r, "true");
            lua_pushboolean(r->L, 1);
            return;
        case 'f':
            read_word(r, "false");
            lua_pushboolean(r->L, 0);
            return;
        case 'n':
            read_word(r, "null");
            json_push_null(r->L);
            return;
        case -1: wrong(r); return;
        default: read_number(r);
    }
}

void json_decode(lua_State *L, const char *text, size_t length) {
    Reader r = {L, text, text, text + length};
    read_value(&r, 0);
    if (next_char(&r) != -1) {
        wrong(&r);
    }
}

/* ---- writing ---- */

typedef struct {
    lua_State *L;
    char *bytes;
    size_t used;
    size_t room;
    int box; /* where on the stack the userdata lies that has the bytes */
} Writer;

static void write_value(Writer *w, int index, int depth);

static void make_room(Writer *w, size_t more) {
    if (w->used + more <= w->room) {
        return;
    }
    size_t room = w->room * 2 > w->used + more ? w->room * 2 : w->used + more;
    char *bytes = lua_newuserdatauv(w->L, room, 0);
    memcpy(bytes, w->bytes, w->used);
    lua_replace(w->L, w->box);
    w->bytes = bytes;
    w->room = room;
}

static void put(Writer *w, const char *text, size_t length) {
    make_room(w, length);
    memcpy(w->bytes + w->used, text, length);
    w->used += length;
}

static void put_char(Writer *w, char c) { put(w, &c, 1); }

static void put_escape(Writer *w, unsigned unit) {
    char text[8];
    put(w, text, (size_t)snprintf(text, sizeof text, "\\u%04x", unit));
}

/* How many bytes of UTF-8 begin here; 0: none. Halves of pairs count, as they may be read from JSON. */
static int utf8_length(const unsigned char *at, size_t left) {
    static const unsigned smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    int length = at[0] < 0x80 ? 1 : at[0] >= 0xC2 && at[0] < 0xE0 ? 2 : at[0] >= 0xE0 && at[0] < 0xF0 ? 3 : at[0] >= 0xF0 && at[0] < 0xF5 ? 4 : 0;
    if (length == 0 || (size_t)length > left) {
        return 0;
    }
    unsigned point = length == 1 ? at[0] : at[0] & (0xFFu >> (length + 1));
    for (int i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            return 0;
        }
        point = point << 6 | (at[i] & 0x3Fu);
    }
    return point >= smallest[length] && point <= 0x10FFFF ? length : 0;
}

static int is_half(const unsigned char *at) { return at[0] == 0xED && at[1] >= 0xA0; }

static void write_special(Writer *w, const unsigned char *at, int length) {
    static const char from[] = "\"\\\b\f\n\r\t";
    static const char to[] = "\"\\bfnrt";
    const char *known = *at ? strchr(from, *at) : NULL;
    if (length == 3) {
        put_escape(w, (at[0] & 0x0Fu) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu));
    } else if (known) {
        char pair[2] = {'\\', to[known - from]};
        put(w, pair, 2);
    } else {
        put_escape(w, *at);
    }
}

static void write_string(Writer *w, const char *text, size_t length) {
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *end = at + length;
    const unsigned char *plain = at;
    put_char(w, '"');
    while (at < end) {
        int bytes = *at < 0x80 ? 1 : utf8_length(at, (size_t)(end - at));
        if (bytes == 0) {
            luaL_error(w->L, "a string that is no UTF-8 at its byte %d cannot be JSON", (int)(at - (const unsigned char *)text) + 1);
        }
        if (*at < ' ' || *at == '"' || *at == '\\' || (bytes == 3 && is_half(at))) {
            put(w, (const char *)plain, (size_t)(at - plain));
            write_special(w, at, bytes);
            plain = at + bytes;
        }
        at += bytes;
    }
    put(w, (const char *)plain, (size_t)(end - plain));
    put_char(w, '"');
}

/* The shortest text that is read as the same number. */
static void write_float(Writer *w, double value) {
    char text[40];
    if (!isfinite(value)) {
        luaL_error(w->L, "a number that is %s cannot be JSON", isnan(value) ? "not one (nan)" : "infinite");
    }
    if (value == floor(value) && fabs(value) < 9007199254740992.0) {
        put(w, text, (size_t)snprintf(text, sizeof text, "%lld", (long long)value));
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    put(w, text, strlen(text));
}

static void write_array(Writer *w, int index, lua_Integer length, int depth) {
    put_char(w, '[');
    for (lua_Integer i = 1; i <= length; i++) {
        if (i > 1) {
            put_char(w, ',');
        }
        if (lua_rawgeti(w->L, index, i) == LUA_TNIL) {
            luaL_error(w->L, "an array without a value at %d cannot be JSON: put json.null there", (int)i);
        }
        write_value(w, lua_gettop(w->L), depth + 1);
        lua_pop(w->L, 1);
    }
    put_char(w, ']');
}

static void check_array(Writer *w, int index, lua_Integer length) {
    lua_Integer count = 0;
    for (lua_pushnil(w->L); lua_next(w->L, index); lua_pop(w->L, 1)) {
        if (!lua_isinteger(w->L, -2)) {
            luaL_error(w->L, "a table with names and numbers as keys cannot be JSON");
        }
        count++;
    }
    if (count != length) {
        luaL_error(w->L, "a table whose keys are not 1 to its length cannot be JSON: put json.null where nothing is");
    }
}

typedef struct {
    const char *text;
    size_t length;
} Name;

static int by_bytes(const void *a, const void *b) {
    const Name *x = a;
    const Name *y = b;
    int order = memcmp(x->text, y->text, x->length < y->length ? x->length : y->length);
    return order != 0 ? order : x->length < y->length ? -1 : x->length > y->length;
}

static size_t count_names(Writer *w, int index) {
    size_t count = 0;
    for (lua_pushnil(w->L); lua_next(w->L, index); lua_pop(w->L, 1)) {
        if (lua_type(w->L, -2) != LUA_TSTRING) {
            luaL_error(w->L, "a table with a %s as key cannot be JSON", luaL_typename(w->L, -2));
        }
        count++;
    }
    return count;
}

static void write_object(Writer *w, int index, int depth) {
    size_t count = count_names(w, index);
    Name *names = lua_newuserdatauv(w->L, (count ? count : 1) * sizeof(Name), 0);
    size_t i = 0;
    for (lua_pushnil(w->L); lua_next(w->L, index); lua_pop(w->L, 1)) {
        names[i].text = lua_tolstring(w->L, -2, &names[i].length);
        i++;
    }
    qsort(names, count, sizeof(Name), by_bytes);
    put_char(w, '{');
    for (i = 0; i < count; i++) {
        if (i > 0) {
            put_char(w, ',');
        }
        write_string(w, names[i].text, names[i].length);
        put_char(w, ':');
        lua_pushlstring(w->L, names[i].text, names[i].length);
        lua_rawget(w->L, index);
        write_value(w, lua_gettop(w->L), depth + 1);
        lua_pop(w->L, 1);
    }
    put_char(w, '}');
    lua_pop(w->L, 1);
}

static int is_marked(lua_State *L, int index) {
    if (!lua_getmetatable(L, index)) {
        return 0;
    }
    push_array_mark(L);
    int same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

static void write_table(Writer *w, int index, int depth) {
    lua_Integer length = (lua_Integer)lua_rawlen(w->L, index);
    if (depth >= DEEPEST) {
        luaL_error(w->L, "a table that is nested more than %d levels deep, or in itself, cannot be JSON", DEEPEST);
    }
    if (length > 0 || is_marked(w->L, index)) {
        check_array(w, index, length);
        write_array(w, index, length, depth);
    } else {
        write_object(w, index, depth);
    }
}

static int is_null(lua_State *L, int index) {
    json_push_null(L);
    int same = lua_rawequal(L, -1, index);
    lua_pop(L, 1);
    return same;
}

static void write_value(Writer *w, int index, int depth) {
    lua_State *L = w->L;
    luaL_checkstack(L, 8, "JSON");
    switch (lua_type(L, index)) {
        case LUA_TSTRING: {
            size_t length;
            const char *text = lua_tolstring(L, index, &length);
            write_string(w, text, length);
            return;
        }
        case LUA_TNUMBER:
            if (lua_isinteger(L, index)) {
                char text[24];
                put(w, text, (size_t)snprintf(text, sizeof text, "%lld", lua_tointeger(L, index)));
            } else {
                write_float(w, lua_tonumber(L, index));
            }
            return;
        case LUA_TBOOLEAN:
            put(w, lua_toboolean(L, index) ? "true" : "false", lua_toboolean(L, index) ? 4 : 5);
            return;
        case LUA_TTABLE: write_table(w, index, depth); return;
        default:
            if (!is_null(L, index)) {
                luaL_error(L, "a %s cannot be JSON", luaL_typename(L, index));
            }
            put(w, "null", 4);
    }
}

void json_encode(lua_State *L, int index) {
    index = lua_absindex(L, index);
    Writer w = {L, NULL, 0, 512, 0};
    w.bytes = lua_newuserdatauv(L, w.room, 0);
    w.box = lua_gettop(L);
    write_value(&w, index, 0);
    lua_pushlstring(L, w.bytes, w.used);
    lua_replace(L, w.box);
}

/* ---- the table ---- */

static int decode(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    json_decode(L, text, length);
    return 1;
}

static int encode(lua_State *L) {
    luaL_checkany(L, 1);
    json_encode(L, 1);
    return 1;
}

static int array(lua_State *L) {
    if (lua_isnone(L, 1)) {
        lua_newtable(L);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    push_array_mark(L);
    lua_setmetatable(L, 1);
    return 1;
}

static int null_text(lua_State *L) {
    lua_pushliteral(L, "null");
    return 1;
}

void json_open(lua_State *L) {
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &array_key);
    lua_newuserdatauv(L, 1, 0);
    lua_newtable(L);
    lua_pushliteral(L, "null"); /* so that what indexes or adds it is told of "a null value" */
    lua_setfield(L, -2, "__name");
    lua_pushcfunction(L, null_text);
    lua_setfield(L, -2, "__tostring");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &null_key);

    lua_newtable(L);
    lua_insert(L, -2);
    lua_setfield(L, -2, "null");
    lua_pushcfunction(L, decode);
    lua_setfield(L, -2, "decode");
    lua_pushcfunction(L, encode);
    lua_setfield(L, -2, "encode");
    lua_pushcfunction(L, array);
    lua_setfield(L, -2, "array");
    lua_setglobal(L, "json");
}
