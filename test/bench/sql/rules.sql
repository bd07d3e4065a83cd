-- Rules by hand: tables like domain_events, with triggers in PL/pgSQL that pay into Laurel's ledger. `bare` has none, `three` does
-- what three rules do, `ifs` what ten rules do, one IF after the other, and `rows` reads those ten from the table of rules.
CREATE SCHEMA ruling AUTHORIZATION laurel_owner;
SET ROLE laurel_owner;
CREATE TABLE ruling.bare (LIKE laurel.domain_events INCLUDING ALL);
CREATE TABLE ruling.three (LIKE laurel.domain_events INCLUDING ALL);
CREATE TABLE ruling.ifs (LIKE laurel.domain_events INCLUDING ALL);
CREATE TABLE ruling.rows (LIKE laurel.domain_events INCLUDING ALL);
CREATE TABLE ruling.executions (LIKE laurel.rule_executions INCLUDING ALL);
ALTER TABLE ruling.executions
    ADD FOREIGN KEY (organization_id, rule_id) REFERENCES laurel.gamification_rules (organization_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (organization_id, user_id) REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE;
DO $$
DECLARE
    name regclass;
BEGIN
    FOREACH name IN ARRAY '{ruling.bare, ruling.three, ruling.ifs, ruling.rows}'::regclass[] LOOP
        PERFORM laurel_internal.add_tenant_triggers(name);
        EXECUTE format('ALTER TABLE %s ADD FOREIGN KEY (organization_id, user_id) REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE', name);
    END LOOP;
END
$$;

-- A thousand rules of a hundred types that never hold; three that do; ten that hold of one event in a hundred, and ten of all.
INSERT INTO laurel.gamification_rules (organization_id, name, event_type, condition, actions)
SELECT :'organization', format('%s %s', type, n), type, condition, '[{"kind": "points", "amount": 1}]' FROM (
    SELECT 'type_' || n % 100 AS type, n, '$.event.data.score >= 1000' AS condition FROM generate_series(1, 1000) n
    UNION ALL SELECT 'three', n, '$.event.data.score >= 10' FROM generate_series(1, 3) n
    UNION ALL SELECT 'few', n, format('$.event.data.a%s >= 99', n) FROM generate_series(1, 10) n
    UNION ALL SELECT 'all', n, format('$.event.data.a%s >= 0', n) FROM generate_series(1, 10) n) r;

CREATE FUNCTION ruling.do_three() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.type = 'three' AND (NEW.data ->> 'score')::numeric >= 10 THEN
        INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, idempotency_key)
        VALUES (NEW.organization_id, NEW.user_id, 1, 'rule_fired', 'three 1', 'three 1:' || NEW.id);
    END IF;
    IF NEW.type = 'three' AND (NEW.data ->> 'score')::numeric >= 10 THEN
        INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, idempotency_key)
        VALUES (NEW.organization_id, NEW.user_id, 1, 'rule_fired', 'three 2', 'three 2:' || NEW.id);
    END IF;
    IF NEW.type = 'three' AND (NEW.data ->> 'score')::numeric >= 10 THEN
        INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, idempotency_key)
        VALUES (NEW.organization_id, NEW.user_id, 1, 'rule_fired', 'three 3', 'three 3:' || NEW.id);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER do_three AFTER INSERT ON ruling.three FOR EACH ROW EXECUTE FUNCTION ruling.do_three();

-- What a rule that fires does: it is written down, and pays.
CREATE FUNCTION ruling.fire(rule uuid, event ruling.ifs) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO ruling.executions (organization_id, rule_id, event_id, user_id, version, status, points)
    VALUES (event.organization_id, rule, event.id, event.user_id, 1, 'fired', 1);
    INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, reference_type, reference_id, idempotency_key, metadata)
    VALUES (event.organization_id, event.user_id, 1, 'rule_fired', 'rule', 'Rule', rule, 'rule:' || rule || ':' || event.id || ':' || event.user_id, jsonb_build_object('rule_id', rule, 'rule_version', 1));
END
$$;

-- The ten IFs, written out with the ids of their rules.
SELECT format($f$
CREATE FUNCTION ruling.do_ifs() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
%s
    RETURN NULL;
END
$$ $f$, string_agg(format($$    IF NEW.type = %L AND (NEW.data ->> 'a%s')::numeric >= %s THEN PERFORM ruling.fire(%L, NEW); END IF;$$,
    event_type, split_part(name, ' ', 2), CASE event_type WHEN 'few' THEN 99 ELSE 0 END, id), E'\n'))
FROM laurel.gamification_rules WHERE event_type = :'kind' \gexec
CREATE TRIGGER do_ifs AFTER INSERT ON ruling.ifs FOR EACH ROW EXECUTE FUNCTION ruling.do_ifs();

CREATE FUNCTION ruling.do_rows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rule record;
    document constant jsonb := jsonb_build_object('event', jsonb_build_object('id', NEW.id, 'user_id', NEW.user_id, 'type', NEW.type,
        'occurred_at', NEW.occurred_at, 'data', NEW.data));
BEGIN
    FOR rule IN SELECT id, condition::jsonpath AS condition FROM laurel.gamification_rules r
        WHERE r.organization_id = NEW.organization_id AND r.event_type = NEW.type AND r.status = 'active' ORDER BY id
    LOOP
        IF jsonb_path_match(document, rule.condition, '{}', true) THEN
            PERFORM ruling.fire(rule.id, ROW(NEW.*)::ruling.ifs);
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER do_rows AFTER INSERT ON ruling.rows FOR EACH ROW EXECUTE FUNCTION ruling.do_rows();
RESET ROLE;
CREATE TABLE ruling.source AS SELECT n, ('0190a000-0000-7000-8000-' || lpad((1 + n::bigint * 7919 % :members)::text, 12, '0'))::uuid AS user_id,
    (SELECT jsonb_object_agg('a' || i, (n * 31 + i * 7) % 100) FROM generate_series(1, 10) i) AS data FROM generate_series(1, :events) n;
ANALYZE ruling.source, laurel.gamification_rules;
CREATE FUNCTION ruling.one_by_one(kind text, count integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. count LOOP
        INSERT INTO laurel.domain_events (organization_id, user_id, type, data)
        VALUES ('0190b000-0000-7000-8000-000000000001', '0190a000-0000-7000-8000-000000000001', kind, '{"score": 50}');
    END LOOP;
END
$$;
