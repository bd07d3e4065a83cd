\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(52);

-- Everything of Laurel's in the database.
CREATE TEMP VIEW relations AS SELECT c.oid::regclass::text AS name, c.* FROM pg_class c
    WHERE relnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) AND relkind IN ('r', 'p', 'v', 'm');
CREATE TEMP VIEW functions AS SELECT p.oid::regprocedure::text AS name, p.* FROM pg_proc p
    WHERE pronamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace);
CREATE TEMP VIEW columns AS SELECT r.oid, r.name AS relation, r.relkind, a.attname, a.attnum, a.attnotnull, a.atttypid FROM relations r
    JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped;
CREATE TEMP VIEW foreign_keys AS SELECT conname, conrelid, confrelid, conkey, conrelid::regclass::text || '.' || conname AS name FROM pg_constraint
    WHERE contype = 'f' AND conparentid = 0 AND conrelid IN (SELECT oid FROM relations);

-- Row security.
SELECT is_empty($$ SELECT name FROM relations WHERE relkind IN ('r', 'p') AND relnamespace = 'laurel'::regnamespace AND NOT relrowsecurity $$,
    'every table is under row security');
SELECT is_empty($$ SELECT name FROM relations WHERE relkind IN ('r', 'p') AND relnamespace = 'laurel'::regnamespace AND NOT relispartition
    AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = relations.oid) $$, 'and has policies');
SELECT is_empty($$ SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'laurel' AND ('public' = ANY (roles) OR permissive <> 'PERMISSIVE') $$,
    'each for a role by its name');
SELECT is_empty($$ SELECT tablename, role, c.command FROM pg_policies, unnest(roles) role,
        unnest(CASE cmd WHEN 'ALL' THEN '{SELECT,INSERT,UPDATE,DELETE}'::text[] ELSE ARRAY[cmd] END) AS c (command)
    WHERE schemaname = 'laurel' GROUP BY 1, 2, 3 HAVING count(*) > 1 $$, 'one for a role and a command');
SELECT is_empty($$ SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'laurel' AND concat(qual, with_check) ~* '\mselect\M' $$,
    'without a sub-select');
SELECT is_empty($$ SELECT DISTINCT p.polname, f.name FROM pg_policy p JOIN pg_depend d ON d.classid = 'pg_policy'::regclass AND d.objid = p.oid
    AND d.refclassid = 'pg_proc'::regclass JOIN functions f ON f.oid = d.refobjid WHERE f.provolatile = 'v' $$, 'and of functions that do not change');
SELECT is_empty($$ SELECT tablename, cmd, role FROM pg_policies, unnest(roles) role WHERE schemaname = 'laurel' AND cmd IN ('SELECT', 'INSERT', 'DELETE')
    AND NOT has_any_column_privilege(role, format('laurel.%I', tablename), replace(cmd, 'DELETE', 'SELECT')) AND NOT has_table_privilege(role, format('laurel.%I', tablename), cmd) $$,
    'and none for what is not granted');

-- Grants.
SELECT is_empty($$ SELECT name, role FROM relations, unnest('{anon, authenticated, service_role}'::text[]) role
    WHERE relkind IN ('r', 'p', 'v') AND (has_table_privilege(role, oid, 'TRUNCATE') OR has_table_privilege(role, oid, 'TRIGGER') OR has_table_privilege(role, oid, 'REFERENCES')) $$,
    'clients truncate, watch and refer to no table');
SELECT is_empty($$ SELECT name FROM relations, aclexplode(relacl) a WHERE a.grantee = 0 $$, 'nothing is granted to everybody');
SELECT is_empty($$ SELECT name FROM relations WHERE relnamespace = 'laurel_internal'::regnamespace AND (
    has_any_column_privilege('anon', oid, 'SELECT, INSERT, UPDATE') OR has_any_column_privilege('authenticated', oid, 'SELECT, INSERT, UPDATE')) $$,
    'clients have no business in internal tables');
SELECT is_empty($$ SELECT name FROM relations WHERE has_any_column_privilege('anon', oid, 'INSERT, UPDATE') OR has_table_privilege('anon', oid, 'DELETE') $$,
    'who is not signed in writes nothing');
SELECT is_empty($$ SELECT name FROM functions, aclexplode(coalesce(proacl, acldefault('f', proowner))) a WHERE a.grantee = 0 $$,
    'no function may be run by everybody');
SELECT is_empty($$ SELECT name FROM functions WHERE prorettype IN ('trigger'::regtype, 'internal'::regtype) AND (
    has_function_privilege('anon', oid, 'EXECUTE') OR has_function_privilege('authenticated', oid, 'EXECUTE') OR has_function_privilege('service_role', oid, 'EXECUTE')) $$,
    'and no trigger function by any client');
SELECT is_empty($$ SELECT name FROM relations WHERE relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (reloptions), false) $$,
    'views show to the caller what the caller may see');
SELECT is_empty($$ SELECT name FROM relations WHERE relkind = 'm' AND (has_table_privilege('anon', oid, 'SELECT') OR has_table_privilege('authenticated', oid, 'SELECT')) $$,
    'and materialized ones are shown to no client');
SELECT is_empty($$ SELECT name FROM functions WHERE prosecdef AND NOT EXISTS (SELECT FROM unnest(proconfig) c WHERE c LIKE 'search_path=%') $$,
    'functions with the rights of their owner have a search_path of their own');
SELECT is_empty($$ SELECT name FROM functions JOIN pg_language l ON l.oid = prolang WHERE lanname IN ('sql', 'plpgsql')
    AND prokind = 'f' AND prosqlbody IS NULL AND NOT EXISTS (SELECT FROM unnest(proconfig) c WHERE c LIKE 'search_path=%')
    AND NOT (proname = 'member' AND prosrc ~ '^SELECT p\.\* FROM laurel\.people p WHERE p\.id OPERATOR\(pg_catalog\.=\) \(\$1\)\.\w+$') $$,
    'and so have all that are written in SQL, unless nothing in them is looked up');
SELECT is_empty($$ SELECT name FROM functions WHERE proleakproof AND provolatile = 'v' $$, 'what is leakproof does nothing');

-- Words.
SELECT is_empty($$ SELECT name FROM relations WHERE obj_description(oid, 'pg_class') IS NULL AND NOT relispartition $$, 'every table and view is explained');
SELECT is_empty($$ SELECT relation, attname FROM columns WHERE col_description(oid, attnum) IS NULL
    AND NOT (SELECT relispartition FROM pg_class c WHERE c.oid = columns.oid) $$, 'every column');
SELECT is_empty($$ SELECT name FROM functions WHERE obj_description(oid, 'pg_proc') IS NULL $$, 'every function');
SELECT is_empty($$ SELECT name, description FROM functions JOIN pg_description ON objoid = oid AND classoid = 'pg_proc'::regclass
    WHERE description ~ '^\s|\s$|TODO|FIXME' OR description !~ '\.$' $$, 'in whole sentences');
SELECT is_empty($$ SELECT oid::regnamespace FROM pg_namespace WHERE nspname LIKE 'laurel%' AND obj_description(oid, 'pg_namespace') IS NULL $$, 'every schema');

-- Tenancy.
SELECT is_empty($$ SELECT relation FROM columns WHERE attname = 'organization_id' AND relkind IN ('r', 'p') AND NOT attnotnull
    AND relation NOT IN ('laurel.notification_templates', 'laurel.legal_holds', 'laurel.audit_log', 'laurel.processing_log', 'laurel.error_logs', 'laurel.settings') AND relation !~ '^laurel_internal\.(audit_log|processing_log|error_logs)_20' $$, 'a row of an organization names it, unless it holds for all');
SELECT is_empty($$ SELECT relation FROM columns c WHERE attname = 'user_id' AND relkind IN ('r', 'p')
    AND NOT EXISTS (SELECT FROM columns o WHERE o.oid = c.oid AND o.attname = 'organization_id') $$, 'so does a row of a user');
SELECT is_empty($$ SELECT relation FROM columns c WHERE attname = 'organization_id' AND relkind IN ('r', 'p')
    AND NOT (SELECT relispartition FROM pg_class r WHERE r.oid = c.oid) AND has_any_column_privilege('authenticated', c.oid, 'UPDATE')
    AND NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid WHERE tgrelid = c.oid AND proname = 'keep_organization') $$,
    'and stays there, whatever clients change');
SELECT results_eq($$ SELECT tgrelid::regclass FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid WHERE proname IN ('check_organization', 'check_balances') ORDER BY tgrelid $$,
    $$ SELECT tgrelid::regclass FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid WHERE proname = 'keep_organization' ORDER BY tgrelid $$, 'or an application''s triggers');
SELECT is_empty($$ SELECT name FROM foreign_keys f WHERE confrelid <> ALL ('{laurel.users, laurel.organizations}'::regclass[])
    AND EXISTS (SELECT FROM columns WHERE oid = confrelid AND attname = 'organization_id')
    AND NOT EXISTS (SELECT FROM columns WHERE oid = conrelid AND attname = 'organization_id' AND attnum = ANY (conkey)) $$,
    'a row refers to rows of its own organization only');
SELECT is_empty($$ SELECT conrelid::regclass, confrelid::regclass, conkey FROM foreign_keys GROUP BY 1, 2, 3 HAVING count(*) > 1 $$,
    'by one foreign key for one relation');
SELECT is_empty($$ SELECT name FROM foreign_keys f WHERE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = f.conrelid
        AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) IN (SELECT format('(%I IS NOT NULL)', attname) FROM columns WHERE oid = f.conrelid AND attnum = ANY (f.conkey)))
        AND (SELECT array_agg(k ORDER BY k) FROM unnest((i.indkey::int2[])[0:cardinality(f.conkey) - 1]) k) = (SELECT array_agg(k ORDER BY k) FROM unnest(f.conkey) k)) $$,
    'which an index begins with');
SELECT is_empty($$ SELECT c.conname, event FROM pg_constraint c CROSS JOIN LATERAL (VALUES (8, c.confdeltype), (16, c.confupdtype)) e (event, action)
    WHERE c.contype = 'f' AND c.conparentid = 0 AND e.action NOT IN ('a', 'r') AND c.connamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace)
    AND NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l ON l.oid = p.prolang
        WHERE t.tgrelid = c.confrelid AND t.tgtype & 2 <> 0 AND t.tgtype & event <> 0 AND t.tgqual IS NULL AND l.lanname = 'c') $$,
    'the library is there before a cascade starts');
SELECT is_empty($$ SELECT conname FROM pg_constraint WHERE condeferrable AND connamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) $$,
    'no constraint waits for the commit');

-- Names and types.
SELECT is_empty($$ SELECT name FROM relations WHERE relnamespace = 'laurel'::regnamespace AND (relispartition OR relkind = 'm') $$,
    'what clients make types of does not change by the month: partitions and materialized views stand in laurel_internal');
SELECT is_empty($$ SELECT conrelid::regclass, conname FROM pg_constraint WHERE conrelid IN (SELECT oid FROM relations) AND contype <> 't' AND conparentid = 0 AND conislocal
    AND (conname !~ ('^' || (SELECT relname FROM pg_class WHERE oid = conrelid) || '_') OR conname ~ '(fkey|check|key)[0-9]+$') $$, 'constraints have names of their own');
SELECT is_empty($$ SELECT name FROM functions WHERE pronamespace = 'laurel'::regnamespace AND prorettype = 'record'::regtype AND prokind = 'f'
    AND (NOT proretset OR 't' <> ALL (proargmodes) OR '{o,b}' && proargmodes::text[]) $$,
    'one object has a named type, so that clients know it; only a list of lines has its columns from TABLE (...)');
SELECT is_empty($$ SELECT typname FROM pg_type t JOIN pg_class c ON c.oid = typrelid WHERE c.relkind = 'c' AND typnamespace = 'laurel'::regnamespace
    AND (obj_description(t.oid, 'pg_type') IS NULL OR EXISTS (SELECT FROM pg_attribute a WHERE attrelid = c.oid AND attnum > 0 AND col_description(attrelid, attnum) IS NULL)) $$,
    'such types are explained, and each of their columns');
SELECT is_empty($$ SELECT typname FROM pg_type t JOIN pg_class c ON c.oid = typrelid WHERE c.relkind = 'c' AND typnamespace = 'laurel'::regnamespace
    AND NOT EXISTS (SELECT FROM functions f WHERE f.prorettype = t.oid AND obj_description(t.oid, 'pg_type') ~ ('laurel\.' || f.proname)) $$,
    'and say which function returns them');
SELECT is_empty($$ SELECT name FROM functions f JOIN pg_type t ON t.oid = f.prorettype JOIN pg_class c ON c.oid = t.typrelid
    WHERE c.relkind = 'c' AND f.pronamespace = 'laurel'::regnamespace AND obj_description(t.oid, 'pg_type') !~ CASE WHEN f.proretset THEN '\mlist\M' ELSE '\mone object\M' END $$,
    'and whether it is one of them or a list');
SELECT is_empty($$ SELECT typname FROM pg_type WHERE typtype = 'e' AND typnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) $$,
    'a status is text: an enum loses its index under row security');
SELECT is_empty($$ SELECT relation, attname FROM columns WHERE relkind IN ('r', 'p') AND atttypid IN ('timestamp'::regtype, 'varchar'::regtype, 'char(1)'::regtype, 'json'::regtype, 'money'::regtype)
    AND (relation, attname) <> ('laurel.event_series', 'starts_on') $$,
    'times have zones, or a column that names theirs, texts no length, documents are jsonb');
SELECT is_empty($$ SELECT relation FROM columns c WHERE attname = 'updated_at' AND relkind IN ('r', 'p') AND relation LIKE 'laurel.%'
    AND NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid WHERE tgrelid = c.oid AND proname = 'touch_updated_at')
    AND NOT (SELECT relispartition FROM pg_class r WHERE r.oid = c.oid) $$, 'updated_at keeps itself');
SELECT is_empty($$ SELECT name FROM relations WHERE relkind IN ('r', 'p') AND NOT relispartition
    AND relname NOT LIKE '%\_changes' AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = relations.oid AND indisprimary) $$, 'every table has a primary key');

-- Trigger functions that are not attached as they must be say so.
CREATE TEMP TABLE misuses (function text, way text, error text);
CREATE TABLE public.misused (x int);
CREATE FUNCTION pg_temp.misuse(function regproc, timing text, event text, level text, arguments text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.misused VALUES (1);
    EXECUTE format('CREATE TRIGGER misuse %s %s ON public.misused FOR EACH %s EXECUTE FUNCTION %s(%s)', timing, event, level, function, arguments);
    EXECUTE CASE event WHEN 'INSERT' THEN 'INSERT INTO public.misused VALUES (2)' WHEN 'UPDATE' THEN 'UPDATE public.misused SET x = 3'
        WHEN 'DELETE' THEN 'DELETE FROM public.misused' ELSE 'TRUNCATE public.misused' END;
    RAISE EXCEPTION USING ERRCODE = 'P9999';
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
INSERT INTO misuses SELECT f.name, concat_ws(' ', timing, event, level), pg_temp.misuse(f.oid, timing, event, level, $$'a', 'b', 'c'$$)
FROM functions f JOIN pg_language l ON l.oid = prolang, unnest('{BEFORE, AFTER}'::text[]) timing, unnest('{INSERT, UPDATE, DELETE, TRUNCATE}'::text[]) event,
    unnest('{ROW, STATEMENT}'::text[]) level
WHERE prorettype = 'trigger'::regtype AND lanname = 'c' AND NOT (event = 'TRUNCATE' AND level = 'ROW');
SELECT is_empty($$ SELECT * FROM misuses WHERE error <> '39P01' $$, 'attached with too many arguments');
INSERT INTO misuses SELECT f.name, 'call', tests.error_of(format('SELECT %s', f.name)) FROM functions f JOIN pg_language l ON l.oid = prolang
WHERE prorettype = 'trigger'::regtype AND lanname = 'c';
SELECT is_empty($$ SELECT * FROM misuses WHERE way = 'call' AND error <> '39P01' $$, 'or called as a function');
TRUNCATE misuses;
INSERT INTO misuses SELECT f.name, concat_ws(' ', timing, event, level), pg_temp.misuse(f.oid, timing, event, level, '')
FROM functions f JOIN pg_language l ON l.oid = prolang, unnest('{BEFORE, AFTER}'::text[]) timing, unnest('{INSERT, UPDATE, DELETE, TRUNCATE}'::text[]) event,
    unnest('{ROW, STATEMENT}'::text[]) level
WHERE prorettype = 'trigger'::regtype AND lanname = 'c' AND NOT (event = 'TRUNCATE' AND level = 'ROW');
SELECT is_empty($$ SELECT function, count(DISTINCT split_part(way, ' ', 1) || split_part(way, ' ', 3)), array_agg(way || ' ' || error) FROM misuses WHERE error <> '39P01'
    GROUP BY 1 HAVING count(DISTINCT split_part(way, ' ', 1) || split_part(way, ' ', 3)) > 1 $$, 'each fits one timing and level only');

-- Nulls everywhere crash nothing.
CREATE FUNCTION pg_temp.call_with_nulls(client text, claims text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    statement text;
    many bigint := 0;
BEGIN
    FOR statement IN SELECT format('SELECT * FROM %s(%s)', oid::regproc, (SELECT string_agg('NULL::' || t::regtype, ', ') FROM unnest(proargtypes) t))
        FROM functions WHERE prokind = 'f' AND prorettype NOT IN ('trigger'::regtype, 'internal'::regtype) AND proname NOT IN ('migrate', 'protect', 'allow') ORDER BY name
    LOOP
        PERFORM tests.act(client, claims);
        PERFORM tests.error_of(statement);
        PERFORM tests.act_as_owner();
        many := many + 1;
    END LOOP;
    RETURN many;
END
$$;
SELECT tests.cast('admin', 'trainer', 'learner');
SELECT cmp_ok(pg_temp.call_with_nulls('authenticated', '{"sub": "a0000000-0000-0000-0000-000000000003"}'), '>', 40::bigint, 'functions called with nulls by a learner');
SELECT cmp_ok(pg_temp.call_with_nulls('service_role', ''), '>', 40::bigint, 'by the back end');
SELECT cmp_ok(pg_temp.call_with_nulls('none', ''), '>', 40::bigint, 'and by the owner');

-- Nothing that lies in the caller's search_path runs with the rights of the owner.
CREATE SCHEMA evil;
GRANT USAGE, CREATE ON SCHEMA evil TO PUBLIC;
CREATE TABLE evil.log (who name, what text);
GRANT ALL ON evil.log TO PUBLIC;
CREATE FUNCTION evil.note(what text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN INSERT INTO evil.log VALUES (CURRENT_USER, what); END $$;
DO $$
DECLARE
    kind text;
    name text;
    taken record;
BEGIN
    FOREACH kind IN ARRAY '{uuid, text, bigint, integer, timestamptz, date, jsonb, boolean, bytea}'::text[] LOOP
        FOREACH name IN ARRAY '{=, <>, <, >, <=, >=}'::text[] LOOP
            EXECUTE format('CREATE FUNCTION evil.%I(a %s, b %s) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN PERFORM evil.note(%L); RETURN a OPERATOR(pg_catalog.%s) b; END $f$',
                kind || name, kind, kind, kind || name, name);
            EXECUTE format('CREATE OPERATOR evil.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = evil.%I)', name, kind, kind, kind || name);
        END LOOP;
    END LOOP;
    FOR taken IN SELECT proname, pg_get_function_identity_arguments(p.oid) AS arguments, pg_get_function_result(p.oid) AS result FROM pg_proc p
        WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND NOT proretset AND provariadic = 0 AND 'internal'::regtype <> ALL (proargtypes)
          AND '"any"'::regtype <> ALL (proargtypes) AND proname IN ('now', 'clock_timestamp', 'to_regclass', 'jsonb_typeof', 'char_length', 'sha256', 'encode', 'format', 'btrim', 'lower', 'isfinite',
            'set_config', 'current_setting', 'date_trunc', 'timezone', 'convert_to', 'quote_ident', 'octet_length') LOOP
        EXECUTE format('CREATE FUNCTION evil.%I(%s) RETURNS %s LANGUAGE plpgsql AS $f$ BEGIN PERFORM evil.note(%L); RETURN NULL; END $f$',
            taken.proname, taken.arguments, taken.result, taken.proname);
    END LOOP;
END
$$;
CREATE FUNCTION evil.unnest(a anyarray) RETURNS SETOF anyelement LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.note('unnest'); RETURN QUERY SELECT pg_catalog.unnest(a); END $$;
CREATE AGGREGATE evil.count(*) (SFUNC = pg_catalog.int8inc, STYPE = pg_catalog.int8, INITCOND = '41');
CREATE TEMP TABLE new_rows (organization_id uuid, user_id uuid);
CREATE TEMP TABLE old_rows (organization_id uuid);
CREATE TEMP TABLE changed (organization_id uuid);
GRANT ALL ON new_rows, old_rows, changed TO PUBLIC;

INSERT INTO laurel.users (id, organization_id, email) VALUES ('a0000000-0000-0000-0000-000000000004', tests.acme(), 'four@acme.test'),
    ('a0000000-0000-0000-0000-000000000005', tests.acme(), 'five@acme.test');
SELECT tests.act_as('a0000000-0000-0000-0000-000000000001');
SET LOCAL search_path = evil, pg_catalog, pg_temp;
SELECT laurel.withdraw_invitation(laurel.invite_member('six@acme.test', roles => '{trainer}'));
INSERT INTO laurel.courses (id, name, trainer_id) VALUES ('ac000000-0000-0000-0000-000000000001', 'A', 'a0000000-0000-0000-0000-000000000002');
INSERT INTO laurel.enrollments (user_id, course_id) VALUES ('a0000000-0000-0000-0000-000000000004', 'ac000000-0000-0000-0000-000000000001');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reference_type, reference_id)
VALUES ('a0000000-0000-0000-0000-000000000004', 600, 't', 'Course', 'ac000000-0000-0000-0000-000000000001'), ('a0000000-0000-0000-0000-000000000005', 1, 't', 'Course', 'ac000000-0000-0000-0000-000000000001');
CREATE TEMP TABLE made AS SELECT * FROM laurel.record_points_transaction('a0000000-0000-0000-0000-000000000004', 5, 't', reason => 'r', idempotency_key => 'k');
INSERT INTO made SELECT * FROM laurel.record_points_transaction('a0000000-0000-0000-0000-000000000004', 5, 't', reason => 'r', idempotency_key => 'k');
INSERT INTO made SELECT entry_id, entry_no, balance_after, is_new FROM laurel.record_points_transactions('[{"user_id": "a0000000-0000-0000-0000-000000000004", "amount": 50, "transaction_type": "t", "reason": "r", "idempotency_key": "b"},
    {"user_id": "a0000000-0000-0000-0000-000000000005", "amount": 50, "transaction_type": "t", "reason": "r"}]');
INSERT INTO made SELECT r.* FROM made m, laurel.reverse_points_transaction(m.entry_id) r WHERE m.entry_no OPERATOR(pg_catalog.=) 3;
UPDATE laurel.tiers SET min_points = min_points + 1 WHERE tier OPERATOR(pg_catalog.=) 'silver';
UPDATE laurel.organizations SET time_zone = 'Asia/Tokyo', tier_basis = 'lifetime';
INSERT INTO laurel.badges (id, badge_name, points_value) VALUES ('ab000000-0000-0000-0000-000000000001', 'Bad', 5);
INSERT INTO made SELECT award_id, 0, balance_after, true FROM laurel.award_badge('a0000000-0000-0000-0000-000000000004', 'ab000000-0000-0000-0000-000000000001');
INSERT INTO made SELECT NULL, pg_catalog.count(*), NULL, NULL FROM laurel.verify_ledger();
INSERT INTO made SELECT NULL, pg_catalog.count(*), NULL, NULL FROM laurel.leaderboard('weekly');
INSERT INTO made SELECT NULL, laurel.balance_at('a0000000-0000-0000-0000-000000000004', pg_catalog.clock_timestamp()), NULL, NULL;
INSERT INTO made SELECT laurel.notify('a0000000-0000-0000-0000-000000000004', 't', 't'), NULL, NULL, NULL;
INSERT INTO made SELECT NULL, current_streak, NULL, NULL FROM laurel.record_activity();
SELECT pg_catalog.set_config('request.jwt.claims', '{"sub": "a0000000-0000-0000-0000-000000000002"}', true);
CREATE TEMP TABLE seen AS SELECT pg_catalog.count(*) AS accounts FROM laurel.user_points;
RESET search_path;
SELECT tests.act_as_owner();
SELECT is_empty('SELECT who, what FROM evil.log WHERE who <> ''authenticated''', 'what an administrator does with an evil search_path runs nothing of it as owner');
SELECT is((SELECT accounts FROM seen), 2::bigint, 'nor does what a trainer sees');
SELECT is(laurel.balance_at('a0000000-0000-0000-0000-000000000004', clock_timestamp()), 610::bigint, 'and it did what it should');
SET LOCAL search_path = evil, pg_catalog;
CREATE TEMP TABLE bait AS SELECT 'a'::pg_catalog.text = 'b'::pg_catalog.text AS equal;
RESET search_path;
SELECT isnt_empty('SELECT FROM evil.log', 'though it would have noticed');

SELECT * FROM finish();
ROLLBACK;
