/*
 * Included before each file of Lua: how it runs in WebAssembly.
 *
 * There is no setjmp there. What Lua throws is an exception of the host instead: it calls the function that is to be protected,
 * through `call_protected`, and catches what `throw_error` has thrown. The status is in Lua's own lua_longjmp.
 */
#ifndef PAILLETTE_CONF_H
#define PAILLETTE_CONF_H

struct lua_State;

__attribute__((import_module("paillette"), import_name("protect"))) void host_protect(
    void (*function)(struct lua_State *, void *), struct lua_State *state, void *given);
__attribute__((import_module("paillette"), import_name("throw"), noreturn)) void host_throw(void);

#define luai_jmpbuf char
#define LUAI_THROW(L, c) ((void)(L), (void)(c), host_throw())
/* The only use of it, in luaD_rawrunprotected, is to call f(L, ud). */
#define LUAI_TRY(L, c, a) ((void)(c), host_protect(f, L, ud))

/* A function is given the same change after a kill once more, and should make the same of it. */
#define luai_makeseed(L) ((void)(L), 0x5061696Cu)
#define l_randomizePivot() 0u

/* Each level is several calls of the host's, whose stack is what ends first. */
#define LUAI_MAXCCALLS 120

#endif
