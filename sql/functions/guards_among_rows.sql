-- Guards of rows and what belongs to them: parents, counters, circles, quotas, what is told.

-- What a row takes from its parent.

CREATE FUNCTION laurel_internal.belong() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_belong';
COMMENT ON FUNCTION laurel_internal.belong() IS
'BEFORE INSERT or UPDATE row trigger of laurel_internal.belongs: fills in the organization and the copies, and asks whether'
' the parent takes the row. Arguments: link, parent, key, condition (empty for none), copies.';

CREATE FUNCTION laurel_internal.check_belonging() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_check_belonging';
COMMENT ON FUNCTION laurel_internal.check_belonging() IS
'AFTER INSERT or UPDATE row trigger of laurel_internal.belongs: checks rows that triggers of the application may have'
' changed. Arguments as of belong.';

CREATE FUNCTION laurel_internal.belongs(
    table_name regclass, link name, parent regclass, copies text[] DEFAULT '{}', required text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key constant name := laurel_internal.referenced_key(table_name, link, parent);
    asks constant boolean := required IS NOT NULL OR copies <> '{}';
    arguments constant text[] := ARRAY[link::text, laurel_internal.qualified_name(parent), key, coalesce(required, '')] || copies;
    changed text;
BEGIN
    PERFORM laurel_internal.require_column(table_name, split_part(c, '=', 1)),
        laurel_internal.require_column(parent, CASE WHEN c LIKE '%=%' THEN split_part(c, '=', 2) ELSE c END, (
            SELECT a.atttypid FROM pg_attribute a WHERE a.attrelid = table_name AND a.attname = split_part(c, '=', 1)))
    FROM unnest(copies) c;
    IF NOT EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = parent AND a.attnum = i.indkey[0] AND a.attname = key
        WHERE i.indrelid = parent AND i.indisunique AND i.indnkeyatts = 1 AND i.indpred IS NULL AND i.indisvalid) THEN
        RAISE invalid_parameter_value USING MESSAGE = format('%I of %s is not unique alone, so that it does not say the organization', key,
            laurel_internal.qualified_name(parent));
    END IF;
    PERFORM laurel_internal.attach_guard(table_name, 'a_belongs_' || link, 'BEFORE INSERT',
        CASE WHEN asks THEN 'FOR EACH ROW' ELSE 'FOR EACH ROW WHEN (NEW.organization_id IS NULL)' END, 'belong', VARIADIC arguments);
    IF asks THEN
        SELECT format('FOR EACH ROW WHEN (%s)', string_agg(format('OLD.%1$I IS DISTINCT FROM NEW.%1$I', c), ' OR ')) INTO changed
        FROM unnest(ARRAY[link::text] || copies) u, split_part(u, '=', 1) c;
        PERFORM laurel_internal.attach_guard(table_name, format('a_belongs_%s_changed', link), 'BEFORE UPDATE', changed,
                'belong', VARIADIC arguments),
            laurel_internal.attach_guard(table_name, 'check_belongs_' || link, 'AFTER INSERT', 'FOR EACH ROW',
                'check_belonging', VARIADIC arguments),
            laurel_internal.attach_guard(table_name, format('check_belongs_%s_changed', link), 'AFTER UPDATE', changed,
                'check_belonging', VARIADIC arguments);
    END IF;
END
$$;
COMMENT ON FUNCTION laurel_internal.belongs(regclass, name, regclass, text[], text) IS
'A row without organization_id gets that of the parent which its link refers to, before laurel_internal.fill_organization.'
' copies: columns of both, or "column=parent_column" where the parent calls it otherwise, that a row takes from its parent,'
' when it is inserted or goes to another parent: left out they are filled in, else they must be the same (23514, constraint'
' <table>_<column>_copied); they do not follow the parent later. required: SQL over the parent''s columns that must hold'
' for a new row or one that comes to it (23514, constraint <table>_<link>_required), seen when the row has arrived; where'
' the parent counts its rows, whoever changes the parent meanwhile waits or is waited for. A parent that is not there, or'
' that rights and row security keep from the caller, is 23503 under the foreign key''s name. Where the table has'
' partitions, a row that moves to another one counts as new. 22023 without that foreign key over organization_id and link,'
' or where the key is not unique alone; 39P01 for a parent with partitions.';

-- Counters.

CREATE FUNCTION laurel_internal.referenced_key(child regclass, link name, parent regclass) RETURNS name
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key name;
BEGIN
    PERFORM laurel_internal.require_column(child, 'organization_id', 'uuid'), laurel_internal.require_column(child, link, 'uuid'),
        laurel_internal.require_column(parent, 'organization_id', 'uuid');
    SELECT k.attname INTO key
    FROM pg_constraint c
    JOIN pg_attribute o ON o.attrelid = child AND o.attname = 'organization_id'
    JOIN pg_attribute l ON l.attrelid = child AND l.attname = link
    JOIN pg_attribute p ON p.attrelid = parent AND p.attname = 'organization_id'
    JOIN pg_attribute k ON k.attrelid = parent AND k.attnum = c.confkey[array_position(c.conkey, l.attnum)]
    WHERE c.contype = 'f' AND c.conrelid = child AND c.confrelid = parent AND cardinality(c.conkey) = 2
        AND c.confkey[array_position(c.conkey, o.attnum)] = p.attnum AND l.attnum = ANY (c.conkey)
        AND NOT c.condeferrable AND c.convalidated AND c.confupdtype IN ('a', 'r');
    IF key IS NULL THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('%s has no foreign key (organization_id, %I) that refers to (organization_id, ...) of %s',
                laurel_internal.qualified_name(child), link, laurel_internal.qualified_name(parent)),
            HINT = 'Declare it first: neither DEFERRABLE nor NOT VALID, and without ON UPDATE CASCADE.';
    END IF;
    RETURN key;
END
$$;
COMMENT ON FUNCTION laurel_internal.referenced_key(regclass, name, regclass) IS
'The column of the parent that the child''s link refers to, by its foreign key over organization_id too; 22023 where there'
' is none that always holds.';

CREATE FUNCTION laurel_internal.count_rows() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_count_rows';
COMMENT ON FUNCTION laurel_internal.count_rows() IS
'AFTER INSERT or UPDATE row trigger of laurel_internal.counts, with transition tables: one difference for each parent,'
' written when the first row of a statement comes. Its name sorts before those of foreign keys. Arguments, as of all'
' triggers of a counter: parent, counter, key, child, link, condition, amount.';

CREATE FUNCTION laurel_internal.count_gone() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_count_gone';
COMMENT ON FUNCTION laurel_internal.count_gone() IS 'AFTER DELETE statement trigger of laurel_internal.counts, with a transition table.';

CREATE FUNCTION laurel_internal.count_row() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_count_row';
COMMENT ON FUNCTION laurel_internal.count_row() IS
'AFTER INSERT, UPDATE or DELETE row trigger of laurel_internal.counts on a partitioned child: adds up for count_pending.';

CREATE FUNCTION laurel_internal.count_pending() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_count_pending';
COMMENT ON FUNCTION laurel_internal.count_pending() IS
'AFTER INSERT, UPDATE or DELETE statement trigger of laurel_internal.counts where the child is partitioned: writes what'
' count_row has added up.';

CREATE FUNCTION laurel_internal.count_table() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_count_table';
COMMENT ON FUNCTION laurel_internal.count_table() IS 'AFTER TRUNCATE trigger of laurel_internal.counts: counts anew.';

CREATE FUNCTION laurel_internal.guard_count() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_guard_count';
COMMENT ON FUNCTION laurel_internal.guard_count() IS
'AFTER INSERT or UPDATE row trigger of laurel_internal.counts on the parent: refuses a counter that another than Laurel'
' writes (23001).';

CREATE FUNCTION laurel_internal.recount(parent regclass, counter name) RETURNS void
LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'laurel_recount';
COMMENT ON FUNCTION laurel_internal.recount(regclass, name) IS
'Counts all rows of a counter anew, as after a partition with rows was attached, detached or dropped; nobody writes what is'
' counted meanwhile. Error 42704 where no guard keeps such a counter.';

CREATE FUNCTION laurel_internal.counts(
    parent regclass, counter name, child regclass, link name, counted text DEFAULT 'true', amount text DEFAULT '1'
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    partitioned constant boolean := (SELECT relkind = 'p' FROM pg_class WHERE oid = child);
    name constant text := format('count_%s_%s', (SELECT relname FROM pg_class WHERE oid = parent), counter);
    arguments text[];
    event text;
BEGIN
    PERFORM laurel_internal.require_column(parent, counter, 'bigint', required => true);
    arguments := ARRAY[laurel_internal.qualified_name(parent), counter, laurel_internal.referenced_key(child, link, parent),
        laurel_internal.qualified_name(child), link, counted, amount];
    PERFORM laurel_internal.attach_guard(parent, 'guard_new_' || counter, 'AFTER INSERT',
            format('FOR EACH ROW WHEN (NEW.%I <> 0)', counter), 'guard_count', VARIADIC arguments),
        laurel_internal.attach_guard(parent, 'guard_' || counter, 'AFTER UPDATE',
            format('FOR EACH ROW WHEN (OLD.%1$I <> NEW.%1$I)', counter), 'guard_count', VARIADIC arguments);
    IF partitioned THEN
        PERFORM laurel_internal.attach_guard(child, name, 'AFTER INSERT OR UPDATE OR DELETE', 'FOR EACH ROW',
                'count_row', VARIADIC arguments),
            laurel_internal.attach_guard(child, name || '_pending', 'AFTER INSERT OR UPDATE OR DELETE', 'FOR EACH STATEMENT',
                'count_pending', VARIADIC arguments),
            laurel_internal.attach_guard(parent, name || '_pending', 'AFTER UPDATE', 'FOR EACH STATEMENT',
                'count_pending', VARIADIC arguments);
    ELSE
        -- Before the triggers of foreign keys, RI_ConstraintTrigger_...
        PERFORM laurel_internal.attach_guard(child, 'A_' || name || '_inserted', 'AFTER INSERT',
                'REFERENCING NEW TABLE AS new_rows FOR EACH ROW', 'count_rows', VARIADIC arguments),
            laurel_internal.attach_guard(child, 'A_' || name || '_updated', 'AFTER UPDATE',
                'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH ROW', 'count_rows', VARIADIC arguments),
            laurel_internal.attach_guard(child, name || '_deleted', 'AFTER DELETE',
                'REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT', 'count_gone', VARIADIC arguments);
    END IF;
    PERFORM laurel_internal.attach_to_tree(child, name || '_truncated', 'AFTER TRUNCATE', 'FOR EACH STATEMENT',
        'count_table', VARIADIC arguments);
    PERFORM laurel_internal.recount(parent, counter);
END
$$;
COMMENT ON FUNCTION laurel_internal.counts(regclass, name, regclass, name, text, text) IS
'Keeps parent.counter (bigint NOT NULL DEFAULT 0) at the number of rows of the child whose link refers to the parent and'
' for which the condition counted holds, or at the sum of their amount, exactly when each statement ends; rows that are there are counted at once. Nobody'
' else writes the counter (23001, constraint <table>_<counter>_follows). counted, and amount, a bigint, 0 for null: SQL over the child''s own columns,'
' without sub-selects and without what changes by itself. A transaction that has counted holds its parents'' locks until it'
' ends. A partition that is attached, detached or dropped with rows needs laurel_internal.recount.';

-- Rows that lead on, and never round in a circle.

CREATE FUNCTION laurel_internal.check_circles() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_check_circles';
COMMENT ON FUNCTION laurel_internal.check_circles() IS
'AFTER INSERT or UPDATE statement trigger of laurel_internal.acyclic, with transition tables: refuses rows that lead back'
' to where they come from (23514). Arguments: from, to.';

CREATE FUNCTION laurel_internal.acyclic(table_name regclass, "from" name, "to" name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found laurel.finding;
BEGIN
    PERFORM laurel_internal.require_column(table_name, 'organization_id', 'uuid', required => true),
        laurel_internal.require_column(table_name, "from", 'uuid'), laurel_internal.require_column(table_name, "to", 'uuid'),
        laurel_internal.attach_to_tree(table_name, 'check_circles_inserted', 'AFTER INSERT',
            'REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT', 'check_circles', "from", "to"),
        laurel_internal.attach_to_tree(table_name, 'check_circles_updated', 'AFTER UPDATE',
            'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT', 'check_circles', "from", "to");
    SELECT * INTO found FROM laurel.check(acyclic.table_name) c WHERE c.guard = 'acyclic' LIMIT 1;
    IF found IS NOT NULL THEN
        RAISE check_violation USING MESSAGE = format('%s has rows that lead round in a circle', found.table_name), DETAIL = found.problem;
    END IF;
END
$$;
COMMENT ON FUNCTION laurel_internal.acyclic(regclass, name, name) IS
'Rows lead from one id to another of the same organization (a part and its whole, what comes before what; null leads'
' nowhere) and never round in a circle, whatever writes them: 23514, constraint <table>_acyclic. from and to: columns of'
' type uuid; of a table that refers to itself id and the column that refers. Looks from where the rows of a statement lead'
' to, so that an index that begins with organization_id and from makes it fast. Transactions that add edges to one'
' organization come one after the other, until each ends; each sees what is committed then, in REPEATABLE READ too.';

-- How much the rows of an owner may come to.

CREATE FUNCTION laurel_internal.period_start(at timestamptz, zone text, period text) RETURNS date
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_period_start';
COMMENT ON FUNCTION laurel_internal.period_start(timestamptz, text, text) IS
'The first day, by the clock of a time zone, of the period in which a moment lies. period: day, week (from Monday), month,'
' year or forever (-infinity). Error 22023 for another, or for no zone; 22008 for infinity.';

CREATE FUNCTION laurel_internal.period_end(start date, zone text, period text) RETURNS timestamptz
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_period_end';
COMMENT ON FUNCTION laurel_internal.period_end(date, text, text) IS
'When the period that starts on that day ends, and the next begins, by the clock of a time zone; infinity for forever.'
' Errors as of laurel_internal.period_start.';

CREATE FUNCTION laurel_internal.quota_rows() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_quota_rows';
COMMENT ON FUNCTION laurel_internal.quota_rows() IS
'AFTER INSERT, UPDATE or DELETE statement trigger of laurel_internal.quota, with transition tables: one difference for each'
' owner and period. Arguments, as of all triggers of a quota on its table: table, kind, owner, amount, period, allowed,'
' counted, at, member (empty for none).';

CREATE FUNCTION laurel_internal.quota_table() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_quota_table';
COMMENT ON FUNCTION laurel_internal.quota_table() IS 'AFTER TRUNCATE trigger of laurel_internal.quota: counts anew.';

CREATE FUNCTION laurel_internal.quota_zone() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_quota_zone';
COMMENT ON FUNCTION laurel_internal.quota_zone() IS
'AFTER UPDATE row trigger of laurel.organizations where the time zone changes: counts the organization anew in all quotas'
' with periods.';

CREATE FUNCTION laurel_internal.guard_usage() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_guard_usage';
COMMENT ON FUNCTION laurel_internal.guard_usage() IS
'AFTER INSERT or UPDATE row trigger of laurel.quota_usage: refuses a counter that another than Laurel writes (23001).';

CREATE FUNCTION laurel_internal.recount_quota(table_name regclass, kind text) RETURNS void
LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'laurel_recount_quota';
COMMENT ON FUNCTION laurel_internal.recount_quota(regclass, text) IS
'Counts all that a quota counts anew, as after a partition with rows was attached, detached or dropped; nobody writes the'
' table meanwhile. Periods that ended more than a day ago have no counter then. Error 42704 where no guard keeps such a'
' quota.';

CREATE FUNCTION laurel_internal.quota(
    table_name regclass, kind text, owner name[], amount text, period text, allowed text,
    counted text DEFAULT 'true', at name DEFAULT 'created_at', member name DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name constant text := 'quota_' || kind;
    arguments constant text[] := ARRAY[laurel_internal.qualified_name(table_name), kind, format('{%s}', array_to_string(owner, ',')),
        amount, period, allowed, counted, at, coalesce(member, CASE WHEN 'user_id' = ANY (owner) THEN 'user_id' END, '')];
    problem constant text := CASE
        WHEN array_position(arguments, NULL) IS NOT NULL OR owner IS NULL OR array_position(owner, NULL) IS NOT NULL
            THEN 'a quota needs a kind, owner, amount, period, what is allowed, and nothing that is null'
        WHEN kind !~ '^[a-z][a-z0-9_]{0,39}$' THEN format('"%s" is no name for a quota', kind)
        WHEN period NOT IN ('day', 'week', 'month', 'year', 'forever') THEN format('there is no period "%s"', period)
        WHEN cardinality(owner) > 4 THEN 'an owner has four columns at most'
        WHEN member IS NOT NULL AND member <> ALL (owner) THEN format('the member "%s" is no part of the owner', member)
        END;
BEGIN
    IF problem IS NOT NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = problem,
            HINT = 'A kind is of lower-case letters, digits and _, 40 at most; a period is day, week, month, year or forever.'
                ' SELECT obj_description(''laurel_internal.quota''::regproc) says the rest.';
    END IF;
    PERFORM laurel_internal.require_column(table_name, 'organization_id', 'uuid', required => true),
        laurel_internal.require_column(table_name, c, 'uuid')
    FROM unnest(owner || 'organization_id'::name) c;
    IF period <> 'forever' THEN
        PERFORM laurel_internal.require_column(table_name, at, 'timestamptz', required => true);
    END IF;
    IF EXISTS (SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE p.proname = 'quota_rows' AND p.pronamespace = 'laurel_internal'::regnamespace
            AND (laurel_internal.guard_arguments(t.tgargs))[2] = kind) THEN
        RAISE duplicate_object USING MESSAGE = format('there is a quota "%s" already', kind),
            HINT = 'Each has a name of its own in the database.';
    END IF;
    PERFORM laurel_internal.attach_to_tree(table_name, name || '_inserted', 'AFTER INSERT',
            'REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT', 'quota_rows', VARIADIC arguments),
        laurel_internal.attach_to_tree(table_name, name || '_updated', 'AFTER UPDATE',
            'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT', 'quota_rows', VARIADIC arguments),
        laurel_internal.attach_to_tree(table_name, name || '_deleted', 'AFTER DELETE',
            'REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT', 'quota_rows', VARIADIC arguments),
        laurel_internal.attach_to_tree(table_name, name || '_truncated', 'AFTER TRUNCATE', 'FOR EACH STATEMENT',
            'quota_table', VARIADIC arguments);
    PERFORM laurel_internal.recount_quota(table_name, kind);
END
$$;
COMMENT ON FUNCTION laurel_internal.quota(regclass, text, name[], text, text, text, text, name, name) IS
'How much the rows of an owner may come to in a period, whoever writes them; laurel.quota_usage says what was used. kind:'
' its name, of which there is one in the database. owner: up to four columns of type uuid that say whose it is besides'
' organization_id, {} for the organization itself; a row where one is null counts nowhere. amount: SQL over the row''s own'
' columns, an integer, 0 for null, never negative (23514, constraint <table>_<kind>_amount). period: day, week (from'
' Monday), month or year, by the clock of the organization''s time zone when the column at (timestamptz NOT NULL) says, or'
' forever. allowed: SQL over organization_id and the columns of owner, or a query for one value (name the table where a'
' column would be another''s: recognitions.user_id); null allows anything. counted: a condition on the row. member: which'
' column of owner is a member, who may read the usage; user_id where it is one of them. INSERT adds, DELETE gives back,'
' UPDATE moves; a row of a period that ended more than a day ago, of which there is no counter, is history, counts nowhere'
' and is not refused; a statement counts as a whole, and only what adds is checked, so that a limit may be lowered at any'
' time. Too much is refused, constraint <table>_<kind>_quota: PT429 where it helps to wait for the next period, of which'
' the detail says when it begins, else 23514. What is used is told to the owner, administrators and the back end. Counters'
' are locked until the transaction ends. A partition that is attached, detached or dropped with rows needs'
' laurel_internal.recount_quota; whoever drops the table deletes the rows of quota_usage. Errors: 42703, 22023, 42710,'
' 39P01 as the kit has them.';

-- Rows that tell members something.

CREATE FUNCTION laurel_internal.tell_rows() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_tell_rows';
COMMENT ON FUNCTION laurel_internal.tell_rows() IS
'AFTER INSERT or UPDATE statement trigger of laurel_internal.tell, with transition tables: tells what its query says.'
' Arguments: operation, query, telling, changed ...';

CREATE FUNCTION laurel_internal.tell(
    table_name regclass, facts text, operation text DEFAULT 'INSERT', telling text DEFAULT 'true', changed name[] DEFAULT '{}'
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tables constant text := CASE operation WHEN 'INSERT' THEN 'NEW TABLE AS new_rows'
        WHEN 'UPDATE' THEN 'OLD TABLE AS old_rows NEW TABLE AS new_rows' END;
    name text;
    said text;
    explained text;
BEGIN
    IF tables IS NULL OR coalesce(btrim(facts), '') = '' THEN
        RAISE invalid_parameter_value USING MESSAGE = 'tell needs a query, and INSERT or UPDATE',
            HINT = 'For rows that go, tell of the UPDATE that archives them.';
    END IF;
    IF operation = 'INSERT' AND changed <> '{}' THEN
        RAISE invalid_parameter_value USING MESSAGE = 'columns change by UPDATE', HINT = 'Leave changed out: each row of an INSERT is new.';
    END IF;
    PERFORM laurel_internal.require_column(table_name, named) FROM unnest(changed) named;
    SELECT free INTO name FROM generate_series(1, 1000) n, concat('tell_' || lower(operation COLLATE "C"), '_' || nullif(n, 1)) free
    WHERE NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = table_name AND t.tgname = free) ORDER BY n LIMIT 1;
    PERFORM laurel_internal.attach_to_tree(table_name, name, 'AFTER ' || operation, format('REFERENCING %s FOR EACH STATEMENT', tables),
        'tell_rows', VARIADIC ARRAY[operation, facts, telling] || changed::text[]);
EXCEPTION WHEN trigger_protocol_violated THEN
    GET STACKED DIAGNOSTICS said = MESSAGE_TEXT, explained = PG_EXCEPTION_DETAIL;
    IF (SELECT relowner FROM pg_class WHERE oid = table_name)
        <> (SELECT relowner FROM pg_class WHERE oid = 'laurel.points_ledger'::regclass) THEN
        RAISE;
    END IF;
    RAISE invalid_parameter_value USING MESSAGE = said,
        DETAIL = coalesce(nullif(explained, ''), format('The query: %s', btrim(facts, E' \n'))),
        HINT = 'Give one query over new_rows (and old_rows, for UPDATE) with columns of those names and types;'
            ' see the comment of laurel_internal.tell().';
END
$$;
COMMENT ON FUNCTION laurel_internal.tell(regclass, text, text, text, name[]) IS
'For each row that the query facts returns after a statement of that operation (INSERT, UPDATE): a domain event; a'
' notification where title is not null; points where points is not 0; all in the same statement and after what'
' laurel_internal.counts counts. facts: one query over new_rows (and old_rows, for UPDATE), names qualified; run once a'
' statement as the table''s owner, who sees everything. Its columns, by name: organization_id, user_id, type must be there,'
' where a row without user_id tells nobody; data jsonb, occurred_at timestamptz (now where null; notifications of more than'
' a day ago stay in the application), title (cut to 200 characters), message, link, priority smallint (as in'
' notifications), points bigint, reason (title, else type), reference_type and reference_id (as in points_ledger); id uuid,'
' the row it is about: a member is paid once for each type and row, and where an UPDATE tells, told once; key text, instead'
' of id: what has this key in its organization is paid and said once, whoever comes first (of two at once that say nothing'
' and pay different members the later is refused, 23505). telling, a condition on a new row by its own columns, and changed, columns of the'
' table with its column id: a statement without a row that meets the condition, and of an UPDATE one in which one of the columns has changed, does not'
' run the query, which must have nothing to say then. 22023 for a query that is not in order; 42703 for a column that is none; 39P01 where the'
' table has another owner than Laurel''s.';
