-- Text that identifies: each kind over a table of how it may be written, the form it gets, or what is said of it.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.make_crews();

SET LOCAL ROLE laurel_owner;
SELECT laurel_internal.canonical('kit.crews', 'motto', 'mail_address');
SELECT is(tests.error_of(format('SELECT laurel_internal.canonical(''kit.crews'', %L, %L)', column_name, kind)), error, error || ' ' || column_name || ' ' || kind)
FROM (VALUES ('motto', 'mail_address', '42710'), ('nothing', 'slug', '42703'), ('level', 'slug', '22023'), ('name', 'colour', '22023'), ('name', '', '22023')) v (column_name, kind, error);
RESET ROLE;

-- The form of a text, or the detail and the hint of what is said of it; written through the trigger, by INSERT and by UPDATE.
CREATE FUNCTION pg_temp.written(kind text, given text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    form text; again text; said text; hinted text; state text; named text;
BEGIN
    PERFORM laurel_internal.detach('kit.crews', 'canonical', 'motto');
    PERFORM laurel_internal.canonical('kit.crews', 'motto', kind);
    DELETE FROM kit.crews;
    BEGIN
        INSERT INTO kit.crews (organization_id, name, motto) VALUES (tests.org('a'), 'x', given) RETURNING motto INTO form;
    EXCEPTION WHEN check_violation THEN
        GET STACKED DIAGNOSTICS said = PG_EXCEPTION_DETAIL, hinted = PG_EXCEPTION_HINT, named = CONSTRAINT_NAME;
        RETURN concat_ws(' | ', said, nullif(hinted, ''), nullif(named, 'crews_motto_check'));
    END;
    UPDATE kit.crews SET motto = form WHERE motto = form RETURNING motto INTO again;
    RETURN form || CASE WHEN again <> form THEN ' and then ' || again ELSE '' END
        || CASE WHEN laurel_internal.is_canonical(form, kind) AND laurel_internal.is_canonical(given, kind) = (given = form) THEN '' ELSE ' is not canonical' END;
END
$$;
-- What cannot be seen is written by its code.
CREATE FUNCTION pg_temp.shown(given text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(CASE WHEN c ~ '[!-~]' THEN c ELSE '\' || lpad(to_hex(ascii(c)), 4, '0') END, '' ORDER BY n) FROM string_to_table(given, NULL) WITH ORDINALITY t (c, n)
$$;

SELECT is(pg_temp.written('mail_address', given), form, 'address ' || pg_temp.shown(given)) FROM (VALUES
    ('ann@acme.test', 'ann@acme.test'), ('Ann.Lee+News@ACME.Test', 'ann.lee+news@acme.test'), (E'\t ann@acme.test \r\n', 'ann@acme.test'),
    ('o''neil_{1}/x=y!@acme.test', 'o''neil_{1}/x=y!@acme.test'), ('root@localhost', 'root@localhost'),
    -- One address however an accent is put together, and none of the letters beyond ASCII is made smaller.
    (U&'Ame\0301lie@acme.test', U&'am\00e9lie@acme.test'), (U&'\00c9lodie@acme.test', U&'\00c9lodie@acme.test'), (U&'\0395\039b@acme.test', U&'\0395\039b@acme.test'),
    -- Signs that the Unicode forms, or some locale, take for ASCII letters stay apart from those.
    (U&'\212Aarl@acme.test', U&'\212Aarl@acme.test'), (U&'\0130nes@acme.test', U&'\0130nes@acme.test'), (U&'\0131da@acme.test', U&'\0131da@acme.test'),
    (U&'\017fam@acme.test', U&'\017fam@acme.test'), (U&'\ff41nn@acme.test', U&'\ff41nn@acme.test'), (U&'a\037eb@acme.test', U&'a\037eb@acme.test'),
    ('INFO@ACME.TEST', 'info@acme.test'),
    -- Marks that are one with a small letter and not with its capital.
    (U&'H\0331an@acme.test', U&'\1e96an@acme.test'), (U&'J\030can@acme.test', U&'\01f0an@acme.test'), (U&'\1e96an@acme.test', U&'\1e96an@acme.test'),
    -- What spreadsheets and pages leave at the ends.
    (U&'\feffann@acme.test', 'ann@acme.test'), (U&'ann@acme.test\00a0', 'ann@acme.test'), (U&'\200bann@acme.test\200b', 'ann@acme.test'), (U&'\202aann@acme.test\202c', 'ann@acme.test'),
    (U&'\2003ann@acme.test\3000', 'ann@acme.test'), (U&'ann@acme.test\2060\00ad', 'ann@acme.test'), (U&'\0085ann@acme.test\2028', 'ann@acme.test'), (U&'ann@acme.test\+0e0020', 'ann@acme.test'),
    -- Domains.
    (U&'ann@m\00fcller.test', 'ann@xn--mller-kva.test'), (U&'ann@M\00dcLLER.test', 'ann@xn--mller-kva.test'), (U&'ann@mu\0308ller.test', 'ann@xn--mller-kva.test'),
    ('ann@XN--MLLER-kva.test', 'ann@xn--mller-kva.test'), (U&'ann@stra\00dfe.test', 'ann@xn--strae-oqa.test'), (U&'ann@\4f8b\3048\3002\30c6\30b9\30c8', 'ann@xn--r8jz45g.xn--zckzah'),
    (U&'ann@\ff21cme\ff0etest', 'ann@acme.test'), (U&'ann@\043f\0440\0438\043c\0435\0440.test', 'ann@xn--e1afmkfd.test'), (U&'ann@\212Aite.test', 'ann@kite.test'),
    (repeat('x', 64) || '@acme.test', repeat('x', 64) || '@acme.test'), (repeat(U&'\00e9', 32) || '@acme.test', repeat(U&'\00e9', 32) || '@acme.test'),
    -- What cannot be sent to, and what to do.
    ('', 'It is empty. | Give one address alone, such as ann@example.com.'), (U&'\feff ', 'It is empty. | Give one address alone, such as ann@example.com.'),
    ('acme.test', 'It has no @. | Give one address alone, such as ann@example.com.'), ('ann@', 'Its domain is empty. | Give one address alone, such as ann@example.com.'),
    (U&'ann\ff20acme.test', 'Its @ is a wide or a small one, not the one of ASCII. | Write it with a plain @, such as ann@example.com.'),
    (U&'ann\fe6bacme\3002test', 'Its @ is a wide or a small one, not the one of ASCII. | Write it with a plain @, such as ann@example.com.'),
    (U&'ann\ff20@acme.test', U&'ann\ff20@acme.test'),
    ('@acme.test', 'There is nothing before its @. | Give one address alone, such as ann@example.com.'), ('ann@bob@acme.test', 'It has more than one @. | Give one address alone, such as ann@example.com.'),
    ('<ann@acme.test>', 'It has angle brackets. | Give what stands between < and > alone, such as ann@example.com.'),
    ('Ann Lee <ann@acme.test>', 'It has angle brackets. | Give what stands between < and > alone, such as ann@example.com.'),
    ('MailTo:ann@acme.test', 'It begins with mailto:. | Leave mailto: out.'), ('ann@acme.test?subject=x', 'Its domain has a character that no domain may have. | Give one address alone, such as ann@example.com.'),
    ('ann@acme.test,bob@acme.test', 'It has a comma or a semicolon, as lists have. | Give one address alone, such as ann@example.com.'),
    ('ann@acme.test;', 'It has a comma or a semicolon, as lists have. | Give one address alone, such as ann@example.com.'),
    ('ann(home)@acme.test', 'It has parentheses, as comments have. | Give one address alone, such as ann@example.com.'),
    ('"ann"@acme.test', 'It has quotation marks. | Addresses with a quoted part are not taken.'), ('ann@[192.0.2.1]', 'It has brackets. | Give the name of the domain instead of its address.'),
    ('team:ann@acme.test', 'It has a colon or a backslash. | Give one address alone, such as ann@example.com.'), ('a\nn@acme.test', 'It has a colon or a backslash. | Give one address alone, such as ann@example.com.'),
    ('.ann@acme.test', 'The part before its @ begins or ends with a dot, or has two in a row. | Give one address alone, such as ann@example.com.'),
    ('ann.@acme.test', 'The part before its @ begins or ends with a dot, or has two in a row. | Give one address alone, such as ann@example.com.'),
    ('a..n@acme.test', 'The part before its @ begins or ends with a dot, or has two in a row. | Give one address alone, such as ann@example.com.'),
    ('ann@.acme.test', 'Its domain begins or ends with a dot. | Give one address alone, such as ann@example.com.'), ('ann@acme.test.', 'Its domain begins or ends with a dot. | Give one address alone, such as ann@example.com.'),
    (U&'ann@acme.test\3002', 'Its domain begins or ends with a dot. | Give one address alone, such as ann@example.com.'),
    ('ann@acme..test', 'Its domain has two dots in a row. | Give one address alone, such as ann@example.com.'), ('ann@-acme.test', 'Its domain has a part that begins or ends with a hyphen. | Give one address alone, such as ann@example.com.'),
    ('ann@ac_me.test', 'Its domain has a character that no domain may have. | Give one address alone, such as ann@example.com.'), ('ann@192.0.2.1', 'Its domain ends with a number. | Give one address alone, such as ann@example.com.'),
    ('ann@' || repeat('x', 64) || '.test', 'Its domain has a part of more than 63 bytes. | Give one address alone, such as ann@example.com.'),
    ('ann@xn--0.test', 'Its domain has a part with xn-- that stands for no name. | Give one address alone, such as ann@example.com.'),
    (U&'ann@a\0628c.test', 'Its domain mixes letters that may not stand together. | Give one address alone, such as ann@example.com.'),
    (U&'ann@ac\200cme.test', 'Its domain mixes letters that may not stand together. | Give one address alone, such as ann@example.com.'),
    (U&'ann@acme\fffc.test', 'Its domain has a character that no domain may have. | Give one address alone, such as ann@example.com.'),
    (repeat('x', 65) || '@acme.test', 'It has more than 64 bytes before its @. | No mail server has to take that; use a shorter one.'),
    (repeat(U&'\00e9', 33) || '@acme.test', 'It has more than 64 bytes before its @. | No mail server has to take that; use a shorter one.'),
    (concat(repeat('x', 64), '@', repeat(repeat('y', 47) || '.', 3), repeat('z', 47)), 'It has more than 254 bytes. | No mail server has to take that; use a shorter one.'),
    (repeat('x', 5000) || '@acme.test', 'It has 5010 bytes. | Give a shorter one.'),
    ('ann lee@acme.test', 'It has a blank, an invisible or a control character inside: U+0020. | Write it without that.'),
    (E'ann@acme.test\r\nbob@acme.test', 'It has a blank, an invisible or a control character inside: U+000D. | Write it without that.'),
    (U&'an\200bn@acme.test', 'It has a blank, an invisible or a control character inside: U+200B. | Write it without that.'),
    (U&'an\200dn@acme.test', 'It has a blank, an invisible or a control character inside: U+200D. | Write it without that.'),
    (U&'ann@ac\00adme.test', 'It has a blank, an invisible or a control character inside: U+00AD. | Write it without that.'),
    (U&'an\00a0n@acme.test', 'It has a blank, an invisible or a control character inside: U+00A0. | Write it without that.'),
    (U&'an\202en@acme.test', 'It has a blank, an invisible or a control character inside: U+202E. | Write it without that.'),
    (U&'an\fffdn@acme.test', 'It has a blank, an invisible or a control character inside: U+FFFD. | Write it without that.'),
    (U&'\fffdann@acme.test', 'It has a blank, an invisible or a control character inside: U+FFFD. | Write it without that.')
) v (given, form);

SELECT is(pg_temp.written('domain', given), form, 'domain ' || pg_temp.shown(given)) FROM (VALUES
    ('Acme.TEST', 'acme.test'), (U&' m\00fcller.test\200b', 'xn--mller-kva.test'), ('xn--mller-kva.test', 'xn--mller-kva.test'), ('localhost', 'localhost'),
    ('https://acme.test', 'It has a character that no domain may have. | For example example.com.'), ('acme.test.', 'It begins or ends with a dot. | For example example.com.'),
    ('@acme.test', 'It has a character that no domain may have. | For example example.com.'), ('acme test', 'It has a blank, an invisible or a control character inside: U+0020. | Write it without that.'),
    ('', 'It is empty. | For example example.com.'), (U&'ac\200bme.test', 'It has a blank, an invisible or a control character inside: U+200B. | Write it without that.')) v (given, form);

SELECT is(pg_temp.written('slug', given), form, 'slug ' || pg_temp.shown(given)) FROM (VALUES
    ('first-steps', 'first-steps'), (' First-STEPS ', 'first-steps'), ('INFO-1', 'info-1'), ('2026', '2026'), (U&'\feffabc', 'abc'),
    ('first steps', 'It is not words of letters a to z and digits joined by hyphens, at most 100 characters. | For example first-steps.'),
    (U&'cafe\0301-au-lait', 'It is not words of letters a to z and digits joined by hyphens, at most 100 characters. | For example cafe-au-lait.'),
    (U&'\212Aing', 'It is not words of letters a to z and digits joined by hyphens, at most 100 characters. | For example king.'),
    ('-a', 'It is not words of letters a to z and digits joined by hyphens, at most 100 characters. | For example a.'), ('a--b', 'It is not words of letters a to z and digits joined by hyphens, at most 100 characters. | For example a-b.'),
    ('', 'It is not words of letters a to z and digits joined by hyphens, at most 100 characters. | For example first-steps.'),
    (U&'\5b66', 'It is not words of letters a to z and digits joined by hyphens, at most 100 characters. | For example first-steps.')) v (given, form);

SELECT is(pg_temp.written('time_zone', given), form, 'zone ' || pg_temp.shown(given)) FROM (VALUES
    ('Europe/Zurich', 'Europe/Zurich'), (' europe/ZURICH ', 'Europe/Zurich'), ('America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'), ('America/Port-au-Prince', 'America/Port-au-Prince'),
    ('Asia/Istanbul', 'Asia/Istanbul'), ('UTC', 'UTC'), ('utc', 'UTC'), ('Etc/UTC', 'Etc/UTC'), ('GMT', 'GMT'), ('etc/gmt-14', 'Etc/GMT-14'), ('Etc/GMT+12', 'Etc/GMT+12'), ('Pacific/Kiritimati', 'Pacific/Kiritimati'),
    ('+02:00', 'It is an offset or a rule, whose sign is read in two ways. | Did you mean Etc/GMT-2? pg_timezone_names lists all names.'),
    ('UTC-5', 'It is an offset or a rule, whose sign is read in two ways. | Did you mean Etc/GMT+5? pg_timezone_names lists all names.'),
    ('gmt+0', 'It is an offset or a rule, whose sign is read in two ways. | Did you mean UTC? pg_timezone_names lists all names.'),
    ('+0530', 'It is an offset or a rule, whose sign is read in two ways. | Name a place, such as Europe/Zurich; pg_timezone_names lists them.'),
    ('Etc/GMT+13', 'It is an offset or a rule, whose sign is read in two ways. | Name a place, such as Europe/Zurich; pg_timezone_names lists them.'),
    ('Etc/GMT-15', 'It is an offset or a rule, whose sign is read in two ways. | Name a place, such as Europe/Zurich; pg_timezone_names lists them.'),
    ('CET-1CEST,M3.5.0,M10.5.0/3', 'It is an offset or a rule, whose sign is read in two ways. | Name a place, such as Europe/Zurich; pg_timezone_names lists them.'),
    ('<-03>3', 'It is an offset or a rule, whose sign is read in two ways. | Name a place, such as Europe/Zurich; pg_timezone_names lists them.'),
    ('Mars/Olympus-4', 'It is an offset or a rule, whose sign is read in two ways. | Name a place, such as Europe/Zurich; pg_timezone_names lists them.'),
    ('7', 'It is an offset or a rule, whose sign is read in two ways. | Name a place, such as Europe/Zurich; pg_timezone_names lists them.'),
    ('CET', 'It is an abbreviation, which is read as one offset all the year. | Did you mean Europe/Berlin? pg_timezone_names lists all names.'),
    ('est5edt', 'It is an abbreviation, which is read as one offset all the year. | Did you mean America/New_York? pg_timezone_names lists all names.'),
    ('EST', 'It is an abbreviation, which is read as one offset all the year. | Did you mean America/New_York? pg_timezone_names lists all names.'),
    ('WET', 'It is an abbreviation, which is read as one offset all the year. | Did you mean Europe/Lisbon? pg_timezone_names lists all names.'),
    ('localtime', 'It stands for whatever zone a server is in. | Name a place, such as Europe/Zurich; pg_timezone_names lists them.'),
    ('factory', 'It stands for whatever zone a server is in. | Name a place, such as Europe/Zurich; pg_timezone_names lists them.'),
    ('posixrules', 'It stands for whatever zone a server is in. | Name a place, such as Europe/Zurich; pg_timezone_names lists them.'),
    ('posix/Europe/Zurich', 'It is of a copy of the time zones that counts otherwise. | Did you mean Europe/Zurich? pg_timezone_names lists all names.'),
    ('right/europe/zurich', 'It is of a copy of the time zones that counts otherwise. | Did you mean Europe/Zurich? pg_timezone_names lists all names.'),
    -- What is meant by a name of a copy may be no zone either.
    ('posix/EST5EDT', 'It is of a copy of the time zones that counts otherwise. | Did you mean America/New_York? pg_timezone_names lists all names.'),
    ('right/posix/europe/zurich', 'It is of a copy of the time zones that counts otherwise. | Did you mean Europe/Zurich? pg_timezone_names lists all names.'),
    ('SystemV/EST5', 'It is of a copy of the time zones that counts otherwise. | Name a place, such as Europe/Zurich; pg_timezone_names lists them.'),
    ('posix/localtime', 'It is of a copy of the time zones that counts otherwise. | Name a place, such as Europe/Zurich; pg_timezone_names lists them.'),
    ('Berlin', 'There is no such zone. | Did you mean Europe/Berlin? pg_timezone_names lists all names.'), ('new york', 'There is no such zone. | Did you mean America/New_York? pg_timezone_names lists all names.'),
    ('Europe/Zürich', 'There is no such zone. | Did you mean Europe/Zurich? pg_timezone_names lists all names.'), ('Europ/Zurich', 'There is no such zone. | Did you mean Europe/Zurich? pg_timezone_names lists all names.'),
    ('Argentina/Buenos Aires', 'There is no such zone. | Did you mean America/Argentina/Buenos_Aires? pg_timezone_names lists all names.'),
    ('../etc/passwd', 'There is no such zone. | Name a place, such as Europe/Zurich; pg_timezone_names lists them.'), ('', 'It is empty. | Name a place, such as Europe/Zurich; pg_timezone_names lists them.'),
    ('somewhere over the rainbow', 'There is no such zone. | Name a place, such as Europe/Zurich; pg_timezone_names lists them.'), (repeat('x', 300), 'There is no such zone. | Name a place, such as Europe/Zurich; pg_timezone_names lists them.')
) v (given, form);
-- Whatever the server calls a zone that is one is taken, and the same clock is read by it.
SELECT is_empty($$ SELECT name FROM pg_timezone_names WHERE name ~ '/' AND name !~ '^(posix|right|SystemV)/' AND NOT laurel_internal.is_canonical(name, 'time_zone') $$, 'all names with a slash are zones');
SELECT is_empty($$ SELECT z.name FROM pg_timezone_names z WHERE laurel_internal.is_canonical(z.name, 'time_zone')
    AND EXISTS (SELECT FROM pg_timezone_abbrevs a WHERE a.abbrev = upper(z.name COLLATE "C") AND (a.utc_offset <> z.utc_offset OR z.is_dst)) $$, 'none of them is another abbreviation');

SELECT is(pg_temp.written('locale', given), coalesce(form, 'It is not made as BCP 47 says. | Write the language, then script and region where they matter: en, pt-BR, zh-Hant-TW.'), 'locale ' || pg_temp.shown(given)) FROM (VALUES
    ('en', 'en'), ('EN', 'en'), ('pt_br', 'pt-BR'), ('ZH-hANT-tw', 'zh-Hant-TW'), ('es-419', 'es-419'), ('sr-latn', 'sr-Latn'), ('DE-ch-1901', 'de-CH-1901'), ('sl-ROZAJ-biske', 'sl-rozaj-biske'),
    ('zh-YUE-hk', 'zh-yue-HK'), ('en-US-U-CA-Gregory', 'en-US-u-ca-gregory'), ('de-X-Corp', 'de-x-corp'), ('x-ACME', 'x-acme'), ('I-Klingon', 'i-klingon'), ('en-gb-OED', 'en-GB-oed'), ('*', '*'), (' fr ', 'fr'),
    ('', NULL), ('e', NULL), ('english', NULL), ('en-', NULL), ('-en', NULL), ('en--us', NULL), ('en-us-us', NULL), ('en-latn-latn', NULL), ('de-1901-1901', NULL), ('en-u', NULL), ('en-a-bb-a-cc', NULL), ('en-x', NULL),
    ('12', NULL), ('en-toolongsubtag', NULL), ('de.UTF-8', NULL), (U&'\0131t', NULL), ('en US', NULL), ('en-*', NULL), ('en-' || repeat('x', 100), NULL)) v (given, form);

SELECT is(pg_temp.written('web_address', given), form, 'web address ' || pg_temp.shown(given)) FROM (VALUES
    ('https://acme.test/Hook?A=B', 'https://acme.test/Hook?A=B'), ('HTTPS://Acme.TEST:8443/Hook', 'https://acme.test:8443/Hook'), (U&'https://M\00fcller.test/x', 'https://xn--mller-kva.test/x'),
    ('https://m%C3%BCller.test', 'https://xn--mller-kva.test'), ('https://m%c3%bcller.test?q=%C3%BC', 'https://xn--mller-kva.test?q=%C3%BC'), ('https://XN--MLLER-KVA.test#x', 'https://xn--mller-kva.test#x'),
    ('https://[2001:DB8::1]/x', 'https://[2001:db8::1]/x'), ('https://192.0.2.1/x', 'https://192.0.2.1/x'), ('https://a_b.test.', 'https://a_b.test.'), (U&'\feffhttps://acme.test\00a0', 'https://acme.test'),
    (U&'https://\ff11\ff10.0.0.1/', 'https://10.0.0.1/'), ('not one at all', 'not one at all'),
    ('https://a b.test/', 'Its host has a blank, an invisible or a control character inside: U+0020. | Write it without that.'),
    ('https://m%FCller.test', 'Its host has percents that stand for no text in UTF-8. | Write the host as DNS has it; other scripts may be written as they are or with xn--.'), ('https:///x', 'Its host is empty. | Write the host as DNS has it; other scripts may be written as they are or with xn--.'),
    ('https://acme%2ftest/', 'Its host has a character that no domain may have. | Write the host as DNS has it; other scripts may be written as they are or with xn--.')) v (given, form);

-- By whatever way, and only where the column is written.
SELECT laurel_internal.detach('kit.crews', 'canonical', 'motto'), laurel_internal.canonical('kit.crews', 'motto', 'slug');
INSERT INTO kit.crews (id, organization_id, name, motto) VALUES (tests.crew('a', 61), tests.org('a'), 'x', 'By-Insert'), (tests.crew('a', 62), tests.org('a'), 'x', NULL);
SELECT results_eq('SELECT motto FROM kit.crews WHERE id IN (tests.crew(''a'', 61), tests.crew(''a'', 62)) ORDER BY id', $$ VALUES ('by-insert'), (NULL) $$, 'an insert, and no text at all');
UPDATE kit.crews SET motto = 'By-UPDATE' WHERE id = tests.crew('a', 61);
SELECT is((SELECT motto FROM kit.crews WHERE id = tests.crew('a', 61)), 'by-update', 'an update');
INSERT INTO kit.crews (id, organization_id, name) VALUES (tests.crew('a', 61), tests.org('a'), 'x') ON CONFLICT (id) DO UPDATE SET motto = 'By-UPSERT';
SELECT is((SELECT motto FROM kit.crews WHERE id = tests.crew('a', 61)), 'by-upsert', 'an upsert');
SELECT is(tests.told($$ UPDATE kit.crews SET motto = 'not one' $$), '23514 | motto of crews must be a name in addresses | It is not words of letters a to z and digits joined by hyphens, at most 100 characters. | For example not-one. | crews_motto_check',
    'what is refused names column, table and constraint');
SET LOCAL session_replication_role = replica;
UPDATE kit.crews SET motto = 'Not One' WHERE id = tests.crew('a', 61);
SET LOCAL session_replication_role = origin;
SELECT lives_ok('UPDATE kit.crews SET name = name', 'what is there does not hinder other columns');

CREATE TRIGGER misplaced BEFORE INSERT ON kit.crews FOR EACH ROW EXECUTE FUNCTION laurel_internal.bring_to_form('motto', 'colour');
SELECT is(tests.error_of($$ INSERT INTO kit.crews (organization_id, name) VALUES (tests.org('a'), 'x') $$), '39P01', 'a kind that there is not');
DROP TRIGGER misplaced ON kit.crews;
CREATE TRIGGER misplaced AFTER INSERT ON kit.crews FOR EACH ROW EXECUTE FUNCTION laurel_internal.bring_to_form('motto', 'slug');
SELECT is(tests.error_of($$ INSERT INTO kit.crews (organization_id, name) VALUES (tests.org('a'), 'x') $$), '39P01', 'attached where nothing can be changed any more');

SELECT * FROM finish();
ROLLBACK;
