-- Events of members, and a badge that a trigger written by hand awards to who has ten.
INSERT INTO laurel.domain_events (organization_id, user_id, type)
SELECT m.organization_id, m.user_id, 'held'
FROM (SELECT organization_id, user_id, count(*) OVER () AS members FROM laurel.user_organizations WHERE organization_id = :'organization') m,
    generate_series(1, :events / m.members + CASE WHEN :events > 0 AND hashtext(m.user_id::text) % 10 = 0 THEN 1 ELSE 0 END) n;
INSERT INTO laurel.badges (organization_id, slug, badge_name) VALUES (:'organization', 'counted', 'Counted') RETURNING id AS counted \gset

CREATE FUNCTION bench.award_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.type = 'held' AND NOT EXISTS (SELECT FROM laurel.badge_awards a
            WHERE a.organization_id = NEW.organization_id AND a.user_id = NEW.user_id AND a.badge_id = TG_ARGV[0]::uuid)
        AND (SELECT count(*) FROM laurel.domain_events e
            WHERE e.organization_id = NEW.organization_id AND e.user_id = NEW.user_id AND e.type = 'held') >= 10 THEN
        INSERT INTO laurel.badge_awards (organization_id, user_id, badge_id)
        VALUES (NEW.organization_id, NEW.user_id, TG_ARGV[0]::uuid) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER written AFTER INSERT ON laurel.domain_events FOR EACH ROW EXECUTE FUNCTION bench.award_written(:'counted');
VACUUM ANALYZE laurel.domain_events;
