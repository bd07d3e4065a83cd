// Reads what verify.mjs reads and prints it with three credentials falsified in every way. Asked for "documents": each value
// another, each member gone, members more. Asked for "jwts": the same as a payload, with the document that it says; without a signature,
// and signed by another key under the name of the issuer's.
import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';

const input = JSON.parse(readFileSync(process.argv[2]));

// The path of every value.
function* places(value, path = []) {
    if (value === null || typeof value !== 'object') return;
    for (const key of Object.keys(value)) {
        yield [...path, key];
        yield* places(value[key], [...path, key]);
    }
}

function changed(document, path, change) {
    const copy = structuredClone(document);
    change(path.slice(0, -1).reduce((object, key) => object[key], copy), path.at(-1));
    return copy;
}

function* falsified(document) {
    for (const path of places(document)) {
        const value = path.reduce((object, key) => object[key], document);
        if (typeof value === 'string') yield changed(document, path, (object, key) => { object[key] += 'x'; });
        if (typeof value === 'boolean') yield changed(document, path, (object, key) => { object[key] = !value; });
        yield changed(document, path, (object, key) => { if (Array.isArray(object)) object.splice(key, 1); else delete object[key]; });
        if (typeof value !== 'object' || Array.isArray(value)) continue;
        yield changed(document, path, (object, key) => { object[key].description = 'more'; });
        yield changed(document, path, (object, key) => { object[key].more = 'more'; });
    }
    yield { ...document, validUntil: '2999-01-01T00:00:00Z' };
    yield { ...document, '@context': [...document['@context'], { name: 'https://schema.org/description' }] };
}

const encoded = value => Buffer.from(JSON.stringify(value)).toString('base64url');
const decoded = part => JSON.parse(Buffer.from(part, 'base64url'));
const { publicKey, privateKey } = generateKeyPairSync('ed25519');

function* forged(jwt) {
    const [head, body, signature] = jwt.split('.');
    const header = decoded(head);
    for (const payload of falsified(decoded(body))) yield [head, encoded(payload), signature].join('.');
    yield [encoded({ ...header, alg: 'none' }), body, ''].join('.');
    yield [head, body, ''].join('.');
    const { x } = publicKey.export({ format: 'jwk' });
    const own = [encoded({ ...header, jwk: { ...header.jwk, x } }), body].join('.');
    yield [own, sign(null, Buffer.from(own), privateKey).toString('base64url')].join('.');
}

function saidBy(jwt) {
    const { iss, jti, nbf, exp, sub, ...document } = decoded(jwt.split('.')[1]);
    return document;
}

const falsify = {
    documents: ({ document, jwt }) => [...falsified(document)].map(one => ({ document: one, jwt })),
    jwts: ({ jwt }) => [...forged(jwt)].map(one => ({ document: saidBy(one), jwt: one })),
}[process.argv[3]];
// Those in which no two things have one address: what is said of either would be said of both.
const some = [0, 1, 4].map(place => input.credentials[place]);
console.log(JSON.stringify({ ...input, credentials: some.flatMap(falsify) }));
