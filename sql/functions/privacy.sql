-- Privacy: which columns are a person's, what becomes of them, and who has asked for it.

CREATE FUNCTION laurel_internal.is_named_after_a_person(column_name name) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT column_name ~ '_by$|^owners?$|^(users?|members?)$|(^|_)(user|member|person|people|actor|sender|recipient|author|owner|manager|trainer|learner|buddy|mentor|admin|approver|assignee|facilitator|beneficiary|reviewer|reviewee|rater|subject|employee|holder|bearer|giver|receiver|candidate|instructor|student|teacher|coach|requester)_ids?$'
$$;
COMMENT ON FUNCTION laurel_internal.is_named_after_a_person(name) IS
'Whether a column of ids is called as one that refers to people: user_id, sender_id, decided_by and their like.';

CREATE FUNCTION laurel_internal.person(
    table_name regclass, column_name name, export text DEFAULT '', erase text DEFAULT 'delete', merge text DEFAULT 'move',
    clears jsonb DEFAULT '{}', harmless name[] DEFAULT '{}', secret name[] DEFAULT '{}', better text DEFAULT NULL, gone text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named constant text := laurel_internal.qualified_name(table_name);
    type constant text := (SELECT format_type(a.atttypid, NULL) FROM pg_attribute a
        WHERE a.attrelid = table_name AND a.attname = column_name AND a.attnum > 0 AND NOT a.attisdropped);
    cleared text;
BEGIN
    PERFORM laurel_internal.require_column(table_name, c) FROM unnest(column_name || array_remove(harmless, '*') || secret) c;
    IF (SELECT relkind NOT IN ('r', 'p') OR relispartition FROM pg_class WHERE oid = table_name) THEN
        RAISE wrong_object_type USING MESSAGE = format('%s is no table of its own', named), HINT = 'Name the table itself, not a view or partition of it.';
    END IF;
    IF type NOT IN ('uuid', 'uuid[]', 'text', 'jsonb') OR (type IN ('text', 'jsonb')) AND erase = 'null'
        OR (type = 'jsonb' OR erase = 'redact') AND NOT (type IN ('text', 'jsonb') AND erase = 'redact')
        OR (type = 'uuid[]' AND erase NOT IN ('delete', 'keep')) THEN
        RAISE invalid_parameter_value USING MESSAGE = format('%s of %s cannot be erased by %s', column_name, named, erase),
            DETAIL = format('It is of type %s.', type),
            HINT = 'An id is a uuid, an address a text; text and jsonb of whomever may be redacted, ids of several people delete or keep their row.';
    END IF;
    -- What an expression says is found out now.
    FOR cleared IN SELECT key FROM jsonb_each_text(clears) LOOP
        PERFORM laurel_internal.require_column(table_name, cleared::name);
        IF clears ->> cleared <> 'redact' THEN
            EXECUTE format('SELECT t.%I IS NULL OR (%s) IS NULL FROM %s t LIMIT 0', cleared, clears ->> cleared, named);
        END IF;
    END LOOP;
    IF gone IS NOT NULL THEN
        EXECUTE format('SELECT FROM %s t WHERE (%s) LIMIT 0', named, gone);
    END IF;
    INSERT INTO laurel_internal.person_columns AS p (table_name, column_name, export, erase, merge, clears, harmless, secret, better, gone)
    VALUES (named, column_name, CASE export WHEN '' THEN named ELSE export END, erase, merge, clears, harmless, secret, better, gone)
    ON CONFLICT ON CONSTRAINT person_columns_pkey DO UPDATE SET export = EXCLUDED.export, erase = EXCLUDED.erase, merge = EXCLUDED.merge,
        clears = EXCLUDED.clears, harmless = EXCLUDED.harmless, secret = EXCLUDED.secret, better = EXCLUDED.better, gone = EXCLUDED.gone;
END
$$;
COMMENT ON FUNCTION laurel_internal.person(regclass, name, text, text, text, jsonb, name[], name[], text, text) IS
'Says of a column that refers to people what becomes of its rows when one of them is exported, erased or merged with another; for'
' migrations. A foreign key to users or user_organizations needs it only where its rule is another than laurel_internal.person_rules'
' has for it. export: the part of the document; where '''' the table''s name; null: the column exports nothing. erase: delete (rows go), keep (they'
' stay, and so does the id, which is nobody''s then), null (the id is taken out), own (a function of the domain does it), redact (of a text'
' or jsonb that may name anybody: the person''s name and addresses are replaced). merge: move, best (as move, of two rows of one key the better one stays), keep,'
' drop, own. clears: an object, column to SQL over t that it becomes in rows that stay, or to redact. harmless: other columns of text that hold'
' nothing of a person, * for all. secret: columns that no export shows. better: for best, ORDER BY over t, the better row first. gone: of a'
' column that keeps its rows, those that are deleted all the same. Errors: 42703 no such column; 42809 no table; 22023 a rule that'
' the column''s type cannot have; whatever is wrong with an expression.';

CREATE FUNCTION laurel_internal.missing_person_rules() RETURNS TABLE (table_name regclass, column_name name, problem text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH columns AS (
        SELECT c.oid AS relid, a.attname AS name, a.attnum, format_type(a.atttypid, NULL) AS type
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND c.oid <> 'laurel_internal.person_columns'::regclass
    ), rules AS (
        SELECT * FROM laurel_internal.person_rules
    ), said AS (
        SELECT p.table_name AS relid, p.harmless || p.secret || array(SELECT jsonb_object_keys(p.clears))::name[] || p.column_name AS names
        FROM ONLY laurel_internal.person_columns s JOIN rules p ON p.declared AND laurel_internal.qualified_name(p.table_name) = s.table_name AND p.column_name = s.column_name
    )
    SELECT c.relid::regclass, c.name, 'refers to people, but no rule says what becomes of it'
    FROM columns c WHERE c.type IN ('uuid', 'uuid[]') AND laurel_internal.is_named_after_a_person(c.name)
      AND NOT EXISTS (SELECT FROM rules r WHERE r.table_name = c.relid AND r.column_name = c.name)
      AND NOT EXISTS (SELECT FROM said s WHERE s.relid = c.relid AND c.name = ANY (s.names))
      AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.relid AND k.contype = 'f' AND c.attnum = ANY (k.conkey)
          AND k.confrelid NOT IN ('laurel.users'::regclass, 'laurel.user_organizations'::regclass))
    UNION ALL
    SELECT c.relid::regclass, c.name, 'could hold something of a person whose row stays, but nothing is said of it'
    FROM columns c
    WHERE c.type IN ('text', 'text[]', 'json', 'jsonb', 'bytea', 'bytea[]', 'inet', 'name', 'character varying', 'xml')
      AND EXISTS (SELECT FROM rules r WHERE r.table_name = c.relid AND r.erase <> 'delete')
      AND NOT EXISTS (SELECT FROM said s WHERE s.relid = c.relid AND (c.name = ANY (s.names) OR '*' = ANY (s.names)))
    UNION ALL
    SELECT c.relid::regclass, c.name, 'looks like an address, but no rule says what becomes of it'
    FROM columns c WHERE c.type = 'text' AND c.name ~ '(^|_)(e?mail|phone)(_address)?$'
      AND NOT EXISTS (SELECT FROM rules r WHERE r.table_name = c.relid AND r.erase = 'delete')
      AND NOT EXISTS (SELECT FROM said s WHERE s.relid = c.relid AND (c.name = ANY (s.names) OR '*' = ANY (s.names)))
    UNION ALL
    SELECT c.relid::regclass, c.name, 'is personal data of rows that stay, but stays with them'
    FROM columns c JOIN laurel_internal.personal_columns t ON t.table_name = c.relid AND t.column_name = c.name
    WHERE NOT EXISTS (SELECT FROM rules r WHERE r.table_name = c.relid AND (r.erase = 'delete' AND r.kind = 'id' OR r.clears ? c.name OR r.kind IN ('mention', 'address') AND r.column_name = c.name))
    UNION ALL
    SELECT to_regclass(p.table_name), p.column_name, 'has a rule, but there is no such column of a table'
    FROM ONLY laurel_internal.person_columns p
    WHERE NOT EXISTS (SELECT FROM columns c WHERE c.relid = to_regclass(p.table_name) AND c.name = p.column_name)
    ORDER BY 1, 2
$$;
COMMENT ON FUNCTION laurel_internal.missing_person_rules() IS
'Columns of Laurel''s tables that are a person''s, or may be, and of which nobody has said what becomes of them (laurel_internal.person):'
' ids called as those of people, text in rows that stay when somebody is erased, addresses, what is tagged as personal data and stays; and rules of columns that are not there any more.'
' No row where all is said.';

-- What the key that is not there would show is known to nobody, and found nowhere.
CREATE FUNCTION laurel_internal.profile_words(user_id uuid) RETURNS SETOF text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    profile constant jsonb := (SELECT to_jsonb(p) FROM ONLY laurel.profiles p WHERE p.user_id = profile_words.user_id);
    sealed bytea;
    named text;
BEGIN
    FOREACH named IN ARRAY '{display_name, phone, address, emergency_contact, emergency_phone}'::text[] LOOP
        RETURN QUERY SELECT profile ->> named WHERE profile ->> named IS NOT NULL;
        sealed := profile ->> (named || '_sealed');
        CONTINUE WHEN sealed IS NULL;
        BEGIN
            RETURN NEXT laurel_internal.reveal(sealed, 'laurel.profiles', named, (profile ->> 'organization_id')::uuid, user_id, user_id);
        EXCEPTION WHEN config_file_error OR data_corrupted THEN
            NULL;
        END;
    END LOOP;
END
$$;
COMMENT ON FUNCTION laurel_internal.profile_words(uuid) IS
'What somebody says in the profile that others may repeat in their texts: name, numbers and addresses, in clear. What is encrypted with a key that is not there is left out.';

-- Names that are words too, of English, German, French and Spanish: at the beginning of a sentence nobody knows which it is.
CREATE FUNCTION laurel_internal.is_ordinary_word(name text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT lower(name) = ANY ('{abend,ace,alt,alta,angel,april,art,august,autumn,bach,baker,bank,banks,bauer,bay,bell,berg,best,bill,bird,bishop,black,blanc,blanca,blanco,blue,blume,bond,book,
        booker,bravo,bright,brook,brooke,brooks,brown,buck,bueno,bush,butler,campo,carol,carter,case,cash,chance,charity,chase,china,christian,church,clay,cliff,cole,colt,constance,cook,cooper,
        cross,cruz,crystal,daisy,dale,dash,dawn,day,dean,destiny,dolores,don,drew,duke,dusty,earl,early,east,engel,ernst,esperanza,eve,faith,fern,field,fields,fish,fisher,fleur,flora,flores,
        ford,forest,fox,frank,free,freund,frost,fuchs,garland,gates,gene,gentle,ginger,good,grace,grand,grande,grant,gray,green,grey,gross,guy,hall,happy,harmony,hart,haven,hazel,heath,heather,
        herzog,hill,holly,honor,hope,house,hunt,hunter,iris,ivy,jack,jade,jasmine,jay,jewel,josh,joy,june,jung,justice,kaiser,king,klein,knight,koch,koenig,kurz,lake,lance,land,lane,lang,
        lark,liberty,lieb,lily,linde,little,long,love,luna,luz,major,mar,marina,mark,marsh,marshal,mason,max,may,melody,mercedes,mercy,merry,mild,miles,miller,mills,miracle,moody,moon,moore,
        moreno,morgen,neal,nice,nick,noble,noir,noel,norm,north,oak,ocean,olive,page,paige,park,parker,parks,pat,patience,paz,pearl,peg,penny,petit,pierce,piper,pool,poppy,porter,potter,price,
        prince,prudence,queen,rain,ray,reed,rex,rey,rich,richter,river,rivera,rivers,rob,robin,rock,rocky,rojo,rosa,rose,rosemary,roth,royal,ruby,rusty,sage,sal,sandy,savage,schwarz,scout,
        serena,sharp,short,sierra,silver,sky,small,sol,sommer,song,south,spring,star,stark,stein,sterling,stone,storm,story,strong,sue,summer,sunny,sweet,swift,tab,tad,taylor,teddy,temple,
        trinity,trip,true,turner,van,victor,viola,violet,vogel,wade,wald,walker,ward,waters,way,weaver,weiss,wells,west,white,wild,will,willow,winter,wise,wolf,wood,woods,wren,young}'::text[])
$$;
COMMENT ON FUNCTION laurel_internal.is_ordinary_word(text) IS
'Whether a single name is a word that sentences begin with, such as Will, Mark or Rose.';

-- Erasure. A name is found however it is spelled in capitals, a single word of one only as it is written: "Will" is no "will". A word that sentences
-- begin with is found in the whole name alone, where there is one.
CREATE FUNCTION laurel_internal.names_of(user_id uuid, OUT addresses text[], OUT anywhere text, OUT words text, OUT glance text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH called (name, is_address, is_own) AS (
        SELECT u.email, true, false FROM ONLY laurel.users u WHERE u.id = user_id
        UNION SELECT t.email, true, false FROM ONLY laurel.one_time_tokens t WHERE t.user_id = names_of.user_id AND t.purpose = 'email_change' AND t.email IS NOT NULL
        UNION SELECT n, false, false FROM ONLY laurel.users u, unnest(ARRAY[u.full_name, u.first_name, u.last_name]) n WHERE u.id = user_id
        UNION SELECT i.subject, false, false FROM ONLY laurel.user_identities i WHERE i.user_id = names_of.user_id
        UNION SELECT w, false, true FROM laurel_internal.profile_words(names_of.user_id) w
        UNION SELECT m.display_name, false, true FROM ONLY laurel.user_organizations m WHERE m.user_id = names_of.user_id
    ), known AS (
        SELECT string_agg(DISTINCT w, '|') AS words FROM called c, regexp_split_to_table(lower(c.name), '[^[:alnum:]]+') w WHERE NOT c.is_own AND octet_length(w) >= 3
    ), parts AS (
        SELECT btrim(name) AS name FROM called CROSS JOIN known WHERE name NOT LIKE 'deleted-%@erased.invalid'
          -- Who calls himself "thanks" is not to take everybody's thanks along.
          AND (NOT is_own OR lower(name) ~ ('(?<![[:alnum:]])(?:' || known.words || ')(?![[:alnum:]])') OR regexp_replace(name, '[^0-9]', '', 'g') ~ '^[0-9]{5}' OR name ~ '[[:alpha:]].* [0-9]' AND char_length(name) >= 10)
        -- Of "Jan von der Heide" Jan and Heide.
        UNION SELECT w FROM ONLY laurel.users u, regexp_split_to_table(u.full_name, '[^[:alpha:]''\u2019-]+') w WHERE u.id = user_id AND left(w, 1) = upper(left(w, 1))
        -- "Will Smith" and "Smith, Will" of "Will John Smith".
        UNION SELECT unnest(ARRAY[w[1] || ' ' || w[cardinality(w)], w[cardinality(w)] || ' ' || w[1], w[cardinality(w)] || ', ' || w[1]])
        FROM ONLY laurel.users u, regexp_split_to_array(btrim(u.full_name), '\s+') w WHERE u.id = user_id AND cardinality(w) > 1
    ), whole AS (
        SELECT bool_or(btrim(u.full_name) ~ '[[:alnum:]]\s+[[:alnum:]]') AS is_known FROM ONLY laurel.users u WHERE u.id = user_id
    ), spelled AS (
        SELECT DISTINCT v.name, p.name !~ '^[[:alpha:]]+$' AS is_plain,
            regexp_replace(regexp_replace(v.name, '([^[:alnum:][:space:]_])', '\\\1', 'g'), '\s+', '\\s+', 'g') AS escaped,
            -- Scripts without capitals have no blanks either: a name begins and ends anywhere.
            upper(left(v.name, 1)) <> lower(left(v.name, 1)) OR v.name ~ '^[0-9]' AS begins, upper(right(v.name, 1)) <> lower(right(v.name, 1)) OR v.name ~ '[0-9]$' AS ends
        FROM parts p CROSS JOIN whole CROSS JOIN LATERAL (VALUES (p.name), (btrim(to_json(p.name)::text, '"')), (replace(p.name, '@', '%40')),
            (CASE getdatabaseencoding() WHEN 'UTF8' THEN normalize(p.name, NFC) ELSE p.name END), (CASE getdatabaseencoding() WHEN 'UTF8' THEN normalize(p.name, NFD) ELSE p.name END)) v (name)
        -- Who is called "..." or "100" is not in every text that has that.
        WHERE octet_length(p.name) >= 3 AND (p.name ~ '[[:alpha:]]|[^[:ascii:]]' OR regexp_replace(p.name, '[^0-9]', '', 'g') ~ '^[0-9]{5}') AND p.name NOT IN ('Deleted', 'User', '[Deleted User]')
          AND NOT (whole.is_known IS TRUE AND laurel_internal.is_ordinary_word(p.name))
    ), written AS (
        SELECT is_plain, string_agg(CASE WHEN begins THEN '(?<!\w)' ELSE '' END
            || escaped
            || CASE WHEN ends THEN '(?!\w)' ELSE '' END, '|' ORDER BY char_length(name) DESC, name) AS pattern
        FROM spelled GROUP BY is_plain
    )
    SELECT coalesce((SELECT array_agg(name) FROM called WHERE is_address), '{}'),
        coalesce((SELECT pattern FROM written WHERE is_plain), '(?=a)b'), coalesce((SELECT pattern FROM written WHERE NOT is_plain), '(?=a)b'),
        (SELECT string_agg(escaped, '|' ORDER BY escaped) FROM spelled)
$$;
COMMENT ON FUNCTION laurel_internal.names_of(uuid) IS
'How somebody is found in text: the e-mail addresses, and two regular expressions, one for names, addresses and numbers in capitals or not, one for'
' single words of a name as they are written, but those that sentences begin with (laurel_internal.is_ordinary_word), which are found in the whole name. What people call themselves counts where it has something of the name or address, or looks like a number or a street; glance finds at once what may hold any of these, and more; null where nothing is to be looked for. What takes fewer than three bytes, or has neither letters nor five digits, is not looked for.';

CREATE FUNCTION laurel_internal.redact_json(value jsonb, anywhere text, words text) RETURNS jsonb
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_redact_json';
COMMENT ON FUNCTION laurel_internal.redact_json(jsonb, text, text) IS
'JSON in whose strings and keys what a regular expression finds, in capitals or not, is "[Deleted User]", and in its strings what another one finds as it is written.';

CREATE FUNCTION laurel_internal.erasure_steps() RETURNS TABLE (table_name regclass, everywhere boolean, looking boolean, step text, left_over text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH said AS (
        SELECT table_name, column_name, kind, erase, gone, CASE erase WHEN 'null' THEN clears || jsonb_build_object(column_name, 'NULL') ELSE clears END AS becomes, NULL::text AS found
        FROM laurel_internal.person_rules WHERE erase NOT IN ('own', 'redact')
        -- Texts of a table are looked through at once: at a glance for any name, and only then for whole ones.
        UNION ALL SELECT table_name, min(column_name), 'mention', 'redact', NULL, jsonb_object_agg(column_name, 'redact'),
            -- JSON is read whole by what redacts it: as text its strings are escaped.
            format('pg_catalog.concat_ws('' '', %s) ~* $7 AND (%s)', string_agg(format('t.%I', column_name), ', ' ORDER BY column_name),
                string_agg(CASE a.atttypid WHEN 'jsonb'::regtype THEN format('t.%I IS NOT NULL', column_name)
                    ELSE format('t.%1$I::pg_catalog.text ~* $4 OR t.%1$I::pg_catalog.text ~ $5', column_name) END, ' OR ' ORDER BY column_name))
        FROM laurel_internal.person_rules JOIN pg_attribute a ON a.attrelid = table_name AND a.attname = column_name WHERE erase = 'redact' GROUP BY table_name
    ), rules AS (
        SELECT r.*, format('%s%s t', CASE c.relkind WHEN 'r' THEN 'ONLY ' END, laurel_internal.qualified_name(r.table_name)) AS place,
            -- What there is once for each person lies at home, and goes with the last membership alone.
            o.name IS NULL OR h.name IS NOT NULL AS everywhere,
            CASE r.kind WHEN 'id' THEN format('t.%I = $1', r.column_name) WHEN 'ids' THEN format('$1 = ANY (t.%I)', r.column_name)
                WHEN 'address' THEN format('t.%I = ANY ($3)', r.column_name) ELSE r.found END
            || CASE WHEN o.name IS NULL THEN '' WHEN r.kind <> 'mention' THEN format(' AND ($2 IS NULL OR t.%I = $2)', o.name)
                ELSE format(CASE WHEN o.required THEN ' AND t.%1$I = ANY ($6)' ELSE ' AND (t.%1$I = ANY ($6) OR t.%1$I IS NULL)' END, o.name) END AS hit
        FROM said r JOIN pg_class c ON c.oid = r.table_name
        LEFT JOIN LATERAL (SELECT a.attname AS name, a.attnotnull AS required FROM pg_attribute a WHERE a.attrelid = r.table_name
            AND a.attname = CASE r.table_name WHEN 'laurel.organizations'::regclass THEN 'id' ELSE 'organization_id' END) o ON true
        LEFT JOIN unnest('{users, profiles, user_preferences, user_identities, sessions, one_time_tokens}'::text[]) h (name)
            ON r.table_name = to_regclass('laurel.' || h.name) AND r.kind <> 'mention'
    ), written AS (
        SELECT r.table_name, r.column_name, r.kind, string_agg(format('%I = %s', b.key, n.value), ', ' ORDER BY b.key) AS assignments,
            string_agg(format('t.%I', b.key), ', ' ORDER BY b.key) AS before, string_agg(n.value, ', ' ORDER BY b.key) AS after
        FROM rules r CROSS JOIN LATERAL jsonb_each_text(r.becomes) b
        JOIN pg_attribute a ON a.attrelid = r.table_name AND a.attname = b.key
        CROSS JOIN LATERAL (SELECT CASE WHEN b.value <> 'redact' THEN b.value ELSE
            format(CASE a.atttypid WHEN 'jsonb'::regtype THEN 'laurel_internal.redact_json(t.%1$I, $4, $5)'
                ELSE 'pg_catalog.left(pg_catalog.regexp_replace(pg_catalog.regexp_replace(t.%1$I, $4, ''[Deleted User]'', ''gi''), $5, ''[Deleted User]'', ''g''), %2$s)' END, b.key,
                coalesce((SELECT min((regexp_match(pg_get_constraintdef(k.oid), 'char_length\(\w+\) <= (\d+)'))[1]::int) FROM pg_constraint k
                    WHERE k.conrelid = a.attrelid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]), 1000000000)) END AS value) n
        GROUP BY 1, 2, 3
    )
    SELECT s.table_name, s.everywhere, s.kind = 'mention', s.step, s.left_over FROM (
        SELECT r.table_name, r.column_name, r.everywhere, r.kind, format('DELETE FROM %s WHERE %s%s', r.place, r.hit, ' AND (' || r.gone || ')') AS step,
            format('SELECT FROM %s WHERE %s%s LIMIT 1', r.place, r.hit, ' AND (' || r.gone || ')') AS left_over
        FROM rules r WHERE r.erase = 'delete' OR r.gone IS NOT NULL
        UNION ALL
        SELECT r.table_name, r.column_name, r.everywhere, r.kind,
            format('UPDATE %s SET %s WHERE %s AND ROW(%s) IS DISTINCT FROM ROW(%s)', r.place, w.assignments, r.hit, w.before, w.after),
            format('SELECT FROM %s WHERE %s AND ROW(%s) IS DISTINCT FROM ROW(%s) LIMIT 1', r.place, r.hit, w.before, w.after)
        FROM rules r JOIN written w USING (table_name, column_name, kind) WHERE r.erase <> 'delete'
    ) s
    ORDER BY s.table_name = 'laurel.users'::regclass AND s.column_name = 'id', s.kind = 'mention', s.step LIKE 'UPDATE%', s.table_name::text, s.column_name
$$;
COMMENT ON FUNCTION laurel_internal.erasure_steps() IS
'What is done to erase somebody, in this order: a statement of each rule of laurel_internal.person_rules, and one that finds what it has left.'
' $1 is the person, $2 the only organization of which data are erased, or null, $3 the person''s addresses, $4 and $5 how the person is'
' found in text (laurel_internal.names_of), $6 the organizations the person belongs or belonged to, $7 how text is found in which a name may be. everywhere: only where $2 is null. looking: texts are looked through, of whomever they are.';

CREATE FUNCTION laurel.erase_user(user_id uuid, reason text DEFAULT NULL, organization_id uuid DEFAULT NULL) RETURNS uuid
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_erase_user';
COMMENT ON FUNCTION laurel.erase_user(uuid, text, uuid) IS
'Asks that a person be erased, and returns the id of the request in laurel.privacy_requests. It waits erasure_grace_days of laurel.privacy_settings (30 unless set), in which'
' laurel.cancel_erasure() takes it back; then CALL laurel.run_erasures() erases, unless a legal hold keeps the person''s data: then once that is released. A second call'
' returns the same request; what a person asks for and what others ask are two, each taken back on its own. Who asks for oneself, a platform_admin and trusted callers mean the whole person, everywhere; an org_admin means what the organization has'
' of the person, and everything once the person belongs to no other. organization_id: what that organization has only; null as said. What remains is'
' "[Deleted User]" with points and history under an id that is nobody''s. Errors: 42501 not allowed; 22004 nobody; 23503 no such user or member; 23514 reason over 2,000 characters.';

CREATE FUNCTION laurel.cancel_erasure(user_id uuid) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_cancel_erasure';
COMMENT ON FUNCTION laurel.cancel_erasure(uuid) IS
'Takes back the requests to erase a person that wait, and returns how many. Who has asked may; requests of administrators may be taken back by all of the organization, those'
' of the person by nobody else (laurel.answer_request() refuses one), those of the platform and the back end by these alone; all by platform_admins and trusted callers. Errors: 42501 not allowed; 22004 nobody; PT409 none waits: it is done, or was never asked for.';

CREATE FUNCTION laurel.make_privacy_request(kind text, reason text DEFAULT NULL, user_id uuid DEFAULT NULL) RETURNS uuid
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_make_privacy_request';
COMMENT ON FUNCTION laurel.make_privacy_request(text, text, uuid) IS
'Notes that a person wants a copy of all data (export) or something put right (correction), and returns the id of the request; an open export is returned again, of corrections ten may be open. user_id: the'
' caller where null; another one for administrators and trusted callers. Errors: 42501 not allowed; 22004 nobody; 22023 another kind; 23503 no such user; 23514 reason over 2,000 characters, or too many'
' corrections are open (privacy_requests_open_corrections_quota).';

CREATE FUNCTION laurel.answer_request(request_id uuid, answer text DEFAULT NULL, refused boolean DEFAULT false) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_answer_request';
COMMENT ON FUNCTION laurel.answer_request(uuid, text, boolean) IS
'Closes a request that is open, as done or refused, with an answer to the person, who is told; a refusal says why. An erasure is only refused here: the job does it; one that the platform or the back end has asked for by these alone. For administrators and trusted'
' callers. Errors: 42501 not allowed, or no such request; 22004 no reason; 22023 an erasure is not done by saying so; PT409 it is closed.';

CREATE FUNCTION laurel.extend_request(request_id uuid, reason text) RETURNS timestamptz
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_extend_request';
COMMENT ON FUNCTION laurel.extend_request(uuid, text) IS
'Gives more time for a request, once and before its deadline: extension_months of laurel.privacy_settings (2 unless set). The person is told why. Returns the new deadline. For administrators and'
' trusted callers. Errors: 42501 not allowed, or no such request; 22004 no reason; PT409 it is closed, late or extended already.';

CREATE FUNCTION laurel.alert_requests() RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_alert_requests';
COMMENT ON FUNCTION laurel.alert_requests() IS
'Tells the org_admins of requests whose deadline comes within alert_days of laurel.privacy_settings (7 unless set), each once, and returns how many. For a scheduler. An'
' organization that fails is noted in laurel.job_failures, and the others go on.';

CREATE FUNCTION laurel_internal.due_erasures(most integer) RETURNS uuid[]
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_due_erasures';
COMMENT ON FUNCTION laurel_internal.due_erasures(integer) IS
'Requests to erase whose time has come, those that were tried least first, at most so many.';

CREATE FUNCTION laurel_internal.erase_requests(requests uuid[]) RETURNS bigint
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_erase_requests';
COMMENT ON FUNCTION laurel_internal.erase_requests(uuid[]) IS
'Erases the people of requests whose time has come, all or none, and returns how many; those that are closed or not due are passed over. Errors: 23001 legal_holds_keep; 39P01 a trigger of the application keeps something; PT409 outside READ COMMITTED.';

CREATE FUNCTION laurel_internal.erase_request(request_id uuid) RETURNS boolean
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp RETURN laurel_internal.erase_requests(ARRAY[request_id]) > 0;
COMMENT ON FUNCTION laurel_internal.erase_request(uuid) IS
'laurel_internal.erase_requests() for one request; false where it is closed or not due.';

CREATE FUNCTION laurel_internal.erase_again(user_id uuid, organization_id uuid) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_erase_again';
COMMENT ON FUNCTION laurel_internal.erase_again(uuid, uuid) IS
'Erases somebody at once who has been erased before: everywhere where organization_id is null; false where nothing of the person is there. Errors: as of laurel_internal.erase_request.';

CREATE FUNCTION laurel_internal.erased_lately() RETURNS uuid[]
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_erased_lately';
COMMENT ON FUNCTION laurel_internal.erased_lately() IS 'Who was erased in the last seven days.';

CREATE FUNCTION laurel_internal.erase_late_rows(user_id uuid) RETURNS boolean
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_erase_late_rows';
COMMENT ON FUNCTION laurel_internal.erase_late_rows(uuid) IS
'Erases what has been written about somebody since the person was erased in the last seven days, such as by who waited meanwhile; false where there is no such person, or one who is somebody again.'
' Errors: as of laurel_internal.erase_request.';

CREATE FUNCTION laurel_internal.note_erasure_failure(request_id uuid, problem text) RETURNS void
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_note_erasure_failure';
COMMENT ON FUNCTION laurel_internal.note_erasure_failure(uuid, text) IS 'Notes in a request that it was tried, and why it failed.';

-- Some at a time, and where that fails one by one: a person who cannot be erased keeps nobody else.
CREATE PROCEDURE laurel.run_erasures(most integer DEFAULT 1000)
LANGUAGE plpgsql AS $$
DECLARE
    together constant integer := 20;
    due uuid[];
    alone uuid[];
    request uuid;
    erased uuid;
    problem text;
    failed bigint := 0;
BEGIN
    PERFORM laurel_internal.require_no_block();
    COMMIT;
    due := coalesce(laurel_internal.due_erasures(most), '{}');
    WHILE pg_catalog.cardinality(due) > 0 LOOP
        alone := '{}';
        BEGIN
            PERFORM laurel_internal.erase_requests(due[:together]);
        EXCEPTION WHEN OTHERS THEN
            alone := due[:together];
        END;
        COMMIT;
        FOREACH request IN ARRAY alone LOOP
            problem := NULL;
            BEGIN
                PERFORM laurel_internal.erase_request(request);
            EXCEPTION WHEN OTHERS THEN
                problem := SQLSTATE || ' ' || SQLERRM;
            END;
            IF problem IS NOT NULL THEN
                failed := failed + 1;
                PERFORM laurel_internal.note_erasure_failure(request, problem);
            END IF;
            COMMIT;
        END LOOP;
        due := due[together + 1:];
    END LOOP;
    FOREACH erased IN ARRAY coalesce(laurel_internal.erased_lately(), '{}') LOOP
        BEGIN
            PERFORM laurel_internal.erase_late_rows(erased);
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING 'what was written late about % stays until the next call: % %', erased, SQLSTATE, SQLERRM;
        END;
        COMMIT;
    END LOOP;
    IF failed > 0 THEN
        RAISE WARNING 'requests to erase that wait on: % (laurel.privacy_requests says why)', failed;
    END IF;
END
$$;
COMMENT ON PROCEDURE laurel.run_erasures(integer) IS
'Erases whose time has come, at most so many: some at a time, each time in a transaction of its own, so call it outside a transaction block (2D000). Who cannot be erased, as under a legal hold, is noted in problem of'
' laurel.privacy_requests, keeps nobody else and is tried again at the next call. What is written about a person while and after that goes at the next call, for seven days. For service_role and a scheduler.';

CREATE FUNCTION laurel.reapply_erasures(users uuid[] DEFAULT NULL) RETURNS TABLE (user_id uuid, organization_id uuid, outcome text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    FOR user_id, organization_id IN
        SELECT e.user_id, CASE WHEN NOT e.everywhere THEN e.organization_id END FROM ONLY laurel.erasures e WHERE users IS NULL OR e.user_id = ANY (users)
        UNION SELECT u, NULL FROM unnest(users) u WHERE u IS NOT NULL AND NOT EXISTS (SELECT FROM ONLY laurel.erasures e WHERE e.user_id = u)
        ORDER BY 1, 2
    LOOP
        BEGIN
            outcome := CASE WHEN laurel_internal.erase_again(user_id, organization_id) THEN 'erased' END;
        EXCEPTION WHEN OTHERS THEN
            outcome := SQLSTATE || ' ' || SQLERRM;
        END;
        IF outcome IS NOT NULL THEN
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION laurel.reapply_erasures(uuid[]) IS
'After a restore from a backup: erases again, at once, whoever is in laurel.erasures and is there again with a name. users: only these; who is not in the register is erased everywhere, so that a list of'
' ids that was kept elsewhere will do. A row for each who was erased (outcome erased) or could not be (SQLSTATE and message), such as under a legal hold; none for who is gone already. For service_role.';
