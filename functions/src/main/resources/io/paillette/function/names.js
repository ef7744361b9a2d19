// Evaluated after the user's file: what it has defined. A name may also be something that is no function, which is told apart there.
[
    typeof filter === 'undefined' ? undefined : filter,
    typeof transform === 'undefined' ? undefined : transform,
    typeof route === 'undefined' ? undefined : route,
];
