-- Two tables of one kind: rows of the one tell by laurel_internal.tell, those of the other by three INSERTs of a trigger
-- written by hand.
CREATE SCHEMA telling AUTHORIZATION laurel_owner;
SET ROLE laurel_owner;
CREATE TABLE telling.lessons (
    id uuid CONSTRAINT lessons_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    name text NOT NULL,
    points integer NOT NULL,
    CONSTRAINT lessons_organization_id_id_key UNIQUE (organization_id, id)
);
INSERT INTO telling.lessons (organization_id, name, points)
SELECT '0190b000-0000-7000-8000-000000000001', 'Lesson ' || n, n % 20 + 1 FROM generate_series(1, 100) n;
CREATE TABLE telling.told (
    id uuid CONSTRAINT told_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    lesson_id uuid NOT NULL
);
CREATE TABLE telling.written (LIKE telling.told INCLUDING ALL);

SELECT laurel_internal.tell('telling.told', $$
    SELECT n.organization_id, n.user_id, 'lesson_done' AS type, jsonb_build_object('lesson_id', l.id) AS data, l.name || ' is done' AS title,
        '/lessons/' || l.id AS link, l.points, n.id
    FROM new_rows n JOIN telling.lessons l ON l.organization_id = n.organization_id AND l.id = n.lesson_id $$);

CREATE FUNCTION telling.write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, idempotency_key)
    SELECT n.organization_id, n.user_id, l.points, 'lesson_done', l.name || ' is done', 'lesson_done:' || n.id || ':' || n.user_id
    FROM new_rows n JOIN telling.lessons l ON l.organization_id = n.organization_id AND l.id = n.lesson_id
    ORDER BY n.organization_id, n.user_id;
    INSERT INTO laurel.notifications (organization_id, user_id, type, title, link, data)
    SELECT n.organization_id, n.user_id, 'lesson_done', l.name || ' is done', '/lessons/' || l.id, jsonb_build_object('lesson_id', l.id)
    FROM new_rows n JOIN telling.lessons l ON l.organization_id = n.organization_id AND l.id = n.lesson_id;
    INSERT INTO laurel.domain_events (organization_id, user_id, type, data)
    SELECT n.organization_id, n.user_id, 'lesson_done', jsonb_build_object('lesson_id', l.id)
    FROM new_rows n JOIN telling.lessons l ON l.organization_id = n.organization_id AND l.id = n.lesson_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER write AFTER INSERT ON telling.written REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION telling.write();

GRANT USAGE ON SCHEMA telling TO service_role;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA telling TO service_role;
RESET ROLE;
