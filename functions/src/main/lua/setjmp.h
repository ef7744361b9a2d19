/* Lua includes it, and does without what it would declare: see paillette_conf.h. */
