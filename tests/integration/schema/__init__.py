"""The schema: guards, privileges, doctor, the embedded server."""
