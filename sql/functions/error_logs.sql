-- Errors of the application.

CREATE FUNCTION laurel.log_error(
    error_type text, error_message text, severity text DEFAULT 'error', traceback text DEFAULT NULL, context jsonb DEFAULT '{}', request_id text DEFAULT NULL
) RETURNS uuid
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_log_error';
COMMENT ON FUNCTION laurel.log_error(text, text, text, text, jsonb, text) IS
'Writes down an error of the application, for everybody, signed in or not, in the active organization where there is one; returns its id. What is too long is cut (100 characters of the type, 2,000 of the message,'
' 20,000 of the traceback), a severity that there is not is error, a context that is no object, or of more than 16 kB or 16 levels, is dropped; e-mail addresses, passwords and what is in web addresses'
' are taken out. request_id: up to 36 characters that look like an id, the header x-request-id where it is null. Error PT429 (constraint error_logs_rate): more than 60 in a minute from one member or address, or 1,000 of all who are'
' not signed in; the back end writes as much as it wants.';
