-- Verifying, revoking, status lists, and what becomes of the credentials of who goes.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(71);

SELECT tests.cast('ada', 'ben', 'admin');
CREATE FUNCTION pg_temp.award(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT ('d0000000-0000-0000-0000-00000000000' || n)::uuid $$;
CREATE FUNCTION pg_temp.found(shown jsonb) RETURNS text LANGUAGE sql AS $$ SELECT concat_ws('|', status, badge_name, reason) FROM laurel.verify_credential(shown) $$;
GRANT EXECUTE ON FUNCTION pg_temp.found(jsonb) TO anon;
-- The bit of a place, as a reader of the list finds it: the list is gzip, which Postgres does not read; test/credentials does.
CREATE FUNCTION pg_temp.encoded() RETURNS text LANGUAGE sql AS $$ SELECT laurel.status_list(tests.acme()) #>> '{credentialSubject,encodedList}' $$;
INSERT INTO laurel.badges (id, organization_id, badge_name, criteria_narrative)
SELECT ('c0000000-0000-0000-0000-00000000000' || n)::uuid, tests.acme(), 'Badge ' || n, 'Do ' || n FROM generate_series(1, 6) n;
INSERT INTO laurel.badge_awards (id, user_id, badge_id, awarded_date)
SELECT pg_temp.award(n), tests.person(CASE WHEN n < 5 THEN 'ada' ELSE 'ben' END), ('c0000000-0000-0000-0000-00000000000' || n)::uuid, '2026-01-01Z' FROM generate_series(1, 6) n;
INSERT INTO laurel.credential_issuers (organization_id, issuer_id, name, base_url) VALUES (tests.acme(), 'did:web:acme.test', 'Acme', 'https://acme.test');
CREATE TEMP TABLE given AS SELECT n, laurel.credential(pg_temp.award(n)) AS document, laurel.credential_jwt(pg_temp.award(n)) AS jwt FROM generate_series(1, 6) n;
GRANT SELECT, UPDATE ON given TO anon, authenticated;

SELECT tests.act_as_anon();
SELECT is(pg_temp.found(document), 'valid|Badge 1', 'anybody verifies') FROM given WHERE n = 1;
SELECT is(pg_temp.found(to_jsonb(jwt)), 'valid|Badge 1', 'a JWT too') FROM given WHERE n = 1;
SELECT is((laurel.verify_credential(document)).valid_from, '2026-01-01Z'::timestamptz, 'and hears since when') FROM given WHERE n = 1;
SELECT is((laurel.credential_status(substr(document ->> 'id', 10)::uuid)).status, 'valid', 'by its id alone') FROM given WHERE n = 1;
SELECT is((laurel.credential_status(gen_random_uuid())).status, 'unknown', 'one that is not there');

-- Other documents.
SELECT is(pg_temp.found(jsonb_set(document, '{credentialSubject,achievement,name}', '"Doctor"')), 'tampered|It does not say what was issued: credentialSubject.', 'tampered_subject') FROM given WHERE n = 1;
SELECT is(pg_temp.found(document || '{"extra": 1}'), 'tampered|It does not say what was issued: extra.', 'tampered_addition') FROM given WHERE n = 1;
SELECT is(pg_temp.found(document - 'credentialStatus'), 'tampered|It does not say what was issued: credentialStatus.', 'tampered_omission') FROM given WHERE n = 1;
SELECT is(pg_temp.found(document || jsonb_build_object('proof', (SELECT document -> 'proof' FROM given WHERE n = 2))), 'tampered|It does not say what was issued: proof.', 'tampered_proof') FROM given WHERE n = 1;
SELECT is(pg_temp.found(jsonb_build_object('id', document -> 'id')), 'tampered|It does not say what was issued: name.', 'an id alone tells nothing') FROM given WHERE n = 1;
SELECT is((laurel.verify_credential(document || '{"name": "x"}')).issuer_name, NULL, 'nothing of it is told') FROM given WHERE n = 1;
SELECT is(pg_temp.found(to_jsonb(overlay(jwt PLACING CASE right(jwt, 1) WHEN 'A' THEN 'Q' ELSE 'A' END FROM length(jwt)))), 'tampered|It does not say what was issued.', 'tampered_jwt') FROM given WHERE n = 1;
SELECT is(pg_temp.found(shown), 'unknown|It is no credential of this database.', 'no credential: ' || left(shown::text, 30))
FROM (VALUES ('{}'::jsonb), ('[]'), ('"x"'), ('1'), ('null'), ('{"id": 1}'), ('{"id": "urn:uuid:g0000000-0000-0000-0000-000000000000"}'), ('{"id": "urn:uuid:00000000-0000-0000-0000-000000000000"}'), ('"a.b.c"'), ('"..."')) v (shown);
SELECT is(tests.error_of(statement), error, what) FROM (VALUES
    ($$ SELECT laurel.verify_credential(to_jsonb(repeat('x', 300000))) $$, '22023', 'too_large'),
    ($$ SELECT laurel.verify_credential((repeat('[', 40) || repeat(']', 40))::jsonb) $$, '22023', 'too_deep'),
    ($$ SELECT laurel.verify_credential(NULL) $$, '22004', 'nothing at all'),
    ($$ SELECT laurel.status_list(tests.acme(), 2) $$, '23503 credential_lists_pkey', 'no_such_list')) v (statement, error, what);

-- A row that was changed where nobody should have.
SELECT tests.act_as_owner();
UPDATE laurel.credentials SET document = document || '{"name": "Forged"}' WHERE award_id = pg_temp.award(6);
SELECT is(pg_temp.found(document), 'tampered|Its signature is not by the key that it names.', 'changed_in_the_table') FROM laurel.credentials WHERE award_id = pg_temp.award(6);
UPDATE laurel.credentials SET jwt = (SELECT g.jwt FROM given g WHERE n = 5) WHERE award_id = pg_temp.award(6);
SELECT is(pg_temp.found(to_jsonb(jwt)), 'tampered|It does not say what was issued.', 'a JWT of another') FROM given WHERE n = 6;

-- Revoked with its award.
CREATE TEMP TABLE list_before AS SELECT pg_temp.encoded() AS encoded, laurel.status_list(tests.acme()) AS list;
SELECT is(laurel.status_list(tests.acme()), list, 'a list is the same until something is revoked') FROM list_before;
SELECT laurel.revoke_badge(tests.person('ada'), (SELECT badge_id FROM laurel.badge_awards WHERE id = pg_temp.award(2)), 'wrong one') \g /dev/null
SELECT is(pg_temp.found(document), 'revoked|Badge 2|It was revoked: the award was taken away.', 'revoked_award') FROM given WHERE n = 2;
SELECT is(pg_temp.found(document || '{"name": "x"}'), 'tampered|It does not say what was issued: name.', 'revoked and tampered') FROM given WHERE n = 2;
SELECT isnt(pg_temp.encoded(), encoded, 'the list says so') FROM list_before;
SELECT matches(tests.told($$ SELECT laurel.credential(pg_temp.award(2)) $$), 'PT409.*revoked.*the award was taken away', 'credential_of_a_revoked_award');
SELECT tests.act_as(tests.person('ben'));
SELECT is(tests.error_of($$ SELECT laurel.credential(pg_temp.award(2)) $$), '23503 badge_awards_pkey', 'others do not hear that there was one');
SELECT tests.act_as_owner();
DELETE FROM laurel.badges WHERE id = 'c0000000-0000-0000-0000-000000000003';
SELECT is(pg_temp.found(document), 'revoked|Badge 3|It was revoked: the award was taken away.', 'revoked with its badge') FROM given WHERE n = 3;

-- Revoked by an administrator: issued anew, with what the badge says now.
SELECT tests.act_as(tests.person('admin'));
SELECT lives_ok($$ SELECT laurel.revoke_credential((SELECT id FROM laurel.credentials WHERE award_id = pg_temp.award(1)), 'a slip of the pen') $$, 'administrators revoke');
SELECT is(pg_temp.found(document), 'revoked|Badge 1|It was revoked: a slip of the pen.', 'and say why') FROM given WHERE n = 1;
SELECT isnt(laurel.credential(pg_temp.award(1)) ->> 'id', document ->> 'id', 'the award has another credential then') FROM given WHERE n = 1;
SELECT is(tests.error_of(format('SELECT laurel.revoke_credential(%L, %L)', gen_random_uuid(), reason)), error, 'refused: ' || error)
FROM (VALUES ('x', '23503 credentials_pkey'), ('', '22023'), (repeat('x', 501), '22023'), (NULL, '22004')) v (reason, error);

-- An award that ends at another time: its credential says it anew.
SELECT tests.act_as(tests.person('admin'));
UPDATE laurel.badge_awards SET note = 'x', evidence = 'y' WHERE id = pg_temp.award(4);
SELECT is(pg_temp.found(document), 'valid|Badge 4', 'other changes leave it') FROM given WHERE n = 4;
UPDATE laurel.badge_awards SET valid_until = now() + interval '1 day' WHERE id IN (pg_temp.award(4), pg_temp.award(5));
SELECT is(pg_temp.found(document), 'revoked|Badge ' || n || '|It was revoked: the award ends at another time.', 'award_ends_sooner') FROM given WHERE n IN (4, 5);
UPDATE given SET document = laurel.credential(pg_temp.award(n)), jwt = laurel.credential_jwt(pg_temp.award(n)) WHERE n IN (4, 5);
SELECT is(pg_temp.found(document), 'valid|Badge ' || n, 'another one says it') FROM given WHERE n IN (4, 5);
SELECT is((laurel.verify_credential(document)).valid_until, date_trunc('second', now() + interval '1 day'), 'as it is') FROM given WHERE n = 4;
SELECT tests.act_as_owner();
UPDATE laurel.badge_awards SET valid_until = valid_until WHERE id = pg_temp.award(4);
SELECT is(pg_temp.found(document), 'valid|Badge 4', 'the same end is no other') FROM given WHERE n = 4;
UPDATE laurel.badge_awards SET valid_until = NULL WHERE id = pg_temp.award(4);
UPDATE given SET document = laurel.credential(pg_temp.award(n)) WHERE n = 4;
SELECT ok(NOT document ? 'validUntil', 'one that does not end any more') FROM given WHERE n = 4;

-- Lists: one that is full, and one of an issuer who has moved.
SELECT is((SELECT array_agg(DISTINCT list_no) FROM laurel.credentials), '{1}', 'all are in the first list');
UPDATE laurel_internal.credential_lists SET issued_count = 65535;
SELECT laurel.revoke_credential((SELECT id FROM laurel.credentials WHERE award_id = pg_temp.award(1) AND revoked_at IS NULL), 'x'), laurel.credential(pg_temp.award(1)) \g /dev/null
SELECT is((SELECT max(list_no) FROM laurel.credentials), 1, 'the last place is taken');
SELECT laurel.revoke_credential((SELECT id FROM laurel.credentials WHERE award_id = pg_temp.award(1) AND revoked_at IS NULL), 'x') \g /dev/null
SELECT matches(laurel.credential(pg_temp.award(1)) #>> '{credentialStatus,statusListCredential}', '^https://acme.test/credentials/status/.*/2$', 'then there is another list');
UPDATE laurel.credential_issuers SET issuer_id = 'did:web:acme.example', base_url = 'https://acme.example/x';
SELECT laurel.revoke_credential((SELECT id FROM laurel.credentials WHERE award_id = pg_temp.award(1) AND revoked_at IS NULL), 'x') \g /dev/null
SELECT laurel.credential(pg_temp.award(1)) #>> '{credentialStatus,statusListCredential}' AS list \gset
SELECT is(:'list', laurel.status_list(tests.acme(), 3) ->> 'id', 'an issuer who has moved has a new list');
SELECT is(laurel.status_list(tests.acme(), list_no) ->> 'issuer', issuer, 'a list is of whom its credentials name')
FROM (VALUES (1, 'did:web:acme.test'), (2, 'did:web:acme.test'), (3, 'did:web:acme.example')) v (list_no, issuer);
SELECT is(laurel.status_list(tests.acme(), 2) #>> '{proof,verificationMethod}', 'did:web:acme.test#' || (SELECT key_id FROM laurel.credential_keys), 'who signs it');
UPDATE laurel.credential_issuers SET issuer_id = 'did:web:acme.test';
SELECT laurel.revoke_credential((SELECT id FROM laurel.credentials WHERE award_id = pg_temp.award(1) AND revoked_at IS NULL), 'x') \g /dev/null
SELECT is(laurel.credential(pg_temp.award(1)) #>> '{credentialStatus,statusListCredential}', 'https://acme.example/x/credentials/status/' || tests.acme() || '/4', 'one who has another name alone, too');
UPDATE laurel.credential_issuers SET base_url = 'https://acme.test';
SELECT laurel.revoke_credential((SELECT id FROM laurel.credentials WHERE award_id = pg_temp.award(1) AND revoked_at IS NULL), 'x') \g /dev/null
SELECT is(laurel.credential(pg_temp.award(1)) #>> '{credentialStatus,statusListCredential}', 'https://acme.test/credentials/status/' || tests.acme() || '/5', 'or another address');
SELECT tests.act_as(tests.person('admin'));

-- A key that others have.
SELECT is(laurel.revoke_credential_key((SELECT key_id FROM laurel.credential_keys), 'the file was copied'), 4::bigint, 'a key is given up');
SELECT is(pg_temp.found(document), 'revoked|Badge 4|It was revoked: the file was copied.', 'and all that it has signed') FROM given WHERE n = 4;
SELECT is(tests.error_of($$ SELECT laurel.credential(pg_temp.award(4)) $$), 'PT409', 'nothing is signed with it');
SELECT is(tests.error_of($$ SELECT laurel.status_list(tests.acme()) $$), 'PT409', 'no list either');
SELECT is(tests.error_of($$ SELECT laurel.revoke_credential_key('z6Mkx', 'x') $$), '23503 credential_keys_pkey', 'no_such_key');

-- Whoever was erased elsewhere, or before, has what is here.
SELECT tests.act_as_owner();
UPDATE laurel.credential_keys SET revoked_at = NULL, reason = NULL;
INSERT INTO laurel.erasures (organization_id, user_id, everywhere) VALUES (tests.bolt(), tests.person('ada'), false);
SELECT ok(laurel.credential(pg_temp.award(4)) IS NOT NULL, 'erased_elsewhere');
INSERT INTO laurel.erasures (organization_id, user_id, everywhere, erased_at) VALUES (tests.acme(), tests.person('ada'), true, '2020-01-01');
SELECT laurel.revoke_credential((SELECT id FROM laurel.credentials WHERE award_id = pg_temp.award(4) AND revoked_at IS NULL), 'x') \g /dev/null
SELECT ok(laurel.credential(pg_temp.award(4)) IS NOT NULL, 'erased_before');
INSERT INTO laurel.erasures (organization_id, user_id, everywhere) VALUES (tests.bolt(), tests.person('ada'), true);
SELECT laurel.revoke_credential((SELECT id FROM laurel.credentials WHERE award_id = pg_temp.award(4) AND revoked_at IS NULL), 'x') \g /dev/null
SELECT is(tests.error_of($$ SELECT laurel.credential(pg_temp.award(4)) $$), '23514 credentials_holder_check', 'erased_everywhere');

-- Whoever is erased.
SELECT tests.act_as_owner();
INSERT INTO laurel.privacy_settings (organization_id, erasure_grace_days) VALUES (tests.acme(), 0);
SELECT laurel_internal.erase_request(laurel.erase_user(tests.person('ben'))) \g /dev/null
SELECT is((SELECT count(*) FROM laurel.credentials WHERE user_id = tests.person('ben') AND (document IS NOT NULL OR jwt IS NOT NULL OR revoked_at IS NULL)), 0::bigint, 'erased_holder: nothing is left of what they said');
SELECT is(pg_temp.found(document), 'revoked|It was revoked: its holder was erased.', 'what was given away is revoked') FROM given WHERE n = 5;
SELECT is(tests.error_of($$ SELECT laurel.credential(pg_temp.award(5)) $$), '23514 credentials_holder_check', 'and nothing is issued any more');

SELECT * FROM finish();
ROLLBACK;
