-- Credentials: badges as Open Badges 3.0, signed, verified and revoked.

CREATE FUNCTION laurel_internal.revoke_credentials() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_revoke_credentials';
COMMENT ON FUNCTION laurel_internal.revoke_credentials() IS
'AFTER DELETE statement trigger of badge_awards, with the old rows as changed, and AFTER UPDATE, with the new ones: revokes the credentials of awards that are gone, or end at another time than their credentials say. Error 40001: one was issued since the transaction began.';

CREATE FUNCTION laurel.credential(award uuid) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_credential';
COMMENT ON FUNCTION laurel.credential(uuid) IS
'The Open Badges 3.0 credential of a badge award: JSON-LD with a Data Integrity proof (eddsa-rdfc-2022). Issued when it is first asked for; then always the same, whatever becomes of the badge''s text; anew once the award ends at another time. For the holder, administrators of the organization and service_role. Errors: 23503 no such award, or the organization has no row in credential_issuers; 23514 the badge has no criteria_narrative, the award has ended, or its holder cannot be named as credential_issuers.recipient says; PT409 the award was revoked, or the key was given up; F0000 there is no key to sign with; 22004 no award.';

CREATE FUNCTION laurel.credential_jwt(award uuid) RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_credential_jwt';
COMMENT ON FUNCTION laurel.credential_jwt(uuid) IS
'The same credential as laurel.credential() gives, as a signed JWT (application/vc+jwt, EdDSA): Open Badges'' other form. Errors as there.';

CREATE FUNCTION laurel.issuer_document(organization_id uuid) RETURNS jsonb
LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'laurel_issuer_document';
COMMENT ON FUNCTION laurel.issuer_document(uuid) IS
'What the issuer''s id stands for: its public keys, as a DID document (for did:web: did.json of that address) with Multikeys. Keys that were given up are not in it. For everybody. Error 23503: the organization issues no credentials; 22004 no organization.';

CREATE FUNCTION laurel.status_list(organization_id uuid, list_no integer DEFAULT 1) RETURNS jsonb
LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'laurel_status_list';
COMMENT ON FUNCTION laurel.status_list(uuid, integer) IS
'A Bitstring Status List 1.0, signed: which credentials of the organization are revoked, a bit each. The same bytes until one more is revoked or the key is another. For everybody. Errors: 23503 the organization issues no credentials, or has no such list; PT409 the key was given up; F0000 there is no key to sign with; 22004 no organization or list.';

CREATE TYPE laurel.credential_verification AS (
    status text, reason text, credential_id uuid, issuer_id text, issuer_name text, badge_name text,
    valid_from timestamptz, valid_until timestamptz, revoked_at timestamptz);
ALTER TYPE laurel.credential_verification OWNER TO laurel_owner;
COMMENT ON TYPE laurel.credential_verification IS 'What laurel.verify_credential and credential_status have found: one object. Names nobody.';
COMMENT ON COLUMN laurel.credential_verification.status IS 'valid, revoked, expired, tampered, or unknown: not of this database.';
COMMENT ON COLUMN laurel.credential_verification.reason IS 'Why it is not valid, a sentence for people; null where it is.';
COMMENT ON COLUMN laurel.credential_verification.credential_id IS 'The credential; null where it is unknown.';
COMMENT ON COLUMN laurel.credential_verification.issuer_id IS 'Who issued it, as it says; null where it was tampered with or is unknown, as all that follows.';
COMMENT ON COLUMN laurel.credential_verification.issuer_name IS 'The issuer''s name.';
COMMENT ON COLUMN laurel.credential_verification.badge_name IS 'The badge''s name.';
COMMENT ON COLUMN laurel.credential_verification.valid_from IS 'Since when the badge is held.';
COMMENT ON COLUMN laurel.credential_verification.valid_until IS 'When it ends; null: never.';
COMMENT ON COLUMN laurel.credential_verification.revoked_at IS 'When it was revoked; null: it was not.';

CREATE FUNCTION laurel.verify_credential(credential jsonb) RETURNS laurel.credential_verification
LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'laurel_verify_credential';
COMMENT ON FUNCTION laurel.verify_credential(jsonb) IS
'Whether a credential that somebody shows is one of this database and good now: the document of laurel.credential(), or the text of laurel.credential_jwt() as a JSON string. It is what was issued word for word, its signature is by the key it names, and it was not revoked. For everybody. Errors: 22023 larger than 256 kB or deeper than 32 levels; 22004 no credential.';

CREATE FUNCTION laurel.credential_status(credential_id uuid) RETURNS laurel.credential_verification
LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'laurel_credential_status';
COMMENT ON FUNCTION laurel.credential_status(uuid) IS
'The same of a credential that is known by its id, as a printed certificate shows it. For everybody: it does not say whose it is. Error 22004: no id.';

CREATE FUNCTION laurel.revoke_credential(credential_id uuid, reason text) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_revoke_credential';
COMMENT ON FUNCTION laurel.revoke_credential(uuid, text) IS
'Revokes a credential whose award stands: the next laurel.credential() issues a new one, with what the badge says now. Who is to lose the badge loses the award (laurel.revoke_badge), which revokes its credential too. The reason is told to whoever verifies the credential. Revoked before: nothing. Errors: 42501 the caller is no administrator of the organization; 23503 no such credential; 22023 the reason has not 1 to 500 characters; 22004 missing argument.';

CREATE FUNCTION laurel.revoke_credential_key(key_id text, reason text, organization_id uuid DEFAULT NULL) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_revoke_credential_key';
COMMENT ON FUNCTION laurel.revoke_credential_key(text, text, uuid) IS
'Gives up a key that others may have: revokes all that it has signed, takes it out of laurel.issuer_document(), and returns how many credentials that were. The reason is told to whoever verifies them. Nothing is signed with it any more (PT409): put a new key first into the file. Without organization_id: the active organization. Errors: 42501 the caller is no administrator of the organization; 23503 no such key; 22023 the reason has not 1 to 500 characters; 22004 missing argument.';

CREATE TYPE laurel.printed_certificate AS (
    credential_id uuid, holder_name text, badge_name text, description text, criteria text, issuer_name text, color text,
    awarded_on date, valid_until date, address text);
ALTER TYPE laurel.printed_certificate OWNER TO laurel_owner;
COMMENT ON TYPE laurel.printed_certificate IS 'What laurel.certificate returns: one object, what a printed certificate says.';
COMMENT ON COLUMN laurel.printed_certificate.credential_id IS 'The credential.';
COMMENT ON COLUMN laurel.printed_certificate.holder_name IS 'Who holds the badge, by name.';
COMMENT ON COLUMN laurel.printed_certificate.badge_name IS 'The badge, as the credential says it.';
COMMENT ON COLUMN laurel.printed_certificate.description IS 'What the badge is for, as the credential says it.';
COMMENT ON COLUMN laurel.printed_certificate.criteria IS 'What earned it, as the credential says it.';
COMMENT ON COLUMN laurel.printed_certificate.issuer_name IS 'Who issued it, as the credential says it.';
COMMENT ON COLUMN laurel.printed_certificate.color IS 'The issuer''s colour, as #rrggbb.';
COMMENT ON COLUMN laurel.printed_certificate.awarded_on IS 'Since when it is held, a day in the organization''s time zone.';
COMMENT ON COLUMN laurel.printed_certificate.valid_until IS 'Until when, a day there; null: always.';
COMMENT ON COLUMN laurel.printed_certificate.address IS 'Where anybody sees whether it is good.';

CREATE FUNCTION laurel.certificate(award uuid) RETURNS laurel.printed_certificate
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_certificate';
COMMENT ON FUNCTION laurel.certificate(uuid) IS
'What is printed on the certificate of an award, whose credential is issued where it was not: laurel-worker certificate makes a page of it. For the holder, administrators of the organization and service_role. Errors as of laurel.credential().';
