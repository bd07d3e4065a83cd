-- All that is there about a person.

CREATE FUNCTION laurel.export_user(user_id uuid DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_export_user';
COMMENT ON FUNCTION laurel.export_user(uuid) IS
'All that is there about a person, and of accounts that became part of this one, as one document: an array of rows for each part, with profile, points, ledger (the archive''s entries too), badges and'
' learning first of all; the columns as the tables have them, moments in UTC, without hashes, keys and tokens. The object format says what it is:'
' name, version, user_id, exported_at and, where it is what one organization has, organization_id. It is as of one moment. user_id: the caller where null. People export their own'
' data, org_admins what their active organization has of a member, service_role all; each export is a row of laurel.user_exports, and answers an open request. Errors: 22004 nobody is named and'
' nobody calls; 23503 no such user, or one who was merged with another one, whom the detail names; 42501 not allowed; 25006 in a read-only transaction; 54000 more than 200 MB: see laurel.export_user_rows().';

CREATE FUNCTION laurel.export_user_rows(user_id uuid DEFAULT NULL) RETURNS TABLE (part text, "row" jsonb)
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_export_user_rows';
COMMENT ON FUNCTION laurel.export_user_rows(uuid) IS
'The same row by row, part by part, for what is too large for one document. Rights and errors as laurel.export_user(), of which there is no limit of size.';
