"""The HTTP edge besides GraphQL: tokens, files, health, the log's public part. Problems are rendered here (RFC 9457)."""
