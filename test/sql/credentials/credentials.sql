-- Credentials: what they say, who gets them, that they stay what they are, and what is refused.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(58);

SELECT tests.cast('ada', 'ben', 'admin', 'trainer', 'bolt_admin');
SELECT tests.join(tests.bolt(), 'uwe');
CREATE FUNCTION pg_temp.badge(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT ('c0000000-0000-0000-0000-00000000000' || n)::uuid $$;
CREATE FUNCTION pg_temp.award(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT ('d0000000-0000-0000-0000-00000000000' || n)::uuid $$;
INSERT INTO laurel.badges (id, organization_id, slug, badge_name, description, criteria_narrative, icon) VALUES
    (pg_temp.badge(1), tests.acme(), 'rower', 'Rower "of" the \ Year مرحبا 🎓', E'Rows.\r\n\tFast', E'Row *ten* races\u0001.', 'https://acme.test/rower.png'),
    (pg_temp.badge(2), tests.acme(), 'mute', 'Mute', NULL, NULL, NULL),
    (pg_temp.badge(3), tests.acme(), 'plain', 'Plain', NULL, 'Be plain.', 'star'),
    (pg_temp.badge(4), tests.bolt(), 'bolt', 'Bolt', NULL, 'Be fast.', NULL);
INSERT INTO laurel.badge_awards (id, user_id, badge_id, awarded_date, valid_until, evidence, evidence_url) VALUES
    (pg_temp.award(1), tests.person('ada'), pg_temp.badge(1), '2026-01-02 03:04:05.678Z', NULL, 'Ten of them', 'https://acme.test/races?of=ada'),
    (pg_temp.award(2), tests.person('ada'), pg_temp.badge(2), now(), NULL, NULL, NULL),
    (pg_temp.award(3), tests.person('ada'), pg_temp.badge(3), now(), now() + interval '1 year', NULL, NULL),
    (pg_temp.award(4), tests.person('uwe'), pg_temp.badge(4), now(), NULL, NULL, NULL),
    (pg_temp.award(5), tests.person('ben'), pg_temp.badge(3), now() - interval '2 days', now() - interval '1 day', NULL, NULL);

-- Nobody has said who issues.
SELECT is(tests.error_of($$ SELECT laurel.credential(pg_temp.award(1)) $$), '23503 credential_issuers_pkey', 'no_issuer');
SELECT is(tests.error_of($$ SELECT laurel.issuer_document(tests.acme()) $$), '23503 credential_issuers_pkey', 'no_issuer_no_document');
INSERT INTO laurel.credential_issuers (organization_id, issuer_id, name, url, contact, base_url) VALUES
    (tests.acme(), 'did:web:acme.test', 'Acme "Rowing"', 'https://acme.test', ' Office@ACME.test ', 'https://badges.acme.test'),
    (tests.bolt(), 'https://bolt.test/issuer', 'Bolt', NULL, NULL, 'https://bolt.test/badges');
SELECT is(tests.error_of($$ SELECT laurel.status_list(tests.acme()) $$), '23503 credential_lists_pkey', 'no_list_before_the_first');

-- What it says.
CREATE TEMP TABLE given AS SELECT laurel.credential(pg_temp.award(1)) AS document, laurel.credential_jwt(pg_temp.award(1)) AS jwt;
GRANT SELECT ON given TO anon, authenticated, service_role;
SELECT is(document #>> '{issuer,id}', 'did:web:acme.test', 'who issues') FROM given;
SELECT is(document #>> '{issuer,email}', 'office@acme.test', 'the address in its one form') FROM given;
SELECT is(document ->> 'validFrom', '2026-01-02T03:04:05Z', 'since the award, to the second') FROM given;
SELECT is(document -> 'validUntil', NULL, 'without an end') FROM given;
SELECT is(document #>> '{credentialSubject,achievement,name}', 'Rower "of" the \ Year مرحبا 🎓', 'a name with quotes, and from right to left') FROM given;
SELECT is(document #>> '{credentialSubject,achievement,description}', E'Rows.\n Fast', 'control characters are blanks') FROM given;
SELECT is(document #>> '{credentialSubject,achievement,criteria,narrative}', 'Row *ten* races .', 'what earns it') FROM given;
SELECT is(document #>> '{credentialSubject,achievement,image,id}', 'https://acme.test/rower.png', 'its picture') FROM given;
SELECT is(document -> 'evidence', '[{"id": "https://acme.test/races?of=ada", "type": ["Evidence"], "narrative": "Ten of them"}]', 'the evidence') FROM given;
SELECT is(document #>> '{credentialSubject,identifier,0,identityHash}',
    'sha256$' || encode(sha256(convert_to((SELECT email FROM laurel.users WHERE id = tests.person('ada')) || (document #>> '{credentialSubject,identifier,0,salt}'), 'UTF8')), 'hex'),
    'the holder by a salted hash of the address') FROM given;
SELECT ok(document::text !~* 'ada@|ada [a-z]' AND document::text NOT LIKE '%' || tests.person('ada') || '%', 'and neither by name, address nor id') FROM given;
SELECT is(laurel.credential(pg_temp.award(3)) ->> 'validUntil', to_char((now() + interval '1 year') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'an award that ends');
SELECT ok(NOT laurel.credential(pg_temp.award(3)) #> '{credentialSubject,achievement}' ? 'image', 'an icon that is no address is no picture');
SELECT is(laurel.credential(pg_temp.award(3)) #>> '{credentialSubject,achievement,description}', 'Plain', 'a badge without a description is described by its name');
SELECT is(laurel.credential(pg_temp.award(4)) #>> '{issuer,id}', 'https://bolt.test/issuer', 'an issuer with an https address');

-- It stays what it is.
UPDATE laurel.badges SET badge_name = 'Rower', criteria_narrative = 'Anything' WHERE id = pg_temp.badge(1);
UPDATE laurel.credential_issuers SET name = 'Acme' WHERE organization_id = tests.acme();
SELECT is(laurel.credential(pg_temp.award(1)), document, 'the same whatever becomes of the badge and the issuer') FROM given;
SELECT is(laurel.credential_jwt(pg_temp.award(1)), jwt, 'so is the JWT') FROM given;
SELECT is((SELECT count(*) FROM laurel.credentials WHERE award_id = pg_temp.award(1)), 1::bigint, 'issued once');
SELECT is((SELECT issued_count FROM laurel_internal.credential_lists WHERE organization_id = tests.acme()), 2, 'two places are taken');
SELECT is(tests.error_of($$ UPDATE laurel.credentials SET status_index = status_index # 1 WHERE award_id = pg_temp.award(1) $$), '23001 credentials_status_index_immutable', 'its place is for ever');

-- Who may have it.
SELECT tests.act_as(tests.person('ada'));
SELECT is(laurel.credential(pg_temp.award(1)), document, 'the holder') FROM given;
SELECT is((SELECT count(*) FROM laurel.credentials), 2::bigint, 'who sees her own');
SELECT is(tests.error_of($$ SELECT laurel.credential(pg_temp.award(4)) $$), '23503 badge_awards_pkey', 'award_of_another_organization');
SELECT is(tests.error_of($$ SELECT laurel.credential(pg_temp.award(9)) $$), '23503 badge_awards_pkey', 'no_such_award');
SELECT is(tests.error_of($$ SELECT laurel.revoke_credential((SELECT id FROM laurel.credentials LIMIT 1), 'mine') $$), '42501', 'holders revoke nothing');
SELECT is(tests.error_of($$ INSERT INTO laurel.credentials (id) VALUES (gen_random_uuid()) $$), '42501', 'nobody writes them');
SELECT is(tests.error_of($$ SELECT * FROM laurel_internal.credential_lists $$), '42501', 'nor sees the lists');
SELECT tests.act_as(tests.person('ben'));
SELECT is(tests.error_of($$ SELECT laurel.credential(pg_temp.award(1)) $$), '23503 badge_awards_pkey', 'award_of_a_colleague');
SELECT is((SELECT count(*) FROM laurel.credentials), 0::bigint, 'who sees nothing of others');
SELECT is((SELECT count(*) FROM laurel.credential_issuers), 1::bigint, 'members see who issues');
SELECT is(tests.error_of($$ UPDATE laurel.credential_issuers SET name = 'Ben' $$), 'none', 'but write nothing');
SELECT is((SELECT name FROM laurel.credential_issuers), 'Acme', 'as it was');
SELECT tests.act_as(tests.person('trainer'));
SELECT is(tests.error_of($$ SELECT laurel.credential(pg_temp.award(1)) $$), '23503 badge_awards_pkey', 'trainers have none of others');
SELECT tests.act_as(tests.person('bolt_admin'));
SELECT is(tests.error_of($$ SELECT laurel.certificate(pg_temp.award(1)) $$), '23503 badge_awards_pkey', 'administrators_of_another_organization');
SELECT is((SELECT count(*) FROM laurel.credentials), 1::bigint, 'they see their own organization''s');
SELECT is(tests.error_of(format('SELECT laurel.revoke_credential(%L, %L)', (SELECT substr(document ->> 'id', 10) FROM given), 'x')), '23503 credentials_pkey', 'and revoke nothing of others');
SELECT is(tests.error_of($$ SELECT laurel.revoke_credential_key('z6Mk', 'x', tests.acme()) $$), '42501', 'nor their keys');
SELECT tests.act_as(tests.person('admin'));
SELECT is(laurel.credential(pg_temp.award(1)), document, 'administrators of the organization') FROM given;
SELECT tests.act_as_service();
SELECT is(laurel.credential(pg_temp.award(1)), document, 'the back end') FROM given;
SELECT is((laurel.certificate(pg_temp.award(1))).holder_name, (SELECT full_name FROM laurel.users WHERE id = tests.person('ada')), 'a certificate names the holder');
SELECT is((laurel.certificate(pg_temp.award(1))).address, 'https://badges.acme.test/credentials/' || substr(document ->> 'id', 10), 'and where it is verified') FROM given;
SELECT is((laurel.certificate(pg_temp.award(1))).badge_name, 'Rower "of" the \ Year مرحبا 🎓', 'and says what the credential says');
SELECT tests.act_as_anon();
SELECT is(tests.error_of($$ SELECT laurel.credential(pg_temp.award(1)) $$), '42501', 'nobody else');

-- What is refused.
SELECT tests.act_as_owner();
SELECT is(tests.error_of($$ SELECT laurel.credential(pg_temp.award(2)) $$), '23514 badges_criteria_narrative_check', 'badge_without_criteria');
SELECT is(tests.error_of($$ SELECT laurel.credential(pg_temp.award(5)) $$), '23514 badge_awards_valid_until_check', 'award_has_ended');
SELECT is(tests.error_of($$ SELECT laurel.credential(NULL) $$), '22004', 'no award');
UPDATE laurel.credential_issuers SET recipient = 'did' WHERE organization_id = tests.acme();
UPDATE laurel.badges SET criteria_narrative = 'Be quiet.' WHERE id = pg_temp.badge(2);
SELECT is(tests.error_of($$ SELECT laurel.credential(pg_temp.award(2)) $$), '23514 credentials_holder_check', 'holder_without_did');
INSERT INTO laurel.user_identities (organization_id, user_id, provider, subject) SELECT tests.acme(), tests.person('ada'), 'wallet', s FROM unnest('{did:, did:key:, did:key:a b, did:Key:a, "did:key:a\"", xdid:key:a}'::text[]) s;
SELECT is(tests.error_of($$ SELECT laurel.credential(pg_temp.award(2)) $$), '23514 credentials_holder_check', 'what only looks like a DID');
INSERT INTO laurel.user_identities (organization_id, user_id, provider, subject) VALUES (tests.acme(), tests.person('ada'), 'wallet', 'did:key:z6Mkada');
SELECT is(laurel.credential(pg_temp.award(2)) #>> '{credentialSubject,id}', 'did:key:z6Mkada', 'a holder by a DID');
UPDATE laurel.credential_issuers SET recipient = 'urn' WHERE organization_id = tests.acme();
SELECT is(tests.error_of($$ UPDATE laurel.badge_awards SET valid_until = awarded_date WHERE id = pg_temp.award(5) $$), '23514 badge_awards_valid_until_check', 'ends_before_it_begins');
UPDATE laurel.badge_awards SET valid_until = NULL WHERE id = pg_temp.award(5);
SELECT is(laurel.credential(pg_temp.award(5)) #>> '{credentialSubject,id}', 'urn:uuid:' || tests.person('ben'), 'a holder by an id');
SELECT is(tests.error_of(statement), '23514 credential_issuers_' || name || '_check', name || ' of another form')
FROM (VALUES ('issuer_id', $$ UPDATE laurel.credential_issuers SET issuer_id = 'did:web:acme.test"' WHERE organization_id = tests.acme() $$),
    ('base_url', $$ UPDATE laurel.credential_issuers SET base_url = 'https://acme.test/' WHERE organization_id = tests.acme() $$),
    ('url', $$ UPDATE laurel.credential_issuers SET url = 'https://acme.test/ <x>' WHERE organization_id = tests.acme() $$),
    ('contact', $$ UPDATE laurel.credential_issuers SET contact = 'nobody' WHERE organization_id = tests.acme() $$)) v (name, statement);

SELECT * FROM finish();
ROLLBACK;
