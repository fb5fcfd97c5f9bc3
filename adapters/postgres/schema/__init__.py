"""The reference schema: made, examined, provided with logins and keys."""
