// Evaluated before the user's file, so that what that does to JSON or Promise does not matter here. What it makes is called with
// the user's functions and what route may say, and answers a function over the text of a change:
// null (dropped), true (kept as it is), the text of a new value, or an array: one of these two, whether there is a key (0: none,
// 1: a string, 2: JSON), the key, the partition (-1: none), the topic or null, then the name and the value of each header.
'use strict';
(() => {
    const { parse, stringify } = JSON;
    const { isArray } = Array;
    const { isInteger } = Number;
    const { entries } = Object;
    const PromiseOf = Promise;
    const ErrorOf = TypeError;

    const told = (value) =>
        value === null ? 'null'
            : value instanceof PromiseOf ? 'a Promise, which nobody awaits'
            : isArray(value) ? 'an array'
            : typeof value === 'undefined' ? 'undefined'
            : typeof value === 'object' ? 'an object'
            : `a ${typeof value}`;
    const wrong = (value, wanted) => new ErrorOf(`it returned ${told(value)}; ${wanted}`);

    const jsonOf = (value, wanted) => {
        const text = value instanceof PromiseOf ? undefined : stringify(value);
        if (text === undefined) {
            throw wrong(value, wanted);
        }
        return text;
    };

    const keyOf = (key) => (key === null || typeof key === 'string' ? key : jsonOf(key, 'key has to be a JSON value'));

    const partitionOf = (partition) => {
        if (partition === undefined) {
            return -1;
        }
        if (!isInteger(partition) || partition < 0 || partition > 0x7fffffff) {
            throw new ErrorOf(`partition has to be a whole number from 0, and is ${told(partition)}`);
        }
        return partition;
    };

    const headersOf = (headers, into) => {
        if (headers === undefined) {
            return;
        }
        if (typeof headers !== 'object' || headers === null || isArray(headers)) {
            throw new ErrorOf(`headers has to be an object of strings, and is ${told(headers)}`);
        }
        for (const [name, value] of entries(headers)) {
            if (value !== null && typeof value !== 'string') {
                throw new ErrorOf(`header ${name} has to be a string or null, and is ${told(value)}; write String(...)`);
            }
            into.push(name, value);
        }
    };

    return (filter, transform, route, parts) => {
        const topicOf = (to) => {
            if (!('topic' in to)) {
                return null;
            }
            const topic = to.topic;
            if (typeof topic !== 'string' || topic === '') {
                throw new ErrorOf(`topic has to be the name of one, and is ${told(topic)}`);
            }
            return topic;
        };
        const runFilter = (message) => {
            const kept = filter(message.action, message.record, message.changes, message.metadata);
            if (kept !== true && kept !== false) {
                throw wrong(kept, 'it has to return true or false');
            }
            return kept;
        };
        const runTransform = (message) =>
            jsonOf(
                transform(message.action, message.record, message.changes, message.metadata),
                'it has to return a JSON value; null is a tombstone');
        const runRoute = (message, value) => {
            const to = route(message.action, message.record, message.changes, message.metadata);
            if (typeof to !== 'object' || to === null || isArray(to) || to instanceof PromiseOf) {
                throw wrong(to, `it has to return an object with any of ${parts}`);
            }
            for (const [name] of entries(to)) {
                if (name !== 'topic' && name !== 'key' && name !== 'partition' && name !== 'headers') {
                    throw new ErrorOf(`it returned an object with "${name}"; what it may have is ${parts}`);
                }
            }
            const key = to.key;
            const kind = key === undefined ? 0 : typeof key === 'string' ? 1 : 2;
            const result = [value, kind, kind === 0 ? null : keyOf(key), partitionOf(to.partition), topicOf(to)];
            headersOf(to.headers, result);
            return result;
        };
        return (text) => {
            const message = parse(text);
            if (filter !== undefined && !runFilter(message)) {
                return null;
            }
            const value = transform === undefined ? true : runTransform(message);
            return route === undefined ? value : runRoute(message, value);
        };
    };
})();
