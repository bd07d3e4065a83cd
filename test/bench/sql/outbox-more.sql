-- :size notifications that are to go out by e-mail, one member after the other.
INSERT INTO laurel.notifications (user_id, type, title, message)
    SELECT bench.member(1 + n % 1000), 'bench', 'Title ' || n, 'Message ' || n FROM generate_series(1, :size) n;
