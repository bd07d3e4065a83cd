-- What every page of the guide begins with: Laurel in an empty database, and the people of the tour. psql knows their ids
-- as :olga, :tomas, :ana, :ben and :sam, that of the course as :course and those of the organizations as :alder and :birch.

CREATE EXTENSION laurel CASCADE;
SELECT laurel.migrate() \g /dev/null

INSERT INTO laurel.organizations (name, slug) VALUES ('Alder Academy', 'alder'), ('Birch College', 'birch');
SELECT id AS alder FROM laurel.organizations WHERE slug = 'alder' \gset
SELECT id AS birch FROM laurel.organizations WHERE slug = 'birch' \gset

INSERT INTO laurel.users (organization_id, email, full_name) VALUES
    (:'alder', 'olga@alder.example', 'Olga Meier'), (:'alder', 'tomas@alder.example', 'Tomas Reed'),
    (:'alder', 'ana@alder.example', 'Ana Costa'), (:'alder', 'ben@alder.example', 'Ben Okafor'),
    (:'birch', 'sam@birch.example', 'Sam Ito');
SELECT id AS olga FROM laurel.users WHERE email = 'olga@alder.example' \gset
SELECT id AS tomas FROM laurel.users WHERE email = 'tomas@alder.example' \gset
SELECT id AS ana FROM laurel.users WHERE email = 'ana@alder.example' \gset
SELECT id AS ben FROM laurel.users WHERE email = 'ben@alder.example' \gset
SELECT id AS sam FROM laurel.users WHERE email = 'sam@birch.example' \gset

-- Olga administers Alder Academy, Tomas gives a course there and Ana takes it. Ben learns there too, Sam at Birch College.
INSERT INTO laurel.user_roles (user_id, role) VALUES (:'olga', 'org_admin'), (:'tomas', 'trainer');
INSERT INTO laurel.courses (organization_id, name, trainer_id) VALUES (:'alder', 'SQL for analysts', :'tomas')
RETURNING id AS course \gset
INSERT INTO laurel.enrollments (user_id, course_id) VALUES (:'ana', :'course');
